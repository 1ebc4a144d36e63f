package dev.precept.core.svm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuFault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The five LBR MSRs of a guest with LBR virtualization (APM vol. 2, 15.23.1). */
class LbrVirtualizationTest {
  private static final String RDMSR_VMMCALL = "0F320F01D9";
  private static final long GUEST = 0x0000_1111_2222_3000L, HOST = 0x0000_7777_0000_0000L;

  private static SvmMachine machine(long enable) {
    SvmMachine machine =
        new SvmMachine()
            .code(RDMSR_VMMCALL)
            .intercept(ExitCode.VMEXIT_VMMCALL)
            .set64(VmcbLayout.LBR_VIRTUALIZATION_ENABLE, enable);
    for (int i = 0; i < 4; i++) {
      machine.set64(VmcbLayout.BR_FROM + 8 * i, GUEST + i);
      machine.state.lastBranch[i] = HOST + i;
    }
    return machine;
  }

  private static long read(SvmMachine machine, int msr) {
    machine.state.gpr[1] = msr;
    machine.vmrun();
    machine.cpu.step();
    return (machine.state.gpr[2] << 32) | (machine.state.gpr[0] & 0xFFFF_FFFFL);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x1DB, 0x1DC, 0x1DD, 0x1DE})
  void theGuestReadsWhatTheVmcbHas(int msr) {
    assertThat(read(machine(1), msr)).isEqualTo(GUEST + msr - 0x1DB);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x1DB, 0x1DC, 0x1DD, 0x1DE})
  void withoutItTheGuestReadsTheHosts(int msr) {
    assertThat(read(machine(0), msr)).isEqualTo(HOST + msr - 0x1DB);
  }

  @Test
  void anExitBringsTheHostsBackAndSavesTheGuests() {
    SvmMachine machine = machine(1);
    read(machine, 0x1DB);
    machine.state.lastBranch[3] = GUEST + 0x100;

    machine.cpu.step();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_VMMCALL);
    assertThat(machine.state.lastBranch).containsExactly(HOST, HOST + 1, HOST + 2, HOST + 3);
    assertThat(machine.get64(VmcbLayout.LASTEXCPTO)).isEqualTo(GUEST + 0x100);
    assertThat(machine.get64(VmcbLayout.BR_FROM)).isEqualTo(GUEST);
  }

  @Test
  void withoutItAnExitLeavesTheVmcbAlone() {
    SvmMachine machine = machine(0);
    read(machine, 0x1DB);

    machine.cpu.step();

    assertThat(machine.get64(VmcbLayout.BR_FROM)).isEqualTo(GUEST);
    assertThat(machine.state.lastBranch).containsExactly(HOST, HOST + 1, HOST + 2, HOST + 3);
  }

  @Test
  void whatWritesDoWasNotFoundSoThatTheyFault() {
    SvmMachine machine = machine(1).code("0F30");
    machine.state.gpr[1] = 0x1DC;
    machine.vmrun();

    machine.cpu.step();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_EXCP0 + CpuFault.GP);
  }
}

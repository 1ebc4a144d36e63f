package dev.precept.core.svm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** APM vol. 2, 15.8, and nRIP, 15.7.1. */
class DecodeAssistsTest {
  /** EXITINFO1 bit 63: the instruction was a MOV CRx (table 15-2). */
  private static final long MOV_CR = 1L << 63;

  @ParameterizedTest(name = "{1}: bit 63 and register {2}")
  @CsvSource({"00, 0F20C3, 3", "10, 0F22C0, 0", "03, 410F20DF, 15", "18, 450F22C7, 15"})
  void movCrReportsItsRegister(String exitCode, String code, int register) {
    SvmMachine machine = new SvmMachine().long64().code(code).rax(0x8000_0011L);
    machine.intercept(Integer.parseInt(exitCode, 16));

    machine.run();

    assertThat(machine.info1()).isEqualTo(MOV_CR | register);
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource({"10, 0F06", "10, 0F01F3", "10, 0F0133", "65, 0F01F3", "00, 0F01E3"})
  void cltsLmswAndSmswReportNothing(String exitCode, String code) {
    SvmMachine machine = new SvmMachine().code(code).intercept(Integer.parseInt(exitCode, 16));
    machine.state.gpr[3] = SvmMachine.DATA;

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(Integer.parseInt(exitCode, 16));
    assertThat(machine.info1()).isZero();
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource({"23, 410F21DD, 13", "37, 0F23FB, 3"})
  void movDrReportsItsRegisterWithoutBit63(String exitCode, String code, int register) {
    SvmMachine machine = new SvmMachine().long64().code(code);
    machine.intercept(Integer.parseInt(exitCode, 16));

    machine.run();

    assertThat(machine.info1()).isEqualTo(register);
  }

  @Test
  void intNReportsItsVector() {
    SvmMachine machine = new SvmMachine().code("CDF1").intercept(ExitCode.VMEXIT_SWINT);

    machine.run();

    assertThat(machine.info1()).isEqualTo(0xF1);
  }

  @Test
  void invlpgReportsTheLinearAddressWithSegmentBase() {
    SvmMachine machine = new SvmMachine().code("0F0138").rax(0xFFFF_F000L);
    machine.intercept(ExitCode.VMEXIT_INVLPG);
    machine.segment(VmcbLayout.DS, 0x10, 0xC93, 0xFFFF_FFFFL, 0x2345);

    machine.run();

    assertThat(machine.info1()).isEqualTo(0x1345);
  }

  @Test
  void invlpgIn64BitModeIgnoresTheDsBase() {
    SvmMachine machine = new SvmMachine().long64().code("0F0138").rax(0x1234_5678_9000L);
    machine.intercept(ExitCode.VMEXIT_INVLPG);
    machine.segment(VmcbLayout.DS, 0x10, 0xC93, 0xFFFF_FFFFL, 0x2345);

    machine.run();

    assertThat(machine.info1()).isEqualTo(0x1234_5678_9000L);
  }

  @Test
  void dataPageFaultRecordsFifteenInstructionBytes() {
    SvmMachine machine = new SvmMachine().long64();
    machine.code("8B03 0102030405060708090A0B0C0D0E0F");
    machine.state.gpr[3] = 0x4000_0000L;

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_EXCP0 + 14);
    assertThat(machine.info2()).isEqualTo(0x4000_0000L);
    assertThat(machine.get(VmcbLayout.BYTES_FETCHED, 1)).isEqualTo(15);
    assertThat(machine.memory.copy(SvmMachine.VMCB + VmcbLayout.GUEST_INSTRUCTION_BYTES, 15))
        .isEqualTo(SvmMachine.bytes("8B030102030405060708090A0B0C0D"));
  }

  @Test
  void fewerBytesAreRecordedWhereTheNextPageIsMissing() {
    SvmMachine machine = new SvmMachine().long64();
    // The first 2 MiB page ends at 200000h; RAM ends before, but translation does not care.
    machine.set64(VmcbLayout.RIP, 0x1F_FFFEL);
    machine.memory.write64(SvmMachine.PAGES + 0x2000, SvmMachine.PAGES + 0x3000 | 7);
    machine.memory.write64(SvmMachine.PAGES + 0x3000 + 8 * 0x1FF, SvmMachine.GUEST_CODE | 7);
    machine.memory.write(SvmMachine.GUEST_CODE + 0xFFE, SvmMachine.bytes("8B03"));
    machine.state.gpr[3] = 0x4000_0000L;

    machine.run();

    assertThat(machine.get(VmcbLayout.BYTES_FETCHED, 1)).isEqualTo(2);
  }

  @Test
  void fetchPageFaultRecordsNoBytes() {
    SvmMachine machine = new SvmMachine().long64();
    machine.set64(VmcbLayout.RIP, 0x4000_0000L);
    machine.memory.write8(SvmMachine.VMCB + VmcbLayout.BYTES_FETCHED, 9);

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_EXCP0 + 14);
    assertThat(machine.get(VmcbLayout.BYTES_FETCHED, 1)).isZero();
  }

  @Test
  void otherExitsClearTheByteCount() {
    SvmMachine machine = new SvmMachine().code("0F31").intercept(ExitCode.VMEXIT_RDTSC);
    machine.memory.write8(SvmMachine.VMCB + VmcbLayout.BYTES_FETCHED, 15);

    machine.run();

    assertThat(machine.get(VmcbLayout.BYTES_FETCHED, 1)).isZero();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"0F0B", "0F22D8"})
  void otherExitsHaveNoNrip(String code) {
    SvmMachine machine = new SvmMachine().code(code).intercept(ExitCode.VMEXIT_CR0_WRITE_TRAP + 3);
    machine.set64(VmcbLayout.NRIP, 0x55);

    machine.run();

    assertThat(machine.inGuest()).isFalse();
    assertThat(machine.nrip()).isZero();
  }

  @Test
  void nripIsNotWrittenWithoutTheFeature() {
    CpuModel model = CpuModel.builder().bit(0x8000000A, 0, 3, 3, false).build();
    SvmMachine machine = new SvmMachine(model).code("0F31").intercept(ExitCode.VMEXIT_RDTSC);
    machine.set64(VmcbLayout.NRIP, 0x55);

    machine.run();

    assertThat(machine.nrip()).isEqualTo(0x55);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"CC, 3, 1", "CE, 4, 1", "6203, 5, 2"})
  void int3IntoAndBoundReportTheirOwnRipAndAnNrip(String code, int vector, int length) {
    SvmMachine machine = new SvmMachine().code(code).rax(9);
    machine.set64(VmcbLayout.RFLAGS, 0x802);
    machine.state.gpr[3] = SvmMachine.DATA;

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_EXCP0 + vector);
    assertThat(machine.get64(VmcbLayout.RIP)).isEqualTo(SvmMachine.GUEST_CODE);
    assertThat(machine.nrip()).isEqualTo(SvmMachine.GUEST_CODE + length);
  }
}

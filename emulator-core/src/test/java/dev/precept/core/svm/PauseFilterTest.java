package dev.precept.core.svm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** APM vol. 2, table 15-7 and 15.14.4. */
class PauseFilterTest {
  private static SvmMachine machine(CpuModel model, int count, int threshold) {
    SvmMachine machine = new SvmMachine(model).code("F390 F390 F390 F390 F390 F390 F390 F390");
    machine.memory.write16(SvmMachine.VMCB + VmcbLayout.PAUSE_FILTER_COUNT, count);
    machine.memory.write16(SvmMachine.VMCB + VmcbLayout.PAUSE_FILTER_THRESHOLD, threshold);
    return machine.intercept(ExitCode.VMEXIT_PAUSE);
  }

  /** Number of PAUSEs until the exit, the exiting one included. */
  private static int pausesUntilExit(SvmMachine machine) {
    machine.vmrun();
    int pauses = 0;
    while (machine.inGuest()) {
      machine.cpu.step();
      pauses++;
    }
    return pauses;
  }

  @ParameterizedTest(name = "count {0}")
  @CsvSource({"0, 1", "1, 2", "3, 4"})
  void exitsWhenTheCounterGoesBelowZero(int count, int pauses) {
    assertThat(pausesUntilExit(machine(CpuModel.amd(), count, 0))).isEqualTo(pauses);
  }

  @Test
  void everyPauseExitsWithoutTheFeature() {
    CpuModel model = CpuModel.builder().bit(0x8000000A, 0, 3, 10, false).build();

    assertThat(pausesUntilExit(machine(model, 5, 0))).isEqualTo(1);
  }

  @Test
  void vmrunReloadsTheCounter() {
    SvmMachine machine = machine(CpuModel.amd(), 2, 0);
    pausesUntilExit(machine);
    machine.set64(VmcbLayout.RIP, SvmMachine.GUEST_CODE);
    machine.state.rip = SvmMachine.HOST_CODE;

    assertThat(pausesUntilExit(machine)).isEqualTo(3);
  }

  @Test
  void theFieldIsNotWritten() {
    SvmMachine machine = machine(CpuModel.amd(), 2, 0);

    pausesUntilExit(machine);

    assertThat(machine.get(VmcbLayout.PAUSE_FILTER_COUNT, 2)).isEqualTo(2);
  }

  @Test
  void aLongGapSinceThePreviousPauseReloadsTheCounter() {
    SvmMachine machine = machine(CpuModel.amd(), 1, 100);
    machine.vmrun();
    machine.cpu.step();
    machine.state.tsc += 1000;
    machine.cpu.step();
    machine.cpu.step();
    assertThat(machine.inGuest()).isTrue();

    machine.cpu.step();

    assertThat(machine.inGuest()).isFalse();
  }

  @Test
  void thresholdZeroCountsOnly() {
    SvmMachine machine = machine(CpuModel.amd(), 1, 0);
    machine.vmrun();
    machine.cpu.step();
    machine.state.tsc += 1000;

    machine.cpu.step();

    assertThat(machine.inGuest()).isFalse();
  }
}

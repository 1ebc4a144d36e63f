package dev.precept.core.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.StepResult;
import org.junit.jupiter.api.Test;

class SmokeTest {
  @Test
  void cpuidOfAGuestExits() {
    VmxMachine m = new VmxMachine().code("0FA2");

    assertThat(m.launch()).isEqualTo(StepResult.RETIRED);
    assertThat(m.failure()).isZero();
    assertThat(m.vmx.inGuest()).isTrue();
    assertThat(m.cpu.step()).isEqualTo(StepResult.EXITED);

    assertThat(m.reason()).isEqualTo(ExitReason.CPUID);
    assertThat(m.state.rip).isEqualTo(VmxMachine.HOST_EXIT);
  }
}

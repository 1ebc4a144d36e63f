package dev.precept.core.vmx;

import static dev.precept.core.vmx.RootInstructions.CF;
import static dev.precept.core.vmx.RootInstructions.VMCALL;
import static dev.precept.core.vmx.RootInstructions.VMLAUNCH;
import static dev.precept.core.vmx.RootInstructions.VMPTRLD;
import static dev.precept.core.vmx.RootInstructions.VMRESUME;
import static dev.precept.core.vmx.RootInstructions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuFault;
import dev.precept.core.CpuState;
import dev.precept.core.StepResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * VMLAUNCH, VMRESUME and VMCALL outside a guest (SDM vol. 3C, 30.3), up to the checks of the VMCS.
 */
class EntryInstructionsTest {
  @ParameterizedTest
  @ValueSource(strings = {VMLAUNCH, VMRESUME})
  void entryWithoutACurrentVmcsFailsInvalid(String code) {
    VmxMachine m = new VmxMachine();

    m.host(code);

    assertThat(m.status()).isEqualTo(CF);
  }

  @ParameterizedTest
  @ValueSource(strings = {VMLAUNCH, VMRESUME})
  void entryByAShadowVmcsFailsInvalid(String code) {
    VmxMachine m = new VmxMachine();
    VmcsRegion.formatShadow(m.memory, VmxMachine.SHADOW_VMCS, m.cpu.model);
    m.memory.write64(VmxMachine.DATA, VmxMachine.SHADOW_VMCS);
    m.host(VMPTRLD);

    m.host(code);

    assertThat(m.status()).isEqualTo(CF);
  }

  @ParameterizedTest
  @ValueSource(strings = {VMLAUNCH, VMRESUME})
  void entryBehindMovSsFailsBeforeTheLaunchStateIsLookedAt(String code) {
    VmxMachine m = new VmxMachine().current();
    VmcsRegion.setLaunched(m.memory, VmxMachine.VMCS, code.equals(VMLAUNCH));
    m.state.interruptShadow = true;
    m.state.movSsShadow = true;

    m.host(code);

    assertFails(m, 26);
  }

  @Test
  void blockingByStiDoesNotKeepFromEntering() {
    VmxMachine m = new VmxMachine().current();
    m.state.interruptShadow = true;

    m.host(VMLAUNCH);

    assertThat(m.vmx.inGuest()).isTrue();
  }

  @Test
  void vmresumeOfAClearVmcsFails() {
    VmxMachine m = new VmxMachine().set(VmcsField.PIN_BASED_CONTROLS, 0).current();

    m.host(VMRESUME);

    assertFails(m, 5);
  }

  @Test
  void vmlaunchOfALaunchedVmcsFailsBeforeItsFieldsAreChecked() {
    VmxMachine m = new VmxMachine().set(VmcsField.PIN_BASED_CONTROLS, 0).current();
    VmcsRegion.setLaunched(m.memory, VmxMachine.VMCS, true);

    m.host(VMLAUNCH);

    assertFails(m, 4);
  }

  @Test
  void aFailingEntrySingleStepsAndASucceedingOneDoesNot() {
    VmxMachine fails = new VmxMachine().set(VmcsField.PIN_BASED_CONTROLS, 0).current();
    fails.state.rflags |= CpuState.TF;
    VmxMachine enters = new VmxMachine().code("90").current();
    enters.state.rflags |= CpuState.TF;

    fails.host(VMLAUNCH);
    enters.host(VMLAUNCH);

    assertThat(fails.hostException()).isEqualTo(CpuFault.DB);
    assertThat(enters.vmx.inGuest()).isTrue();
    assertThat(enters.state.rip).isEqualTo(VmxMachine.GUEST_CODE);
    assertThat(enters.cpu.step()).isEqualTo(StepResult.RETIRED);
  }

  @Test
  void anEntryThatFailsForGuestStateDoesNotSingleStep() {
    VmxMachine m = new VmxMachine().set(VmcsField.GUEST_RFLAGS, 0).current();
    m.state.rflags |= CpuState.TF;

    m.host(VMLAUNCH);

    assertThat(m.reason()).isEqualTo(0x8000_0021L);
    assertThat(m.state.rip).isEqualTo(VmxMachine.HOST_EXIT);
  }

  @Test
  void vmcallInRootOperationFails() {
    VmxMachine m = new VmxMachine().current();

    m.host(VMCALL);

    assertFails(m, 1);
  }
}

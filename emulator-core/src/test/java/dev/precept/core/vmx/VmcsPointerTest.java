package dev.precept.core.vmx;

import static dev.precept.core.vmx.RootInstructions.VMCLEAR;
import static dev.precept.core.vmx.RootInstructions.VMLAUNCH;
import static dev.precept.core.vmx.RootInstructions.VMPTRLD;
import static dev.precept.core.vmx.RootInstructions.VMPTRST;
import static dev.precept.core.vmx.RootInstructions.assertFails;
import static dev.precept.core.vmx.RootInstructions.succeeds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuModel;
import dev.precept.core.Msr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** VMPTRLD, VMPTRST and VMCLEAR (SDM vol. 3C, 30.3). */
class VmcsPointerTest {
  @Test
  void vmptrldMakesAVmcsCurrent() {
    VmxMachine m = succeeds(new VmxMachine(), VMPTRLD);

    assertThat(m.vmx.currentVmcs()).isEqualTo(VmxMachine.VMCS);
  }

  @ParameterizedTest
  @CsvSource({
    "2008, 9, not aligned",
    "10000000002000, 9, too wide",
    "1000, 10, VMXON pointer",
    "9000, 11, other revision"
  })
  void vmptrldFails(String pointer, int error, String why) {
    VmxMachine m = new VmxMachine().current();
    m.memory.write64(VmxMachine.DATA, Long.parseLong(pointer, 16));

    m.host(VMPTRLD);

    assertFails(m, error);
    assertThat(m.vmx.currentVmcs()).isEqualTo(VmxMachine.VMCS);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aShadowVmcsIsLoadedOnlyWhereShadowingExists(boolean shadowing) {
    long allowed = CpuModel.intel().vmxCapabilities.procBased2;
    long without = allowed & ~((long) VmxControls.ProcBased2.VMCS_SHADOWING << 32);
    CpuModel model =
        CpuModel.intelBuilder()
            .capability(Msr.VMX_PROCBASED_CTLS2, shadowing ? allowed : without)
            .build();
    VmxMachine m = new VmxMachine(model).current();
    VmcsRegion.formatShadow(m.memory, VmxMachine.SHADOW_VMCS, model);
    m.memory.write64(VmxMachine.DATA, VmxMachine.SHADOW_VMCS);

    m.host(VMPTRLD);

    assertThat(m.failure()).isEqualTo(shadowing ? 0 : 11);
    assertThat(m.vmx.currentVmcs()).isEqualTo(shadowing ? VmxMachine.SHADOW_VMCS : VmxMachine.VMCS);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void vmptrstStoresThePointer(boolean current) {
    VmxMachine m = new VmxMachine();
    if (current) {
      m.current();
    }

    succeeds(m, VMPTRST);

    assertThat(m.memory.read64(VmxMachine.DATA)).isEqualTo(current ? VmxMachine.VMCS : -1L);
  }

  @Test
  void withBit48OfBasicPointersHave32Bits() {
    long basic = CpuModel.intel().vmxCapabilities.basic | 1L << 48;
    CpuModel model = CpuModel.intelBuilder().capability(Msr.VMX_BASIC, basic).build();
    VmxMachine m = new VmxMachine(model).current();
    m.memory.write64(VmxMachine.DATA, 1L << 32);

    m.host(VMPTRLD);

    assertFails(m, 9);
  }

  @Test
  void vmclearOfTheCurrentVmcsLeavesNone() {
    VmxMachine m = succeeds(new VmxMachine().current(), VMCLEAR);

    assertThat(m.vmx.currentVmcs()).isEqualTo(-1L);
  }

  @Test
  void vmclearOfAnotherVmcsLeavesTheCurrentOne() {
    VmxMachine m = new VmxMachine().current();
    m.memory.write64(VmxMachine.DATA, VmxMachine.SHADOW_VMCS);

    succeeds(m, VMCLEAR);

    assertThat(m.vmx.currentVmcs()).isEqualTo(VmxMachine.VMCS);
  }

  @ParameterizedTest
  @CsvSource({"2008, 2", "10000000002000, 2", "1000, 3"})
  void vmclearFails(String pointer, int error) {
    VmxMachine m = new VmxMachine().current();
    m.memory.write64(VmxMachine.DATA, Long.parseLong(pointer, 16));

    m.host(VMCLEAR);

    assertFails(m, error);
  }

  @Test
  void vmclearMakesALaunchedVmcsLaunchableAgain() {
    VmxMachine m = new VmxMachine().code("0FA2").current();
    m.host(VMLAUNCH);
    m.cpu.step();
    m.host(VMLAUNCH);
    assertFails(m, 4);
    m.state.gpr[6] = VmxMachine.DATA;

    succeeds(m, VMCLEAR);
    succeeds(m, VMPTRLD);
    m.host(VMLAUNCH);

    assertThat(m.vmx.inGuest()).isTrue();
  }
}

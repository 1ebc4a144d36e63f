package dev.precept.core.vmx;

import static dev.precept.core.vmx.RootInstructions.INVEPT;
import static dev.precept.core.vmx.RootInstructions.INVVPID;
import static dev.precept.core.vmx.RootInstructions.VMCALL;
import static dev.precept.core.vmx.RootInstructions.VMCLEAR;
import static dev.precept.core.vmx.RootInstructions.VMFUNC;
import static dev.precept.core.vmx.RootInstructions.VMLAUNCH;
import static dev.precept.core.vmx.RootInstructions.VMPTRLD;
import static dev.precept.core.vmx.RootInstructions.VMPTRST;
import static dev.precept.core.vmx.RootInstructions.VMREAD;
import static dev.precept.core.vmx.RootInstructions.VMRESUME;
import static dev.precept.core.vmx.RootInstructions.VMWRITE;
import static dev.precept.core.vmx.RootInstructions.VMXOFF;
import static dev.precept.core.vmx.RootInstructions.VMXON;
import static dev.precept.core.vmx.RootInstructions.off;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuFault;
import dev.precept.core.CpuModel;
import dev.precept.core.CpuState;
import dev.precept.core.Virtualization;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What all VMX instructions outside a guest have in common (SDM vol. 3C, 30.2, 30.3). */
class RootInstructionsTest {
  static List<String> allButVmxon() {
    return List.of(
        VMCLEAR, VMPTRLD, VMPTRST, VMREAD, VMWRITE, VMLAUNCH, VMRESUME, VMXOFF, VMCALL, INVEPT,
        INVVPID);
  }

  static List<String> withMemoryOperands() {
    return List.of(VMCLEAR, VMPTRLD, VMPTRST, INVEPT, INVVPID, "0F781E", "0F791E");
  }

  static List<String> all() {
    return List.of(
        VMCLEAR, VMPTRLD, VMPTRST, VMREAD, VMWRITE, VMLAUNCH, VMRESUME, VMXOFF, VMCALL, INVEPT,
        INVVPID, VMXON);
  }

  @ParameterizedTest
  @MethodSource("allButVmxon")
  void outsideVmxOperationTheyAreUndefined(String code) {
    VmxMachine m = off();

    m.host(code);

    assertThat(m.hostException()).isEqualTo(CpuFault.UD);
  }

  @ParameterizedTest
  @MethodSource("all")
  void inCompatibilityModeTheyAreUndefined(String code) {
    VmxMachine m = new VmxMachine();
    m.state.cs.set(0x18, 0xC9B, 0xFFFF_FFFFL, 0);

    m.host(code);

    assertThat(m.hostException()).isEqualTo(CpuFault.UD);
  }

  @ParameterizedTest
  @MethodSource("all")
  void aboveCplZeroTheyAreProtected(String code) {
    VmxMachine m = new VmxMachine();
    m.memory.write64(VmxMachine.TSS + 4, VmxMachine.STACK);
    m.state.cs.set(0x1B, 0xAFB, 0xFFFF_FFFFL, 0);
    m.state.ss.set(0x23, 0xCF3, 0xFFFF_FFFFL, 0);
    m.state.cpl = 3;

    m.host(code);

    assertThat(m.hostException()).isEqualTo(CpuFault.GP);
    assertThat(m.memory.read64(m.state.gpr[4])).isZero();
  }

  @ParameterizedTest
  @MethodSource("all")
  void onAProcessorWithoutTheStrategyTheyAreUndefined(String code) {
    VmxMachine m = new VmxMachine(CpuModel.intel(), Virtualization.NONE);

    m.host(code);

    assertThat(m.hostException()).isEqualTo(CpuFault.UD);
  }

  @Test
  void vmfuncIsUndefinedInRootOperation() {
    VmxMachine m = new VmxMachine();

    m.host(VMFUNC);

    assertThat(m.hostException()).isEqualTo(CpuFault.UD);
  }

  @ParameterizedTest
  @MethodSource("withMemoryOperands")
  void operandsThatAreNotThereFaultAsTheyShould(String code) {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[6] = VmxMachine.UNMAPPED;
    m.state.gpr[3] = code.startsWith("660F38") ? 1 : VmcsField.GUEST_CR0.encoding;

    m.host(code);

    assertThat(m.hostException()).isEqualTo(CpuFault.PF);
    assertThat(m.state.cr2).isEqualTo(VmxMachine.UNMAPPED);
  }

  @ParameterizedTest
  @MethodSource("withMemoryOperands")
  void operandsAtNoncanonicalAddressesAreProtected(String code) {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[6] = 1L << 47;
    m.state.gpr[3] = code.startsWith("660F38") ? 1 : VmcsField.GUEST_CR0.encoding;

    m.host(code);

    assertThat(m.hostException()).isEqualTo(CpuFault.GP);
  }

  @ParameterizedTest
  @MethodSource("withMemoryOperands")
  void operandsInTheStackSegmentRaiseStackFaults(String code) {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[6] = 1L << 47;
    m.state.gpr[3] = code.startsWith("660F38") ? 1 : VmcsField.GUEST_CR0.encoding;
    // The same with [RBP]: SS. ModRM is the last byte; its rm becomes 5 with a displacement.
    int last = Integer.parseInt(code.substring(code.length() - 2), 16);
    m.state.gpr[5] = 1L << 47;

    m.host(code.substring(0, code.length() - 2) + "%02X00".formatted((last & 0x38) | 0x45));

    assertThat(m.hostException()).isEqualTo(CpuFault.SS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"660FC7F6", "660F3880C0", "660F3881C0", "F30FC7F6"})
  void registerFormsAreNotTheseInstructions(String code) {
    VmxMachine m = new VmxMachine().current();
    long pointer = m.vmx.currentVmcs();

    m.host(code);

    // 66 0F C7 /6 with a register is RDRAND.
    assertThat(m.hostException()).isEqualTo(code.equals("660FC7F6") ? -1 : CpuFault.UD);
    assertThat(m.vmx.currentVmcs()).isEqualTo(pointer);
  }

  @Test
  void segmentLimitsHoldIn32BitMode() {
    VmxMachine m = new VmxMachine();
    m.state.efer = 0;
    m.state.cr0 &= ~CpuState.CR0_PG;
    m.state.cs.set(0x08, 0xC9B, 0xFFFF_FFFFL, 0);
    m.memory.write64(VmxMachine.GDT + 8, 0x00CF_9B00_0000_FFFFL);
    m.state.ds.set(0x10, 0x493, VmxMachine.DATA + 6, 0);
    long gate = VmxMachine.handler(CpuFault.GP);
    m.memory.write64(
        VmxMachine.IDT + 8L * CpuFault.GP,
        (gate & 0xFFFF) | 0x08L << 16 | 0x8EL << 40 | gate >> 16 << 48);
    m.memory.write(VmxMachine.HOST_CODE, VmxMachine.bytes(VMPTRLD));

    m.cpu.step();

    assertThat(m.hostException()).isEqualTo(CpuFault.GP);
  }
}

package dev.precept.core.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuState;

/**
 * The VMX instructions in hex digits, and how they end (SDM vol. 3C, 30.2, 30.3). Memory operands
 * are at [RSI].
 */
final class RootInstructions {
  static final long CF = CpuState.CF, ZF = CpuState.ZF;
  static final String VMCLEAR = "660FC736",
      VMPTRLD = "0FC736",
      VMPTRST = "0FC73E",
      VMREAD = "0F78D8",
      VMWRITE = "0F79D8",
      VMLAUNCH = "0F01C2",
      VMRESUME = "0F01C3",
      VMXOFF = "0F01C4",
      VMXON = "F30FC736",
      VMCALL = "0F01C1",
      INVEPT = "660F38801E",
      INVVPID = "660F38811E",
      VMFUNC = "0F01D4";

  private RootInstructions() {}

  /** A machine that has left VMX operation. */
  static VmxMachine off() {
    VmxMachine m = new VmxMachine();
    m.host(VMXOFF);
    return m;
  }

  /** The last instruction failed with a number in the current VMCS (30.2, VMfailValid). */
  static void assertFails(VmxMachine m, int error) {
    assertThat(m.status()).isEqualTo(ZF);
    assertThat(m.get(VmcsField.VM_INSTRUCTION_ERROR)).isEqualTo(error);
  }

  /** Runs {@code code}, which clears all status flags (30.2, VMsucceed). */
  static VmxMachine succeeds(VmxMachine m, String code) {
    m.state.rflags |= 0x8D5;
    m.host(code);
    assertThat(m.state.rip).isEqualTo(VmxMachine.HOST_CODE + code.length() / 2);
    assertThat(m.status()).isZero();
    return m;
  }
}

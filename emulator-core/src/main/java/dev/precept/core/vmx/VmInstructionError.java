package dev.precept.core.vmx;

/**
 * What VMfailValid stores in the VM-instruction error field: those that this core can give.
 *
 * <p>Source: SDM vol. 3C, table 30-1.
 */
public final class VmInstructionError {
  public static final int VMCALL_IN_VMX_ROOT_OPERATION = 1;
  public static final int VMCLEAR_INVALID_PHYSICAL_ADDRESS = 2;
  public static final int VMCLEAR_VMXON_POINTER = 3;
  public static final int VMLAUNCH_NON_CLEAR_VMCS = 4;
  public static final int VMRESUME_NON_LAUNCHED_VMCS = 5;
  public static final int VM_ENTRY_INVALID_CONTROL_FIELD = 7;
  public static final int VM_ENTRY_INVALID_HOST_STATE_FIELD = 8;
  public static final int VMPTRLD_INVALID_PHYSICAL_ADDRESS = 9;
  public static final int VMPTRLD_VMXON_POINTER = 10;
  public static final int VMPTRLD_INCORRECT_REVISION_IDENTIFIER = 11;
  public static final int UNSUPPORTED_VMCS_COMPONENT = 12;
  public static final int VMWRITE_READ_ONLY_VMCS_COMPONENT = 13;
  public static final int VMXON_IN_VMX_ROOT_OPERATION = 15;
  public static final int VM_ENTRY_EVENTS_BLOCKED_BY_MOV_SS = 26;
  public static final int INVALID_OPERAND_TO_INVEPT_INVVPID = 28;

  private VmInstructionError() {}
}

package dev.precept.core.vmx;

import dev.precept.core.CpuModel;
import dev.precept.core.CpuState;
import dev.precept.core.Mmu;
import dev.precept.core.ReservedBits;
import dev.precept.core.vmx.VmxControls.VmEntry;
import dev.precept.core.vmx.VmxControls.VmExit;

/**
 * The checks that VM entry makes on the host-state area; failing one is VMfailValid with error 8.
 *
 * <p>Source: SDM vol. 3C, 26.2.2 to 26.2.4.
 */
final class HostChecks {
  /** RPL and TI of a selector. */
  private static final int RPL_AND_TI = 7;

  private static final VmcsField[] CANONICAL = {
    VmcsField.HOST_IA32_SYSENTER_ESP,
    VmcsField.HOST_IA32_SYSENTER_EIP,
    VmcsField.HOST_FS_BASE,
    VmcsField.HOST_GS_BASE,
    VmcsField.HOST_GDTR_BASE,
    VmcsField.HOST_IDTR_BASE,
    VmcsField.HOST_TR_BASE
  };

  private static final VmcsField[] SELECTORS = {
    VmcsField.HOST_CS_SELECTOR,
    VmcsField.HOST_SS_SELECTOR,
    VmcsField.HOST_DS_SELECTOR,
    VmcsField.HOST_ES_SELECTOR,
    VmcsField.HOST_FS_SELECTOR,
    VmcsField.HOST_GS_SELECTOR,
    VmcsField.HOST_TR_SELECTOR
  };

  private HostChecks() {}

  /** Whether the host state is legal for a VM entry from {@code state}. */
  static boolean legal(CpuModel model, CpuState state, Vmcs vmcs, ActiveControls controls) {
    return registers(model, vmcs, controls)
        && segments(vmcs, controls)
        && addressSpace(state, vmcs, controls);
  }

  private static boolean registers(CpuModel model, Vmcs vmcs, ActiveControls controls) {
    // NW and CD are never checked: VM exit does not change them.
    long notChecked = CpuState.CR0_NW | CpuState.CR0_CD;
    if (!model.vmxCapabilities.cr0Supported(vmcs.read(VmcsField.HOST_CR0), notChecked)
        || !model.vmxCapabilities.cr4Supported(vmcs.read(VmcsField.HOST_CR4))
        || ReservedBits.beyondPhysical(model, vmcs.read(VmcsField.HOST_CR3))) {
      return false;
    }
    for (VmcsField field : CANONICAL) {
      if (!Mmu.canonical(vmcs.read(field))) {
        return false;
      }
    }
    if (controls.exit(VmExit.LOAD_IA32_PAT)
        && !ReservedBits.patLegal(vmcs.read(VmcsField.HOST_IA32_PAT))) {
      return false;
    }
    return !controls.exit(VmExit.LOAD_IA32_EFER) || efer(model, vmcs, controls);
  }

  private static boolean efer(CpuModel model, Vmcs vmcs, ActiveControls controls) {
    long efer = vmcs.read(VmcsField.HOST_IA32_EFER);
    long modeBits = CpuState.EFER_LMA | CpuState.EFER_LME;
    long expected = controls.exit(VmExit.HOST_ADDRESS_SPACE_SIZE) ? modeBits : 0;
    return (efer & ~ReservedBits.efer(model)) == 0 && (efer & modeBits) == expected;
  }

  private static boolean segments(Vmcs vmcs, ActiveControls controls) {
    for (VmcsField field : SELECTORS) {
      if ((vmcs.read(field) & RPL_AND_TI) != 0) {
        return false;
      }
    }
    return vmcs.read(VmcsField.HOST_CS_SELECTOR) != 0
        && vmcs.read(VmcsField.HOST_TR_SELECTOR) != 0
        && (vmcs.read(VmcsField.HOST_SS_SELECTOR) != 0
            || controls.exit(VmExit.HOST_ADDRESS_SPACE_SIZE));
  }

  private static boolean addressSpace(CpuState state, Vmcs vmcs, ActiveControls controls) {
    boolean guest64 = controls.entry(VmEntry.IA32E_MODE_GUEST);
    boolean host64 = controls.exit(VmExit.HOST_ADDRESS_SPACE_SIZE);
    long cr4 = vmcs.read(VmcsField.HOST_CR4);
    long rip = vmcs.read(VmcsField.HOST_RIP);
    if (state.longMode() != host64) {
      return false;
    }
    if (host64) {
      return (cr4 & CpuState.CR4_PAE) != 0 && Mmu.canonical(rip);
    }
    return !guest64 && (cr4 & CpuState.CR4_PCIDE) == 0 && rip >>> 32 == 0;
  }
}

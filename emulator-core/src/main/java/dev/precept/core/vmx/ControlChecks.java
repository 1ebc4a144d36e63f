package dev.precept.core.vmx;

import dev.precept.core.CpuFault;
import dev.precept.core.CpuModel;
import dev.precept.core.CpuState;
import dev.precept.core.EventDelivery;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.ReservedBits;
import dev.precept.core.VmxCapabilities;
import dev.precept.core.vmx.VmxControls.PinBased;
import dev.precept.core.vmx.VmxControls.ProcBased;
import dev.precept.core.vmx.VmxControls.ProcBased2;
import dev.precept.core.vmx.VmxControls.VmExit;

/**
 * The checks that VM entry makes on the VMX controls; failing one is VMfailValid with error 7.
 *
 * <p>Source: SDM vol. 3C, 26.2.1 "Checks on VMX Controls".
 */
final class ControlChecks {
  private static final int CR3_TARGETS_SHIFT = 16, CR3_TARGETS = 0x1FF;

  /** IA32_VMX_MISC bit 30: injection with instruction length 0 is allowed. */
  private static final long LENGTH_ZERO = 1L << 30;

  /** IA32_VMX_BASIC bit 48. */
  private static final long ADDRESSES_OF_32_BITS = 1L << 48;

  /** IA32_VMX_BASIC bit 56: hardware exceptions may be injected with or without error code. */
  private static final long ANY_ERROR_CODE = 1L << 56;

  private static final int MAX_LENGTH = 15;

  /** Interruption type 7 and the reserved one. */
  static final int OTHER_EVENT = 7, RESERVED_TYPE = 1;

  /** Exceptions that normally deliver an error code (26.2.1.3). */
  private static final int WITH_ERROR_CODE =
      1 << CpuFault.DF
          | 1 << CpuFault.TS
          | 1 << CpuFault.NP
          | 1 << CpuFault.SS
          | 1 << CpuFault.GP
          | 1 << CpuFault.PF
          | 1 << CpuFault.AC;

  private ControlChecks() {}

  /** Whether all controls, which are those of {@code vmcs}, are legal. */
  static boolean legal(PhysicalMemory memory, CpuModel model, Vmcs vmcs, ActiveControls controls) {
    return reservedBits(model.vmxCapabilities, controls)
        && execution(memory, model, controls)
        && execution2(model, controls)
        && exit(model, vmcs, controls)
        && injection(model, vmcs, controls)
        && list(
            model,
            vmcs.read(VmcsField.VM_ENTRY_MSR_LOAD_ADDRESS),
            vmcs.read(VmcsField.VM_ENTRY_MSR_LOAD_COUNT));
  }

  private static boolean reservedBits(VmxCapabilities may, ActiveControls controls) {
    return allowed(may.pinBased, controls.pin)
        && allowed(may.procBased, controls.proc)
        && allowed(may.procBased2, controls.proc2)
        && (controls.proc3 & ~may.procBased3) == 0
        && allowed(may.exit, controls.exit)
        && allowed(may.entry, controls.entry);
  }

  /** Bits 31:0 of {@code settings} must be 1, those that are 0 in bits 63:32 must be 0 (A.3). */
  private static boolean allowed(long settings, int value) {
    int must = (int) settings;
    int may = (int) (settings >>> 32);
    return (value & must) == must && (value & ~may) == 0;
  }

  private static boolean execution(PhysicalMemory memory, CpuModel model, ActiveControls c) {
    long targets = model.vmxCapabilities.misc >>> CR3_TARGETS_SHIFT & CR3_TARGETS;
    if (Integer.compareUnsigned(c.cr3TargetCount, (int) targets) > 0) {
      return false;
    }
    if (c.proc(ProcBased.USE_IO_BITMAPS)
        && !(page(model, c.ioBitmapA) && page(model, c.ioBitmapB))) {
      return false;
    }
    if (c.proc(ProcBased.USE_MSR_BITMAPS) && !page(model, c.msrBitmaps)) {
      return false;
    }
    if (c.proc(ProcBased.USE_TPR_SHADOW)
        ? !tprShadow(memory, model, c)
        : c.proc2(ProcBased2.VIRTUALIZE_X2APIC_MODE)) {
      return false;
    }
    if (!c.pin(PinBased.NMI_EXITING) && c.virtualNmis()) {
      return false;
    }
    return c.virtualNmis() || !c.proc(ProcBased.NMI_WINDOW_EXITING);
  }

  /** "Virtual-interrupt delivery" and "virtualize APIC accesses" do not exist here. */
  private static boolean tprShadow(PhysicalMemory memory, CpuModel model, ActiveControls c) {
    return page(model, c.virtualApic)
        && c.tprThreshold >>> 4 == 0
        && c.tprThreshold <= memory.read8(c.virtualApic + ActiveControls.VTPR) >> 4;
  }

  private static boolean execution2(CpuModel model, ActiveControls c) {
    if (c.proc2(ProcBased2.ENABLE_VPID) && c.vpid == 0) {
      return false;
    }
    if (c.ept() && !ExtendedPaging.pointerLegal(model, c.eptPointer)) {
      return false;
    }
    if (c.proc2(ProcBased2.USE_TSC_SCALING) && c.tscMultiplier == 0) {
      return false;
    }
    if (c.unrestrictedGuest() && !c.ept()) {
      return false;
    }
    if (c.proc2(ProcBased2.ENABLE_VM_FUNCTIONS) && !vmFunctions(model, c)) {
      return false;
    }
    if (c.proc2(ProcBased2.VMCS_SHADOWING)
        && !(page(model, c.vmreadBitmap) && page(model, c.vmwriteBitmap))) {
      return false;
    }
    if (c.proc2(ProcBased2.ENABLE_PML) && !(c.ept() && page(model, c.pmlAddress))) {
      return false;
    }
    if (c.proc2(ProcBased2.EPT_VIOLATION_VE) && !page(model, c.virtualizationExceptions)) {
      return false;
    }
    return !c.proc2(ProcBased2.PASID_TRANSLATION)
        || (page(model, c.lowPasidDirectory) && page(model, c.highPasidDirectory));
  }

  private static boolean vmFunctions(CpuModel model, ActiveControls c) {
    if ((c.vmFunctions & ~model.vmxCapabilities.vmFunc) != 0) {
      return false;
    }
    boolean switching = (c.vmFunctions & VmxControls.EPTP_SWITCHING) != 0;
    return !switching || (c.ept() && page(model, c.eptpList));
  }

  private static boolean exit(CpuModel model, Vmcs vmcs, ActiveControls c) {
    if (!c.pin(PinBased.ACTIVATE_VMX_PREEMPTION_TIMER)
        && c.exit(VmExit.SAVE_VMX_PREEMPTION_TIMER_VALUE)) {
      return false;
    }
    return list(
            model,
            vmcs.read(VmcsField.VM_EXIT_MSR_STORE_ADDRESS),
            vmcs.read(VmcsField.VM_EXIT_MSR_STORE_COUNT))
        && list(
            model,
            vmcs.read(VmcsField.VM_EXIT_MSR_LOAD_ADDRESS),
            vmcs.read(VmcsField.VM_EXIT_MSR_LOAD_COUNT));
  }

  /** Address of an MSR area: 16-byte aligned, and all of it within the width of addresses. */
  private static boolean list(CpuModel model, long address, long count) {
    if (count == 0) {
      return true;
    }
    long last = address + count * MsrArea.ENTRY_SIZE - 1;
    return (address & 0xF) == 0 && !beyond(model, address) && !beyond(model, last);
  }

  private static boolean injection(CpuModel model, Vmcs vmcs, ActiveControls c) {
    int event = c.entryEvent;
    if (event >= 0) {
      return true;
    }
    int type = event >>> 8 & 7;
    int vector = event & 0xFF;
    boolean vectorLegal =
        switch (type) {
          case EventDelivery.NMI -> vector == CpuFault.NMI;
          case EventDelivery.EXCEPTION -> vector <= 31;
          case OTHER_EVENT -> vector == 0 && trapFlagExists(model);
          default -> type != RESERVED_TYPE;
        };
    if (!vectorLegal || (event & 0x7FFF_F000) != 0) {
      return false;
    }
    boolean errorCode = (event & 1 << 11) != 0;
    if (!errorCodeLegal(model, vmcs, c, type, vector, errorCode)
        || (errorCode && c.entryErrorCode >>> 16 != 0)) {
      return false;
    }
    boolean software =
        type == EventDelivery.SOFTWARE
            || type == EventDelivery.ICEBP
            || type == EventDelivery.SOFTWARE_EXCEPTION;
    boolean lengthLegal =
        Integer.compareUnsigned(c.entryLength, MAX_LENGTH) <= 0
            && (c.entryLength != 0 || (model.vmxCapabilities.misc & LENGTH_ZERO) != 0);
    return !software || lengthLegal;
  }

  private static boolean trapFlagExists(CpuModel model) {
    return ((int) (model.vmxCapabilities.procBased >>> 32) & ProcBased.MONITOR_TRAP_FLAG) != 0;
  }

  private static boolean errorCodeLegal(
      CpuModel model, Vmcs vmcs, ActiveControls c, int type, int vector, boolean errorCode) {
    boolean protectedMode = (vmcs.read(VmcsField.GUEST_CR0) & CpuState.CR0_PE) != 0;
    boolean possible = (!c.unrestrictedGuest() || protectedMode) && type == EventDelivery.EXCEPTION;
    if (possible && (model.vmxCapabilities.basic & ANY_ERROR_CODE) != 0) {
      return true;
    }
    return errorCode == (possible && (WITH_ERROR_CODE >>> vector & 1) != 0);
  }

  /** Whether a VMX structure can lie on the page at {@code address}: aligned, not too wide. */
  static boolean page(CpuModel model, long address) {
    return (address & 0xFFF) == 0 && !beyond(model, address);
  }

  /** Addresses of VMX structures have the physical-address width, or 32 bits if so said (A.1). */
  private static boolean beyond(CpuModel model, long address) {
    boolean narrow = (model.vmxCapabilities.basic & ADDRESSES_OF_32_BITS) != 0;
    return ReservedBits.beyondPhysical(model, address) || (narrow && address >>> 32 != 0);
  }
}

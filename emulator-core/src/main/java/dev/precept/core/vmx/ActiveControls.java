package dev.precept.core.vmx;

import dev.precept.core.CpuFault;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.vmx.VmxControls.PinBased;
import dev.precept.core.vmx.VmxControls.ProcBased;
import dev.precept.core.vmx.VmxControls.ProcBased2;

/**
 * The control fields of the current VMCS as the processor holds them: read once at VM entry, so
 * that a later change of the region in memory has no effect and no hot path touches memory. Outside
 * a guest all of them are 0.
 *
 * <p>Source: SDM vol. 3C, 24.6 to 24.8.
 */
final class ActiveControls {
  /** Offset of VTPR on the virtual-APIC page (29.1.1). */
  static final int VTPR = 0x80;

  /** MSR numbers that the bitmaps cover: 0 to 1FFFh, and C0000000h to C0001FFFh (24.6.9). */
  private static final int MSRS = 0x2000, HIGH_MSRS = 0xC000_0000;

  /** Offsets of the four MSR bitmaps (24.6.9). */
  private static final int HIGH_BITMAP = 1024, WRITE_BITMAP = 2048;

  int pin;
  int proc;

  /** 0 unless "activate secondary controls" is 1. */
  int proc2;

  /** 0 unless "activate tertiary controls" is 1. */
  long proc3;

  int exit;
  int entry;
  int exceptions;
  int pageFaultMask;
  int pageFaultMatch;
  int cr3TargetCount;
  final long[] cr3Targets = new long[4];
  long cr0Mask;
  long cr0Shadow;
  long cr4Mask;
  long cr4Shadow;
  long tscOffset;
  long tscMultiplier;
  int tprThreshold;
  int pleGap;
  int pleWindow;
  long ioBitmapA;
  long ioBitmapB;
  long msrBitmaps;
  long virtualApic;
  long eptPointer;
  int eptpIndex;
  long virtualizationExceptions;
  long pmlAddress;

  /** The next entry of the page-modification log; it changes while the guest runs (28.2.5). */
  int pmlIndex;

  long vmFunctions;
  long eptpList;
  long vmreadBitmap;
  long vmwriteBitmap;
  long xssBitmap;
  long enclsBitmap;
  long pconfigBitmap;
  long lowPasidDirectory;
  long highPasidDirectory;
  int vpid;
  int entryEvent;
  int entryErrorCode;
  int entryLength;

  /** Takes over everything that {@code other} holds. */
  void copyFrom(ActiveControls other) {
    pin = other.pin;
    proc = other.proc;
    proc2 = other.proc2;
    proc3 = other.proc3;
    exit = other.exit;
    entry = other.entry;
    exceptions = other.exceptions;
    pageFaultMask = other.pageFaultMask;
    pageFaultMatch = other.pageFaultMatch;
    cr3TargetCount = other.cr3TargetCount;
    System.arraycopy(other.cr3Targets, 0, cr3Targets, 0, cr3Targets.length);
    cr0Mask = other.cr0Mask;
    cr0Shadow = other.cr0Shadow;
    cr4Mask = other.cr4Mask;
    cr4Shadow = other.cr4Shadow;
    tscOffset = other.tscOffset;
    tscMultiplier = other.tscMultiplier;
    tprThreshold = other.tprThreshold;
    pleGap = other.pleGap;
    pleWindow = other.pleWindow;
    ioBitmapA = other.ioBitmapA;
    ioBitmapB = other.ioBitmapB;
    msrBitmaps = other.msrBitmaps;
    virtualApic = other.virtualApic;
    eptPointer = other.eptPointer;
    eptpIndex = other.eptpIndex;
    virtualizationExceptions = other.virtualizationExceptions;
    pmlAddress = other.pmlAddress;
    pmlIndex = other.pmlIndex;
    vmFunctions = other.vmFunctions;
    eptpList = other.eptpList;
    vmreadBitmap = other.vmreadBitmap;
    vmwriteBitmap = other.vmwriteBitmap;
    xssBitmap = other.xssBitmap;
    enclsBitmap = other.enclsBitmap;
    pconfigBitmap = other.pconfigBitmap;
    lowPasidDirectory = other.lowPasidDirectory;
    highPasidDirectory = other.highPasidDirectory;
    vpid = other.vpid;
    entryEvent = other.entryEvent;
    entryErrorCode = other.entryErrorCode;
    entryLength = other.entryLength;
  }

  /** Reads every control field of {@code vmcs}. */
  void load(Vmcs vmcs) {
    pin = vmcs.read32(VmcsField.PIN_BASED_CONTROLS);
    proc = vmcs.read32(VmcsField.PRIMARY_PROCESSOR_BASED_CONTROLS);
    proc2 =
        (proc & ProcBased.ACTIVATE_SECONDARY_CONTROLS) != 0
            ? vmcs.read32(VmcsField.SECONDARY_PROCESSOR_BASED_CONTROLS)
            : 0;
    proc3 =
        (proc & ProcBased.ACTIVATE_TERTIARY_CONTROLS) != 0
            ? vmcs.read(VmcsField.TERTIARY_PROCESSOR_BASED_CONTROLS)
            : 0;
    exit = vmcs.read32(VmcsField.VM_EXIT_CONTROLS);
    entry = vmcs.read32(VmcsField.VM_ENTRY_CONTROLS);
    exceptions = vmcs.read32(VmcsField.EXCEPTION_BITMAP);
    pageFaultMask = vmcs.read32(VmcsField.PAGE_FAULT_ERROR_CODE_MASK);
    pageFaultMatch = vmcs.read32(VmcsField.PAGE_FAULT_ERROR_CODE_MATCH);
    cr3TargetCount = vmcs.read32(VmcsField.CR3_TARGET_COUNT);
    cr3Targets[0] = vmcs.read(VmcsField.CR3_TARGET_VALUE_0);
    cr3Targets[1] = vmcs.read(VmcsField.CR3_TARGET_VALUE_1);
    cr3Targets[2] = vmcs.read(VmcsField.CR3_TARGET_VALUE_2);
    cr3Targets[3] = vmcs.read(VmcsField.CR3_TARGET_VALUE_3);
    cr0Mask = vmcs.read(VmcsField.CR0_GUEST_HOST_MASK);
    cr0Shadow = vmcs.read(VmcsField.CR0_READ_SHADOW);
    cr4Mask = vmcs.read(VmcsField.CR4_GUEST_HOST_MASK);
    cr4Shadow = vmcs.read(VmcsField.CR4_READ_SHADOW);
    tscOffset = vmcs.read(VmcsField.TSC_OFFSET);
    tscMultiplier = vmcs.read(VmcsField.TSC_MULTIPLIER);
    tprThreshold = vmcs.read32(VmcsField.TPR_THRESHOLD);
    pleGap = vmcs.read32(VmcsField.PLE_GAP);
    pleWindow = vmcs.read32(VmcsField.PLE_WINDOW);
    ioBitmapA = vmcs.read(VmcsField.IO_BITMAP_A_ADDRESS);
    ioBitmapB = vmcs.read(VmcsField.IO_BITMAP_B_ADDRESS);
    msrBitmaps = vmcs.read(VmcsField.MSR_BITMAPS_ADDRESS);
    virtualApic = vmcs.read(VmcsField.VIRTUAL_APIC_ADDRESS);
    eptPointer = vmcs.read(VmcsField.EPT_POINTER);
    eptpIndex = vmcs.read32(VmcsField.EPTP_INDEX);
    virtualizationExceptions = vmcs.read(VmcsField.VIRTUALIZATION_EXCEPTION_INFORMATION_ADDRESS);
    pmlAddress = vmcs.read(VmcsField.PML_ADDRESS);
    pmlIndex = vmcs.read32(VmcsField.PML_INDEX);
    vmFunctions = vmcs.read(VmcsField.VM_FUNCTION_CONTROLS);
    eptpList = vmcs.read(VmcsField.EPTP_LIST_ADDRESS);
    vmreadBitmap = vmcs.read(VmcsField.VMREAD_BITMAP_ADDRESS);
    vmwriteBitmap = vmcs.read(VmcsField.VMWRITE_BITMAP_ADDRESS);
    xssBitmap = vmcs.read(VmcsField.XSS_EXITING_BITMAP);
    enclsBitmap = vmcs.read(VmcsField.ENCLS_EXITING_BITMAP);
    pconfigBitmap = vmcs.read(VmcsField.PCONFIG_EXITING_BITMAP);
    lowPasidDirectory = vmcs.read(VmcsField.LOW_PASID_DIRECTORY_ADDRESS);
    highPasidDirectory = vmcs.read(VmcsField.HIGH_PASID_DIRECTORY_ADDRESS);
    vpid = vmcs.read32(VmcsField.VIRTUAL_PROCESSOR_IDENTIFIER);
    entryEvent = vmcs.read32(VmcsField.VM_ENTRY_INTERRUPTION_INFORMATION);
    entryErrorCode = vmcs.read32(VmcsField.VM_ENTRY_EXCEPTION_ERROR_CODE);
    entryLength = vmcs.read32(VmcsField.VM_ENTRY_INSTRUCTION_LENGTH);
  }

  /** What a VM exit does to the processor's copy: nothing exits, is masked or translated. */
  void clear() {
    pin = proc = proc2 = exit = entry = exceptions = 0;
    proc3 = 0;
    cr0Mask = cr4Mask = 0;
    entryEvent = 0;
  }

  boolean pin(int control) {
    return (pin & control) != 0;
  }

  boolean proc(int control) {
    return (proc & control) != 0;
  }

  boolean proc2(int control) {
    return (proc2 & control) != 0;
  }

  boolean proc3(long control) {
    return (proc3 & control) != 0;
  }

  boolean exit(int control) {
    return (exit & control) != 0;
  }

  boolean entry(int control) {
    return (entry & control) != 0;
  }

  boolean ept() {
    return proc2(ProcBased2.ENABLE_EPT);
  }

  boolean unrestrictedGuest() {
    return proc2(ProcBased2.UNRESTRICTED_GUEST);
  }

  boolean virtualNmis() {
    return pin(PinBased.VIRTUAL_NMIS);
  }

  /** Whether an exception exits: its bit, for #PF turned round if the error code does not match. */
  boolean exits(int vector, int errorCode) {
    boolean bit = (exceptions >>> vector & 1) != 0;
    boolean matches = (errorCode & pageFaultMask) == pageFaultMatch;
    return vector == CpuFault.PF ? bit == matches : bit;
  }

  /**
   * Whether an access of {@code size} bytes at {@code port} exits (25.1.3): an access that wraps
   * round past port FFFFh always does when the bitmaps are used.
   */
  boolean exitsForPort(PhysicalMemory memory, int port, int size) {
    if (!proc(ProcBased.USE_IO_BITMAPS)) {
      return proc(ProcBased.UNCONDITIONAL_IO_EXITING);
    }
    if (port + size > 0x1_0000) {
      return true;
    }
    for (int i = port; i < port + size; i++) {
      long bitmap = i < 0x8000 ? ioBitmapA : ioBitmapB;
      if (bit(memory, bitmap, i & 0x7FFF)) {
        return true;
      }
    }
    return false;
  }

  /** Whether RDMSR or WRMSR of {@code msr} exits (25.1.3). */
  boolean exitsForMsr(PhysicalMemory memory, int msr, boolean write) {
    if (!proc(ProcBased.USE_MSR_BITMAPS)) {
      return true;
    }
    long bitmap = msrBitmaps + (write ? WRITE_BITMAP : 0);
    if ((msr & -MSRS) == HIGH_MSRS) {
      return bit(memory, bitmap + HIGH_BITMAP, msr & MSRS - 1);
    }
    return (msr & -MSRS) != 0 || bit(memory, bitmap, msr);
  }

  /** Whether VMREAD or VMWRITE of {@code operand} exits under VMCS shadowing or without (30.3). */
  boolean exitsForField(PhysicalMemory memory, long operand, boolean write) {
    return !proc2(ProcBased2.VMCS_SHADOWING)
        || operand >>> 15 != 0
        || bit(memory, write ? vmwriteBitmap : vmreadBitmap, (int) operand);
  }

  /** Whether bit {@code leaf}, or 63 for all leaves from there on, is set in a leaf bitmap. */
  static boolean leafBit(long bitmap, long leaf) {
    return (bitmap >>> Math.min(leaf, 63) & 1) != 0;
  }

  private static boolean bit(PhysicalMemory memory, long bitmap, int bit) {
    return (memory.read8(bitmap + (bit >> 3)) >>> (bit & 7) & 1) != 0;
  }
}

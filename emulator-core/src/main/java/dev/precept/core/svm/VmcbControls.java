package dev.precept.core.svm;

import dev.precept.core.CpuModel;
import dev.precept.core.PhysicalMemory;

/**
 * The control area of the VMCB as the processor holds it while the guest runs: read once at VMRUN,
 * so that a later change of the VMCB in memory has no effect and no hot path touches memory.
 */
final class VmcbControls {
  /** Virtual-interrupt word, offset 060h. */
  static final long V_TPR = 0xFFL,
      V_IRQ = 1L << 8,
      V_GIF = 1L << 9,
      V_NMI = 1L << 11,
      V_NMI_MASK = 1L << 12,
      V_INTR_PRIO = 0xFL << 16,
      V_IGN_TPR = 1L << 20,
      V_INTR_MASKING = 1L << 24,
      V_GIF_ENABLE = 1L << 25,
      V_NMI_ENABLE = 1L << 26,
      X2AVIC_ENABLE = 1L << 30,
      AVIC_ENABLE = 1L << 31;

  /** Offset 090h. */
  static final long NP_ENABLE = 1, INVLPGB_ENABLE = 1L << 7;

  /** Offset 0B8h. */
  static final long LBR_VIRTUALIZATION = 1;

  private final long[] intercepts = new long[ExitCode.INTERCEPT_BITS / 64];

  /** Offset 060h; V_IRQ and the NMI and GIF bits change while the guest runs. */
  long virtualInterrupt;

  /** Offset 090h. */
  long nestedControl;

  /** Offset 0B8h. */
  long lbrControl;

  /** Page-aligned physical addresses of the permission maps. */
  long iopmBase;

  long msrpmBase;
  long tscOffset;
  int asid;
  long eventInjection;

  /** nRIP of the VMCB, which an injected software interrupt returns to. */
  long nrip;

  int pauseFilterCount;
  int pauseFilterThreshold;
  int busLockCounter;

  /** Takes over everything that {@code other} holds. */
  void copyFrom(VmcbControls other) {
    System.arraycopy(other.intercepts, 0, intercepts, 0, intercepts.length);
    virtualInterrupt = other.virtualInterrupt;
    nestedControl = other.nestedControl;
    lbrControl = other.lbrControl;
    iopmBase = other.iopmBase;
    msrpmBase = other.msrpmBase;
    tscOffset = other.tscOffset;
    asid = other.asid;
    eventInjection = other.eventInjection;
    nrip = other.nrip;
    pauseFilterCount = other.pauseFilterCount;
    pauseFilterThreshold = other.pauseFilterThreshold;
    busLockCounter = other.busLockCounter;
  }

  /** Reads every control of the VMCB at {@code pa}; bits of absent features read as 0. */
  void load(PhysicalMemory memory, long pa, CpuModel model) {
    for (int i = 0; i < intercepts.length; i++) {
      intercepts[i] = memory.read64(pa + 8L * i);
    }
    // Vector 5 holds intercepts that came with later features; without them the bits are reserved.
    clear(!model.invlpgb, ExitCode.VMEXIT_INVLPGB);
    clear(!model.invlpgb, ExitCode.VMEXIT_INVLPGB_ILLEGAL);
    clear(!model.invpcid, ExitCode.VMEXIT_INVPCID);
    clear(!model.mcommit, ExitCode.VMEXIT_MCOMMIT);
    clear(!model.svmFeatures.tlbiCtl, ExitCode.VMEXIT_TLBSYNC);
    clear(!model.svmFeatures.busLockThreshold, ExitCode.VMEXIT_BUSLOCK);
    clear(!model.svmFeatures.idleHlt, ExitCode.VMEXIT_IDLE_HLT);
    virtualInterrupt = memory.read64(pa + VmcbLayout.VIRTUAL_INTERRUPT);
    if (!model.svmFeatures.vgif) {
      virtualInterrupt &= ~(V_GIF | V_GIF_ENABLE);
    }
    if (!model.svmFeatures.vnmi) {
      virtualInterrupt &= ~(V_NMI | V_NMI_MASK | V_NMI_ENABLE);
    }
    nestedControl = memory.read64(pa + VmcbLayout.NP_ENABLE);
    if (!model.svmFeatures.nestedPaging) {
      nestedControl &= ~NP_ENABLE;
    }
    lbrControl = memory.read64(pa + VmcbLayout.LBR_VIRTUALIZATION_ENABLE);
    if (!model.svmFeatures.lbrVirtualization) {
      lbrControl &= ~LBR_VIRTUALIZATION;
    }
    iopmBase = memory.read64(pa + VmcbLayout.IOPM_BASE_PA) & ~0xFFFL;
    msrpmBase = memory.read64(pa + VmcbLayout.MSRPM_BASE_PA) & ~0xFFFL;
    tscOffset = memory.read64(pa + VmcbLayout.TSC_OFFSET);
    asid = memory.read32(pa + VmcbLayout.GUEST_ASID);
    eventInjection = memory.read64(pa + VmcbLayout.EVENTINJ);
    nrip = memory.read64(pa + VmcbLayout.NRIP);
    pauseFilterCount =
        model.svmFeatures.pauseFilter ? memory.read16(pa + VmcbLayout.PAUSE_FILTER_COUNT) : 0;
    pauseFilterThreshold =
        model.svmFeatures.pauseFilterThreshold
            ? memory.read16(pa + VmcbLayout.PAUSE_FILTER_THRESHOLD)
            : 0;
    busLockCounter = memory.read16(pa + VmcbLayout.BUS_LOCK_THRESHOLD_COUNTER);
  }

  /** What #VMEXIT does to the processor's copy: nothing is intercepted, pending or offset. */
  void clear() {
    for (int i = 0; i < intercepts.length; i++) {
      intercepts[i] = 0;
    }
    virtualInterrupt = 0;
    nestedControl = 0;
    lbrControl = 0;
    tscOffset = 0;
    asid = 0;
    eventInjection = 0;
  }

  /** Whether the intercept bit that belongs to {@code exitCode} is set. */
  boolean intercepts(int exitCode) {
    return (intercepts[exitCode >> 6] >>> exitCode & 1) != 0;
  }

  /** Whether all bits of {@code mask} in the virtual-interrupt word are set. */
  boolean virtualInterrupt(long mask) {
    return (virtualInterrupt & mask) == mask;
  }

  boolean nestedPaging() {
    return (nestedControl & NP_ENABLE) != 0;
  }

  boolean lbrVirtualization() {
    return (lbrControl & LBR_VIRTUALIZATION) != 0;
  }

  /** A virtual interrupt or NMI is pending, for the idle HLT intercept (table 15-7). */
  boolean virtualEventPending() {
    return virtualInterrupt(V_IRQ) || virtualInterrupt(V_NMI | V_NMI_ENABLE);
  }

  /**
   * Whether the IOPM intercepts an access of {@code size} bytes at {@code port}: every byte's bit
   * is looked up, and past port FFFFh the map goes on for three bits (APM vol. 2, 15.10.1).
   */
  boolean interceptsPort(PhysicalMemory memory, int port, int size) {
    for (int i = 0; i < size; i++) {
      int bit = port + i;
      if ((memory.read8(iopmBase + (bit >> 3)) >>> (bit & 7) & 1) != 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether the MSRPM intercepts a read or write of {@code msr}. MSRs outside the map's ranges
   * always exit (APM vol. 2, 15.11, table 15-8).
   */
  boolean interceptsMsr(PhysicalMemory memory, int msr, boolean write) {
    int range;
    switch (msr & ~0x1FFF) {
      case 0 -> range = 0;
      case 0xC000_0000 -> range = 0x800;
      case 0xC001_0000 -> range = 0x1000;
      default -> {
        return true;
      }
    }
    int bit = (msr & 0x1FFF) * 2 + (write ? 1 : 0);
    return (memory.read8(msrpmBase + range + (bit >> 3)) >>> (bit & 7) & 1) != 0;
  }

  private void clear(boolean absent, int exitCode) {
    if (absent) {
      intercepts[exitCode >> 6] &= ~(1L << exitCode);
    }
  }
}

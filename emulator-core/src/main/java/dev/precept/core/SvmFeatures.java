package dev.precept.core;

/**
 * The optional parts of SVM that a processor has and this core knows of: bits of CPUID Fn8000_000A.
 *
 * <p>Source: APM vol. 3, appendix E.4.9.
 */
public final class SvmFeatures {
  /** CPUID Fn8000_000A_EDX bit 0. */
  public final boolean nestedPaging;

  /** CPUID Fn8000_000A_EDX bit 1. */
  public final boolean lbrVirtualization;

  /** CPUID Fn8000_000A_EDX bit 2. */
  public final boolean lock;

  /** CPUID Fn8000_000A_EDX bit 3. */
  public final boolean nrips;

  /** CPUID Fn8000_000A_EDX bit 4. */
  public final boolean tscRateMsr;

  /** CPUID Fn8000_000A_EDX bit 7. */
  public final boolean decodeAssists;

  /** CPUID Fn8000_000A_EDX bit 10. */
  public final boolean pauseFilter;

  /** CPUID Fn8000_000A_EDX bit 12. */
  public final boolean pauseFilterThreshold;

  /** CPUID Fn8000_000A_EDX bit 16. */
  public final boolean vgif;

  /** CPUID Fn8000_000A_EDX bit 24. */
  public final boolean tlbiCtl;

  /** CPUID Fn8000_000A_EDX bit 25. */
  public final boolean vnmi;

  /** CPUID Fn8000_000A_EDX bit 29. */
  public final boolean busLockThreshold;

  /** CPUID Fn8000_000A_EDX bit 30. */
  public final boolean idleHlt;

  /** ASIDs, 0 to nasid-1: CPUID Fn8000_000A_EBX. */
  public final int nasid;

  SvmFeatures(CpuidLeaves leaves) {
    nestedPaging = leaves.bit(0x8000000A, 0, 3, 0);
    lbrVirtualization = leaves.bit(0x8000000A, 0, 3, 1);
    lock = leaves.bit(0x8000000A, 0, 3, 2);
    nrips = leaves.bit(0x8000000A, 0, 3, 3);
    tscRateMsr = leaves.bit(0x8000000A, 0, 3, 4);
    decodeAssists = leaves.bit(0x8000000A, 0, 3, 7);
    pauseFilter = leaves.bit(0x8000000A, 0, 3, 10);
    pauseFilterThreshold = leaves.bit(0x8000000A, 0, 3, 12);
    vgif = leaves.bit(0x8000000A, 0, 3, 16);
    tlbiCtl = leaves.bit(0x8000000A, 0, 3, 24);
    vnmi = leaves.bit(0x8000000A, 0, 3, 25);
    busLockThreshold = leaves.bit(0x8000000A, 0, 3, 29);
    idleHlt = leaves.bit(0x8000000A, 0, 3, 30);
    nasid = leaves.get(0x8000000A, 0, 1);
  }
}

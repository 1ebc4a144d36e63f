package dev.precept.core;

/**
 * Vendor-neutral ids of everything a {@link Virtualization} may intercept at an opcode row's stage.
 * Intercepts that need a value (CR, DR, I/O, MSR, exceptions, task switch) have hooks instead.
 */
public final class Intercept {
  /** No intercept. */
  public static final int NONE = 0;

  /** Instruction intercepts, named as in APM vol. 2, table 15-7. */
  public static final int RDTSC = 1,
      RDTSCP = 2,
      RDPMC = 3,
      PUSHF = 4,
      POPF = 5,
      CPUID = 6,
      RSM = 7,
      IRET = 8,
      INTN = 9,
      INVD = 10,
      PAUSE = 11,
      HLT = 12,
      INVLPG = 13,
      INVLPGA = 14,
      VMRUN = 15,
      VMLOAD = 16,
      VMSAVE = 17,
      VMMCALL = 18,
      STGI = 19,
      CLGI = 20,
      SKINIT = 21,
      ICEBP = 22,
      WBINVD = 23,
      MONITOR = 24,
      MWAIT = 25,
      XSETBV = 26,
      RDPRU = 27,
      INVLPGB = 28,
      INVLPGB_ILLEGAL = 29,
      INVPCID = 30,
      TLBSYNC = 31,
      IDTR_READ = 32,
      GDTR_READ = 33,
      LDTR_READ = 34,
      TR_READ = 35,
      IDTR_WRITE = 36,
      GDTR_WRITE = 37,
      LDTR_WRITE = 38,
      TR_WRITE = 39,
      MCOMMIT = 40,
      FERR_FREEZE = 41,
      RDRAND = 42,
      RDSEED = 43,
      VMCALL = 44,
      WBNOINVD = 45,
      MONITORX = 46,
      MWAITX = 47,
      INTR = 48,
      NMI = 49,
      SMI = 50,
      INIT = 51,
      VINTR = 52;

  /** One more than the largest id. */
  public static final int COUNT = 53;

  private Intercept() {}
}

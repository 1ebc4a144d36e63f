package dev.precept.core.svm;

/**
 * Exit codes that #VMEXIT writes to EXITCODE, in the manual's spelling.
 *
 * <p>Up to {@link #VMEXIT_IDLE_HLT} the codes run parallel to the intercept vectors of table B-1:
 * the code of an intercept is 32 times its vector's number plus its bit. The emulator therefore
 * uses the code itself to name an intercept bit; {@link #vectorOffset} and {@link #vectorBit} say
 * where the bit lies.
 *
 * <p>Source: APM vol. 2, appendix C, table C-1.
 */
public final class ExitCode {
  /** Read of CR0; of CRn: this plus n, n in 0..15. */
  public static final int VMEXIT_CR0_READ = 0x00;

  /** Write of CR0; of CRn: this plus n, n in 0..15. */
  public static final int VMEXIT_CR0_WRITE = 0x10;

  /** Read of DR0; of DRn: this plus n, n in 0..15. */
  public static final int VMEXIT_DR0_READ = 0x20;

  /** Write of DR0; of DRn: this plus n, n in 0..15. */
  public static final int VMEXIT_DR0_WRITE = 0x30;

  /** Exception vector 0; of vector n: this plus n, n in 0..31. */
  public static final int VMEXIT_EXCP0 = 0x40;

  public static final int VMEXIT_INTR = 0x60;
  public static final int VMEXIT_NMI = 0x61;
  public static final int VMEXIT_SMI = 0x62;
  public static final int VMEXIT_INIT = 0x63;
  public static final int VMEXIT_VINTR = 0x64;
  public static final int VMEXIT_CR0_SEL_WRITE = 0x65;
  public static final int VMEXIT_IDTR_READ = 0x66;
  public static final int VMEXIT_GDTR_READ = 0x67;
  public static final int VMEXIT_LDTR_READ = 0x68;
  public static final int VMEXIT_TR_READ = 0x69;
  public static final int VMEXIT_IDTR_WRITE = 0x6A;
  public static final int VMEXIT_GDTR_WRITE = 0x6B;
  public static final int VMEXIT_LDTR_WRITE = 0x6C;
  public static final int VMEXIT_TR_WRITE = 0x6D;
  public static final int VMEXIT_RDTSC = 0x6E;
  public static final int VMEXIT_RDPMC = 0x6F;
  public static final int VMEXIT_PUSHF = 0x70;
  public static final int VMEXIT_POPF = 0x71;
  public static final int VMEXIT_CPUID = 0x72;
  public static final int VMEXIT_RSM = 0x73;
  public static final int VMEXIT_IRET = 0x74;
  public static final int VMEXIT_SWINT = 0x75;
  public static final int VMEXIT_INVD = 0x76;
  public static final int VMEXIT_PAUSE = 0x77;
  public static final int VMEXIT_HLT = 0x78;
  public static final int VMEXIT_INVLPG = 0x79;
  public static final int VMEXIT_INVLPGA = 0x7A;
  public static final int VMEXIT_IOIO = 0x7B;
  public static final int VMEXIT_MSR = 0x7C;
  public static final int VMEXIT_TASK_SWITCH = 0x7D;
  public static final int VMEXIT_FERR_FREEZE = 0x7E;
  public static final int VMEXIT_SHUTDOWN = 0x7F;
  public static final int VMEXIT_VMRUN = 0x80;
  public static final int VMEXIT_VMMCALL = 0x81;
  public static final int VMEXIT_VMLOAD = 0x82;
  public static final int VMEXIT_VMSAVE = 0x83;
  public static final int VMEXIT_STGI = 0x84;
  public static final int VMEXIT_CLGI = 0x85;
  public static final int VMEXIT_SKINIT = 0x86;
  public static final int VMEXIT_RDTSCP = 0x87;
  public static final int VMEXIT_ICEBP = 0x88;
  public static final int VMEXIT_WBINVD = 0x89;
  public static final int VMEXIT_MONITOR = 0x8A;
  public static final int VMEXIT_MWAIT = 0x8B;
  public static final int VMEXIT_MWAIT_CONDITIONAL = 0x8C;
  public static final int VMEXIT_XSETBV = 0x8D;
  public static final int VMEXIT_RDPRU = 0x8E;
  public static final int VMEXIT_EFER_WRITE_TRAP = 0x8F;

  /** Write of CR0, after the instruction finished; of CRn: this plus n, n in 0..15. */
  public static final int VMEXIT_CR0_WRITE_TRAP = 0x90;

  public static final int VMEXIT_INVLPGB = 0xA0;
  public static final int VMEXIT_INVLPGB_ILLEGAL = 0xA1;
  public static final int VMEXIT_INVPCID = 0xA2;
  public static final int VMEXIT_MCOMMIT = 0xA3;
  public static final int VMEXIT_TLBSYNC = 0xA4;
  public static final int VMEXIT_BUSLOCK = 0xA5;
  public static final int VMEXIT_IDLE_HLT = 0xA6;

  /** Nested page fault; it has no intercept bit. */
  public static final int VMEXIT_NPF = 0x400;

  /** Illegal guest state in the VMCB; 64 bits wide in EXITCODE. */
  public static final int VMEXIT_INVALID = -1;

  /** First code without an intercept bit. */
  public static final int INTERCEPT_BITS = 6 * 32;

  /** Offset in the VMCB of the 32-bit intercept vector that holds the bit of {@code exitCode}. */
  public static int vectorOffset(int exitCode) {
    return exitCode / 32 * 4;
  }

  /** Bit of {@code exitCode} in its intercept vector, 0 to 31. */
  public static int vectorBit(int exitCode) {
    return exitCode % 32;
  }

  private ExitCode() {}
}

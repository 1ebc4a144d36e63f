package dev.precept.core.svm;

/**
 * Byte offsets within the VMCB page, in the manual's spelling.
 *
 * <p>The control area starts at 0, the state-save area at {@link #STATE_SAVE_AREA}; offsets of
 * save-area fields are given from the start of the page (table B-2 gives them from the start of the
 * area).
 *
 * <p>Source: APM vol. 2, appendix B, tables B-1 and B-2.
 */
public final class VmcbLayout {
  /** Vector 0: reads of CR0-15 in bits 15:0, writes in bits 31:16. */
  public static final int INTERCEPT_CR = 0x000;

  /** Vector 1: reads of DR0-15 in bits 15:0, writes in bits 31:16. */
  public static final int INTERCEPT_DR = 0x004;

  /** Vector 2: exception vectors 0-31. */
  public static final int INTERCEPT_EXCEPTION = 0x008;

  /** Vector 3. */
  public static final int INTERCEPT_MISC1 = 0x00C;

  /** Vector 4. */
  public static final int INTERCEPT_MISC2 = 0x010;

  /** Vector 5. */
  public static final int INTERCEPT_MISC3 = 0x014;

  public static final int PAUSE_FILTER_THRESHOLD = 0x03C;
  public static final int PAUSE_FILTER_COUNT = 0x03E;
  public static final int IOPM_BASE_PA = 0x040;
  public static final int MSRPM_BASE_PA = 0x048;
  public static final int TSC_OFFSET = 0x050;
  public static final int GUEST_ASID = 0x058;
  public static final int TLB_CONTROL = 0x05C;

  /** V_TPR, V_IRQ, V_INTR_PRIO, V_INTR_MASKING, V_INTR_VECTOR and the NMI and GIF bits. */
  public static final int VIRTUAL_INTERRUPT = 0x060;

  /** Bit 0: the guest is in an interrupt shadow. */
  public static final int INTERRUPT_SHADOW = 0x068;

  public static final int EXITCODE = 0x070;
  public static final int EXITINFO1 = 0x078;
  public static final int EXITINFO2 = 0x080;
  public static final int EXITINTINFO = 0x088;

  /** Bit 0: NP_ENABLE; bit 7: INVLPGB and TLBSYNC enabled in the guest. */
  public static final int NP_ENABLE = 0x090;

  public static final int EVENTINJ = 0x0A8;
  public static final int N_CR3 = 0x0B0;

  /** Bit 0: LBR virtualization; bit 1: VMSAVE/VMLOAD virtualization. */
  public static final int LBR_VIRTUALIZATION_ENABLE = 0x0B8;

  public static final int VMCB_CLEAN = 0x0C0;
  public static final int NRIP = 0x0C8;

  /** Number of guest instruction bytes; the bytes follow (table 15-6). */
  public static final int BYTES_FETCHED = 0x0D0;

  public static final int GUEST_INSTRUCTION_BYTES = 0x0D1;
  public static final int BUS_LOCK_THRESHOLD_COUNTER = 0x120;

  /** Where the state-save area starts. */
  public static final int STATE_SAVE_AREA = 0x400;

  public static final int ES = 0x400;
  public static final int CS = 0x410;
  public static final int SS = 0x420;
  public static final int DS = 0x430;
  public static final int FS = 0x440;
  public static final int GS = 0x450;
  public static final int GDTR = 0x460;
  public static final int LDTR = 0x470;
  public static final int IDTR = 0x480;
  public static final int TR = 0x490;

  /** Offset of the 16-bit selector in a segment register's 16 bytes. */
  public static final int SEGMENT_SELECTOR = 0x0;

  /** Offset of the 12-bit attributes in a segment register's 16 bytes. */
  public static final int SEGMENT_ATTRIB = 0x2;

  /** Offset of the 32-bit limit in a segment register's 16 bytes. */
  public static final int SEGMENT_LIMIT = 0x4;

  /** Offset of the 64-bit base in a segment register's 16 bytes. */
  public static final int SEGMENT_BASE = 0x8;

  public static final int CPL = 0x4CB;
  public static final int EFER = 0x4D0;
  public static final int CR4 = 0x548;
  public static final int CR3 = 0x550;
  public static final int CR0 = 0x558;
  public static final int DR7 = 0x560;
  public static final int DR6 = 0x568;
  public static final int RFLAGS = 0x570;
  public static final int RIP = 0x578;
  public static final int RSP = 0x5D8;
  public static final int S_CET = 0x5E0;
  public static final int SSP = 0x5E8;
  public static final int ISST_ADDR = 0x5F0;
  public static final int RAX = 0x5F8;
  public static final int STAR = 0x600;
  public static final int LSTAR = 0x608;
  public static final int CSTAR = 0x610;
  public static final int SFMASK = 0x618;
  public static final int KERNEL_GS_BASE = 0x620;
  public static final int SYSENTER_CS = 0x628;
  public static final int SYSENTER_ESP = 0x630;
  public static final int SYSENTER_EIP = 0x638;
  public static final int CR2 = 0x640;
  public static final int G_PAT = 0x668;
  public static final int DBGCTL = 0x670;
  public static final int BR_FROM = 0x678;
  public static final int BR_TO = 0x680;
  public static final int LASTEXCPFROM = 0x688;
  public static final int LASTEXCPTO = 0x690;

  private VmcbLayout() {}
}

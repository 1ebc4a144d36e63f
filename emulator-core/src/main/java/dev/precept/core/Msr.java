package dev.precept.core;

/**
 * Model-specific register numbers, as RDMSR and WRMSR take them in ECX.
 *
 * <p>Source: APM vol. 2, appendix A, table A-7 (MSRs with feature and reference).
 */
public final class Msr {
  public static final int TSC = 0x0000_0010;
  public static final int APIC_BASE = 0x0000_001B;
  public static final int MPERF = 0x0000_00E7;
  public static final int APERF = 0x0000_00E8;
  public static final int MTRRCAP = 0x0000_00FE;
  public static final int SYSENTER_CS = 0x0000_0174;
  public static final int SYSENTER_ESP = 0x0000_0175;
  public static final int SYSENTER_EIP = 0x0000_0176;
  public static final int DEBUGCTL = 0x0000_01D9;
  public static final int LAST_BRANCH_FROM_IP = 0x0000_01DB;
  public static final int LAST_BRANCH_TO_IP = 0x0000_01DC;
  public static final int LAST_INT_FROM_IP = 0x0000_01DD;
  public static final int LAST_INT_TO_IP = 0x0000_01DE;
  public static final int PAT = 0x0000_0277;
  public static final int EFER = 0xC000_0080;
  public static final int STAR = 0xC000_0081;
  public static final int LSTAR = 0xC000_0082;
  public static final int CSTAR = 0xC000_0083;
  public static final int SFMASK = 0xC000_0084;
  public static final int FS_BASE = 0xC000_0100;
  public static final int GS_BASE = 0xC000_0101;
  public static final int KERNEL_GS_BASE = 0xC000_0102;
  public static final int TSC_AUX = 0xC000_0103;
  public static final int TSC_RATIO = 0xC000_0104;
  public static final int HWCR = 0xC001_0015;
  public static final int SMM_BASE = 0xC001_0111;
  public static final int VM_CR = 0xC001_0114;
  public static final int IGNNE = 0xC001_0115;
  public static final int SMM_CTL = 0xC001_0116;
  public static final int VM_HSAVE_PA = 0xC001_0117;
  public static final int SVM_KEY = 0xC001_0118;

  private Msr() {}
}

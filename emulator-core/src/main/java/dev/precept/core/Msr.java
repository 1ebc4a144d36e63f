package dev.precept.core;

/**
 * Model-specific register numbers, as RDMSR and WRMSR take them in ECX.
 *
 * <p>Source: APM vol. 2, appendix A, table A-7 (MSRs with feature and reference); SDM vol. 4 for
 * those that only Intel processors have.
 */
public final class Msr {
  public static final int TSC = 0x0000_0010;
  public static final int APIC_BASE = 0x0000_001B;
  public static final int X2APIC_TPR = 0x0000_0808;
  public static final int FEATURE_CONTROL = 0x0000_003A;
  public static final int UMWAIT_CONTROL = 0x0000_00E1;
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
  public static final int VMX_BASIC = 0x0000_0480;
  public static final int VMX_PINBASED_CTLS = 0x0000_0481;
  public static final int VMX_PROCBASED_CTLS = 0x0000_0482;
  public static final int VMX_EXIT_CTLS = 0x0000_0483;
  public static final int VMX_ENTRY_CTLS = 0x0000_0484;
  public static final int VMX_MISC = 0x0000_0485;
  public static final int VMX_CR0_FIXED0 = 0x0000_0486;
  public static final int VMX_CR0_FIXED1 = 0x0000_0487;
  public static final int VMX_CR4_FIXED0 = 0x0000_0488;
  public static final int VMX_CR4_FIXED1 = 0x0000_0489;
  public static final int VMX_VMCS_ENUM = 0x0000_048A;
  public static final int VMX_PROCBASED_CTLS2 = 0x0000_048B;
  public static final int VMX_EPT_VPID_CAP = 0x0000_048C;
  public static final int VMX_TRUE_PINBASED_CTLS = 0x0000_048D;
  public static final int VMX_TRUE_PROCBASED_CTLS = 0x0000_048E;
  public static final int VMX_TRUE_EXIT_CTLS = 0x0000_048F;
  public static final int VMX_TRUE_ENTRY_CTLS = 0x0000_0490;
  public static final int VMX_VMFUNC = 0x0000_0491;
  public static final int VMX_PROCBASED_CTLS3 = 0x0000_0492;
  public static final int PASID = 0x0000_0D93;
  public static final int XSS = 0x0000_0DA0;
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

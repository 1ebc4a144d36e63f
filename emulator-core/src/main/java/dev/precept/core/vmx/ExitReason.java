package dev.precept.core.vmx;

/**
 * Basic exit reasons, bits 15:0 of the exit-reason field.
 *
 * <p>Source: SDM vol. 3D, appendix C, table C-1; from PCONFIG on, newer printings of the same.
 */
public final class ExitReason {
  public static final int EXCEPTION_OR_NMI = 0;
  public static final int EXTERNAL_INTERRUPT = 1;
  public static final int TRIPLE_FAULT = 2;
  public static final int INTERRUPT_WINDOW = 7;
  public static final int NMI_WINDOW = 8;
  public static final int TASK_SWITCH = 9;
  public static final int CPUID = 10;
  public static final int GETSEC = 11;
  public static final int HLT = 12;
  public static final int INVD = 13;
  public static final int INVLPG = 14;
  public static final int RDPMC = 15;
  public static final int RDTSC = 16;
  public static final int RSM = 17;
  public static final int VMCALL = 18;
  public static final int VMCLEAR = 19;
  public static final int VMLAUNCH = 20;
  public static final int VMPTRLD = 21;
  public static final int VMPTRST = 22;
  public static final int VMREAD = 23;
  public static final int VMRESUME = 24;
  public static final int VMWRITE = 25;
  public static final int VMXOFF = 26;
  public static final int VMXON = 27;
  public static final int CONTROL_REGISTER_ACCESS = 28;
  public static final int MOV_DR = 29;
  public static final int IO_INSTRUCTION = 30;
  public static final int RDMSR = 31;
  public static final int WRMSR = 32;
  public static final int ENTRY_FAILURE_GUEST_STATE = 33;
  public static final int ENTRY_FAILURE_MSR_LOADING = 34;
  public static final int MWAIT = 36;
  public static final int MONITOR_TRAP_FLAG = 37;
  public static final int MONITOR = 39;
  public static final int PAUSE = 40;
  public static final int TPR_BELOW_THRESHOLD = 43;
  public static final int GDTR_OR_IDTR_ACCESS = 46;
  public static final int LDTR_OR_TR_ACCESS = 47;
  public static final int EPT_VIOLATION = 48;
  public static final int EPT_MISCONFIGURATION = 49;
  public static final int INVEPT = 50;
  public static final int RDTSCP = 51;
  public static final int VMX_PREEMPTION_TIMER_EXPIRED = 52;
  public static final int INVVPID = 53;
  public static final int WBINVD_OR_WBNOINVD = 54;
  public static final int XSETBV = 55;
  public static final int RDRAND = 57;
  public static final int INVPCID = 58;
  public static final int VMFUNC = 59;
  public static final int ENCLS = 60;
  public static final int RDSEED = 61;
  public static final int PAGE_MODIFICATION_LOG_FULL = 62;
  public static final int XSAVES = 63;
  public static final int XRSTORS = 64;
  public static final int PCONFIG = 65;
  public static final int UMWAIT = 67;
  public static final int TPAUSE = 68;
  public static final int LOADIWKEY = 69;
  public static final int ENQCMD_PASID_TRANSLATION_FAILURE = 72;
  public static final int ENQCMDS_PASID_TRANSLATION_FAILURE = 73;
  public static final int RDMSRLIST = 78;
  public static final int WRMSRLIST = 79;

  /** Bit 31 of the exit-reason field: VM-entry failure. */
  public static final int ENTRY_FAILURE = 1 << 31;

  private ExitReason() {}
}

package dev.precept.core.vmx;

/**
 * The bits of the VMX control fields, in the manual's words.
 *
 * <p>Source: SDM vol. 3C, tables 24-5 to 24-12; for later controls, Intel's newer printings of the
 * same tables.
 */
public final class VmxControls {
  /** Pin-based VM-execution controls (table 24-5). */
  public static final class PinBased {
    public static final int EXTERNAL_INTERRUPT_EXITING = 1;
    public static final int NMI_EXITING = 1 << 3;
    public static final int VIRTUAL_NMIS = 1 << 5;
    public static final int ACTIVATE_VMX_PREEMPTION_TIMER = 1 << 6;

    private PinBased() {}
  }

  /** Primary processor-based VM-execution controls (table 24-6). */
  public static final class ProcBased {
    public static final int INTERRUPT_WINDOW_EXITING = 1 << 2;
    public static final int USE_TSC_OFFSETTING = 1 << 3;
    public static final int HLT_EXITING = 1 << 7;
    public static final int INVLPG_EXITING = 1 << 9;
    public static final int MWAIT_EXITING = 1 << 10;
    public static final int RDPMC_EXITING = 1 << 11;
    public static final int RDTSC_EXITING = 1 << 12;
    public static final int CR3_LOAD_EXITING = 1 << 15;
    public static final int CR3_STORE_EXITING = 1 << 16;
    public static final int ACTIVATE_TERTIARY_CONTROLS = 1 << 17;
    public static final int CR8_LOAD_EXITING = 1 << 19;
    public static final int CR8_STORE_EXITING = 1 << 20;
    public static final int USE_TPR_SHADOW = 1 << 21;
    public static final int NMI_WINDOW_EXITING = 1 << 22;
    public static final int MOV_DR_EXITING = 1 << 23;
    public static final int UNCONDITIONAL_IO_EXITING = 1 << 24;
    public static final int USE_IO_BITMAPS = 1 << 25;
    public static final int MONITOR_TRAP_FLAG = 1 << 27;
    public static final int USE_MSR_BITMAPS = 1 << 28;
    public static final int MONITOR_EXITING = 1 << 29;
    public static final int PAUSE_EXITING = 1 << 30;
    public static final int ACTIVATE_SECONDARY_CONTROLS = 1 << 31;

    private ProcBased() {}
  }

  /** Secondary processor-based VM-execution controls (table 24-7). */
  public static final class ProcBased2 {
    public static final int ENABLE_EPT = 1 << 1;
    public static final int DESCRIPTOR_TABLE_EXITING = 1 << 2;
    public static final int ENABLE_RDTSCP = 1 << 3;
    public static final int VIRTUALIZE_X2APIC_MODE = 1 << 4;
    public static final int ENABLE_VPID = 1 << 5;
    public static final int WBINVD_EXITING = 1 << 6;
    public static final int UNRESTRICTED_GUEST = 1 << 7;
    public static final int PAUSE_LOOP_EXITING = 1 << 10;
    public static final int RDRAND_EXITING = 1 << 11;
    public static final int ENABLE_INVPCID = 1 << 12;
    public static final int ENABLE_VM_FUNCTIONS = 1 << 13;
    public static final int VMCS_SHADOWING = 1 << 14;
    public static final int ENABLE_ENCLS_EXITING = 1 << 15;
    public static final int RDSEED_EXITING = 1 << 16;
    public static final int ENABLE_PML = 1 << 17;
    public static final int EPT_VIOLATION_VE = 1 << 18;
    public static final int ENABLE_XSAVES_XRSTORS = 1 << 20;
    public static final int PASID_TRANSLATION = 1 << 21;
    public static final int USE_TSC_SCALING = 1 << 25;
    public static final int ENABLE_USER_WAIT_AND_PAUSE = 1 << 26;
    public static final int ENABLE_PCONFIG = 1 << 27;

    private ProcBased2() {}
  }

  /** Tertiary processor-based VM-execution controls, 64 bits. */
  public static final class ProcBased3 {
    public static final long LOADIWKEY_EXITING = 1;
    public static final long ENABLE_MSR_LIST = 1 << 6;

    private ProcBased3() {}
  }

  /** VM-exit controls (table 24-10). */
  public static final class VmExit {
    public static final int SAVE_DEBUG_CONTROLS = 1 << 2;
    public static final int HOST_ADDRESS_SPACE_SIZE = 1 << 9;
    public static final int ACKNOWLEDGE_INTERRUPT_ON_EXIT = 1 << 15;
    public static final int SAVE_IA32_PAT = 1 << 18;
    public static final int LOAD_IA32_PAT = 1 << 19;
    public static final int SAVE_IA32_EFER = 1 << 20;
    public static final int LOAD_IA32_EFER = 1 << 21;
    public static final int SAVE_VMX_PREEMPTION_TIMER_VALUE = 1 << 22;

    private VmExit() {}
  }

  /** VM-entry controls (table 24-12). */
  public static final class VmEntry {
    public static final int LOAD_DEBUG_CONTROLS = 1 << 2;
    public static final int IA32E_MODE_GUEST = 1 << 9;
    public static final int LOAD_IA32_PAT = 1 << 14;
    public static final int LOAD_IA32_EFER = 1 << 15;

    private VmEntry() {}
  }

  /** VM-function control (table 24-9). */
  public static final long EPTP_SWITCHING = 1;

  private VmxControls() {}
}

package dev.precept.core;

/** The two processors that models start from, one of each vendor. */
final class CpuPresets {
  /** EBX of CPUID Fn0000_0000: "Genu". */
  static final int GENUINE_INTEL_EBX = 0x756E6547;

  private CpuPresets() {}

  /** Features that processors of both vendors have. */
  private static void both(CpuModel.Builder b) {
    b.bit(1, 0, 3, 0, true); // fpu
    b.bit(1, 0, 3, 1, true); // vme
    b.bit(1, 0, 3, 2, true); // de
    b.bit(1, 0, 3, 3, true); // pse
    b.bit(1, 0, 3, 4, true); // tsc
    b.bit(1, 0, 3, 5, true); // msr
    b.bit(1, 0, 3, 6, true); // pae
    b.bit(1, 0, 3, 7, true); // mce
    b.bit(1, 0, 3, 8, true); // cmpxchg8b
    b.bit(1, 0, 3, 9, true); // apic
    b.bit(1, 0, 3, 11, true); // sysenter
    b.bit(1, 0, 3, 12, true); // mtrr
    b.bit(1, 0, 3, 13, true); // pge
    b.bit(1, 0, 3, 14, true); // mca
    b.bit(1, 0, 3, 15, true); // cmov
    b.bit(1, 0, 3, 16, true); // patMsr
    b.bit(1, 0, 3, 17, true); // pse36
    b.bit(1, 0, 3, 19, true); // clflush
    b.bit(1, 0, 3, 23, true); // mmx
    b.bit(1, 0, 3, 24, true); // fxsr
    b.bit(1, 0, 3, 25, true); // sse
    b.bit(1, 0, 3, 26, true); // sse2
    b.bit(1, 0, 2, 0, true); // sse3
    b.bit(1, 0, 2, 3, true); // monitor
    b.bit(1, 0, 2, 13, true); // cmpxchg16b
    b.bit(1, 0, 2, 17, true); // pcid
    b.bit(1, 0, 2, 23, true); // popcnt
    b.bit(1, 0, 2, 26, true); // xsave
    b.bit(7, 0, 1, 0, true); // fsgsbase
    b.bit(7, 0, 1, 7, true); // smep
    b.bit(7, 0, 1, 10, true); // invpcid
    b.bit(7, 0, 1, 20, true); // smap
    b.bit(7, 0, 2, 2, true); // umip
    b.bit(0x80000001, 0, 2, 0, true); // lahfLm
    b.bit(0x80000001, 0, 3, 11, true); // syscall
    b.bit(0x80000001, 0, 3, 20, true); // nx
    b.bit(0x80000001, 0, 3, 26, true); // pages1g
    b.bit(0x80000001, 0, 3, 27, true); // rdtscp
    b.bit(0x80000001, 0, 3, 29, true); // longMode
    b.bit(0x80000007, 0, 3, 8, true); // invariantTsc
    b.bit(0x80000008, 0, 1, 9, true); // wbnoinvd
  }

  static void amd(CpuModel.Builder b) {
    b.leaf(0, 0, 0xD, 0x68747541, 0x444D4163, 0x69746E65);
    b.leaf(1, 0, 0x00A00F11, 0x00010800, 0, 0);
    // Monitor line sizes 64 bytes; EMX and IBE (interrupt break) exist.
    b.leaf(5, 0, 0x40, 0x40, 3, 0);
    b.leaf(7, 0, 0, 0, 0, 0);
    // x87 and SSE state; the area is the legacy region and the header.
    b.leaf(0xD, 0, 3, 0x240, 0x240, 0);
    b.leaf(0x80000000, 0, 0x80000021, 0x68747541, 0x444D4163, 0x69746E65);
    b.leaf(0x80000001, 0, 0x00A00F11, 0, 0, 0);
    b.leaf(0x80000007, 0, 0, 0, 0, 0);
    // 40 physical and 48 linear bits; RDPRU ids 0 and 1 (MPERF, APERF); INVLPGB count 7.
    b.leaf(0x80000008, 0, 0x00003028, 0, 0, 0x0001_0007);
    b.leaf(0x8000000A, 0, 1, 0x8000, 0, 0);
    b.leaf(0x80000021, 0, 0, 0, 0, 0);
    both(b);
    b.bit(0x80000001, 0, 2, 2, true); // svm
    b.bit(0x80000001, 0, 2, 4, true); // altMovCr8
    b.bit(0x80000001, 0, 2, 12, true); // skinit
    b.bit(0x80000001, 0, 2, 23, true); // perfCtrCore
    b.bit(0x80000001, 0, 2, 29, true); // monitorx
    b.bit(0x80000001, 0, 3, 25, true); // ffxsr
    b.bit(0x80000008, 0, 1, 0, true); // clzero
    b.bit(0x80000008, 0, 1, 3, true); // invlpgb
    b.bit(0x80000008, 0, 1, 4, true); // rdpru
    b.bit(0x80000008, 0, 1, 20, true); // lmsleUnsupported
    b.bit(0x80000008, 0, 1, 21, true); // invlpgbNestedPages
    b.bit(0x8000000A, 0, 3, 0, true); // svmNestedPaging
    b.bit(0x8000000A, 0, 3, 1, true); // svmLbrVirtualization
    b.bit(0x8000000A, 0, 3, 2, true); // svmLock
    b.bit(0x8000000A, 0, 3, 3, true); // svmNrips
    b.bit(0x8000000A, 0, 3, 4, true); // svmTscRateMsr
    b.bit(0x8000000A, 0, 3, 5, true); // svmVmcbClean
    b.bit(0x8000000A, 0, 3, 6, true); // svmFlushByAsid
    b.bit(0x8000000A, 0, 3, 7, true); // svmDecodeAssists
    b.bit(0x8000000A, 0, 3, 10, true); // svmPauseFilter
    b.bit(0x8000000A, 0, 3, 12, true); // svmPauseFilterThreshold
    b.bit(0x8000000A, 0, 3, 16, true); // svmVgif
    b.bit(0x8000000A, 0, 3, 24, true); // svmTlbiCtl
    b.bit(0x8000000A, 0, 3, 25, true); // svmVnmi
    b.bit(0x8000000A, 0, 3, 29, true); // svmBusLockThreshold
    b.bit(0x8000000A, 0, 3, 30, true); // svmIdleHlt
    b.bit(0x80000021, 0, 0, 6, true); // nullSelectorClearsBase
    // AMD processors repeat these bits of Fn0000_0001_EDX in Fn8000_0001_EDX.
    b.repeat(1, 0x80000001, 0x0183_F3FF);
  }

  static void intel(CpuModel.Builder b) {
    b.leaf(0, 0, 0x1B, GENUINE_INTEL_EBX, 0x6C65746E, 0x49656E69);
    b.leaf(1, 0, 0x000806F8, 0x00010800, 0, 0);
    // Monitor line sizes 64 bytes; EMX and IBE (interrupt break) exist.
    b.leaf(5, 0, 0x40, 0x40, 3, 0);
    b.leaf(7, 0, 1, 0, 0, 0);
    b.leaf(7, 1, 0, 0, 0, 0);
    // x87 and SSE state; IA32_XSS may enable PASID state (bit 10), 8 bytes.
    b.leaf(0xD, 0, 3, 0x240, 0x240, 0);
    b.leaf(0xD, 1, 0, 0x248, 1 << 10, 0);
    b.leaf(0xD, 10, 8, 0, 1, 0);
    // SGX1 without any enclave page cache, PCONFIG without any target, Key Locker without AES.
    b.leaf(0x12, 0, 0, 0, 0, 0);
    b.leaf(0x19, 0, 0, 0, 0, 0);
    b.leaf(0x1B, 0, 0, 0, 0, 0);
    b.leaf(0x80000000, 0, 0x80000008, 0, 0, 0);
    b.leaf(0x80000001, 0, 0, 0, 0, 0);
    b.leaf(0x80000007, 0, 0, 0, 0, 0);
    // 40 physical and 48 linear bits.
    b.leaf(0x80000008, 0, 0x00003028, 0, 0, 0);

    both(b);
    b.bit(1, 0, 2, 5, true); // vmx
    b.bit(1, 0, 2, 6, true); // smx
    b.bit(1, 0, 2, 30, true); // rdrand
    b.bit(7, 0, 1, 2, true); // sgx
    b.bit(7, 0, 1, 18, true); // rdseed
    b.bit(7, 0, 2, 5, true); // waitpkg
    b.bit(7, 0, 2, 22, true); // rdpid
    b.bit(7, 0, 2, 23, true); // keyLocker
    b.bit(7, 0, 2, 29, true); // enqcmd
    b.bit(7, 0, 3, 18, true); // pconfig
    b.bit(7, 1, 0, 19, true); // wrmsrns
    b.bit(7, 1, 0, 27, true); // msrList
    b.bit(0xD, 1, 0, 3, true); // xsaves
    b.bit(0x12, 0, 0, 0, true); // sgx1

    b.capability(Msr.VMX_BASIC, basic());
    // What "default1" controls must be in the plain MSRs; the TRUE ones free some (A.2).
    b.capability(Msr.VMX_PINBASED_CTLS, controls(0x16, PIN));
    b.capability(Msr.VMX_TRUE_PINBASED_CTLS, controls(0x16, PIN));
    b.capability(Msr.VMX_PROCBASED_CTLS, controls(0x0401_E172, PRIMARY));
    b.capability(Msr.VMX_TRUE_PROCBASED_CTLS, controls(0x0400_6172, PRIMARY));
    b.capability(Msr.VMX_PROCBASED_CTLS2, controls(0, SECONDARY));
    b.capability(Msr.VMX_PROCBASED_CTLS3, TERTIARY);
    b.capability(Msr.VMX_EXIT_CTLS, controls(0x0003_6DFF, EXIT));
    b.capability(Msr.VMX_TRUE_EXIT_CTLS, controls(0x0003_6DFB, EXIT));
    b.capability(Msr.VMX_ENTRY_CTLS, controls(0x11FF, ENTRY));
    b.capability(Msr.VMX_TRUE_ENTRY_CTLS, controls(0x11FB, ENTRY));
    // The preemption timer follows bit 0 of the TSC; LMA is stored at exits (5); HLT and shutdown
    // states (6, 7); 4 CR3 targets; 512 MSRs a list; VMWRITE to any field (29); length 0 (30).
    b.capability(Msr.VMX_MISC, 1 << 5 | 1 << 6 | 1 << 7 | 4 << 16 | 1 << 29 | 1 << 30);
    b.capability(Msr.VMX_CR0_FIXED0, CpuState.CR0_PE | CpuState.CR0_NE | CpuState.CR0_PG);
    b.capability(Msr.VMX_CR0_FIXED1, 0xFFFF_FFFFL);
    b.capability(Msr.VMX_CR4_FIXED0, CpuState.CR4_VMXE);
    b.capability(Msr.VMX_CR4_FIXED1, -1L);
    b.capability(Msr.VMX_VMCS_ENUM, 0x1F << 1);
    b.capability(Msr.VMX_EPT_VPID_CAP, EPT | VPID);
    b.capability(Msr.VMX_VMFUNC, 1);
  }

  /** External-interrupt and NMI exiting, virtual NMIs, preemption timer. */
  private static final int PIN = 1 | 1 << 3 | 1 << 5 | 1 << 6;

  /** Table 24-6, all of it, and bit 17, "activate tertiary controls". */
  private static final int PRIMARY = 0xFBF9_9E8C | 1 << 17;

  /**
   * Table 24-7 without most controls of APIC virtualization (0, 8, 9) and Processor Trace; then
   * ENQCMD PASID translation (21), TSC scaling (25), user wait and pause (26), PCONFIG (27).
   */
  private static final int SECONDARY = 0x0017_FCFE | 1 << 21 | 1 << 25 | 1 << 26 | 1 << 27;

  /** LOADIWKEY exiting, enable MSR-list instructions. */
  private static final long TERTIARY = 1 | 1 << 6;

  /** Debug controls, address-space size, acknowledge, PAT, EFER, preemption-timer value. */
  private static final int EXIT = 1 << 2 | 1 << 9 | 1 << 15 | 0x1F << 18;

  /** Debug controls, IA-32e mode guest, PAT, EFER. */
  private static final int ENTRY = 1 << 2 | 1 << 9 | 1 << 14 | 1 << 15;

  /**
   * Execute-only, 4 levels, UC, WB, 2-MByte and 1-GByte pages, INVEPT and its types, A/D (A.10).
   */
  private static final long EPT =
      1 | 1 << 6 | 1 << 8 | 1 << 14 | 1 << 16 | 1 << 17 | 1 << 20 | 1 << 21 | 1 << 25 | 1 << 26;

  /** INVVPID and its four types. */
  private static final long VPID = 1L << 32 | 0xFL << 40;

  /** Revision "REC", 4096-byte regions, write-back, INS/OUTS information, TRUE controls (A.1). */
  private static long basic() {
    return 0x0052_4543L | 0x1000L << 32 | 6L << 50 | 1L << 54 | 1L << 55;
  }

  private static long controls(int must, int may) {
    return (must & 0xFFFF_FFFFL) | (long) (must | may) << 32;
  }
}

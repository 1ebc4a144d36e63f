package dev.precept.core;

import java.util.Map;

/**
 * The VMX capability MSRs of a processor: what RDMSR reads there, and what VM entry and the VMX
 * instructions go by.
 *
 * <p>Source: SDM vol. 3D, appendix A.
 */
public final class VmxCapabilities {
  /** Index of the first capability MSR, IA32_VMX_BASIC. */
  public static final int FIRST = Msr.VMX_BASIC;

  /** Index of the last capability MSR known here, IA32_VMX_PROCBASED_CTLS3. */
  public static final int LAST = Msr.VMX_PROCBASED_CTLS3;

  private static final long BASIC_TRUE_CONTROLS = 1L << 55;

  private final long[] msrs = new long[LAST - FIRST + 1];

  /** A bit for each MSR that exists. */
  private final int existing;

  /** The MSRs as they were asked for, for a builder that starts from these. */
  private final Map<Integer, Long> asked;

  /** IA32_VMX_BASIC (A.1). */
  public final long basic;

  /**
   * Allowed settings of the controls that VM entry checks (A.3 to A.5): a control that is 1 in bits
   * 31:0 must be 1, one that is 0 in bits 63:32 must be 0. From the TRUE MSRs where they exist.
   */
  public final long pinBased, procBased, procBased2, exit, entry;

  /** Tertiary processor-based controls that may be 1; all 64 bits. */
  public final long procBased3;

  /** IA32_VMX_MISC (A.6). */
  public final long misc;

  /** Bits that must be 1 (FIXED0) and bits that may be 1 (FIXED1) in VMX operation (A.7, A.8). */
  public final long cr0Fixed0, cr0Fixed1, cr4Fixed0, cr4Fixed1;

  /** IA32_VMX_EPT_VPID_CAP (A.10). */
  public final long eptVpid;

  /** VM functions that may be enabled (A.11). */
  public final long vmFunc;

  /**
   * Capabilities with the given MSRs; all others read 0.
   *
   * @param cr4 the CR4 bits that exist on the processor: no other is flexible in VMX operation
   */
  VmxCapabilities(Map<Integer, Long> values, long cr4) {
    asked = Map.copyOf(values);
    int exist = 0;
    for (Map.Entry<Integer, Long> value : values.entrySet()) {
      msrs[value.getKey() - FIRST] = value.getValue();
      exist |= 1 << (value.getKey() - FIRST);
    }
    msrs[Msr.VMX_CR4_FIXED1 - FIRST] &= cr4;
    existing = exist;
    basic = get(Msr.VMX_BASIC);
    boolean hasTrue = (basic & BASIC_TRUE_CONTROLS) != 0;
    pinBased = get(hasTrue ? Msr.VMX_TRUE_PINBASED_CTLS : Msr.VMX_PINBASED_CTLS);
    procBased = get(hasTrue ? Msr.VMX_TRUE_PROCBASED_CTLS : Msr.VMX_PROCBASED_CTLS);
    procBased2 = get(Msr.VMX_PROCBASED_CTLS2);
    procBased3 = get(Msr.VMX_PROCBASED_CTLS3);
    exit = get(hasTrue ? Msr.VMX_TRUE_EXIT_CTLS : Msr.VMX_EXIT_CTLS);
    entry = get(hasTrue ? Msr.VMX_TRUE_ENTRY_CTLS : Msr.VMX_ENTRY_CTLS);
    misc = get(Msr.VMX_MISC);
    cr0Fixed0 = get(Msr.VMX_CR0_FIXED0);
    cr0Fixed1 = get(Msr.VMX_CR0_FIXED1);
    cr4Fixed0 = get(Msr.VMX_CR4_FIXED0);
    cr4Fixed1 = get(Msr.VMX_CR4_FIXED1);
    eptVpid = get(Msr.VMX_EPT_VPID_CAP);
    vmFunc = get(Msr.VMX_VMFUNC);
  }

  private long get(int index) {
    return msrs[index - FIRST];
  }

  /** Whether the capability MSR {@code index} exists. */
  public boolean exists(int index) {
    return index >= FIRST && index <= LAST && (existing >>> (index - FIRST) & 1) != 0;
  }

  /** What RDMSR of capability MSR {@code index} reads; 0 if it does not exist. */
  public long read(int index) {
    return exists(index) ? get(index) : 0;
  }

  /** Every capability MSR by its index. */
  Map<Integer, Long> values() {
    return asked;
  }

  /** The processor's VMCS revision identifier, 31 bits. */
  public int revision() {
    return (int) basic & 0x7FFF_FFFF;
  }

  /** Whether the secondary processor-based control {@code bit} may be 1. */
  public boolean secondary(int bit) {
    return (procBased2 >>> (32 + bit) & 1) != 0;
  }

  /**
   * Whether {@code value} of CR0 is supported in VMX operation; {@code except} is not looked at.
   */
  public boolean cr0Supported(long value, long except) {
    return supported(value, cr0Fixed0, cr0Fixed1, except);
  }

  /** Whether {@code value} of CR4 is supported in VMX operation. */
  public boolean cr4Supported(long value) {
    return supported(value, cr4Fixed0, cr4Fixed1, 0);
  }

  private static boolean supported(long value, long fixed0, long fixed1, long except) {
    return (fixed0 & ~value & ~except) == 0 && (value & ~fixed1 & ~except) == 0;
  }
}

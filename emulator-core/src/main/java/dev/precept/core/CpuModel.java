package dev.precept.core;

import java.util.Map;
import java.util.TreeMap;

/**
 * What CPUID and the capability MSRs report, and with it every feature the core may use. Immutable.
 *
 * <p>Every feature test in the core reads one of the final booleans here (or in {@link
 * SvmFeatures}), each of which is one CPUID bit (APM vol. 3, appendix E; SDM vol. 2, CPUID), so
 * that a bit switched off takes its feature away. Where the two vendors' processors behave
 * differently without any feature bit saying so, the core asks {@link #intel}.
 */
public final class CpuModel {
  private final CpuidLeaves leaves;

  /** Whether this is an Intel processor: the vendor string of CPUID Fn0000_0000. */
  public final boolean intel;

  /** CPUID Fn0000_0001_EDX bit 1. */
  public final boolean vme;

  /** CPUID Fn0000_0001_EDX bit 2. */
  public final boolean de;

  /** CPUID Fn0000_0001_EDX bit 3. */
  public final boolean pse;

  /** CPUID Fn0000_0001_EDX bit 4. */
  public final boolean tsc;

  /** CPUID Fn0000_0001_EDX bit 5. */
  public final boolean msr;

  /** CPUID Fn0000_0001_EDX bit 6. */
  public final boolean pae;

  /** CPUID Fn0000_0001_EDX bit 7. */
  public final boolean mce;

  /** CPUID Fn0000_0001_EDX bit 8. */
  public final boolean cmpxchg8b;

  /** CPUID Fn0000_0001_EDX bit 9. */
  public final boolean apic;

  /** CPUID Fn0000_0001_EDX bit 11. */
  public final boolean sysenter;

  /** CPUID Fn0000_0001_EDX bit 13. */
  public final boolean pge;

  /** CPUID Fn0000_0001_EDX bit 15. */
  public final boolean cmov;

  /** CPUID Fn0000_0001_EDX bit 16. */
  public final boolean patMsr;

  /** CPUID Fn0000_0001_EDX bit 17. */
  public final boolean pse36;

  /** CPUID Fn0000_0001_EDX bit 19. */
  public final boolean clflush;

  /** CPUID Fn0000_0001_EDX bit 24. */
  public final boolean fxsr;

  /** CPUID Fn0000_0001_EDX bit 25. */
  public final boolean sse;

  /** CPUID Fn0000_0001_EDX bit 26. */
  public final boolean sse2;

  /** CPUID Fn0000_0001_ECX bit 3. */
  public final boolean monitor;

  /** CPUID Fn0000_0001_ECX bit 5. */
  public final boolean vmx;

  /** CPUID Fn0000_0001_ECX bit 6. */
  public final boolean smx;

  /** CPUID Fn0000_0001_ECX bit 13. */
  public final boolean cmpxchg16b;

  /** CPUID Fn0000_0001_ECX bit 17. */
  public final boolean pcid;

  /** CPUID Fn0000_0001_ECX bit 21. */
  public final boolean x2apic;

  /** CPUID Fn0000_0001_ECX bit 26. */
  public final boolean xsave;

  /** CPUID Fn0000_0001_ECX bit 30. */
  public final boolean rdrand;

  /** CPUID Fn0000_0007_EBX bit 0. */
  public final boolean fsgsbase;

  /** CPUID Fn0000_0007_EBX bit 7. */
  public final boolean smep;

  /** CPUID Fn0000_0007_EBX bit 10. */
  public final boolean invpcid;

  /** CPUID Fn0000_0007_EBX bit 18. */
  public final boolean rdseed;

  /** CPUID Fn0000_0007_EBX bit 20. */
  public final boolean smap;

  /** CPUID Fn0000_0007_ECX bit 2. */
  public final boolean umip;

  /** CPUID Fn0000_0007_ECX bit 3. */
  public final boolean pku;

  /** CPUID Fn0000_0007_ECX bit 5. */
  public final boolean waitpkg;

  /** CPUID Fn0000_0007_ECX bit 7. */
  public final boolean shadowStack;

  /** CPUID Fn0000_0007_ECX bit 16. */
  public final boolean la57;

  /** CPUID Fn0000_0007_ECX bit 22. */
  public final boolean rdpid;

  /** CPUID Fn0000_0007_ECX bit 23. */
  public final boolean keyLocker;

  /** CPUID Fn0000_0007_ECX bit 29. */
  public final boolean enqcmd;

  /** CPUID Fn0000_0007_EDX bit 18. */
  public final boolean pconfig;

  /** CPUID Fn0000_0007_EAX_x1 bit 27. */
  public final boolean msrList;

  /** WRMSRNS (SDM vol. 2, CPUID leaf 7, sub-leaf 1). */
  public final boolean wrmsrns;

  /** CPUID Fn0000_000D_EAX_x1 bit 3. */
  public final boolean xsaves;

  /** CPUID Fn0000_0012_EAX_x0 bit 0. */
  public final boolean sgx1;

  /** CPUID Fn8000_0001_ECX bit 0. */
  public final boolean lahfLm;

  /** CPUID Fn8000_0001_ECX bit 2. */
  public final boolean svm;

  /** CPUID Fn8000_0001_ECX bit 4. */
  public final boolean altMovCr8;

  /** CPUID Fn8000_0001_ECX bit 12. */
  public final boolean skinit;

  /** CPUID Fn8000_0001_ECX bit 23. */
  public final boolean perfCtrCore;

  /** CPUID Fn8000_0001_ECX bit 24. */
  public final boolean perfCtrNb;

  /** CPUID Fn8000_0001_ECX bit 28. */
  public final boolean perfCtrLlc;

  /** CPUID Fn8000_0001_ECX bit 29. */
  public final boolean monitorx;

  /** CPUID Fn8000_0001_EDX bit 11. */
  public final boolean syscall;

  /** CPUID Fn8000_0001_EDX bit 20. */
  public final boolean nx;

  /** CPUID Fn8000_0001_EDX bit 25. */
  public final boolean ffxsr;

  /** CPUID Fn8000_0001_EDX bit 26. */
  public final boolean pages1g;

  /** CPUID Fn8000_0001_EDX bit 27. */
  public final boolean rdtscp;

  /** CPUID Fn8000_0001_EDX bit 29. */
  public final boolean longMode;

  /** CPUID Fn8000_0008_EBX bit 3. */
  public final boolean invlpgb;

  /** CPUID Fn8000_0008_EBX bit 4. */
  public final boolean rdpru;

  /** CPUID Fn8000_0008_EBX bit 8. */
  public final boolean mcommit;

  /** CPUID Fn8000_0008_EBX bit 9. */
  public final boolean wbnoinvd;

  /** CPUID Fn8000_0008_EBX bit 20. */
  public final boolean lmsleUnsupported;

  /** CPUID Fn8000_0008_EBX bit 21. */
  public final boolean invlpgbNestedPages;

  /** CPUID Fn8000_0021_EAX bit 7. */
  public final boolean upperAddressIgnore;

  /** CPUID Fn8000_0021_EAX bit 8. */
  public final boolean automaticIbrs;

  /** Loading a null selector clears the base: CPUID Fn8000_0021_EAX bit 6, and Intel processors. */
  public final boolean nullSelectorClearsBase;

  /** Physical-address width in bits: CPUID Fn8000_0008_EAX[7:0]. */
  public final int physicalAddressBits;

  /** Linear-address width in bits: CPUID Fn8000_0008_EAX[15:8]. */
  public final int linearAddressBits;

  /** Largest RDPRU register id: CPUID Fn8000_0008_EDX[31:16]. */
  public final int maxRdpruId;

  /** INVLPGB count limit: CPUID Fn8000_0008_EDX[15:0]. */
  public final int invlpgbCountMax;

  /** XCR0 bits that may be set: CPUID Fn0000_000D_x0, EDX:EAX. */
  public final long xcr0Mask;

  /** IA32_XSS bits that may be set: CPUID Fn0000_000D_x1, EDX:ECX. */
  public final long xssMask;

  /** What there is of SVM. */
  public final SvmFeatures svmFeatures;

  /** What there is of VMX: the VMX capability MSRs. */
  public final VmxCapabilities vmxCapabilities;

  private CpuModel(Builder builder) {
    leaves = builder.leaves.copy();
    intel = leaves.get(0, 0, 1) == CpuPresets.GENUINE_INTEL_EBX;
    vme = leaves.bit(1, 0, 3, 1);
    de = leaves.bit(1, 0, 3, 2);
    pse = leaves.bit(1, 0, 3, 3);
    tsc = leaves.bit(1, 0, 3, 4);
    msr = leaves.bit(1, 0, 3, 5);
    pae = leaves.bit(1, 0, 3, 6);
    mce = leaves.bit(1, 0, 3, 7);
    cmpxchg8b = leaves.bit(1, 0, 3, 8);
    apic = leaves.bit(1, 0, 3, 9);
    sysenter = leaves.bit(1, 0, 3, 11);
    pge = leaves.bit(1, 0, 3, 13);
    cmov = leaves.bit(1, 0, 3, 15);
    patMsr = leaves.bit(1, 0, 3, 16);
    pse36 = leaves.bit(1, 0, 3, 17);
    clflush = leaves.bit(1, 0, 3, 19);
    fxsr = leaves.bit(1, 0, 3, 24);
    sse = leaves.bit(1, 0, 3, 25);
    sse2 = leaves.bit(1, 0, 3, 26);
    monitor = leaves.bit(1, 0, 2, 3);
    vmx = leaves.bit(1, 0, 2, 5);
    smx = leaves.bit(1, 0, 2, 6);
    cmpxchg16b = leaves.bit(1, 0, 2, 13);
    pcid = leaves.bit(1, 0, 2, 17);
    x2apic = leaves.bit(1, 0, 2, 21);
    xsave = leaves.bit(1, 0, 2, 26);
    rdrand = leaves.bit(1, 0, 2, 30);
    fsgsbase = leaves.bit(7, 0, 1, 0);
    smep = leaves.bit(7, 0, 1, 7);
    invpcid = leaves.bit(7, 0, 1, 10);
    rdseed = leaves.bit(7, 0, 1, 18);
    smap = leaves.bit(7, 0, 1, 20);
    umip = leaves.bit(7, 0, 2, 2);
    pku = leaves.bit(7, 0, 2, 3);
    waitpkg = leaves.bit(7, 0, 2, 5);
    shadowStack = leaves.bit(7, 0, 2, 7);
    la57 = leaves.bit(7, 0, 2, 16);
    rdpid = leaves.bit(7, 0, 2, 22);
    keyLocker = leaves.bit(7, 0, 2, 23);
    enqcmd = leaves.bit(7, 0, 2, 29);
    pconfig = leaves.bit(7, 0, 3, 18);
    msrList = leaves.bit(7, 1, 0, 27);
    wrmsrns = leaves.bit(7, 1, 0, 19);
    xsaves = leaves.bit(0xD, 1, 0, 3);
    sgx1 = leaves.bit(0x12, 0, 0, 0);
    lahfLm = leaves.bit(0x80000001, 0, 2, 0);
    svm = leaves.bit(0x80000001, 0, 2, 2);
    altMovCr8 = leaves.bit(0x80000001, 0, 2, 4);
    skinit = leaves.bit(0x80000001, 0, 2, 12);
    perfCtrCore = leaves.bit(0x80000001, 0, 2, 23);
    perfCtrNb = leaves.bit(0x80000001, 0, 2, 24);
    perfCtrLlc = leaves.bit(0x80000001, 0, 2, 28);
    monitorx = leaves.bit(0x80000001, 0, 2, 29);
    syscall = leaves.bit(0x80000001, 0, 3, 11);
    nx = leaves.bit(0x80000001, 0, 3, 20);
    ffxsr = leaves.bit(0x80000001, 0, 3, 25);
    pages1g = leaves.bit(0x80000001, 0, 3, 26);
    rdtscp = leaves.bit(0x80000001, 0, 3, 27);
    longMode = leaves.bit(0x80000001, 0, 3, 29);
    invlpgb = leaves.bit(0x80000008, 0, 1, 3);
    rdpru = leaves.bit(0x80000008, 0, 1, 4);
    mcommit = leaves.bit(0x80000008, 0, 1, 8);
    wbnoinvd = leaves.bit(0x80000008, 0, 1, 9);
    lmsleUnsupported = leaves.bit(0x80000008, 0, 1, 20);
    invlpgbNestedPages = leaves.bit(0x80000008, 0, 1, 21);
    upperAddressIgnore = leaves.bit(0x80000021, 0, 0, 7);
    automaticIbrs = leaves.bit(0x80000021, 0, 0, 8);
    nullSelectorClearsBase = intel || leaves.bit(0x80000021, 0, 0, 6);
    physicalAddressBits = leaves.get(0x80000008, 0, 0) & 0xFF;
    linearAddressBits = (leaves.get(0x80000008, 0, 0) >> 8) & 0xFF;
    maxRdpruId = leaves.get(0x80000008, 0, 3) >>> 16;
    invlpgbCountMax = leaves.get(0x80000008, 0, 3) & 0xFFFF;
    xcr0Mask = leaves.pair(0xD, 0, 3, 0);
    xssMask = leaves.pair(0xD, 1, 3, 2);
    svmFeatures = new SvmFeatures(leaves);
    vmxCapabilities = new VmxCapabilities(builder.msrs, ReservedBits.cr4(this));
  }

  /**
   * An AMD processor with every optional feature that this core has switched on; 40-bit physical.
   */
  public static CpuModel amd() {
    return builder().build();
  }

  /**
   * An Intel processor with VMX and every optional feature that this core has switched on; 40-bit
   * physical.
   */
  public static CpuModel intel() {
    return intelBuilder().build();
  }

  /** A builder that starts from {@link #amd}. */
  public static Builder builder() {
    Builder builder = new Builder();
    CpuPresets.amd(builder);
    return builder;
  }

  /** A builder that starts from {@link #intel}. */
  public static Builder intelBuilder() {
    Builder builder = new Builder();
    CpuPresets.intel(builder);
    return builder;
  }

  /** A builder that starts from this model. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.leaves = leaves.copy();
    builder.msrs.putAll(vmxCapabilities.values());
    return builder;
  }

  /**
   * One register of a leaf, before dynamic bits (OSXSAVE, APIC enable) are merged in.
   *
   * @param leaf CPUID function
   * @param subleaf sub-function; ignored by leaves that have none
   * @param register 0 EAX, 1 EBX, 2 ECX, 3 EDX
   * @return the value, 0 for a leaf that does not exist
   */
  public int cpuid(int leaf, int subleaf, int register) {
    return leaves.get(leaf, subleaf, register);
  }

  /** Builds a model by changing CPUID bits and capability MSRs of another. */
  public static final class Builder {
    private CpuidLeaves leaves = new CpuidLeaves();
    private final Map<Integer, Long> msrs = new TreeMap<>();

    private Builder() {}

    /** Sets all four registers of a leaf. */
    public Builder leaf(int leaf, int subleaf, int eax, int ebx, int ecx, int edx) {
      leaves.set(leaf, subleaf, eax, ebx, ecx, edx);
      return this;
    }

    /**
     * Sets or clears one bit.
     *
     * @param register 0 EAX, 1 EBX, 2 ECX, 3 EDX
     * @param bit 0 to 31
     */
    public Builder bit(int leaf, int subleaf, int register, int bit, boolean present) {
      leaves.set(leaf, subleaf, register, bit, present);
      return this;
    }

    /** Copies the EDX bits of {@code mask} from one leaf to another. */
    void repeat(int from, int to, int mask) {
      for (int bit = 0; bit < 32; bit++) {
        if ((mask >>> bit & 1) != 0 && leaves.bit(from, 0, 3, bit)) {
          leaves.set(to, 0, 3, bit, true);
        }
      }
    }

    /**
     * Sets what a VMX capability MSR reads as, and with it what VM entry lets software set.
     *
     * @param index {@link VmxCapabilities#FIRST} to {@link VmxCapabilities#LAST}
     * @throws IllegalArgumentException if there is no such capability MSR
     */
    public Builder capability(int index, long value) {
      if (index < VmxCapabilities.FIRST || index > VmxCapabilities.LAST) {
        throw new IllegalArgumentException("no VMX capability MSR: %Xh".formatted(index));
      }
      msrs.put(index, value);
      return this;
    }

    /**
     * Sets or clears one bit of a VMX capability MSR.
     *
     * @param index {@link VmxCapabilities#FIRST} to {@link VmxCapabilities#LAST}
     * @param bit 0 to 63
     * @throws IllegalArgumentException if there is no such capability MSR
     */
    public Builder capabilityBit(int index, int bit, boolean present) {
      long value = msrs.getOrDefault(index, 0L);
      return capability(index, present ? value | 1L << bit : value & ~(1L << bit));
    }

    /** The model. */
    public CpuModel build() {
      return new CpuModel(this);
    }
  }
}

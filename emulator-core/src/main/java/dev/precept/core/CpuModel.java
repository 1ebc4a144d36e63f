package dev.precept.core;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * What CPUID reports, and with it every feature the core may use. Immutable.
 *
 * <p>Every feature test in the core reads one of the final booleans here, each of which is one
 * CPUID bit (APM vol. 3, appendix E), so that a bit switched off takes its feature away.
 */
public final class CpuModel {
  private final long[] keys;
  private final int[] values;

  /** CPUID Fn0000_0001_EDX bit 0. */
  public final boolean fpu;

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

  /** CPUID Fn0000_0001_EDX bit 12. */
  public final boolean mtrr;

  /** CPUID Fn0000_0001_EDX bit 13. */
  public final boolean pge;

  /** CPUID Fn0000_0001_EDX bit 14. */
  public final boolean mca;

  /** CPUID Fn0000_0001_EDX bit 15. */
  public final boolean cmov;

  /** CPUID Fn0000_0001_EDX bit 16. */
  public final boolean patMsr;

  /** CPUID Fn0000_0001_EDX bit 17. */
  public final boolean pse36;

  /** CPUID Fn0000_0001_EDX bit 19. */
  public final boolean clflush;

  /** CPUID Fn0000_0001_EDX bit 23. */
  public final boolean mmx;

  /** CPUID Fn0000_0001_EDX bit 24. */
  public final boolean fxsr;

  /** CPUID Fn0000_0001_EDX bit 25. */
  public final boolean sse;

  /** CPUID Fn0000_0001_EDX bit 26. */
  public final boolean sse2;

  /** CPUID Fn0000_0001_ECX bit 0. */
  public final boolean sse3;

  /** CPUID Fn0000_0001_ECX bit 3. */
  public final boolean monitor;

  /** CPUID Fn0000_0001_ECX bit 13. */
  public final boolean cmpxchg16b;

  /** CPUID Fn0000_0001_ECX bit 17. */
  public final boolean pcid;

  /** CPUID Fn0000_0001_ECX bit 21. */
  public final boolean x2apic;

  /** CPUID Fn0000_0001_ECX bit 22. */
  public final boolean movbe;

  /** CPUID Fn0000_0001_ECX bit 23. */
  public final boolean popcnt;

  /** CPUID Fn0000_0001_ECX bit 26. */
  public final boolean xsave;

  /** CPUID Fn0000_0001_ECX bit 28. */
  public final boolean avx;

  /** CPUID Fn0000_0001_ECX bit 30. */
  public final boolean rdrand;

  /** CPUID Fn0000_0001_ECX bit 31. */
  public final boolean hypervisor;

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

  /** CPUID Fn0000_0007_ECX bit 7. */
  public final boolean shadowStack;

  /** CPUID Fn0000_0007_ECX bit 16. */
  public final boolean la57;

  /** CPUID Fn0000_0007_ECX bit 22. */
  public final boolean rdpid;

  /** CPUID Fn0000_0007_ECX bit 24. */
  public final boolean busLockTrap;

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

  /** CPUID Fn8000_0001_ECX bit 26. */
  public final boolean dataBreakpointExt;

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

  /** CPUID Fn8000_0007_EDX bit 8. */
  public final boolean invariantTsc;

  /** CPUID Fn8000_0008_EBX bit 0. */
  public final boolean clzero;

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

  /** CPUID Fn8000_000A_EDX bit 0. */
  public final boolean svmNestedPaging;

  /** CPUID Fn8000_000A_EDX bit 1. */
  public final boolean svmLbrVirtualization;

  /** CPUID Fn8000_000A_EDX bit 2. */
  public final boolean svmLock;

  /** CPUID Fn8000_000A_EDX bit 3. */
  public final boolean svmNrips;

  /** CPUID Fn8000_000A_EDX bit 4. */
  public final boolean svmTscRateMsr;

  /** CPUID Fn8000_000A_EDX bit 5. */
  public final boolean svmVmcbClean;

  /** CPUID Fn8000_000A_EDX bit 6. */
  public final boolean svmFlushByAsid;

  /** CPUID Fn8000_000A_EDX bit 7. */
  public final boolean svmDecodeAssists;

  /** CPUID Fn8000_000A_EDX bit 10. */
  public final boolean svmPauseFilter;

  /** CPUID Fn8000_000A_EDX bit 12. */
  public final boolean svmPauseFilterThreshold;

  /** CPUID Fn8000_000A_EDX bit 13. */
  public final boolean svmAvic;

  /** CPUID Fn8000_000A_EDX bit 15. */
  public final boolean svmVirtualVmsaveVmload;

  /** CPUID Fn8000_000A_EDX bit 16. */
  public final boolean svmVgif;

  /** CPUID Fn8000_000A_EDX bit 17. */
  public final boolean svmGmet;

  /** CPUID Fn8000_000A_EDX bit 20. */
  public final boolean svmSpecCtrl;

  /** CPUID Fn8000_000A_EDX bit 23. */
  public final boolean svmHostMceOverride;

  /** CPUID Fn8000_000A_EDX bit 24. */
  public final boolean svmTlbiCtl;

  /** CPUID Fn8000_000A_EDX bit 25. */
  public final boolean svmVnmi;

  /** CPUID Fn8000_000A_EDX bit 28. */
  public final boolean svmVmcbAddressCheckChange;

  /** CPUID Fn8000_000A_EDX bit 29. */
  public final boolean svmBusLockThreshold;

  /** CPUID Fn8000_000A_EDX bit 30. */
  public final boolean svmIdleHlt;

  /** CPUID Fn8000_0021_EAX bit 6. */
  public final boolean nullSelectorClearsBase;

  /** CPUID Fn8000_0021_EAX bit 7. */
  public final boolean upperAddressIgnore;

  /** CPUID Fn8000_0021_EAX bit 8. */
  public final boolean automaticIbrs;

  /** Physical-address width in bits: CPUID Fn8000_0008_EAX[7:0]. */
  public final int physicalAddressBits;

  /** Linear-address width in bits: CPUID Fn8000_0008_EAX[15:8]. */
  public final int linearAddressBits;

  /** Largest RDPRU register id: CPUID Fn8000_0008_EDX[31:16]. */
  public final int maxRdpruId;

  /** INVLPGB count limit: CPUID Fn8000_0008_EDX[15:0]. */
  public final int invlpgbCountMax;

  /** ASIDs, 0 to nasid-1: CPUID Fn8000_000A_EBX. */
  public final int nasid;

  /** XCR0 bits that may be set: CPUID Fn0000_000D_x0, EDX:EAX. */
  public final long xcr0Mask;

  private CpuModel(Builder builder) {
    keys = new long[builder.leaves.size()];
    values = new int[4 * keys.length];
    int i = 0;
    for (Map.Entry<Long, int[]> entry : builder.leaves.entrySet()) {
      keys[i] = entry.getKey();
      System.arraycopy(entry.getValue(), 0, values, 4 * i, 4);
      i++;
    }
    fpu = bit(1, 0, 3, 0);
    vme = bit(1, 0, 3, 1);
    de = bit(1, 0, 3, 2);
    pse = bit(1, 0, 3, 3);
    tsc = bit(1, 0, 3, 4);
    msr = bit(1, 0, 3, 5);
    pae = bit(1, 0, 3, 6);
    mce = bit(1, 0, 3, 7);
    cmpxchg8b = bit(1, 0, 3, 8);
    apic = bit(1, 0, 3, 9);
    sysenter = bit(1, 0, 3, 11);
    mtrr = bit(1, 0, 3, 12);
    pge = bit(1, 0, 3, 13);
    mca = bit(1, 0, 3, 14);
    cmov = bit(1, 0, 3, 15);
    patMsr = bit(1, 0, 3, 16);
    pse36 = bit(1, 0, 3, 17);
    clflush = bit(1, 0, 3, 19);
    mmx = bit(1, 0, 3, 23);
    fxsr = bit(1, 0, 3, 24);
    sse = bit(1, 0, 3, 25);
    sse2 = bit(1, 0, 3, 26);
    sse3 = bit(1, 0, 2, 0);
    monitor = bit(1, 0, 2, 3);
    cmpxchg16b = bit(1, 0, 2, 13);
    pcid = bit(1, 0, 2, 17);
    x2apic = bit(1, 0, 2, 21);
    movbe = bit(1, 0, 2, 22);
    popcnt = bit(1, 0, 2, 23);
    xsave = bit(1, 0, 2, 26);
    avx = bit(1, 0, 2, 28);
    rdrand = bit(1, 0, 2, 30);
    hypervisor = bit(1, 0, 2, 31);
    fsgsbase = bit(7, 0, 1, 0);
    smep = bit(7, 0, 1, 7);
    invpcid = bit(7, 0, 1, 10);
    rdseed = bit(7, 0, 1, 18);
    smap = bit(7, 0, 1, 20);
    umip = bit(7, 0, 2, 2);
    pku = bit(7, 0, 2, 3);
    shadowStack = bit(7, 0, 2, 7);
    la57 = bit(7, 0, 2, 16);
    rdpid = bit(7, 0, 2, 22);
    busLockTrap = bit(7, 0, 2, 24);
    lahfLm = bit(0x80000001, 0, 2, 0);
    svm = bit(0x80000001, 0, 2, 2);
    altMovCr8 = bit(0x80000001, 0, 2, 4);
    skinit = bit(0x80000001, 0, 2, 12);
    perfCtrCore = bit(0x80000001, 0, 2, 23);
    perfCtrNb = bit(0x80000001, 0, 2, 24);
    dataBreakpointExt = bit(0x80000001, 0, 2, 26);
    perfCtrLlc = bit(0x80000001, 0, 2, 28);
    monitorx = bit(0x80000001, 0, 2, 29);
    syscall = bit(0x80000001, 0, 3, 11);
    nx = bit(0x80000001, 0, 3, 20);
    ffxsr = bit(0x80000001, 0, 3, 25);
    pages1g = bit(0x80000001, 0, 3, 26);
    rdtscp = bit(0x80000001, 0, 3, 27);
    longMode = bit(0x80000001, 0, 3, 29);
    invariantTsc = bit(0x80000007, 0, 3, 8);
    clzero = bit(0x80000008, 0, 1, 0);
    invlpgb = bit(0x80000008, 0, 1, 3);
    rdpru = bit(0x80000008, 0, 1, 4);
    mcommit = bit(0x80000008, 0, 1, 8);
    wbnoinvd = bit(0x80000008, 0, 1, 9);
    lmsleUnsupported = bit(0x80000008, 0, 1, 20);
    invlpgbNestedPages = bit(0x80000008, 0, 1, 21);
    svmNestedPaging = bit(0x8000000A, 0, 3, 0);
    svmLbrVirtualization = bit(0x8000000A, 0, 3, 1);
    svmLock = bit(0x8000000A, 0, 3, 2);
    svmNrips = bit(0x8000000A, 0, 3, 3);
    svmTscRateMsr = bit(0x8000000A, 0, 3, 4);
    svmVmcbClean = bit(0x8000000A, 0, 3, 5);
    svmFlushByAsid = bit(0x8000000A, 0, 3, 6);
    svmDecodeAssists = bit(0x8000000A, 0, 3, 7);
    svmPauseFilter = bit(0x8000000A, 0, 3, 10);
    svmPauseFilterThreshold = bit(0x8000000A, 0, 3, 12);
    svmAvic = bit(0x8000000A, 0, 3, 13);
    svmVirtualVmsaveVmload = bit(0x8000000A, 0, 3, 15);
    svmVgif = bit(0x8000000A, 0, 3, 16);
    svmGmet = bit(0x8000000A, 0, 3, 17);
    svmSpecCtrl = bit(0x8000000A, 0, 3, 20);
    svmHostMceOverride = bit(0x8000000A, 0, 3, 23);
    svmTlbiCtl = bit(0x8000000A, 0, 3, 24);
    svmVnmi = bit(0x8000000A, 0, 3, 25);
    svmVmcbAddressCheckChange = bit(0x8000000A, 0, 3, 28);
    svmBusLockThreshold = bit(0x8000000A, 0, 3, 29);
    svmIdleHlt = bit(0x8000000A, 0, 3, 30);
    nullSelectorClearsBase = bit(0x80000021, 0, 0, 6);
    upperAddressIgnore = bit(0x80000021, 0, 0, 7);
    automaticIbrs = bit(0x80000021, 0, 0, 8);
    physicalAddressBits = cpuid(0x80000008, 0, 0) & 0xFF;
    linearAddressBits = (cpuid(0x80000008, 0, 0) >> 8) & 0xFF;
    maxRdpruId = cpuid(0x80000008, 0, 3) >>> 16;
    invlpgbCountMax = cpuid(0x80000008, 0, 3) & 0xFFFF;
    nasid = cpuid(0x8000000A, 0, 1);
    xcr0Mask = ((long) cpuid(0xD, 0, 3) << 32) | (cpuid(0xD, 0, 0) & 0xFFFF_FFFFL);
  }

  /**
   * An AMD processor with every optional feature that this core has switched on; 40-bit physical.
   */
  public static CpuModel amd() {
    return builder().build();
  }

  /** A builder that starts from {@link #amd}. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder that starts from this model. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.leaves.clear();
    for (int i = 0; i < keys.length; i++) {
      builder.leaves.put(keys[i], Arrays.copyOfRange(values, 4 * i, 4 * i + 4));
    }
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
    int at = Arrays.binarySearch(keys, key(leaf, subleaf));
    return at < 0 ? 0 : values[4 * at + register];
  }

  private boolean bit(int leaf, int subleaf, int register, int bit) {
    return (cpuid(leaf, subleaf, register) >>> bit & 1) != 0;
  }

  private static long key(int leaf, int subleaf) {
    boolean indexed = leaf == 4 || leaf == 7 || leaf == 0xB || leaf == 0xD || leaf == 0x8000001D;
    return ((long) leaf << 32) | (indexed ? subleaf & 0xFFFF_FFFFL : 0);
  }

  /** Builds a model by changing bits of {@link #amd}. */
  public static final class Builder {
    private final TreeMap<Long, int[]> leaves = new TreeMap<>();

    private Builder() {
      leaf(0, 0, 0xD, 0x68747541, 0x444D4163, 0x69746E65);
      leaf(1, 0, 0x00A00F11, 0x00010800, 0, 0);
      // Monitor line sizes 64 bytes; EMX and IBE (interrupt break) exist.
      leaf(5, 0, 0x40, 0x40, 3, 0);
      leaf(7, 0, 0, 0, 0, 0);
      // x87 and SSE state; the area is the legacy region and the header.
      leaf(0xD, 0, 3, 0x240, 0x240, 0);
      leaf(0x80000000, 0, 0x80000021, 0x68747541, 0x444D4163, 0x69746E65);
      leaf(0x80000001, 0, 0x00A00F11, 0, 0, 0);
      leaf(0x80000007, 0, 0, 0, 0, 0);
      // 40 physical and 48 linear bits; RDPRU ids 0 and 1 (MPERF, APERF); INVLPGB count 7.
      leaf(0x80000008, 0, 0x00003028, 0, 0, 0x0001_0007);
      leaf(0x8000000A, 0, 1, 0x8000, 0, 0);
      leaf(0x80000021, 0, 0, 0, 0, 0);

      bit(1, 0, 3, 0, true); // fpu
      bit(1, 0, 3, 1, true); // vme
      bit(1, 0, 3, 2, true); // de
      bit(1, 0, 3, 3, true); // pse
      bit(1, 0, 3, 4, true); // tsc
      bit(1, 0, 3, 5, true); // msr
      bit(1, 0, 3, 6, true); // pae
      bit(1, 0, 3, 7, true); // mce
      bit(1, 0, 3, 8, true); // cmpxchg8b
      bit(1, 0, 3, 9, true); // apic
      bit(1, 0, 3, 11, true); // sysenter
      bit(1, 0, 3, 12, true); // mtrr
      bit(1, 0, 3, 13, true); // pge
      bit(1, 0, 3, 14, true); // mca
      bit(1, 0, 3, 15, true); // cmov
      bit(1, 0, 3, 16, true); // patMsr
      bit(1, 0, 3, 17, true); // pse36
      bit(1, 0, 3, 19, true); // clflush
      bit(1, 0, 3, 23, true); // mmx
      bit(1, 0, 3, 24, true); // fxsr
      bit(1, 0, 3, 25, true); // sse
      bit(1, 0, 3, 26, true); // sse2
      bit(1, 0, 2, 0, true); // sse3
      bit(1, 0, 2, 3, true); // monitor
      bit(1, 0, 2, 13, true); // cmpxchg16b
      bit(1, 0, 2, 17, true); // pcid
      bit(1, 0, 2, 23, true); // popcnt
      bit(1, 0, 2, 26, true); // xsave
      bit(7, 0, 1, 0, true); // fsgsbase
      bit(7, 0, 1, 7, true); // smep
      bit(7, 0, 1, 10, true); // invpcid
      bit(7, 0, 1, 20, true); // smap
      bit(7, 0, 2, 2, true); // umip
      bit(0x80000001, 0, 2, 0, true); // lahfLm
      bit(0x80000001, 0, 2, 2, true); // svm
      bit(0x80000001, 0, 2, 4, true); // altMovCr8
      bit(0x80000001, 0, 2, 12, true); // skinit
      bit(0x80000001, 0, 2, 23, true); // perfCtrCore
      bit(0x80000001, 0, 2, 29, true); // monitorx
      bit(0x80000001, 0, 3, 11, true); // syscall
      bit(0x80000001, 0, 3, 20, true); // nx
      bit(0x80000001, 0, 3, 25, true); // ffxsr
      bit(0x80000001, 0, 3, 26, true); // pages1g
      bit(0x80000001, 0, 3, 27, true); // rdtscp
      bit(0x80000001, 0, 3, 29, true); // longMode
      bit(0x80000007, 0, 3, 8, true); // invariantTsc
      bit(0x80000008, 0, 1, 0, true); // clzero
      bit(0x80000008, 0, 1, 3, true); // invlpgb
      bit(0x80000008, 0, 1, 4, true); // rdpru
      bit(0x80000008, 0, 1, 9, true); // wbnoinvd
      bit(0x80000008, 0, 1, 20, true); // lmsleUnsupported
      bit(0x80000008, 0, 1, 21, true); // invlpgbNestedPages
      bit(0x8000000A, 0, 3, 0, true); // svmNestedPaging
      bit(0x8000000A, 0, 3, 1, true); // svmLbrVirtualization
      bit(0x8000000A, 0, 3, 2, true); // svmLock
      bit(0x8000000A, 0, 3, 3, true); // svmNrips
      bit(0x8000000A, 0, 3, 4, true); // svmTscRateMsr
      bit(0x8000000A, 0, 3, 5, true); // svmVmcbClean
      bit(0x8000000A, 0, 3, 6, true); // svmFlushByAsid
      bit(0x8000000A, 0, 3, 7, true); // svmDecodeAssists
      bit(0x8000000A, 0, 3, 10, true); // svmPauseFilter
      bit(0x8000000A, 0, 3, 12, true); // svmPauseFilterThreshold
      bit(0x8000000A, 0, 3, 16, true); // svmVgif
      bit(0x8000000A, 0, 3, 24, true); // svmTlbiCtl
      bit(0x8000000A, 0, 3, 25, true); // svmVnmi
      bit(0x8000000A, 0, 3, 29, true); // svmBusLockThreshold
      bit(0x8000000A, 0, 3, 30, true); // svmIdleHlt
      bit(0x80000021, 0, 0, 6, true); // nullSelectorClearsBase
      // Fn8000_0001_EDX repeats these bits of Fn0000_0001_EDX.
      leaves.get(key(0x80000001, 0))[3] |= leaves.get(key(1, 0))[3] & 0x0183_F3FF;
    }

    /** Sets all four registers of a leaf. */
    public Builder leaf(int leaf, int subleaf, int eax, int ebx, int ecx, int edx) {
      leaves.put(key(leaf, subleaf), new int[] {eax, ebx, ecx, edx});
      return this;
    }

    /**
     * Sets or clears one bit.
     *
     * @param register 0 EAX, 1 EBX, 2 ECX, 3 EDX
     * @param bit 0 to 31
     */
    public Builder bit(int leaf, int subleaf, int register, int bit, boolean present) {
      int[] registers = leaves.computeIfAbsent(key(leaf, subleaf), k -> new int[4]);
      registers[register] =
          present ? registers[register] | 1 << bit : registers[register] & ~(1 << bit);
      return this;
    }

    /** The model. */
    public CpuModel build() {
      return new CpuModel(this);
    }
  }
}

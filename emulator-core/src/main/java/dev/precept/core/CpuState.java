package dev.precept.core;

import java.util.Arrays;

/**
 * Architectural state of one processor. Fields are public and mutable: this is the hot path, and
 * subjects set up and compare every one of them.
 */
public final class CpuState {
  /** CR0 bits. */
  public static final long CR0_PE = 1,
      CR0_MP = 2,
      CR0_EM = 4,
      CR0_TS = 8,
      CR0_ET = 16,
      CR0_NE = 32,
      CR0_WP = 1 << 16,
      CR0_AM = 1 << 18,
      CR0_NW = 1 << 29,
      CR0_CD = 1 << 30,
      CR0_PG = 1L << 31;

  /** CR4 bits. */
  public static final long CR4_VME = 1,
      CR4_PVI = 1 << 1,
      CR4_TSD = 1 << 2,
      CR4_DE = 1 << 3,
      CR4_PSE = 1 << 4,
      CR4_PAE = 1 << 5,
      CR4_MCE = 1 << 6,
      CR4_PGE = 1 << 7,
      CR4_PCE = 1 << 8,
      CR4_OSFXSR = 1 << 9,
      CR4_OSXMMEXCPT = 1 << 10,
      CR4_UMIP = 1 << 11,
      CR4_LA57 = 1 << 12,
      CR4_VMXE = 1 << 13,
      CR4_SMXE = 1 << 14,
      CR4_FSGSBASE = 1 << 16,
      CR4_PCIDE = 1 << 17,
      CR4_OSXSAVE = 1 << 18,
      CR4_KL = 1 << 19,
      CR4_SMEP = 1 << 20,
      CR4_SMAP = 1 << 21,
      CR4_PKE = 1 << 22,
      CR4_CET = 1 << 23;

  /** EFER bits. */
  public static final long EFER_SCE = 1,
      EFER_LME = 1 << 8,
      EFER_LMA = 1 << 10,
      EFER_NXE = 1 << 11,
      EFER_SVME = 1 << 12,
      EFER_LMSLE = 1 << 13,
      EFER_FFXSR = 1 << 14,
      EFER_TCE = 1 << 15;

  /** RFLAGS bits. */
  public static final long CF = 1,
      PF = 4,
      AF = 16,
      ZF = 64,
      SF = 128,
      TF = 1 << 8,
      IF = 1 << 9,
      DF = 1 << 10,
      OF = 1 << 11,
      IOPL = 3 << 12,
      NT = 1 << 14,
      RF = 1 << 16,
      VM = 1 << 17,
      AC = 1 << 18,
      VIF = 1 << 19,
      VIP = 1 << 20,
      ID = 1 << 21;

  /** DR6 bits that say why #DB happened. */
  public static final long DR6_BD = 1 << 13, DR6_BS = 1 << 14, DR6_BT = 1 << 15;

  /** DR6 bits that read as ones. */
  public static final long DR6_FIXED = 0xFFFF0FF0L;

  private static final long RANDOM_RESET = 0x9E37_79B9_7F4A_7C15L;

  /** General-purpose registers in ModRM/REX order: rAX rCX rDX rBX rSP rBP rSI rDI R8-R15. */
  public final long[] gpr = new long[16];

  /** Offset of the next instruction in CS. */
  public long rip;

  /** Flags; bit 1 always reads 1. */
  public long rflags = 2;

  /** Control registers. CR8 holds the task priority, 4 bits. */
  public long cr0, cr2, cr3, cr4, cr8;

  /** Debug registers by number; 4 and 5 are unused (they alias 6 and 7). */
  public final long[] dr = new long[8];

  /** MSR C000_0080h. */
  public long efer;

  /** Extended control register 0. */
  public long xcr0 = 1;

  /** Segment registers. */
  public final Segment es = new Segment(),
      cs = new Segment(),
      ss = new Segment(),
      ds = new Segment(),
      fs = new Segment(),
      gs = new Segment(),
      ldtr = new Segment(),
      tr = new Segment();

  /** ES CS SS DS FS GS by Sreg number. */
  public final Segment[] sreg = {es, cs, ss, ds, fs, gs};

  /** Descriptor-table registers; limits in bytes, 16 bits. */
  public long gdtrBase, gdtrLimit, idtrBase, idtrLimit;

  /** Current privilege level, 0 to 3; 0 in real mode and 3 in virtual-8086 mode. */
  public int cpl;

  /** MSRs C000_0081h to C000_0084h, C000_0102h, 174h to 176h. */
  public long star, lstar, cstar, sfmask, kernelGsBase, sysenterCs, sysenterEsp, sysenterEip;

  /** MSRs 277h (PAT), 1D9h (DEBUGCTL), C000_0103h (TSC_AUX). */
  public long pat = 0x0007_0406_0007_0406L, debugCtl, tscAux;

  /**
   * MSRs 1DBh to 1DEh of AMD processors: LastBranchFromIP, LastBranchToIP, LastIntFromIP,
   * LastIntToIP. Branches are not recorded: world switches alone write them.
   */
  public final long[] lastBranch = new long[4];

  /** MSRs C001_0114h (VM_CR), C001_0117h (VM_HSAVE_PA), 1Bh (APIC_BASE), C001_0111h (SMBASE). */
  public long vmCr, vmHsavePa, apicBase = 0xFEE0_0900L, smbase = 0x30000;

  /** Time-stamp counter, MSR 10h. Advances by one a step. */
  public long tsc;

  /** MSR C000_0104h (TSC_RATIO), fixed point with 32 fraction bits; 1.0 out of reset. */
  public long tscRatio = 1L << 32;

  /**
   * MSRs that only Intel processors have: 3Ah (IA32_FEATURE_CONTROL), E1h (IA32_UMWAIT_CONTROL),
   * D93h (IA32_PASID), DA0h (IA32_XSS).
   */
  public long featureControl, umwaitControl, pasid, xss;

  /** MSRs C001_0015h (HWCR) and C001_0118h (SVM_KEY, never readable). */
  public long hwcr, svmKey;

  /** x87 control, status and (full, 16-bit) tag word. */
  public int x87Control, x87Status, x87Tag;

  /** x87 offsets of the last instruction and its operand, and the last opcode (11 bits). */
  public long x87InstructionPointer, x87DataPointer, x87Opcode;

  /** x87 registers ST0 to ST7: significand, and sign with exponent (16 bits). */
  public final long[] x87Low = new long[8], x87High = new long[8];

  /** SSE control and status. */
  public long mxcsr = 0x1F80;

  /** State of the random-number generator behind RDRAND and RDSEED; never 0. */
  public long random = RANDOM_RESET;

  /** XMM0 to XMM15: bits 63:0 and bits 127:64. */
  public final long[] xmmLow = new long[16], xmmHigh = new long[16];

  /** True in the shadow of STI, MOV SS or POP SS: the next instruction takes no interrupt. */
  public boolean interruptShadow;

  /** Whether {@link #interruptShadow}, where it is set, is that of MOV SS or POP SS. */
  public boolean movSsShadow;

  /**
   * DR6 bits of debug exceptions that blocking by MOV SS holds back until after the next
   * instruction (Intel processors; SDM vol. 3A, 6.8.3).
   */
  public long heldDebug;

  /** Page-directory-pointer entries where {@link Virtualization#pdptesInRegisters}. */
  public final long[] pdpte = new long[4];

  /** Global interrupt flag. */
  public boolean gif = true;

  /** True while NMIs are blocked (until the next IRET). */
  public boolean nmiMasked;

  /** True in system-management mode. */
  public boolean smm;

  /** True after HLT, until an event. */
  public boolean halted;

  /** True after shutdown. */
  public boolean shutdown;

  /** True while the monitor hardware is armed; {@link #monitorAddress} is the linear address. */
  public boolean monitorArmed;

  /** Linear address given to MONITOR. */
  public long monitorAddress;

  /** A processor just out of reset (APM vol. 2, 14.1.3), in real mode at FFFF_FFF0h. */
  public CpuState() {
    reset();
  }

  /** Loads the state after RESET (APM vol. 2, 14.1.3, table 14-1). */
  public void reset() {
    Arrays.fill(gpr, 0);
    Arrays.fill(dr, 0);
    rip = 0xFFF0;
    rflags = 2;
    cr0 = 0x6000_0010L;
    cr2 = 0;
    cr3 = 0;
    cr4 = 0;
    cr8 = 0;
    dr[6] = DR6_FIXED;
    dr[7] = 0x400;
    efer = 0;
    xcr0 = 1;
    cs.set(0xF000, 0x9B, 0xFFFF, 0xFFFF_0000L);
    for (int i = 0; i < 6; i++) {
      if (i != Segment.CS) {
        sreg[i].set(0, 0x93, 0xFFFF, 0);
      }
    }
    ldtr.set(0, 0x82, 0xFFFF, 0);
    tr.set(0, 0x8B, 0xFFFF, 0);
    gdtrBase = 0;
    gdtrLimit = 0xFFFF;
    idtrBase = 0;
    idtrLimit = 0xFFFF;
    cpl = 0;
    star = lstar = cstar = sfmask = kernelGsBase = sysenterCs = sysenterEsp = sysenterEip = 0;
    debugCtl = tscAux = vmCr = vmHsavePa = tsc = 0;
    Arrays.fill(lastBranch, 0);
    pat = 0x0007_0406_0007_0406L;
    apicBase = 0xFEE0_0900L;
    smbase = 0x30000;
    interruptShadow = nmiMasked = smm = halted = shutdown = monitorArmed = false;
    movSsShadow = false;
    heldDebug = 0;
    Arrays.fill(pdpte, 0);
    gif = true;
    monitorAddress = 0;
    tscRatio = 1L << 32;
    hwcr = svmKey = 0;
    featureControl = umwaitControl = pasid = xss = 0;
    x87Control = 0x40;
    x87Status = 0;
    x87Tag = 0x5555;
    x87InstructionPointer = x87DataPointer = x87Opcode = 0;
    Arrays.fill(x87Low, 0);
    Arrays.fill(x87High, 0);
    mxcsr = 0x1F80;
    random = RANDOM_RESET;
    Arrays.fill(xmmLow, 0);
    Arrays.fill(xmmHigh, 0);
  }

  /** Takes over everything that {@code other} holds. Allocates nothing. */
  public void copyFrom(CpuState other) {
    rip = other.rip;
    rflags = other.rflags;
    cr0 = other.cr0;
    cr2 = other.cr2;
    cr3 = other.cr3;
    cr4 = other.cr4;
    cr8 = other.cr8;
    efer = other.efer;
    xcr0 = other.xcr0;
    gdtrBase = other.gdtrBase;
    gdtrLimit = other.gdtrLimit;
    idtrBase = other.idtrBase;
    idtrLimit = other.idtrLimit;
    cpl = other.cpl;
    star = other.star;
    lstar = other.lstar;
    cstar = other.cstar;
    sfmask = other.sfmask;
    kernelGsBase = other.kernelGsBase;
    sysenterCs = other.sysenterCs;
    sysenterEsp = other.sysenterEsp;
    sysenterEip = other.sysenterEip;
    pat = other.pat;
    debugCtl = other.debugCtl;
    System.arraycopy(other.lastBranch, 0, lastBranch, 0, lastBranch.length);
    tscAux = other.tscAux;
    vmCr = other.vmCr;
    vmHsavePa = other.vmHsavePa;
    apicBase = other.apicBase;
    smbase = other.smbase;
    tsc = other.tsc;
    tscRatio = other.tscRatio;
    featureControl = other.featureControl;
    umwaitControl = other.umwaitControl;
    pasid = other.pasid;
    xss = other.xss;
    hwcr = other.hwcr;
    svmKey = other.svmKey;
    x87Control = other.x87Control;
    x87Status = other.x87Status;
    x87Tag = other.x87Tag;
    x87InstructionPointer = other.x87InstructionPointer;
    x87DataPointer = other.x87DataPointer;
    x87Opcode = other.x87Opcode;
    mxcsr = other.mxcsr;
    random = other.random;
    interruptShadow = other.interruptShadow;
    movSsShadow = other.movSsShadow;
    heldDebug = other.heldDebug;
    gif = other.gif;
    nmiMasked = other.nmiMasked;
    smm = other.smm;
    halted = other.halted;
    shutdown = other.shutdown;
    monitorArmed = other.monitorArmed;
    monitorAddress = other.monitorAddress;
    System.arraycopy(other.gpr, 0, gpr, 0, gpr.length);
    System.arraycopy(other.dr, 0, dr, 0, dr.length);
    System.arraycopy(other.x87Low, 0, x87Low, 0, x87Low.length);
    System.arraycopy(other.x87High, 0, x87High, 0, x87High.length);
    System.arraycopy(other.xmmLow, 0, xmmLow, 0, xmmLow.length);
    System.arraycopy(other.xmmHigh, 0, xmmHigh, 0, xmmHigh.length);
    System.arraycopy(other.pdpte, 0, pdpte, 0, pdpte.length);
    es.set(other.es);
    cs.set(other.cs);
    ss.set(other.ss);
    ds.set(other.ds);
    fs.set(other.fs);
    gs.set(other.gs);
    ldtr.set(other.ldtr);
    tr.set(other.tr);
  }

  /** Whether {@code other} holds the same, down to the last register. Allocates nothing. */
  public boolean same(CpuState other) {
    return rip == other.rip
        && rflags == other.rflags
        && cr0 == other.cr0
        && cr2 == other.cr2
        && cr3 == other.cr3
        && cr4 == other.cr4
        && cr8 == other.cr8
        && efer == other.efer
        && xcr0 == other.xcr0
        && gdtrBase == other.gdtrBase
        && gdtrLimit == other.gdtrLimit
        && idtrBase == other.idtrBase
        && idtrLimit == other.idtrLimit
        && cpl == other.cpl
        && star == other.star
        && lstar == other.lstar
        && cstar == other.cstar
        && sfmask == other.sfmask
        && kernelGsBase == other.kernelGsBase
        && sysenterCs == other.sysenterCs
        && sysenterEsp == other.sysenterEsp
        && sysenterEip == other.sysenterEip
        && pat == other.pat
        && debugCtl == other.debugCtl
        && Arrays.equals(lastBranch, other.lastBranch)
        && tscAux == other.tscAux
        && vmCr == other.vmCr
        && vmHsavePa == other.vmHsavePa
        && apicBase == other.apicBase
        && smbase == other.smbase
        && tsc == other.tsc
        && tscRatio == other.tscRatio
        && featureControl == other.featureControl
        && umwaitControl == other.umwaitControl
        && pasid == other.pasid
        && xss == other.xss
        && hwcr == other.hwcr
        && svmKey == other.svmKey
        && x87Control == other.x87Control
        && x87Status == other.x87Status
        && x87Tag == other.x87Tag
        && x87InstructionPointer == other.x87InstructionPointer
        && x87DataPointer == other.x87DataPointer
        && x87Opcode == other.x87Opcode
        && mxcsr == other.mxcsr
        && random == other.random
        && interruptShadow == other.interruptShadow
        && movSsShadow == other.movSsShadow
        && heldDebug == other.heldDebug
        && gif == other.gif
        && nmiMasked == other.nmiMasked
        && smm == other.smm
        && halted == other.halted
        && shutdown == other.shutdown
        && monitorArmed == other.monitorArmed
        && monitorAddress == other.monitorAddress
        && Arrays.equals(gpr, other.gpr)
        && Arrays.equals(dr, other.dr)
        && Arrays.equals(x87Low, other.x87Low)
        && Arrays.equals(x87High, other.x87High)
        && Arrays.equals(xmmLow, other.xmmLow)
        && Arrays.equals(xmmHigh, other.xmmHigh)
        && Arrays.equals(pdpte, other.pdpte)
        && es.same(other.es)
        && cs.same(other.cs)
        && ss.same(other.ss)
        && ds.same(other.ds)
        && fs.same(other.fs)
        && gs.same(other.gs)
        && ldtr.same(other.ldtr)
        && tr.same(other.tr);
  }

  /** CR0.PE is clear. */
  public boolean realMode() {
    return (cr0 & CR0_PE) == 0;
  }

  /** CR0.PE and RFLAGS.VM are set outside long mode. */
  public boolean v86() {
    return (rflags & VM) != 0 && (cr0 & CR0_PE) != 0 && (efer & EFER_LMA) == 0;
  }

  /** Real or virtual-8086 mode: segments are 16 times the selector. */
  public boolean realOrV86() {
    return realMode() || v86();
  }

  /** EFER.LMA: 64-bit or compatibility mode. */
  public boolean longMode() {
    return (efer & EFER_LMA) != 0;
  }

  /** 64-bit mode: EFER.LMA and CS.L. */
  public boolean code64() {
    return (efer & EFER_LMA) != 0 && (cs.attributes & Segment.L) != 0;
  }

  /** CR0.PG. */
  public boolean paging() {
    return (cr0 & CR0_PG) != 0;
  }

  /** RFLAGS.IOPL. */
  public int iopl() {
    return (int) (rflags >> 12) & 3;
  }

  /** Whether all {@code bits} of RFLAGS are set. */
  public boolean flag(long bits) {
    return (rflags & bits) == bits;
  }
}

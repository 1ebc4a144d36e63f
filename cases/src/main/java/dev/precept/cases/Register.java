package dev.precept.cases;

/**
 * Every named scalar of architectural state that a case sets up and compares, with its width in
 * bits.
 *
 * <p>The general-purpose registers come first, in ModRM/REX order, so that {@code values()[n]} is
 * register number n for n in 0..15.
 */
public enum Register {
  /** General-purpose register 0 in ModRM/REX numbering. */
  RAX(64),
  /** General-purpose register 1 in ModRM/REX numbering. */
  RCX(64),
  /** General-purpose register 2 in ModRM/REX numbering. */
  RDX(64),
  /** General-purpose register 3 in ModRM/REX numbering. */
  RBX(64),
  /** General-purpose register 4 in ModRM/REX numbering. */
  RSP(64),
  /** General-purpose register 5 in ModRM/REX numbering. */
  RBP(64),
  /** General-purpose register 6 in ModRM/REX numbering. */
  RSI(64),
  /** General-purpose register 7 in ModRM/REX numbering. */
  RDI(64),
  /** General-purpose register 8 in ModRM/REX numbering. */
  R8(64),
  /** General-purpose register 9 in ModRM/REX numbering. */
  R9(64),
  /** General-purpose register 10 in ModRM/REX numbering. */
  R10(64),
  /** General-purpose register 11 in ModRM/REX numbering. */
  R11(64),
  /** General-purpose register 12 in ModRM/REX numbering. */
  R12(64),
  /** General-purpose register 13 in ModRM/REX numbering. */
  R13(64),
  /** General-purpose register 14 in ModRM/REX numbering. */
  R14(64),
  /** General-purpose register 15 in ModRM/REX numbering. */
  R15(64),
  /** Instruction pointer (offset in CS). */
  RIP(64),
  /** Flags. */
  RFLAGS(64),
  /** Control register. */
  CR0(64),
  /** Control register. */
  CR2(64),
  /** Control register. */
  CR3(64),
  /** Control register. */
  CR4(64),
  /** Control register. */
  CR8(64),
  /** Debug register. */
  DR0(64),
  /** Debug register. */
  DR1(64),
  /** Debug register. */
  DR2(64),
  /** Debug register. */
  DR3(64),
  /** Debug register. */
  DR6(64),
  /** Debug register. */
  DR7(64),
  /** MSR C000_0080h. */
  EFER(64),
  /** Extended control register 0. */
  XCR0(64),
  /** ES selector. */
  ES_SEL(16),
  /**
   * ES attributes, packed as in the VMCB: type 3:0, S 4, DPL 6:5, P 7, AVL 8, L 9, D/B 10, G 11
   * (APM vol. 2, 15.5.1).
   */
  ES_ATTR(12),
  /** ES limit in bytes, already scaled. */
  ES_LIMIT(32),
  /** ES base. */
  ES_BASE(64),
  /** CS selector. */
  CS_SEL(16),
  /**
   * CS attributes, packed as in the VMCB: type 3:0, S 4, DPL 6:5, P 7, AVL 8, L 9, D/B 10, G 11
   * (APM vol. 2, 15.5.1).
   */
  CS_ATTR(12),
  /** CS limit in bytes, already scaled. */
  CS_LIMIT(32),
  /** CS base. */
  CS_BASE(64),
  /** SS selector. */
  SS_SEL(16),
  /**
   * SS attributes, packed as in the VMCB: type 3:0, S 4, DPL 6:5, P 7, AVL 8, L 9, D/B 10, G 11
   * (APM vol. 2, 15.5.1).
   */
  SS_ATTR(12),
  /** SS limit in bytes, already scaled. */
  SS_LIMIT(32),
  /** SS base. */
  SS_BASE(64),
  /** DS selector. */
  DS_SEL(16),
  /**
   * DS attributes, packed as in the VMCB: type 3:0, S 4, DPL 6:5, P 7, AVL 8, L 9, D/B 10, G 11
   * (APM vol. 2, 15.5.1).
   */
  DS_ATTR(12),
  /** DS limit in bytes, already scaled. */
  DS_LIMIT(32),
  /** DS base. */
  DS_BASE(64),
  /** FS selector. */
  FS_SEL(16),
  /**
   * FS attributes, packed as in the VMCB: type 3:0, S 4, DPL 6:5, P 7, AVL 8, L 9, D/B 10, G 11
   * (APM vol. 2, 15.5.1).
   */
  FS_ATTR(12),
  /** FS limit in bytes, already scaled. */
  FS_LIMIT(32),
  /** FS base. */
  FS_BASE(64),
  /** GS selector. */
  GS_SEL(16),
  /**
   * GS attributes, packed as in the VMCB: type 3:0, S 4, DPL 6:5, P 7, AVL 8, L 9, D/B 10, G 11
   * (APM vol. 2, 15.5.1).
   */
  GS_ATTR(12),
  /** GS limit in bytes, already scaled. */
  GS_LIMIT(32),
  /** GS base. */
  GS_BASE(64),
  /** LDTR selector. */
  LDTR_SEL(16),
  /**
   * LDTR attributes, packed as in the VMCB: type 3:0, S 4, DPL 6:5, P 7, AVL 8, L 9, D/B 10, G 11
   * (APM vol. 2, 15.5.1).
   */
  LDTR_ATTR(12),
  /** LDTR limit in bytes, already scaled. */
  LDTR_LIMIT(32),
  /** LDTR base. */
  LDTR_BASE(64),
  /** TR selector. */
  TR_SEL(16),
  /**
   * TR attributes, packed as in the VMCB: type 3:0, S 4, DPL 6:5, P 7, AVL 8, L 9, D/B 10, G 11
   * (APM vol. 2, 15.5.1).
   */
  TR_ATTR(12),
  /** TR limit in bytes, already scaled. */
  TR_LIMIT(32),
  /** TR base. */
  TR_BASE(64),
  /** GDTR limit. */
  GDTR_LIMIT(16),
  /** GDTR base. */
  GDTR_BASE(64),
  /** IDTR limit. */
  IDTR_LIMIT(16),
  /** IDTR base. */
  IDTR_BASE(64),
  /** Current privilege level. */
  CPL(2),
  /** MSR C000_0081h. */
  STAR(64),
  /** MSR C000_0082h. */
  LSTAR(64),
  /** MSR C000_0083h. */
  CSTAR(64),
  /** MSR C000_0084h. */
  SFMASK(64),
  /** MSR C000_0102h. */
  KERNEL_GS_BASE(64),
  /** MSR 174h. */
  SYSENTER_CS(64),
  /** MSR 175h. */
  SYSENTER_ESP(64),
  /** MSR 176h. */
  SYSENTER_EIP(64),
  /** MSR 277h. */
  PAT(64),
  /** MSR 1D9h. */
  DEBUGCTL(64),
  /** MSR C000_0103h. */
  TSC_AUX(64),
  /** MSR C001_0114h. */
  VM_CR(64),
  /** MSR C001_0117h. */
  VM_HSAVE_PA(64),
  /** MSR 1Bh. */
  APIC_BASE(64),
  /** MSR C001_0111h, SMM_BASE. */
  SMBASE(64),
  /** MSR DA0h. */
  XSS(64),
  /** MSR 3Ah. */
  FEATURE_CONTROL(64),
  /** MSR D93h. */
  PASID(64),
  /** Time-stamp counter, MSR 10h; never compared. */
  TSC(64),
  /** 1 in the shadow of STI or MOV SS. */
  INTERRUPT_SHADOW(1),
  /** Global interrupt flag. */
  GIF(1),
  /** 1 while NMIs are blocked. */
  NMI_MASKED(1),
  /** 1 in system-management mode. */
  SMM(1);

  private static final Register[] ALL = values();

  /** Number of registers; the length of a {@link MachineState}. */
  public static final int COUNT = ALL.length;

  private final int width;

  Register(int width) {
    this.width = width;
  }

  /** Width in bits, 1 to 64. */
  public int width() {
    return width;
  }

  /** General-purpose register {@code number}, 0 to 15, in ModRM/REX order. */
  public static Register gpr(int number) {
    if (number < 0 || number > 15) {
      throw new IllegalArgumentException("no general-purpose register " + number);
    }
    return ALL[number];
  }

  /** The register at {@code ordinal}; {@code values()} without the copy. */
  public static Register at(int ordinal) {
    return ALL[ordinal];
  }
}

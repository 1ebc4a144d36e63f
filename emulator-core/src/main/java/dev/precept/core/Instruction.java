package dev.precept.core;

/**
 * One decoded instruction. A CPU owns one and reuses it at every step; nothing may keep it.
 *
 * <p>A handler changes control flow by writing {@link #nextRip}: step copies it to RIP when the
 * handler returns. Until then {@code state.rip} is the instruction's own address, which is what
 * faults and exits save.
 */
public final class Instruction {
  /** Bytes fetched so far; {@link #length} of them count. */
  public final byte[] bytes = new byte[15];

  /** Length in bytes, 1 to 15. */
  public int length;

  /** Offset in CS of the first byte. */
  public long rip;

  /** Where execution continues; handlers of control transfers write it. */
  public long nextRip;

  /**
   * Offset in CS behind the instruction, wrapped to the mode's width; never changed by handlers.
   */
  public long sequentialRip;

  /** The opcode with its map: 00xxh, 0Fxxh, 0F38xxh, 0F3Axxh. */
  public int opcode;

  /** LOCK was present. */
  public boolean lock;

  /** Last of F2h and F3h, or 0. */
  public int rep;

  /** 66h was present. */
  public boolean operandSizePrefix;

  /** 67h was present. */
  public boolean addressSizePrefix;

  /** REX byte (40h-4Fh) or 0. */
  public int rex;

  /** Segment override as Sreg number, or -1. In 64-bit mode only FS and GS ever appear. */
  public int segmentOverride;

  /** Effective operand size in bytes: 2, 4 or 8. */
  public int operandSize;

  /** Effective address size in bytes: 2, 4 or 8. */
  public int addressSize;

  /** A ModRM byte was read. */
  public boolean hasModRm;

  /** ModRM byte. */
  public int modrm;

  /** ModRM.reg with REX.R, 0 to 15. */
  public int reg;

  /** ModRM.r/m with REX.B, 0 to 15: the register if mod is 3. */
  public int rm;

  /** ModRM (or a moffs) designates memory. */
  public boolean memory;

  /** Effective segment of the memory operand, as Sreg number. */
  public int segment;

  /** Offset of the memory operand in {@link #segment}, wrapped to the address size. */
  public long offset;

  /** Base register of the memory operand, 0 to 15, or -1. */
  public int base;

  /** Index register of the memory operand, 0 to 15, or -1. */
  public int index;

  /** Scale of {@link #index} as log2: 0 to 3. */
  public int scale;

  /** Displacement of the memory operand, sign-extended; 0 if there is none. */
  public long displacement;

  /** The memory operand is relative to the next instruction. */
  public boolean ripRelative;

  /** First immediate, sign-extended if the operand says so. */
  public long immediate;

  /** Second immediate: selector of a far pointer, nesting level of ENTER. */
  public long immediate2;

  /** Physical address in rAX (address size), for rows with operand {@code rAX.pa}. */
  public long physicalAddress;

  /** The opcode row, or null if the opcode is undefined. */
  public OpcodeRow row;

  /** ModRM.reg without REX.R: group number. */
  public int group() {
    return (modrm >> 3) & 7;
  }

  /** REX.W is set. */
  public boolean rexW() {
    return (rex & 8) != 0;
  }

  /** Effective segment of an implicit DS:rSI or DS:rAX operand: the override or DS. */
  public int dataSegment() {
    return segmentOverride >= 0 ? segmentOverride : Segment.DS;
  }
}

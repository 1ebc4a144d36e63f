package dev.precept.core;

/**
 * The opcode map. Families add their rows with {@link #row}, {@link #group}, {@link #memory} and
 * {@link #registerForm}; a later row never silently replaces an equally specific earlier one.
 *
 * <p>Opcodes are written with their escape bytes: {@code 0x90}, {@code 0x0F31}, {@code 0x0F3882},
 * {@code 0x0F3A0F}.
 */
public final class OpcodeMap {
  private static final int MAPS = 4;

  /** Plain rows by map*256+opcode, for four prefixes: none, 66h, F3h, F2h. */
  private final OpcodeRow[] plain = new OpcodeRow[MAPS * 256 * 4];

  /** Groups by map*256+opcode: rows by prefix*256+modrm, or null where there is no group. */
  private final OpcodeRow[][] groups = new OpcodeRow[MAPS * 256][];

  private final boolean[] modrm = new boolean[MAPS * 256];

  /** A row for an opcode without further distinction, with any prefix. */
  public OpcodeRow row(int opcode, String text, int flags, OpcodeRow.Handler handler) {
    return prefixed(opcode, -1, text, flags, handler);
  }

  /** A row for an opcode with mandatory prefix 0 (none of 66h F3h F2h), 66h, F3h or F2h. */
  public OpcodeRow prefixed(
      int opcode, int prefix, String text, int flags, OpcodeRow.Handler handler) {
    OpcodeRow row = new OpcodeRow(text, flags, handler);
    row.prefix = prefix;
    int index = index(opcode);
    for (int p = 0; p < 4; p++) {
      if (prefix < 0 || p == prefixIndex(prefix)) {
        plain[index * 4 + p] = choose(plain[index * 4 + p], row, opcode);
      }
    }
    modrm[index] |= row.modrm;
    return row;
  }

  /** A row for {@code opcode /reg}, register or memory form. */
  public OpcodeRow group(int opcode, int reg, String text, int flags, OpcodeRow.Handler handler) {
    return fill(opcode, -1, reg << 3, 0x38, true, true, text, flags, handler);
  }

  /** A row for {@code opcode /reg} with a memory operand. */
  public OpcodeRow memory(int opcode, int reg, String text, int flags, OpcodeRow.Handler handler) {
    return fill(opcode, -1, reg << 3, 0x38, true, false, text, flags, handler);
  }

  /** A row for {@code opcode /reg} with a register operand. */
  public OpcodeRow registerForm(
      int opcode, int reg, String text, int flags, OpcodeRow.Handler handler) {
    return fill(opcode, -1, reg << 3, 0x38, false, true, text, flags, handler);
  }

  /** A row for one exact ModRM byte (C0h to FFh): {@code 0F 01 D8} is VMRUN. */
  public OpcodeRow exact(
      int opcode, int modrmByte, String text, int flags, OpcodeRow.Handler handler) {
    return fill(opcode, -1, modrmByte, 0xFF, true, true, text, flags, handler);
  }

  /** As {@link #exact} with a mandatory prefix: 0 (none), 66h, F3h or F2h. */
  public OpcodeRow exact(
      int opcode, int modrmByte, int prefix, String text, int flags, OpcodeRow.Handler handler) {
    return fill(opcode, prefix, modrmByte, 0xFF, true, true, text, flags, handler);
  }

  /** As {@link #group} with a mandatory prefix: 0 (none), 66h, F3h or F2h. */
  public OpcodeRow group(
      int opcode, int reg, int prefix, String text, int flags, OpcodeRow.Handler handler) {
    return fill(opcode, prefix, reg << 3, 0x38, true, true, text, flags, handler);
  }

  /** As {@link #memory} with a mandatory prefix: 0 (none), 66h, F3h or F2h. */
  public OpcodeRow memory(
      int opcode, int reg, int prefix, String text, int flags, OpcodeRow.Handler handler) {
    return fill(opcode, prefix, reg << 3, 0x38, true, false, text, flags, handler);
  }

  /** As {@link #registerForm} with a mandatory prefix: 0 (none), 66h, F3h or F2h. */
  public OpcodeRow registerForm(
      int opcode, int reg, int prefix, String text, int flags, OpcodeRow.Handler handler) {
    return fill(opcode, prefix, reg << 3, 0x38, false, true, text, flags, handler);
  }

  private OpcodeRow fill(
      int opcode,
      int prefix,
      int pattern,
      int mask,
      boolean mem,
      boolean reg,
      String text,
      int flags,
      OpcodeRow.Handler handler) {
    OpcodeRow row = new OpcodeRow(text, flags, handler);
    row.prefix = prefix;
    row.modrm = true;
    row.specificity = mask == 0xFF ? 2 : mem && reg ? 0 : 1;
    int index = index(opcode);
    OpcodeRow[] table = groups[index];
    if (table == null) {
      table = new OpcodeRow[4 * 256];
      groups[index] = table;
    }
    for (int p = 0; p < 4; p++) {
      if (prefix >= 0 && p != prefixIndex(prefix)) {
        continue;
      }
      for (int m = 0; m < 256; m++) {
        if ((m & mask) == (pattern & mask) && (m >= 0xC0 ? reg : mem)) {
          table[p * 256 + m] = choose(table[p * 256 + m], row, opcode);
        }
      }
    }
    modrm[index] = true;
    return row;
  }

  private static OpcodeRow choose(OpcodeRow old, OpcodeRow row, int opcode) {
    if (old == null) {
      return row;
    }
    int oldRank = old.specificity * 2 + (old.prefix >= 0 ? 1 : 0);
    int rank = row.specificity * 2 + (row.prefix >= 0 ? 1 : 0);
    if (oldRank == rank) {
      throw new IllegalStateException(
          "opcode %Xh: %s and %s are equally specific".formatted(opcode, old, row));
    }
    return rank > oldRank ? row : old;
  }

  /** Whether {@code index} is followed by a ModRM byte. */
  boolean hasModRm(int index) {
    return modrm[index];
  }

  /** The row, or null if the opcode is undefined. */
  OpcodeRow find(int index, int prefixIndex, int modrmByte) {
    OpcodeRow[] table = groups[index];
    if (table != null) {
      OpcodeRow row = table[prefixIndex * 256 + modrmByte];
      if (row != null) {
        return row;
      }
    }
    return plain[index * 4 + prefixIndex];
  }

  static int index(int opcode) {
    if (opcode < 0x100) {
      return opcode;
    }
    int map = opcode < 0x1000 ? 1 : (opcode >> 8) == 0x0F38 ? 2 : 3;
    return map * 256 + (opcode & 0xFF);
  }

  /** Slot of a mandatory prefix: none 0, 66h 1, F3h 2, F2h 3. */
  static int prefixIndex(int prefix) {
    return switch (prefix) {
      case 0x66 -> 1;
      case 0xF3 -> 2;
      case 0xF2 -> 3;
      default -> 0;
    };
  }
}

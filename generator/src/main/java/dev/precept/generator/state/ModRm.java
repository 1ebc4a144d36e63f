package dev.precept.generator.state;

import java.util.List;

/**
 * A ModRM operand in bytes (APM vol. 3, 1.4).
 *
 * @param extensions REX bits R (4), X (2), B (1) that it needs
 * @param bytes ModRM, SIB and displacement
 * @param ripRelative whether the last four bytes are a displacement from the next instruction
 * @param displacement the displacement, sign-extended; 0 if there is none or it is from rIP
 */
record ModRm(int extensions, byte[] bytes, boolean ripRelative, long displacement) {
  /** Displacement of the forms that have an 8-bit one. */
  static final long DISPLACEMENT = 0x20;

  /** Forms of 16-bit addressing in the order of ModRM.rm (APM vol. 3, 1.4). */
  private static final List<String> FORMS16 =
      List.of("bx_si", "bx_di", "bp_si", "bp_di", "si", "di", "bp", "bx");

  private static final int REX_R = 4, REX_X = 2, REX_B = 1;

  /** A register operand. */
  static ModRm register(int reg, int rm) {
    return new ModRm(
        extensions(reg, rm), new byte[] {(byte) (0xC0 | (reg & 7) << 3 | (rm & 7))}, false, 0);
  }

  /** A memory operand, as {@code OperandBuilder} sets the registers up for it. */
  static ModRm memory(String addressing, int reg, int addressSize, boolean mode64, long offset) {
    int field = (reg & 7) << 3;
    int rex = extensions(reg, 0);
    boolean small = addressSize == 16;
    int displacement = (int) DISPLACEMENT;
    return switch (addressing) {
      case "bp" -> of(rex, DISPLACEMENT, 0x40 | field | (small ? 6 : 5), displacement);
      case "sib_high" -> {
        if (!mode64) {
          throw new UnbuildableException("R8 to R15 are 64-bit mode's");
        }
        // [R11 + R14 * 4 + disp8]
        yield of(rex | REX_X | REX_B, DISPLACEMENT, 0x40 | field | 4, 0xB3, displacement);
      }
      case "sib" -> {
        if (small) {
          throw new UnbuildableException("16-bit addressing has no SIB byte");
        }
        // [rBX + rSI * 2 + disp8]
        yield of(rex, DISPLACEMENT, 0x40 | field | 4, 0x73, displacement);
      }
      case "rip" -> {
        if (!mode64) {
          throw new UnbuildableException("RIP-relative addressing is 64-bit mode's");
        }
        yield new ModRm(rex, new byte[] {(byte) (field | 5), 0, 0, 0, 0}, true, 0);
      }
      case "disp" -> {
        if (small) {
          yield of(rex, (short) offset, field | 6, (int) offset, (int) offset >> 8);
        }
        boolean reaches = !mode64 || addressSize == 32 || offset == (int) offset;
        if (!reaches) {
          throw new UnbuildableException("a 32-bit displacement does not reach the operand");
        }
        byte[] tail = little(offset, 4);
        int extended = (int) offset;
        yield mode64
            ? of(rex, extended, field | 4, 0x25, tail[0], tail[1], tail[2], tail[3])
            : of(rex, extended, field | 5, tail[0], tail[1], tail[2], tail[3]);
      }
      default -> of(rex, 0, field | (small ? 7 : 3));
    };
  }

  /** A memory operand by 16-bit addressing with the base and index that {@code form} names. */
  static ModRm memory16(String form, int reg) {
    int rm = FORMS16.indexOf(form);
    int displacement = displacement16(form);
    int field = (reg & 7) << 3 | rm;
    int rex = extensions(reg, 0);
    if (displacement != (byte) displacement) {
      return of(rex, displacement, 0x80 | field, displacement & 0xFF, displacement >> 8 & 0xFF);
    }
    boolean none = displacement == 0 && rm != 6;
    return none ? of(rex, 0, field) : of(rex, displacement, 0x40 | field, displacement);
  }

  /**
   * [rAX + rCX * 8 + disp8], or rCX as the base and rAX as the index, where {@code form} says so.
   */
  static ModRm memoryByRax(String form, int reg) {
    int sib = form.equals("index") ? 0xC1 : 0xC8;
    return of(extensions(reg, 0), DISPLACEMENT, 0x44 | (reg & 7) << 3, sib, (int) DISPLACEMENT);
  }

  /** The displacement of the form: none, of 8 bits, or of 16 bits, beyond which the sum wraps. */
  static int displacement16(String form) {
    return switch (form) {
      case "bx_di", "di" -> 0x7F20;
      case "bp_si", "bp" -> -0x20;
      default -> 0;
    };
  }

  private static ModRm of(int rex, long displacement, int... bytes) {
    byte[] all = new byte[bytes.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) bytes[i];
    }
    return new ModRm(rex, all, false, displacement);
  }

  private static int extensions(int reg, int rm) {
    return (reg >= 8 ? REX_R : 0) | (rm >= 8 ? REX_B : 0);
  }

  /** {@code value} in {@code size} bytes, little-endian. */
  static byte[] little(long value, int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (value >>> (8 * i));
    }
    return bytes;
  }
}

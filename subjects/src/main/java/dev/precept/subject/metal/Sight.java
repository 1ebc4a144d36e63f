package dev.precept.subject.metal;

import dev.precept.cases.Case;
import dev.precept.cases.Context;

/** How the end of a guest's case is seen, SENTINEL or a handler being about to run. */
enum Sight {
  /** The UD2 there exits, because the case has #UD exit. Nothing of the case is changed. */
  EXCEPTION,

  /** Nested paging or EPT, in which the two pages are not present. */
  PAGING;
  private static final int EXCEPTION_INTERCEPTS = 8, UD = 6;
  private static final int OPERAND_SIZE = 0x66, REPNE = 0xF2;

  /** How {@code testCase} is seen to end. */
  static Sight of(Case testCase) {
    if (testCase.context() == Context.HOST || exits(testCase)) {
      return EXCEPTION;
    }
    return PAGING;
  }

  private static boolean exits(Case testCase) {
    long vectors =
        Vmcs.isOf(testCase)
            ? Vmcs.value(testCase.controlBlock().fields(), Vmcs.EXCEPTION_BITMAP)
            : testCase.initialByte(testCase.controlBlock().address() + EXCEPTION_INTERCEPTS);
    return (vectors >> UD & 1) != 0;
  }

  /**
   * Whether a processor may well fetch beyond the instruction before it decides on it, into the
   * page that is not present: where it begins like a longer one. In 64-bit mode BOUND is an EVEX
   * prefix; VMREAD with 66h or F2h is EXTRQ or INSERTQ with two immediate bytes.
   */
  static boolean fetchesOn(Case testCase) {
    boolean long64 = Modes.of(testCase) == Modes.LONG64;
    byte[] code = testCase.code().bytes();
    boolean prefixed = false;
    for (int i = 0; i < code.length; i++) {
      int now = code[i] & 0xFF;
      if (now == OPERAND_SIZE || now == REPNE) {
        prefixed = true;
      } else if (now == 0x62) {
        return long64;
      } else if (now == 0x0F) {
        return prefixed && i + 1 < code.length && code[i + 1] == 0x78;
      } else if (!isPrefix(now, long64)) {
        return false;
      }
    }
    return false;
  }

  private static boolean isPrefix(int code, boolean long64) {
    return switch (code) {
      case 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x67, 0xF0, 0xF3 -> true;
      default -> long64 && code >= 0x40 && code <= 0x4F;
    };
  }
}

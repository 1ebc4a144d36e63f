package dev.precept.subject.metal;

import dev.precept.cases.Case;

/** Instructions that can make the processor wait for an interrupt: HLT, MWAIT, MWAITX. */
final class Waiting {
  private Waiting() {}

  /** Whether the instruction under test is one of them, whatever its prefixes. */
  static boolean may(Case testCase) {
    byte[] code = testCase.code().bytes();
    int at = 0;
    while (at < code.length && isPrefix(code[at] & 0xFF)) {
      at++;
    }
    int left = code.length - at;
    if (left == 1) {
      return (code[at] & 0xFF) == 0xF4;
    }
    return left == 3
        && code[at] == 0x0F
        && code[at + 1] == 0x01
        && ((code[at + 2] & 0xFF) == 0xC9 || (code[at + 2] & 0xFF) == 0xFB);
  }

  /** Legacy prefixes, and REX: outside 64-bit mode nothing that follows would be one of them. */
  private static boolean isPrefix(int code) {
    return switch (code) {
      case 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x67, 0xF0, 0xF2, 0xF3 -> true;
      default -> code >= 0x40 && code <= 0x4F;
    };
  }
}

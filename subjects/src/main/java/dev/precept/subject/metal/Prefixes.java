package dev.precept.subject.metal;

/** Prefixes of an instruction: legacy ones, and REX in 64-bit mode (APM vol. 3, 1.2). */
final class Prefixes {
  private Prefixes() {}

  /** Number of bytes of {@code code} before its opcode. */
  static int length(byte[] code, boolean long64) {
    int length = 0;
    while (length < code.length && isPrefix(code[length] & 0xFF, long64)) {
      length++;
    }
    return length;
  }

  private static boolean isPrefix(int code, boolean long64) {
    return switch (code) {
      case 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x67, 0xF0, 0xF2, 0xF3 -> true;
      default -> long64 && code >= 0x40 && code <= 0x4F;
    };
  }
}

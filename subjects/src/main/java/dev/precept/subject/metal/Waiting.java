package dev.precept.subject.metal;

import dev.precept.cases.Case;

/** Instructions that can make the processor wait for an interrupt: HLT, MWAIT, MWAITX. */
final class Waiting {
  private Waiting() {}

  /** Whether the instruction under test is one of them, whatever its prefixes. */
  static boolean may(Case testCase) {
    byte[] code = testCase.code().bytes();
    int last = code.length - 1;
    if (last < 0) {
      return false;
    }
    if ((code[last] & 0xFF) == 0xF4) {
      return true;
    }
    return last >= 2
        && code[last - 2] == 0x0F
        && code[last - 1] == 0x01
        && ((code[last] & 0xFF) == 0xC9 || (code[last] & 0xFF) == 0xFB);
  }
}

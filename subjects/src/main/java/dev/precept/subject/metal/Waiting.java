package dev.precept.subject.metal;

import dev.precept.cases.Case;
import dev.precept.cases.Context;

/**
 * Instructions that can make the processor wait for an interrupt: HLT, MWAIT, MWAITX. An NMI wakes
 * it up, so a guest that has an NMI of its own before the instruction is left out: which of them
 * came could not be told.
 */
final class Waiting {
  private static final int EVENT_INJECTION = 0xA8, VIRTUAL_INTERRUPTS = 0x60;

  /** Of an event that is injected: it is valid, and its type is NMI (figure 15-5; SDM 24.8.3). */
  private static final long EVENT = 0x8000_0700L, NMI = 0x8000_0200L;

  /** V_NMI and V_NMI_ENABLE. */
  private static final long VIRTUAL_NMI = 0x400_0800L;

  private Waiting() {}

  /** Whether the instruction under test is one of them, whatever its prefixes. */
  static boolean may(Case testCase) {
    return waits(testCase) && !hasNmi(testCase);
  }

  /** Whether a guest has an NMI injected, or a virtual one. */
  static boolean hasNmi(Case testCase) {
    if (testCase.context() != Context.GUEST) {
      return false;
    }
    if (Vmcs.isOf(testCase)) {
      return (Vmcs.value(testCase.controlBlock().fields(), Vmcs.ENTRY_EVENT) & EVENT) == NMI;
    }
    long vmcb = testCase.controlBlock().address();
    return (doubleword(testCase, vmcb + EVENT_INJECTION) & EVENT) == NMI
        || (doubleword(testCase, vmcb + VIRTUAL_INTERRUPTS) & VIRTUAL_NMI) == VIRTUAL_NMI;
  }

  private static long doubleword(Case testCase, long address) {
    long value = 0;
    for (int i = 3; i >= 0; i--) {
      value = value << 8 | (testCase.initialByte(address + i) & 0xFF);
    }
    return value;
  }

  private static boolean waits(Case testCase) {
    byte[] code = testCase.code().bytes();
    // REX too: outside 64-bit mode nothing that follows such a byte would be one of them.
    int at = Prefixes.length(code, true);
    int left = code.length - at;
    if (left == 1) {
      return (code[at] & 0xFF) == 0xF4;
    }
    return left == 3
        && code[at] == 0x0F
        && code[at + 1] == 0x01
        && ((code[at + 2] & 0xFF) == 0xC9 || (code[at + 2] & 0xFF) == 0xFB);
  }
}

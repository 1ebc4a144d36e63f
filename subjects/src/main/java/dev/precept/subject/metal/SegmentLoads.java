package dev.precept.subject.metal;

import dev.precept.cases.Case;
import java.util.SortedMap;

/**
 * Cases that may well change what a VMCS has of segments, descriptor tables and MSRs, or MSRs that
 * guest and host share. Behind others the runner does not read these each time: should one have
 * changed all the same, that is found before it can be blamed on another case, and the cases since
 * run again one by one. So this decides about speed, nothing else.
 */
final class SegmentLoads {
  private static final int ESCAPE = 0x0F, GROUP_6 = 0x00, GROUP_7 = 0x01, SWAPGS = 0xF8;

  /** #DE, #DB, #BP, #OF, #BR, #UD, #NM, #TS, #NP, #SS, #GP, #PF, #AC, by vector. */
  private static final long FAULTS = 0x2_7CFB;

  private static final long VALID = 0x8000_0000L;

  private SegmentLoads() {}

  /** Whether {@code testCase} may well. */
  static boolean may(Case testCase) {
    // A delivery out of virtual-8086 mode clears DS to GS; what others load is always read. Of
    // several instructions only the last one is looked at here.
    return (Modes.of(testCase) == Modes.V86 && delivers(testCase))
        || testCase.steps() > 1
        || !leavesAlone(testCase.code().bytes(), Modes.of(testCase) == Modes.LONG64);
  }

  /** An event that VM entry injects is delivered whatever the bitmap says. */
  private static boolean delivers(Case testCase) {
    SortedMap<Integer, Long> fields = testCase.controlBlock().fields();
    return (Vmcs.value(fields, Vmcs.EXCEPTION_BITMAP) & FAULTS) != FAULTS
        || (Vmcs.value(fields, Vmcs.ENTRY_EVENT) & VALID) != 0;
  }

  private static boolean leavesAlone(byte[] code, boolean long64) {
    int at = Prefixes.length(code, long64);
    int opcode = byteAt(code, at);
    return opcode == ESCAPE
        ? leavesAlone(byteAt(code, at + 1), byteAt(code, at + 2))
        : switch (opcode) {
          case 0x62, 0x90, 0x9C, 0x9D, 0xF4 -> true; // BOUND, PAUSE, PUSHF, POPF, HLT
          case 0x6C, 0x6D, 0x6E, 0x6F -> true; // INS, OUTS
          case 0xE4, 0xE5, 0xE6, 0xE7, 0xEC, 0xED, 0xEE, 0xEF -> true; // IN, OUT
          default -> false;
        };
  }

  /** The same behind 0Fh. */
  private static boolean leavesAlone(int opcode, int next) {
    int extension = next >> 3 & 7;
    return switch (opcode) {
      case GROUP_6 -> extension != 2 && extension != 3; // LLDT, LTR
      case GROUP_7 -> next < 0xC0 ? extension != 2 && extension != 3 : next != SWAPGS; // LGDT, LIDT
      case 0x08, 0x09, 0x0B, 0x31, 0x32, 0x33, 0xA2 -> true; // INVD to CPUID
      case 0x20, 0x21, 0x22, 0x23 -> true; // MOV of control and debug registers
      case 0x38, 0x78, 0x79, 0xC7 -> true; // INVEPT and the like, VMREAD, VMWRITE, group 9
      default -> false;
    };
  }

  private static int byteAt(byte[] code, int at) {
    return at < code.length ? code[at] & 0xFF : -1;
  }
}

package dev.precept.generator.vendor;

import java.util.Set;

/** The instructions that VMX brought (SDM vol. 3, 30.3), by their opcodes. */
final class VmxInstructions {
  private static final Set<Integer> PREFIXES =
      Set.of(0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x67, 0xF0, 0xF2, 0xF3);

  private VmxInstructions() {}

  /** Whether {@code code} is one that reports success and failure in RFLAGS (30.2). */
  static boolean isOne(byte[] code) {
    int at = 0;
    while (at < code.length && (PREFIXES.contains(code[at] & 0xFF) || (code[at] & 0xF0) == 0x40)) {
      at++;
    }
    if (at + 2 >= code.length || code[at] != 0x0F) {
      return false;
    }
    int opcode = code[at + 1] & 0xFF;
    int next = code[at + 2] & 0xFF;
    return switch (opcode) {
      // VMCALL, VMLAUNCH, VMRESUME, VMXOFF
      case 0x01 -> next >= 0xC1 && next <= 0xC4;
      // VMREAD, VMWRITE
      case 0x78, 0x79 -> true;
      // INVEPT, INVVPID
      case 0x38 -> next == 0x80 || next == 0x81;
      // VMPTRLD, VMCLEAR, VMXON, VMPTRST: memory operands of /6 and /7
      case 0xC7 -> next < 0xC0 && (next >> 3 & 7) >= 6;
      default -> false;
    };
  }
}

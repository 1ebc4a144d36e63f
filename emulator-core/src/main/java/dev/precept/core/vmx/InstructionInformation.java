package dev.precept.core.vmx;

import dev.precept.core.Instruction;

/**
 * The VM-exit instruction-information field, which has a format for each family of instructions.
 * What a format leaves undefined is 0.
 *
 * <p>Source: SDM vol. 3C, tables 27-8 to 27-14; newer printings for TPAUSE, UMWAIT and LOADIWKEY.
 */
final class InstructionInformation {
  private static final int REG1_SHIFT = 3,
      ADDRESS_SIZE_SHIFT = 7,
      REGISTER_FORM = 1 << 10,
      OPERAND_SIZE_SHIFT = 11,
      SEGMENT_SHIFT = 15,
      INDEX_SHIFT = 18,
      NO_INDEX = 1 << 22,
      BASE_SHIFT = 23,
      NO_BASE = 1 << 27,
      REG2_SHIFT = 28,
      IDENTITY_SHIFT = 28;

  private InstructionInformation() {}

  /** 0, 1, 2 for 2, 4, 8 bytes: address sizes and operand sizes. */
  private static int size(int bytes) {
    return bytes >> 2;
  }

  /** Table 27-13: the memory operand. */
  static int memory(Instruction insn) {
    int info = size(insn.addressSize) << ADDRESS_SIZE_SHIFT | insn.segment << SEGMENT_SHIFT;
    info |= insn.index < 0 ? NO_INDEX : insn.index << INDEX_SHIFT | insn.scale;
    info |= insn.base < 0 ? NO_BASE : insn.base << BASE_SHIFT;
    return info;
  }

  /** Table 27-9: memory operand, and the register in Reg2 (INVEPT, INVPCID, INVVPID). */
  static int memoryAndRegister(Instruction insn) {
    return memory(insn) | insn.reg << REG2_SHIFT;
  }

  /**
   * Table 27-14: register or memory operand, and the field's register in Reg2 (VMREAD, VMWRITE).
   */
  static int operandAndRegister(Instruction insn) {
    return operand(insn) | insn.reg << REG2_SHIFT;
  }

  private static int operand(Instruction insn) {
    return insn.memory ? memory(insn) : REGISTER_FORM | insn.rm << REG1_SHIFT;
  }

  /** Table 27-10: identity is SGDT 0, SIDT 1, LGDT 2, LIDT 3; the operand has 16 or 32 bits. */
  static int descriptorTable(Instruction insn, boolean code64, int identity) {
    int operand = code64 ? 0 : size(insn.operandSize) << OPERAND_SIZE_SHIFT;
    return memory(insn) | operand | identity << IDENTITY_SHIFT;
  }

  /** Table 27-11: identity is SLDT 0, STR 1, LLDT 2, LTR 3. */
  static int systemSegment(Instruction insn, int identity) {
    return operand(insn) | identity << IDENTITY_SHIFT;
  }

  /** Table 27-12: the register and its size (RDRAND, RDSEED, TPAUSE, UMWAIT). */
  static int register(Instruction insn, int bytes) {
    return insn.rm << REG1_SHIFT | size(bytes) << OPERAND_SIZE_SHIFT;
  }

  /** LOADIWKEY: the first XMM register in Reg1, the second in Reg2. */
  static int twoRegisters(Instruction insn) {
    return insn.reg << REG1_SHIFT | insn.rm << REG2_SHIFT;
  }

  /** Table 27-8: address size, and for OUTS the segment. */
  static int string(Instruction insn, boolean in, int segment) {
    return size(insn.addressSize) << ADDRESS_SIZE_SHIFT | (in ? 0 : segment << SEGMENT_SHIFT);
  }
}

package dev.precept.core.instructions;

import static dev.precept.core.OpcodeRow.DEFAULT64;

import dev.precept.core.Cpu;
import dev.precept.core.CpuState;
import dev.precept.core.Instruction;
import dev.precept.core.OpcodeMap;

/** Near JMP, CALL, RET, Jcc, LOOP, rCX jumps (APM vol. 1, 3.7). */
public final class NearTransferInstructions {
  private NearTransferInstructions() {}

  /** Adds this family's rows. */
  public static void register(OpcodeMap map) {
    for (int n = 0; n < 16; n++) {
      int condition = n;
      map.row(0x70 + n, "Jcc Jb", DEFAULT64, (cpu, insn) -> jumpIf(cpu, insn, condition));
      map.row(0x0F80 + n, "Jcc Jz", DEFAULT64, (cpu, insn) -> jumpIf(cpu, insn, condition));
    }
    map.row(0xEB, "JMP Jb", DEFAULT64, NearTransferInstructions::jumpRelative);
    map.row(0xE9, "JMP Jz", DEFAULT64, NearTransferInstructions::jumpRelative);
    map.row(0xE8, "CALL Jz", DEFAULT64, NearTransferInstructions::callRelative);
    map.group(0xFF, 2, "CALL Ev", DEFAULT64, NearTransferInstructions::callIndirect);
    map.group(0xFF, 4, "JMP Ev", DEFAULT64, NearTransferInstructions::jumpIndirect);
    map.row(0xC3, "RET", DEFAULT64, NearTransferInstructions::ret);
    map.row(0xC2, "RET Iw", DEFAULT64, NearTransferInstructions::ret);
    map.row(0xE0, "LOOPNZ Jb", DEFAULT64, (cpu, insn) -> loop(cpu, insn, false, false));
    map.row(0xE1, "LOOPZ Jb", DEFAULT64, (cpu, insn) -> loop(cpu, insn, false, true));
    map.row(0xE2, "LOOP Jb", DEFAULT64, (cpu, insn) -> loop(cpu, insn, true, false));
    map.row(0xE3, "JrCXZ Jb", DEFAULT64, NearTransferInstructions::jumpIfCountZero);
  }

  private static long relative(Cpu cpu, Instruction insn) {
    long target = insn.sequentialRip + insn.immediate & Cpu.mask(insn.operandSize);
    cpu.checkRip(target);
    return target;
  }

  private static void jumpRelative(Cpu cpu, Instruction insn) {
    insn.nextRip = relative(cpu, insn);
  }

  private static void jumpIf(Cpu cpu, Instruction insn, int condition) {
    if (Conditions.holds(cpu, condition)) {
      insn.nextRip = relative(cpu, insn);
    }
  }

  private static void callRelative(Cpu cpu, Instruction insn) {
    long target = relative(cpu, insn);
    cpu.push(insn.operandSize, insn.sequentialRip);
    insn.nextRip = target;
  }

  private static void callIndirect(Cpu cpu, Instruction insn) {
    long target = cpu.load(insn, 0);
    cpu.checkRip(target);
    cpu.push(insn.operandSize, insn.sequentialRip);
    insn.nextRip = target;
  }

  private static void jumpIndirect(Cpu cpu, Instruction insn) {
    long target = cpu.load(insn, 0);
    cpu.checkRip(target);
    insn.nextRip = target;
  }

  private static void ret(Cpu cpu, Instruction insn) {
    long target = cpu.pop(insn.operandSize);
    cpu.checkRip(target);
    cpu.setRsp(cpu.state.gpr[4] + insn.immediate, cpu.stackMask());
    insn.nextRip = target;
  }

  private static void loop(Cpu cpu, Instruction insn, boolean plain, boolean zero) {
    int size = insn.addressSize;
    long count = cpu.gpr(1, size) - 1 & Cpu.mask(size);
    boolean taken = count != 0 && (plain || cpu.state.flag(CpuState.ZF) == zero);
    if (taken) {
      insn.nextRip = relative(cpu, insn);
    }
    cpu.setGpr(1, size, count);
  }

  private static void jumpIfCountZero(Cpu cpu, Instruction insn) {
    if (cpu.gpr(1, insn.addressSize) == 0) {
      insn.nextRip = relative(cpu, insn);
    }
  }
}

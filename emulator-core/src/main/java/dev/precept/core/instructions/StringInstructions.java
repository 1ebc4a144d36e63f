package dev.precept.core.instructions;

import dev.precept.core.Cpu;
import dev.precept.core.CpuState;
import dev.precept.core.Instruction;
import dev.precept.core.OpcodeMap;
import dev.precept.core.Segment;

/** MOVS, CMPS, STOS, LODS, SCAS and the REP loop that INS and OUTS share; XLAT. */
public final class StringInstructions {
  private StringInstructions() {}

  /** One iteration; returns whether REP may go on (false ends REPE or REPNE). */
  @FunctionalInterface
  interface Iteration {
    boolean run(Cpu cpu, Instruction insn);
  }

  private static final Iteration MOVS = StringInstructions::move;
  private static final Iteration CMPS = StringInstructions::compare;
  private static final Iteration STOS = StringInstructions::store;
  private static final Iteration LODS = StringInstructions::load;
  private static final Iteration SCAS = StringInstructions::scan;

  /** Adds this family's rows. */
  public static void register(OpcodeMap map) {
    map.row(0xA4, "MOVSB", 0, (cpu, insn) -> repeat(cpu, insn, MOVS));
    map.row(0xA5, "MOVSW", 0, (cpu, insn) -> repeat(cpu, insn, MOVS));
    map.row(0xA6, "CMPSB", 0, (cpu, insn) -> repeat(cpu, insn, CMPS));
    map.row(0xA7, "CMPSW", 0, (cpu, insn) -> repeat(cpu, insn, CMPS));
    map.row(0xAA, "STOSB", 0, (cpu, insn) -> repeat(cpu, insn, STOS));
    map.row(0xAB, "STOSW", 0, (cpu, insn) -> repeat(cpu, insn, STOS));
    map.row(0xAC, "LODSB", 0, (cpu, insn) -> repeat(cpu, insn, LODS));
    map.row(0xAD, "LODSW", 0, (cpu, insn) -> repeat(cpu, insn, LODS));
    map.row(0xAE, "SCASB", 0, (cpu, insn) -> repeat(cpu, insn, SCAS));
    map.row(0xAF, "SCASW", 0, (cpu, insn) -> repeat(cpu, insn, SCAS));
    map.row(0xD7, "XLAT", 0, StringInstructions::translate);
  }

  /** Runs {@code iteration} once, or under REP until rCX is 0 (at most a bounded number). */
  static void repeat(Cpu cpu, Instruction insn, Iteration iteration) {
    if (insn.rep == 0) {
      iteration.run(cpu, insn);
      return;
    }
    int size = insn.addressSize;
    int limit = cpu.singleStep || cpu.singleIteration ? 1 : Cpu.REP_LIMIT;
    for (int i = 0; i < limit; i++) {
      long count = cpu.gpr(1, size);
      if (count == 0) {
        return;
      }
      boolean more = iteration.run(cpu, insn);
      cpu.setGpr(1, size, count - 1);
      // What is done stays done if a later iteration faults, but not the flags of CMPS and SCAS:
      // they are again what they were before the instruction (SDM vol. 2, REP).
      if (!more || count == 1) {
        return;
      }
    }
    insn.nextRip = insn.rip;
  }

  /** Moves rSI (6) or rDI (7) by {@code size} in the direction of RFLAGS.DF. */
  static void advance(Cpu cpu, Instruction insn, int register, int size) {
    long step = cpu.state.flag(CpuState.DF) ? -size : size;
    cpu.setGpr(register, insn.addressSize, cpu.gpr(register, insn.addressSize) + step);
  }

  private static int size(Instruction insn) {
    return (insn.opcode & 1) == 0 ? 1 : insn.operandSize;
  }

  private static long source(Cpu cpu, Instruction insn, int size) {
    return cpu.readMemory(insn.dataSegment(), cpu.gpr(6, insn.addressSize), size);
  }

  private static boolean move(Cpu cpu, Instruction insn) {
    int size = size(insn);
    long value = source(cpu, insn, size);
    cpu.writeMemory(Segment.ES, cpu.gpr(7, insn.addressSize), size, value);
    advance(cpu, insn, 6, size);
    advance(cpu, insn, 7, size);
    return true;
  }

  private static boolean compare(Cpu cpu, Instruction insn) {
    int size = size(insn);
    long a = source(cpu, insn, size);
    long b = cpu.readMemory(Segment.ES, cpu.gpr(7, insn.addressSize), size);
    ArithmeticInstructions.setStatus(cpu, ArithmeticInstructions.subFlags(a, b, a - b, size));
    advance(cpu, insn, 6, size);
    advance(cpu, insn, 7, size);
    return goesOn(cpu, insn);
  }

  private static boolean goesOn(Cpu cpu, Instruction insn) {
    return cpu.state.flag(CpuState.ZF) == (insn.rep == 0xF3);
  }

  private static boolean store(Cpu cpu, Instruction insn) {
    int size = size(insn);
    cpu.writeMemory(Segment.ES, cpu.gpr(7, insn.addressSize), size, cpu.state.gpr[0]);
    advance(cpu, insn, 7, size);
    return true;
  }

  private static boolean load(Cpu cpu, Instruction insn) {
    int size = size(insn);
    cpu.setGpr(0, size, source(cpu, insn, size));
    advance(cpu, insn, 6, size);
    return true;
  }

  private static boolean scan(Cpu cpu, Instruction insn) {
    int size = size(insn);
    long a = cpu.gpr(0, size);
    long b = cpu.readMemory(Segment.ES, cpu.gpr(7, insn.addressSize), size);
    ArithmeticInstructions.setStatus(cpu, ArithmeticInstructions.subFlags(a, b, a - b, size));
    advance(cpu, insn, 7, size);
    return goesOn(cpu, insn);
  }

  private static void translate(Cpu cpu, Instruction insn) {
    long at = cpu.state.gpr[3] + (cpu.state.gpr[0] & 0xFF) & Cpu.mask(insn.addressSize);
    cpu.setGpr(0, 1, cpu.readMemory(insn.dataSegment(), at, 1));
  }
}

package dev.precept.core.instructions;

import static dev.precept.core.CpuState.CF;
import static dev.precept.core.CpuState.ZF;
import static dev.precept.core.OpcodeRow.LOCKABLE;
import static dev.precept.core.OpcodeRow.MEM;

import dev.precept.core.Cpu;
import dev.precept.core.Instruction;
import dev.precept.core.OpcodeMap;

/** Bit tests, compare-and-exchange, conditional moves and sets, byte swaps. */
public final class BitInstructions {
  private BitInstructions() {}

  /** Adds this family's rows. */
  public static void register(OpcodeMap map) {
    String[] names = {"BT", "BTS", "BTR", "BTC"};
    int[] opcodes = {0x0FA3, 0x0FAB, 0x0FB3, 0x0FBB};
    for (int n = 0; n < 4; n++) {
      int operation = n;
      int lock = n == 0 ? 0 : LOCKABLE;
      map.row(opcodes[n], names[n] + " Ev,Gv", lock, (cpu, insn) -> bitTest(cpu, insn, operation));
      map.group(
          0x0FBA, 4 + n, names[n] + " Ev,Ib", lock, (cpu, insn) -> bitTest(cpu, insn, operation));
    }
    map.row(0x0FB0, "CMPXCHG Eb,Gb", LOCKABLE, BitInstructions::compareExchange);
    map.row(0x0FB1, "CMPXCHG Ev,Gv", LOCKABLE, BitInstructions::compareExchange);
    map.memory(0x0FC7, 1, "CMPXCHG8B M", LOCKABLE | MEM, BitInstructions::compareExchange8b)
        .gate((cpu, insn) -> cpu.model.cmpxchg8b && (!insn.rexW() || cpu.model.cmpxchg16b));
    for (int n = 0; n < 16; n++) {
      int condition = n;
      map.row(0x0F40 + n, "CMOVcc Gv,Ev", 0, (cpu, insn) -> move(cpu, insn, condition))
          .gate((cpu, insn) -> cpu.model.cmov);
      map.row(
          0x0F90 + n,
          "SETcc Eb",
          0,
          (cpu, insn) -> cpu.store(insn, 0, Conditions.holds(cpu, condition) ? 1 : 0));
    }
    for (int n = 0; n < 8; n++) {
      map.row(0x0FC8 + n, "BSWAP Zv", 0, BitInstructions::byteSwap);
    }
    map.row(0x0FB6, "MOVZX Gv,Eb", 0, (cpu, insn) -> cpu.store(insn, 0, cpu.load(insn, 1)));
    map.row(0x0FB7, "MOVZX Gv,Ew", 0, (cpu, insn) -> cpu.store(insn, 0, cpu.load(insn, 1)));
    map.row(0x0FBE, "MOVSX Gv,Eb", 0, (cpu, insn) -> cpu.store(insn, 0, (byte) cpu.load(insn, 1)));
    map.row(0x0FBF, "MOVSX Gv,Ew", 0, (cpu, insn) -> cpu.store(insn, 0, (short) cpu.load(insn, 1)));
    map.row(0x0FBC, "BSF Gv,Ev", 0, (cpu, insn) -> scan(cpu, insn, true));
    map.row(0x0FBD, "BSR Gv,Ev", 0, (cpu, insn) -> scan(cpu, insn, false));
  }

  private static void bitTest(Cpu cpu, Instruction insn, int operation) {
    int size = insn.operandSize;
    boolean immediate = insn.opcode == 0x0FBA;
    long bit = immediate ? insn.immediate : cpu.load(insn, 1);
    if (insn.memory && !immediate) {
      // The bit string: a register operand reaches beyond the addressed unit (APM vol. 3, BT).
      int shift = 64 - 8 * size;
      long signed = bit << shift >> shift;
      int log = size == 8 ? 6 : size == 4 ? 5 : 4;
      long offset = insn.offset + (signed >> log) * size;
      insn.offset = offset & Cpu.mask(insn.addressSize);
    }
    int n = (int) bit & (8 * size - 1);
    long a = operation == 0 ? cpu.load(insn, 0) : cpu.loadForUpdate(insn, 0);
    long mask = 1L << n;
    switch (operation) {
      case 1 -> cpu.store(insn, 0, a | mask);
      case 2 -> cpu.store(insn, 0, a & ~mask);
      case 3 -> cpu.store(insn, 0, a ^ mask);
      default -> {}
    }
    cpu.state.rflags = (cpu.state.rflags & ~CF) | (a >>> n & 1);
  }

  private static void compareExchange(Cpu cpu, Instruction insn) {
    int size = cpu.size(insn, 0);
    long a = cpu.loadForUpdate(insn, 0);
    long accumulator = cpu.gpr(0, size);
    boolean equal = a == accumulator;
    // The destination is written back even if it does not change.
    if (equal) {
      cpu.store(insn, 0, cpu.load(insn, 1));
    } else {
      if (insn.memory) {
        cpu.store(insn, 0, a);
      }
      cpu.setGpr(0, size, a);
    }
    ArithmeticInstructions.setStatus(
        cpu, ArithmeticInstructions.subFlags(accumulator, a, accumulator - a, size));
  }

  private static void compareExchange8b(Cpu cpu, Instruction insn) {
    boolean wide = insn.rexW();
    int half = wide ? 8 : 4;
    if (wide) {
      long linear = cpu.linear(insn.segment, insn.offset, 16, true);
      if ((linear & 15) != 0) {
        throw cpu.gp(0);
      }
    }
    long highOffset = insn.offset + half & Cpu.mask(insn.addressSize);
    if (!wide) {
      cpu.readForUpdate(insn, 8, insn.lock);
    }
    long low = cpu.readForUpdate(insn, half, false);
    long high = cpu.readMemory(insn.segment, highOffset, half);
    long[] gpr = cpu.state.gpr;
    boolean equal = low == cpu.gpr(0, half) && high == cpu.gpr(2, half);
    if (equal) {
      cpu.writeMemory(insn.segment, insn.offset, half, gpr[3]);
      cpu.writeMemory(insn.segment, highOffset, half, gpr[1]);
      cpu.state.rflags |= ZF;
    } else {
      cpu.writeMemory(insn.segment, insn.offset, half, low);
      cpu.writeMemory(insn.segment, highOffset, half, high);
      cpu.setGpr(0, half, low);
      cpu.setGpr(2, half, high);
      cpu.state.rflags &= ~ZF;
    }
  }

  private static void move(Cpu cpu, Instruction insn, int condition) {
    // The source is read whatever the condition; a 32-bit destination is zero-extended always.
    long value = cpu.load(insn, 1);
    cpu.store(insn, 0, Conditions.holds(cpu, condition) ? value : cpu.load(insn, 0));
  }

  private static void byteSwap(Cpu cpu, Instruction insn) {
    long value = cpu.load(insn, 0);
    cpu.store(
        insn,
        0,
        insn.operandSize == 8
            ? Long.reverseBytes(value)
            : insn.operandSize == 4 ? Integer.reverseBytes((int) value) : 0);
  }

  private static void scan(Cpu cpu, Instruction insn, boolean forward) {
    long value = cpu.load(insn, 1);
    if (value == 0) {
      cpu.state.rflags |= ZF;
      return;
    }
    cpu.state.rflags &= ~ZF;
    cpu.store(
        insn,
        0,
        forward ? Long.numberOfTrailingZeros(value) : 63 - Long.numberOfLeadingZeros(value));
  }
}

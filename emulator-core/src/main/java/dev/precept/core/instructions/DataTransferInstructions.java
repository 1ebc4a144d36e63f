package dev.precept.core.instructions;

import static dev.precept.core.OpcodeRow.DEFAULT64;
import static dev.precept.core.OpcodeRow.LOCKABLE;
import static dev.precept.core.OpcodeRow.MEM;
import static dev.precept.core.OpcodeRow.NO64;
import static dev.precept.core.OpcodeRow.ONLY64;

import dev.precept.core.Cpu;
import dev.precept.core.Instruction;
import dev.precept.core.Mmu;
import dev.precept.core.OpcodeMap;
import dev.precept.core.Segment;

/** MOV, PUSH, POP, LEA, XCHG, segment loads, ENTER and LEAVE (APM vol. 3, chapter 3). */
public final class DataTransferInstructions {
  private static final int[] STACKED_SREG = {Segment.ES, Segment.CS, Segment.SS, Segment.DS};
  private static final String[] SREG_NAMES = {"ES", "CS", "SS", "DS", "FS", "GS"};

  private DataTransferInstructions() {}

  /** Adds this family's rows. */
  public static void register(OpcodeMap map) {
    map.row(0x88, "MOV Eb,Gb", 0, DataTransferInstructions::move);
    map.row(0x89, "MOV Ev,Gv", 0, DataTransferInstructions::move);
    map.row(0x8A, "MOV Gb,Eb", 0, DataTransferInstructions::move);
    map.row(0x8B, "MOV Gv,Ev", 0, DataTransferInstructions::move);
    map.row(0x8C, "MOV Mw,Sw", 0, DataTransferInstructions::move)
        .gate((cpu, insn) -> insn.group() < 6);
    map.row(0x8E, "MOV Sw,Ew", 0, DataTransferInstructions::moveToSegment)
        .gate((cpu, insn) -> insn.group() < 6 && insn.group() != Segment.CS);
    map.row(0x8D, "LEA Gv,M", MEM, DataTransferInstructions::loadEffectiveAddress);
    map.row(0xA0, "MOV AL,Ob", 0, DataTransferInstructions::move);
    map.row(0xA1, "MOV rAX,Ov", 0, DataTransferInstructions::move);
    map.row(0xA2, "MOV Ob,AL", 0, DataTransferInstructions::move);
    map.row(0xA3, "MOV Ov,rAX", 0, DataTransferInstructions::move);
    map.group(0xC6, 0, "MOV Eb,Ib", 0, DataTransferInstructions::move);
    map.group(0xC7, 0, "MOV Ev,Iz", 0, DataTransferInstructions::move);
    map.row(0x63, "MOVSXD Gv,Ed", ONLY64, DataTransferInstructions::moveSignExtended);
    for (int n = 0; n < 8; n++) {
      map.row(0xB0 + n, "MOV Zb,Ib", 0, DataTransferInstructions::move);
      map.row(0xB8 + n, "MOV Zv,Iv", 0, DataTransferInstructions::move);
      map.row(0x50 + n, "PUSH Zv", DEFAULT64, DataTransferInstructions::push);
      map.row(0x58 + n, "POP Zv", DEFAULT64, DataTransferInstructions::pop);
      map.row(0x90 + n, "XCHG Zv,rAX", 0, DataTransferInstructions::exchangeAccumulator);
    }
    map.row(0x68, "PUSH Iz", DEFAULT64, DataTransferInstructions::pushImmediate);
    map.row(0x6A, "PUSH sIb", DEFAULT64, DataTransferInstructions::pushImmediate);
    map.group(0xFF, 6, "PUSH Ev", DEFAULT64, DataTransferInstructions::push);
    map.group(0x8F, 0, "POP Ev", DEFAULT64, DataTransferInstructions::popOperand);
    for (int n = 0; n < 4; n++) {
      int number = STACKED_SREG[n];
      map.row(
          0x06 + 8 * n,
          "PUSH_" + SREG_NAMES[number],
          NO64,
          (cpu, insn) -> pushSegment(cpu, insn, number));
      if (number != Segment.CS) {
        map.row(
            0x07 + 8 * n,
            "POP_" + SREG_NAMES[number],
            NO64,
            (cpu, insn) -> popSegment(cpu, insn, number));
      }
    }
    map.row(0x0FA0, "PUSH_FS", DEFAULT64, (cpu, insn) -> pushSegment(cpu, insn, Segment.FS));
    map.row(0x0FA1, "POP_FS", DEFAULT64, (cpu, insn) -> popSegment(cpu, insn, Segment.FS));
    map.row(0x0FA8, "PUSH_GS", DEFAULT64, (cpu, insn) -> pushSegment(cpu, insn, Segment.GS));
    map.row(0x0FA9, "POP_GS", DEFAULT64, (cpu, insn) -> popSegment(cpu, insn, Segment.GS));
    map.row(0x60, "PUSHA", NO64, DataTransferInstructions::pushAll);
    map.row(0x61, "POPA", NO64, DataTransferInstructions::popAll);
    map.row(0x86, "XCHG Eb,Gb", LOCKABLE, DataTransferInstructions::exchange);
    map.row(0x87, "XCHG Ev,Gv", LOCKABLE, DataTransferInstructions::exchange);
    map.row(0xC4, "LES Gv,M", MEM | NO64, (cpu, insn) -> loadFar(cpu, insn, Segment.ES));
    map.row(0xC5, "LDS Gv,M", MEM | NO64, (cpu, insn) -> loadFar(cpu, insn, Segment.DS));
    map.row(0x0FB2, "LSS Gv,M", MEM, (cpu, insn) -> loadFar(cpu, insn, Segment.SS));
    map.row(0x0FB4, "LFS Gv,M", MEM, (cpu, insn) -> loadFar(cpu, insn, Segment.FS));
    map.row(0x0FB5, "LGS Gv,M", MEM, (cpu, insn) -> loadFar(cpu, insn, Segment.GS));
    map.row(0xC8, "ENTER Iw,Ib2", DEFAULT64, DataTransferInstructions::enter);
    map.row(0xC9, "LEAVE", DEFAULT64, DataTransferInstructions::leave);
    map.row(0x0F0B, "UD2", 0, DataTransferInstructions::undefined);
    map.row(0x0FB9, "UD1 Gv,Ev", 0, DataTransferInstructions::undefined);
    map.row(0x0FFF, "UD0", 0, DataTransferInstructions::undefined);
    map.row(0x0F1F, "NOP Ev", 0, DataTransferInstructions::nothing);
    for (int opcode = 0x0F19; opcode < 0x0F1F; opcode++) {
      map.row(opcode, "NOP Ev", 0, DataTransferInstructions::nothing);
    }
    map.group(0x0F18, 0, "PREFETCHNTA Ev", 0, DataTransferInstructions::nothing);
    map.group(0x0F18, 1, "PREFETCHT0 Ev", 0, DataTransferInstructions::nothing);
    map.group(0x0F18, 2, "PREFETCHT1 Ev", 0, DataTransferInstructions::nothing);
    map.group(0x0F18, 3, "PREFETCHT2 Ev", 0, DataTransferInstructions::nothing);
    map.row(0x9F, "LAHF", 0, (cpu, insn) -> loadFlags(cpu))
        .gate((cpu, insn) -> !cpu.state.code64() || cpu.model.lahfLm);
    map.row(0x9E, "SAHF", 0, (cpu, insn) -> storeFlags(cpu))
        .gate((cpu, insn) -> !cpu.state.code64() || cpu.model.lahfLm);
  }

  private static void nothing(Cpu cpu, Instruction insn) {
    // NOP and prefetches touch nothing, whatever their operand.
  }

  private static void undefined(Cpu cpu, Instruction insn) {
    throw cpu.ud();
  }

  private static void loadFlags(Cpu cpu) {
    long flags = (cpu.state.rflags & 0xD5) | 2;
    cpu.state.gpr[0] = (cpu.state.gpr[0] & ~0xFF00L) | flags << 8;
  }

  private static void storeFlags(Cpu cpu) {
    cpu.state.rflags = (cpu.state.rflags & ~0xD5L) | (cpu.state.gpr[0] >> 8 & 0xD5);
  }

  private static void move(Cpu cpu, Instruction insn) {
    cpu.store(insn, 0, cpu.load(insn, 1));
  }

  private static void moveSignExtended(Cpu cpu, Instruction insn) {
    int value = (int) cpu.load(insn, 1);
    cpu.store(insn, 0, value);
  }

  private static void moveToSegment(Cpu cpu, Instruction insn) {
    int number = insn.group();
    cpu.segments.load(number, (int) cpu.load(insn, 1));
    shadowStack(cpu, number);
  }

  private static void loadEffectiveAddress(Cpu cpu, Instruction insn) {
    cpu.store(insn, 0, insn.offset);
  }

  private static void push(Cpu cpu, Instruction insn) {
    cpu.push(insn.operandSize, cpu.load(insn, 0));
  }

  private static void pushImmediate(Cpu cpu, Instruction insn) {
    cpu.push(insn.operandSize, insn.immediate);
  }

  private static void pop(Cpu cpu, Instruction insn) {
    cpu.store(insn, 0, cpu.pop(insn.operandSize));
  }

  private static void popOperand(Cpu cpu, Instruction insn) {
    long value = cpu.pop(insn.operandSize);
    if (insn.memory && insn.base == 4) {
      // An address based on rSP is computed after the increment (APM vol. 3, POP).
      insn.offset = insn.offset + insn.operandSize & Cpu.mask(insn.addressSize);
    }
    cpu.store(insn, 0, value);
  }

  private static void pushSegment(Cpu cpu, Instruction insn, int number) {
    cpu.push(insn.operandSize, cpu.state.sreg[number].selector);
  }

  private static void popSegment(Cpu cpu, Instruction insn, int number) {
    int selector = (int) cpu.peek(0, insn.operandSize) & 0xFFFF;
    cpu.segments.load(number, selector);
    // The stack pointer has the width of the stack that the value came from.
    cpu.setRsp(cpu.state.gpr[4] + insn.operandSize, cpu.stackMask());
    shadowStack(cpu, number);
  }

  /** A load of SS holds off interrupts and the single-step trap (APM vol. 2, 8.5). */
  private static void shadowStack(Cpu cpu, int number) {
    if (number == Segment.SS) {
      cpu.shadowAfter = true;
      cpu.movSsAfter = true;
      cpu.singleStep = false;
    }
  }

  private static void pushAll(Cpu cpu, Instruction insn) {
    int size = insn.operandSize;
    long mask = cpu.stackMask();
    long rsp = cpu.state.gpr[4];
    // All eight pushes are checked before the first is made.
    for (int i = 1; i <= 8; i++) {
      long linear = cpu.linear(Segment.SS, rsp - (long) size * i & mask, size, true);
      cpu.mmu.probe(linear, size, cpu.userAccess() | Mmu.WRITE);
    }
    for (int i = 0; i < 8; i++) {
      cpu.push(size, i == 4 ? rsp : cpu.state.gpr[i]);
    }
  }

  private static void popAll(Cpu cpu, Instruction insn) {
    int size = insn.operandSize;
    for (int i = 0; i < 8; i++) {
      cpu.peek(size * i, size);
    }
    long rsp = cpu.state.gpr[4];
    for (int i = 0; i < 8; i++) {
      if (i != 3) {
        cpu.setGpr(
            7 - i, size, cpu.readMemory(Segment.SS, rsp + (long) size * i & cpu.stackMask(), size));
      }
    }
    cpu.setRsp(rsp + size * 8L, cpu.stackMask());
  }

  private static void exchange(Cpu cpu, Instruction insn) {
    long a;
    if (insn.memory) {
      // XCHG with memory locks whether or not it says so.
      a = cpu.readForUpdate(insn, cpu.size(insn, 0), true);
    } else {
      a = cpu.load(insn, 0);
    }
    long b = cpu.load(insn, 1);
    cpu.store(insn, 0, b);
    cpu.store(insn, 1, a);
  }

  private static void exchangeAccumulator(Cpu cpu, Instruction insn) {
    if (insn.opcode == 0x90 && (insn.rex & 1) == 0) {
      return;
    }
    long a = cpu.load(insn, 0);
    long b = cpu.load(insn, 1);
    cpu.store(insn, 0, b);
    cpu.store(insn, 1, a);
  }

  private static void loadFar(Cpu cpu, Instruction insn, int number) {
    int size = insn.operandSize;
    long offset = cpu.readMemory(insn.segment, insn.offset, size);
    long at = insn.offset + size & Cpu.mask(insn.addressSize);
    int selector = (int) cpu.readMemory(insn.segment, at, 2);
    cpu.segments.load(number, selector);
    cpu.store(insn, 0, offset);
  }

  private static void enter(Cpu cpu, Instruction insn) {
    int size = insn.operandSize;
    int level = (int) insn.immediate2 & 31;
    long mask = cpu.stackMask();
    long rbp = cpu.state.gpr[5];
    cpu.push(size, rbp);
    long frame = cpu.state.gpr[4];
    for (int i = 1; i < level; i++) {
      rbp -= size;
      cpu.push(size, cpu.readMemory(Segment.SS, rbp & mask, size));
    }
    if (level > 0) {
      cpu.push(size, frame);
    }
    long rsp = cpu.state.gpr[4] - insn.immediate;
    // The new top of stack must be writable (APM vol. 3, ENTER).
    long linear = cpu.linear(Segment.SS, rsp & mask, size, true);
    cpu.mmu.probe(linear, size, cpu.userAccess() | Mmu.WRITE);
    cpu.setRsp(rsp, mask);
    cpu.setGpr(5, size, frame);
  }

  private static void leave(Cpu cpu, Instruction insn) {
    long mask = cpu.stackMask();
    cpu.setRsp(cpu.state.gpr[5], mask);
    cpu.setGpr(5, insn.operandSize, cpu.pop(insn.operandSize));
  }
}

package dev.precept.core.instructions;

import dev.precept.core.Cpu;
import dev.precept.core.CpuFault;
import dev.precept.core.CpuState;
import dev.precept.core.Instruction;
import dev.precept.core.OpcodeMap;

/**
 * FNINIT, FWAIT and MOVAPS: one instruction for each of the three ways in which CR0.EM, CR0.MP,
 * CR0.TS and CR4.OSFXSR keep floating-point state from a task (APM vol. 2, 3.1.1 and 3.1.3). All
 * other x87 and media opcodes are undefined here.
 */
final class FloatingPointInstructions {
  /** x87 words as FNINIT leaves them (APM vol. 5, FINIT): all masked, all registers empty. */
  private static final int CONTROL_INITIAL = 0x37F, TAG_EMPTY = 0xFFFF;

  /** Status-word bit 7: an unmasked exception is pending. */
  private static final int STATUS_ES = 1 << 7;

  private FloatingPointInstructions() {}

  static void register(OpcodeMap map) {
    map.exact(0xDB, 0xE3, "FNINIT", 0, FloatingPointInstructions::initialize)
        .check((cpu, insn) -> available(cpu, CpuState.CR0_EM | CpuState.CR0_TS));
    map.row(0x9B, "FWAIT", 0, FloatingPointInstructions::await)
        .check(FloatingPointInstructions::monitorCoprocessor);
    map.prefixed(0x0F28, 0, "MOVAPS Vo,Wo", 0, FloatingPointInstructions::load)
        .gate(FloatingPointInstructions::sse)
        .check((cpu, insn) -> available(cpu, CpuState.CR0_TS));
    map.prefixed(0x0F29, 0, "MOVAPS Wo,Vo", 0, FloatingPointInstructions::store)
        .gate(FloatingPointInstructions::sse)
        .check((cpu, insn) -> available(cpu, CpuState.CR0_TS));
  }

  /** #NM if any of {@code bits} of CR0 is set. */
  private static void available(Cpu cpu, long bits) {
    if ((cpu.state.cr0 & bits) != 0) {
      throw cpu.fault(CpuFault.NM);
    }
  }

  /** FWAIT heeds TS only together with MP, and never EM. */
  private static void monitorCoprocessor(Cpu cpu, Instruction insn) {
    long both = CpuState.CR0_MP | CpuState.CR0_TS;
    if ((cpu.state.cr0 & both) == both) {
      throw cpu.fault(CpuFault.NM);
    }
  }

  private static boolean sse(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    return cpu.model.sse && (s.cr0 & CpuState.CR0_EM) == 0 && (s.cr4 & CpuState.CR4_OSFXSR) != 0;
  }

  private static void initialize(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    s.x87Control = CONTROL_INITIAL;
    s.x87Status = 0;
    s.x87Tag = TAG_EMPTY;
    s.x87InstructionPointer = 0;
    s.x87DataPointer = 0;
    s.x87Opcode = 0;
  }

  /** With CR0.NE clear a pending exception goes out by the FERR pin, which is not modelled. */
  private static void await(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    if ((s.x87Status & STATUS_ES) != 0 && (s.cr0 & CpuState.CR0_NE) != 0) {
      throw cpu.fault(CpuFault.MF);
    }
  }

  private static void load(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    long low;
    long high;
    if (insn.memory) {
      long linear = alignedOperand(cpu, insn, false);
      low = cpu.mmu.read(linear, 8, cpu.userAccess());
      high = cpu.mmu.read(linear + 8, 8, cpu.userAccess());
    } else {
      low = s.xmmLow[insn.rm];
      high = s.xmmHigh[insn.rm];
    }
    s.xmmLow[insn.reg] = low;
    s.xmmHigh[insn.reg] = high;
  }

  private static void store(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    long low = s.xmmLow[insn.reg];
    long high = s.xmmHigh[insn.reg];
    if (insn.memory) {
      // Aligned, so all of it is in one page: the second half cannot fault.
      long linear = alignedOperand(cpu, insn, true);
      cpu.mmu.write(linear, 8, low, cpu.userAccess());
      cpu.mmu.write(linear + 8, 8, high, cpu.userAccess());
    } else {
      s.xmmLow[insn.rm] = low;
      s.xmmHigh[insn.rm] = high;
    }
  }

  /** Linear address of the 16-byte operand: #GP(0) off a 16-byte boundary, by whatever segment. */
  private static long alignedOperand(Cpu cpu, Instruction insn, boolean write) {
    long linear = cpu.linear(insn.segment, insn.offset, 16, write);
    if ((linear & 15) != 0) {
      throw cpu.gp(0);
    }
    return linear;
  }
}

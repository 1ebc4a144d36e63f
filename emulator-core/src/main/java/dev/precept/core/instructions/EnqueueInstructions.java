package dev.precept.core.instructions;

import static dev.precept.core.OpcodeRow.CPL0;
import static dev.precept.core.OpcodeRow.MEM;

import dev.precept.core.Cpu;
import dev.precept.core.CpuState;
import dev.precept.core.Instruction;
import dev.precept.core.Mmu;
import dev.precept.core.OpcodeMap;
import dev.precept.core.Segment;

/**
 * ENQCMD and ENQCMDS (SDM vol. 2A): a 64-byte command from memory goes to an enqueue register of a
 * device at ES:reg. All memory here is RAM, where no command is ever accepted: ZF is 1 and nothing
 * is written.
 */
final class EnqueueInstructions {
  private static final long STATUS =
      CpuState.CF | CpuState.PF | CpuState.AF | CpuState.ZF | CpuState.SF | CpuState.OF;

  /** PASID field of IA32_PASID and of a command, and IA32_PASID's valid bit. */
  private static final long PASID = 0xF_FFFF, PASID_VALID = 1L << 31;

  /** Bits of the first doubleword that must be 0: all for ENQCMD, 30:20 for ENQCMDS. */
  private static final long RESERVED = 0xFFFF_FFFFL, RESERVED_SUPERVISOR = 0x7FF0_0000L;

  private static final int COMMAND_SIZE = 64;

  private EnqueueInstructions() {}

  static void register(OpcodeMap map) {
    map.prefixed(0x0F38F8, 0xF2, "ENQCMD Gy,M", MEM, (cpu, insn) -> enqueue(cpu, insn, false))
        .gate((cpu, insn) -> cpu.model.enqcmd);
    map.prefixed(
            0x0F38F8, 0xF3, "ENQCMDS Gy,M", MEM | CPL0, (cpu, insn) -> enqueue(cpu, insn, true))
        .gate((cpu, insn) -> cpu.model.enqcmd);
  }

  /** ENQCMD takes the PASID of IA32_PASID, which must be valid, and ENQCMDS that of the command. */
  private static void enqueue(Cpu cpu, Instruction insn, boolean supervisor) {
    CpuState s = cpu.state;
    long target = cpu.gpr(insn.reg, insn.addressSize);
    long destination = cpu.linear(Segment.ES, target, COMMAND_SIZE, true);
    if ((destination & COMMAND_SIZE - 1) != 0) {
      throw cpu.gp(0);
    }
    if (!supervisor && (s.pasid & PASID_VALID) == 0) {
      throw cpu.gp(0);
    }
    long source = cpu.linear(insn.segment, insn.offset, COMMAND_SIZE, false);
    int access = cpu.userAccess() & Mmu.USER;
    cpu.mmu.probe(source, COMMAND_SIZE, access);
    long first = cpu.mmu.read(source, 4, access);
    if ((first & (supervisor ? RESERVED_SUPERVISOR : RESERVED)) != 0) {
      throw cpu.gp(0);
    }
    cpu.virtualization.translatePasid(cpu, insn, (int) (supervisor ? first : s.pasid & PASID));
    cpu.mmu.probe(destination, COMMAND_SIZE, access | Mmu.WRITE);
    s.rflags = (s.rflags & ~STATUS) | CpuState.ZF;
  }
}

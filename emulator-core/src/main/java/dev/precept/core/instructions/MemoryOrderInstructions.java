package dev.precept.core.instructions;

import static dev.precept.core.OpcodeRow.MEM;

import dev.precept.core.Cpu;
import dev.precept.core.Instruction;
import dev.precept.core.OpcodeMap;

/** LFENCE, MFENCE, SFENCE and CLFLUSH: nothing is reordered or cached here. */
public final class MemoryOrderInstructions {
  private MemoryOrderInstructions() {}

  /** Adds this family's rows. */
  public static void register(OpcodeMap map) {
    map.registerForm(0x0FAE, 5, "LFENCE", 0, MemoryOrderInstructions::nothing)
        .gate((cpu, insn) -> cpu.model.sse2);
    map.registerForm(0x0FAE, 6, "MFENCE", 0, MemoryOrderInstructions::nothing)
        .gate((cpu, insn) -> cpu.model.sse2);
    map.registerForm(0x0FAE, 7, "SFENCE", 0, MemoryOrderInstructions::nothing)
        .gate((cpu, insn) -> cpu.model.sse);
    map.memory(0x0FAE, 7, "CLFLUSH Eb", MEM, (cpu, insn) -> cpu.load(insn, 0))
        .gate((cpu, insn) -> cpu.model.clflush);
  }

  private static void nothing(Cpu cpu, Instruction insn) {
    // A fence orders what is in order anyway.
  }
}

package dev.precept.core.instructions;

import static dev.precept.core.OpcodeRow.REG;

import dev.precept.core.Cpu;
import dev.precept.core.CpuState;
import dev.precept.core.Instruction;
import dev.precept.core.Intercept;
import dev.precept.core.OpcodeMap;
import dev.precept.core.Stage;

/**
 * RDRAND and RDSEED (SDM vol. 2B). A number is always ready; they come from {@link
 * CpuState#random}, so that a run can be repeated.
 */
final class RandomInstructions {
  private static final long STATUS =
      CpuState.CF | CpuState.PF | CpuState.AF | CpuState.ZF | CpuState.SF | CpuState.OF;

  private RandomInstructions() {}

  static void register(OpcodeMap map) {
    for (int prefix : new int[] {0, 0x66}) {
      map.registerForm(0x0FC7, 6, prefix, "RDRAND Ev", REG, RandomInstructions::random)
          .gate((cpu, insn) -> cpu.model.rdrand)
          .vmx(Intercept.RDRAND, Stage.AFTER_PRIVILEGE);
      map.registerForm(0x0FC7, 7, prefix, "RDSEED Ev", REG, RandomInstructions::random)
          .gate((cpu, insn) -> cpu.model.rdseed)
          .vmx(Intercept.RDSEED, Stage.AFTER_PRIVILEGE);
    }
  }

  /** Marsaglia's 64-bit xorshift. */
  private static void random(Cpu cpu, Instruction insn) {
    CpuState state = cpu.state;
    long x = state.random;
    x ^= x << 13;
    x ^= x >>> 7;
    x ^= x << 17;
    state.random = x;
    cpu.store(insn, 0, x);
    state.rflags = (state.rflags & ~STATUS) | CpuState.CF;
  }
}

package dev.precept.core.instructions;

import static dev.precept.core.OpcodeRow.CPL0;

import dev.precept.core.Cpu;
import dev.precept.core.CpuState;
import dev.precept.core.Instruction;
import dev.precept.core.Intercept;
import dev.precept.core.OpcodeMap;
import dev.precept.core.Stage;

/**
 * XGETBV and XSETBV. The XSETBV intercept comes before #GP, CPL's too (APM vol. 2, table 15-7);
 * #UD, without CR4.OSXSAVE, comes before it: the instruction does not exist then.
 */
final class ExtendedStateInstructions {
  /** XCR0 bits: x87 must be set; AVX needs SSE (vol. 2, 11.5.2). */
  private static final long XCR0_X87 = 1, XCR0_SSE = 2, XCR0_AVX = 4;

  private static final int RAX = 0, RCX = 1, RDX = 2;

  private ExtendedStateInstructions() {}

  static void register(OpcodeMap map) {
    map.exact(0x0F01, 0xD0, "XGETBV", 0, ExtendedStateInstructions::xgetbv)
        .gate(ExtendedStateInstructions::osxsave);
    map.exact(0x0F01, 0xD1, "XSETBV", CPL0, ExtendedStateInstructions::xsetbv)
        .gate(ExtendedStateInstructions::osxsave)
        .svm(Intercept.XSETBV, Stage.AFTER_UD)
        .vmx(Intercept.XSETBV, Stage.AFTER_PRIVILEGE);
  }

  private static boolean osxsave(Cpu cpu, Instruction insn) {
    return cpu.model.xsave && (cpu.state.cr4 & CpuState.CR4_OSXSAVE) != 0;
  }

  private static void xgetbv(Cpu cpu, Instruction insn) {
    if (cpu.gpr(RCX, 4) != 0) {
      throw cpu.gp(0);
    }
    TimestampInstructions.pair(cpu, cpu.state.xcr0);
  }

  private static void xsetbv(Cpu cpu, Instruction insn) {
    long value = cpu.gpr(RDX, 4) << 32 | cpu.gpr(RAX, 4);
    boolean avxAlone = (value & (XCR0_AVX | XCR0_SSE)) == XCR0_AVX;
    if (cpu.gpr(RCX, 4) != 0
        || (value & XCR0_X87) == 0
        || (value & ~cpu.model.xcr0Mask) != 0
        || avxAlone) {
      throw cpu.gp(0);
    }
    cpu.state.xcr0 = value;
  }
}

package dev.precept.core.instructions;

import static dev.precept.core.OpcodeRow.CPL0;
import static dev.precept.core.OpcodeRow.FORCE64;
import static dev.precept.core.OpcodeRow.REG_ALWAYS;

import dev.precept.core.Cpu;
import dev.precept.core.CpuFault;
import dev.precept.core.CpuState;
import dev.precept.core.Instruction;
import dev.precept.core.Intercept;
import dev.precept.core.OpcodeMap;
import dev.precept.core.Stage;

/**
 * MOV to and from debug registers: "all normal exception checks take precedence over the SVM
 * intercepts" (APM vol. 2, table 15-7; vol. 3, "MOV DRn"). VMX's exit comes even before the #GP for
 * CPL and the #UD of DR4 and DR5 (SDM vol. 3C, 25.1.3).
 *
 * <p>The manual does not rank the #DB of general detect against the #GP for a 1 in the upper half
 * of DR6 or DR7. General detect guards any access whatever the value, so it comes first here.
 */
final class DebugRegisterInstructions {
  /** DR7.GD, general detect (APM vol. 2, 13.1.1.4). */
  private static final long DR7_GD = 1L << 13;

  /** DR6 bits that software sets and clears: B3-B0, BLD, BD, BS, BT; the rest is fixed. */
  private static final long DR6_WRITABLE = 0xE00F;

  /** DR7 bits that read as zero: 15:14 and 12:11. Bit 10 reads as one. */
  private static final long DR7_ZERO = 0xD800, DR7_ONE = 0x400;

  private DebugRegisterInstructions() {}

  static void register(OpcodeMap map) {
    int move = CPL0 | FORCE64 | REG_ALWAYS;
    map.row(0x0F21, "MOV Ry,Dy", move, DebugRegisterInstructions::read)
        .gate(DebugRegisterInstructions::exists)
        .check(DebugRegisterInstructions::generalDetect)
        .vmx(Intercept.MOV_DR, Stage.BEFORE_EXCEPTIONS);
    map.row(0x0F23, "MOV Dy,Ry", move, DebugRegisterInstructions::write)
        .gate(DebugRegisterInstructions::exists)
        .check(DebugRegisterInstructions::generalDetect)
        .vmx(Intercept.MOV_DR, Stage.BEFORE_EXCEPTIONS);
  }

  /** DR8-DR15 never exist; DR4 and DR5 are DR6 and DR7 unless CR4.DE makes them illegal. */
  private static boolean exists(Cpu cpu, Instruction insn) {
    boolean alias = insn.reg == 4 || insn.reg == 5;
    return insn.reg < 8 && !(alias && (cpu.state.cr4 & CpuState.CR4_DE) != 0);
  }

  private static void generalDetect(Cpu cpu, Instruction insn) {
    if ((cpu.state.dr[7] & DR7_GD) != 0) {
      CpuFault fault = cpu.fault(CpuFault.DB);
      fault.dr6 = CpuState.DR6_BD;
      throw fault;
    }
  }

  /** The register that is accessed; the intercept bit is that of the encoded number. */
  private static int alias(int dr) {
    return dr == 4 || dr == 5 ? dr + 2 : dr;
  }

  private static void read(Cpu cpu, Instruction insn) {
    CpuState state = cpu.state;
    cpu.virtualization.readDebugRegister(cpu, insn, insn.reg, insn.rm);
    cpu.setGpr(insn.rm, state.code64() ? 8 : 4, state.dr[alias(insn.reg)]);
  }

  private static void write(Cpu cpu, Instruction insn) {
    CpuState state = cpu.state;
    int dr = alias(insn.reg);
    long value = cpu.gpr(insn.rm, state.code64() ? 8 : 4);
    if (dr >= 6 && value >>> 32 != 0) {
      throw cpu.gp(0);
    }
    cpu.virtualization.writeDebugRegister(cpu, insn, insn.reg, insn.rm, value);
    state.dr[dr] =
        switch (dr) {
          case 6 -> (value & DR6_WRITABLE) | CpuState.DR6_FIXED;
          case 7 -> (value & ~DR7_ZERO) | DR7_ONE;
          default -> value;
        };
  }
}

package dev.precept.core.instructions;

import static dev.precept.core.OpcodeRow.DEFAULT64;

import dev.precept.core.Cpu;
import dev.precept.core.CpuState;
import dev.precept.core.EventDelivery;
import dev.precept.core.Instruction;
import dev.precept.core.Intercept;
import dev.precept.core.OpcodeMap;
import dev.precept.core.Stage;

/** PUSHF, POPF, CLI, STI and the single-flag instructions (APM vol. 3; VME: vol. 2, 8.2.3). */
public final class FlagInstructions {
  /** What POPF and IRET may change at any privilege. */
  static final long STATUS_AND_CONTROL =
      CpuState.CF
          | CpuState.PF
          | CpuState.AF
          | CpuState.ZF
          | CpuState.SF
          | CpuState.TF
          | CpuState.DF
          | CpuState.OF
          | CpuState.NT;

  private FlagInstructions() {}

  /** Adds this family's rows. */
  public static void register(OpcodeMap map) {
    map.row(0x9C, "PUSHF", DEFAULT64, FlagInstructions::pushFlags)
        .svm(Intercept.PUSHF, Stage.BEFORE_EXCEPTIONS)
        .check(FlagInstructions::checkVirtual);
    map.row(0x9D, "POPF", DEFAULT64, FlagInstructions::popFlags)
        .svm(Intercept.POPF, Stage.BEFORE_EXCEPTIONS)
        .check(FlagInstructions::checkVirtual);
    map.row(0xFA, "CLI", 0, FlagInstructions::clearInterrupt);
    map.row(0xFB, "STI", 0, FlagInstructions::setInterrupt);
    map.row(0xF8, "CLC", 0, (cpu, insn) -> cpu.state.rflags &= ~CpuState.CF);
    map.row(0xF9, "STC", 0, (cpu, insn) -> cpu.state.rflags |= CpuState.CF);
    map.row(0xF5, "CMC", 0, (cpu, insn) -> cpu.state.rflags ^= CpuState.CF);
    map.row(0xFC, "CLD", 0, (cpu, insn) -> cpu.state.rflags &= ~CpuState.DF);
    map.row(0xFD, "STD", 0, (cpu, insn) -> cpu.state.rflags |= CpuState.DF);
  }

  /** #GP(0) in virtual-8086 mode with IOPL below 3, but for 16-bit forms under CR4.VME. */
  static void checkVirtual(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    if (s.v86() && s.iopl() < 3 && !(vme(s) && insn.operandSize == 2)) {
      throw cpu.gp(0);
    }
  }

  static boolean vme(CpuState s) {
    return (s.cr4 & CpuState.CR4_VME) != 0;
  }

  private static void pushFlags(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    long flags = s.v86() && s.iopl() < 3 ? EventDelivery.virtualImage(s) : s.rflags;
    cpu.push(insn.operandSize, flags & ~(CpuState.RF | CpuState.VM));
  }

  private static void popFlags(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    long popped = cpu.pop(insn.operandSize);
    if (s.v86() && s.iopl() < 3) {
      s.rflags = virtualFlags(cpu, popped);
      return;
    }
    long change = STATUS_AND_CONTROL;
    if (insn.operandSize != 2) {
      change |= CpuState.AC | CpuState.ID;
    }
    if (s.cpl == 0) {
      change |= CpuState.IOPL;
    }
    if (s.cpl <= s.iopl()) {
      change |= CpuState.IF;
    }
    s.rflags = (s.rflags & ~change) | (popped & change) | 2;
  }

  /** RFLAGS after a 16-bit POPF or IRET under VME below IOPL 3: #GP(0) for TF, or IF with VIP. */
  static long virtualFlags(Cpu cpu, long popped) {
    CpuState s = cpu.state;
    boolean wantsIf = (popped & CpuState.IF) != 0;
    if ((popped & CpuState.TF) != 0 || (wantsIf && s.flag(CpuState.VIP))) {
      throw cpu.gp(0);
    }
    long flags = (s.rflags & ~(STATUS_AND_CONTROL | CpuState.VIF)) | (popped & STATUS_AND_CONTROL);
    return wantsIf ? flags | CpuState.VIF : flags;
  }

  private static void clearInterrupt(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    if (s.cpl <= s.iopl()) {
      s.rflags &= ~CpuState.IF;
    } else if (virtualInterrupts(s)) {
      s.rflags &= ~CpuState.VIF;
    } else {
      throw cpu.gp(0);
    }
  }

  private static void setInterrupt(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    if (s.cpl <= s.iopl()) {
      // Only an STI that sets IF has a shadow (APM vol. 3, STI).
      cpu.shadowAfter = !s.flag(CpuState.IF);
      s.rflags |= CpuState.IF;
    } else if (virtualInterrupts(s) && !s.flag(CpuState.VIP)) {
      s.rflags |= CpuState.VIF;
    } else {
      throw cpu.gp(0);
    }
  }

  /** VIF stands in for IF: virtual-8086 mode with VME, or CPL 3 in protected mode with PVI. */
  private static boolean virtualInterrupts(CpuState s) {
    return s.v86() ? vme(s) : s.cpl == 3 && (s.cr4 & CpuState.CR4_PVI) != 0;
  }
}

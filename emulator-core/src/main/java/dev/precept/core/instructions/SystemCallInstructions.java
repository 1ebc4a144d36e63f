package dev.precept.core.instructions;

import static dev.precept.core.OpcodeRow.CPL0;
import static dev.precept.core.OpcodeRow.ONLY64;
import static dev.precept.core.OpcodeRow.PROT;
import static dev.precept.core.OpcodeRow.PROT_GP;

import dev.precept.core.Cpu;
import dev.precept.core.CpuState;
import dev.precept.core.Instruction;
import dev.precept.core.Mmu;
import dev.precept.core.OpcodeMap;
import dev.precept.core.Segment;

/**
 * SYSCALL, SYSRET, SYSENTER, SYSEXIT and SWAPGS (APM vol. 2, chapter 6; SDM vol. 2B). The vendors
 * part ways in long mode: AMD processors have SYSCALL and SYSRET in every mode and SYSENTER and
 * SYSEXIT in legacy mode only, Intel's have SYSCALL and SYSRET in 64-bit mode only and SYSENTER and
 * SYSEXIT in every mode.
 */
public final class SystemCallInstructions {
  private static final int CODE64 = 0xA9B;
  private static final int CODE32 = 0xC9B;
  private static final int DATA32 = 0xC93;

  private SystemCallInstructions() {}

  /** Adds this family's rows. */
  public static void register(OpcodeMap map) {
    map.row(0x0F05, "SYSCALL", 0, SystemCallInstructions::systemCall)
        .gate(SystemCallInstructions::enabled);
    map.row(0x0F07, "SYSRET", PROT_GP | CPL0, SystemCallInstructions::systemReturn)
        .gate(SystemCallInstructions::enabled);
    map.row(0x0F34, "SYSENTER", PROT_GP, SystemCallInstructions::systemEnter)
        .gate(SystemCallInstructions::fastCallExists);
    map.row(0x0F35, "SYSEXIT", PROT_GP | CPL0, SystemCallInstructions::systemExit)
        .gate(SystemCallInstructions::fastCallExists);
    map.exact(0x0F01, 0xF8, "SWAPGS", ONLY64 | PROT | CPL0, (cpu, insn) -> swapGs(cpu.state));
  }

  private static boolean enabled(Cpu cpu, Instruction insn) {
    return cpu.model.syscall
        && (cpu.state.efer & CpuState.EFER_SCE) != 0
        && (!cpu.model.intel || cpu.state.code64());
  }

  private static boolean fastCallExists(Cpu cpu, Instruction insn) {
    return cpu.model.sysenter && (cpu.model.intel || !cpu.state.longMode());
  }

  private static void swapGs(CpuState s) {
    long base = s.gs.base;
    s.gs.base = s.kernelGsBase;
    s.kernelGsBase = base;
  }

  private static void flat(Segment segment, int selector, int attributes, int dpl) {
    segment.set(selector, attributes | dpl << 5, 0xFFFF_FFFFL, 0);
  }

  private static void systemCall(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    int selector = (int) (s.star >> 32) & 0xFFFC;
    if (s.longMode()) {
      long target = s.code64() ? s.lstar : s.cstar;
      s.gpr[1] = insn.sequentialRip;
      s.gpr[11] = s.rflags & ~CpuState.RF;
      s.rflags = (s.rflags & ~(s.sfmask | CpuState.RF)) | 2;
      flat(s.cs, selector, CODE64, 0);
      insn.nextRip = target;
    } else {
      s.gpr[1] = insn.sequentialRip & 0xFFFF_FFFFL;
      s.rflags &= ~(CpuState.IF | CpuState.VM | CpuState.RF);
      flat(s.cs, selector, CODE32, 0);
      insn.nextRip = s.star & 0xFFFF_FFFFL;
    }
    flat(s.ss, selector + 8, DATA32, 0);
    s.cpl = 0;
  }

  private static void systemReturn(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    int selector = (int) (s.star >> 48) & 0xFFFC;
    boolean wide = insn.operandSize == 8;
    long target = wide ? s.gpr[1] : s.gpr[1] & 0xFFFF_FFFFL;
    if (cpu.model.intel && !Mmu.canonical(s.gpr[1])) {
      throw cpu.gp(0);
    }
    if (s.longMode()) {
      // AMD loads rFLAGS from r11 without VM and RF; the target is not checked here (APM vol. 3).
      s.rflags = (s.gpr[11] & 0x3C_7FD5L) | 2;
    } else {
      s.rflags |= CpuState.IF;
    }
    flat(s.cs, selector + (wide ? 16 : 0) | 3, wide ? CODE64 : CODE32, 3);
    if (cpu.model.intel) {
      flat(s.ss, selector + 8 | 3, DATA32, 3);
    } else {
      s.ss.selector = selector + 8 | 3;
      s.ss.attributes = s.ss.attributes | 3 << 5;
    }
    s.cpl = 3;
    insn.nextRip = target;
  }

  private static void systemEnter(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    int selector = (int) s.sysenterCs & 0xFFFC;
    if (selector == 0) {
      throw cpu.gp(0);
    }
    boolean wide = s.longMode();
    long mask = wide ? -1L : 0xFFFF_FFFFL;
    flat(s.cs, selector, wide ? CODE64 : CODE32, 0);
    flat(s.ss, selector + 8, DATA32, 0);
    s.gpr[4] = s.sysenterEsp & mask;
    s.rflags &= ~(CpuState.IF | CpuState.VM);
    s.cpl = 0;
    insn.nextRip = s.sysenterEip & mask;
  }

  private static void systemExit(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    int selector = (int) s.sysenterCs & 0xFFFC;
    boolean wide = insn.operandSize == 8;
    if (selector == 0 || !exitTargetsLegal(cpu)) {
      throw cpu.gp(0);
    }
    long mask = wide ? -1L : 0xFFFF_FFFFL;
    flat(s.cs, selector + (wide ? 32 : 16) | 3, wide ? CODE64 : CODE32, 3);
    flat(s.ss, selector + (wide ? 40 : 24) | 3, DATA32, 3);
    s.gpr[4] = s.gpr[1] & mask;
    s.cpl = 3;
    insn.nextRip = s.gpr[2] & mask;
  }

  /** Intel: RCX and RDX are canonical in 64-bit mode, whatever the operand size (SDM vol. 2B). */
  private static boolean exitTargetsLegal(Cpu cpu) {
    CpuState s = cpu.state;
    if (cpu.model.intel) {
      return !s.code64() || (Mmu.canonical(s.gpr[1]) && Mmu.canonical(s.gpr[2]));
    }
    return Mmu.canonical(s.gpr[2]);
  }
}

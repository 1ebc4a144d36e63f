package dev.precept.core.instructions;

import dev.precept.core.Cpu;
import dev.precept.core.CpuState;
import dev.precept.core.Instruction;
import dev.precept.core.Intercept;
import dev.precept.core.OpcodeMap;
import dev.precept.core.Stage;
import dev.precept.core.StepResult;

/**
 * MONITOR, MWAIT, MONITORX, MWAITX and PAUSE: the first four "check all exceptions before the
 * intercept" (APM vol. 2, table 15-7). MONITOR and MWAIT above CPL 0 raise #UD unless
 * HWCR.MonMwaitUserEn is set (vol. 3).
 */
final class MonitorInstructions {
  private static final long HWCR_MON_MWAIT_USER_EN = 1 << 10;

  /** CPUID Fn0000_0005_ECX: interrupts can break MWAIT even when masked. */
  private static final int INTERRUPT_BREAK_EVENT = 1 << 1;

  /** ECX bits: interrupt break (MWAIT, MWAITX), timer (MWAITX). */
  private static final long BREAK = 1, TIMER = 2;

  private static final int RAX = 0, RCX = 1;

  private MonitorInstructions() {}

  static void register(OpcodeMap map) {
    map.exact(0x0F01, 0xC8, "MONITOR", 0, MonitorInstructions::monitor)
        .gate(MonitorInstructions::privileged)
        .check(MonitorInstructions::checkMonitor)
        .svm(Intercept.MONITOR, Stage.AFTER_CHECKS)
        .vmx(Intercept.MONITOR, Stage.AFTER_UD);
    map.exact(0x0F01, 0xC9, "MWAIT", 0, MonitorInstructions::mwait)
        .gate(MonitorInstructions::privileged)
        .check(MonitorInstructions::checkMwait)
        .svm(Intercept.MWAIT, Stage.AFTER_CHECKS)
        .vmx(Intercept.MWAIT, Stage.AFTER_UD);
    map.exact(0x0F01, 0xFA, "MONITORX", 0, MonitorInstructions::monitor)
        .gate((cpu, insn) -> cpu.model.monitorx)
        .check(MonitorInstructions::checkMonitor)
        .svm(Intercept.MONITORX, Stage.AFTER_CHECKS);
    map.exact(0x0F01, 0xFB, "MWAITX", 0, MonitorInstructions::mwait)
        .gate((cpu, insn) -> cpu.model.monitorx)
        .check(MonitorInstructions::checkMwaitx)
        .svm(Intercept.MWAITX, Stage.AFTER_CHECKS);
    map.prefixed(0x90, 0xF3, "PAUSE", 0, (cpu, insn) -> {})
        .svm(Intercept.PAUSE, Stage.AFTER_PRIVILEGE)
        .vmx(Intercept.PAUSE, Stage.AFTER_PRIVILEGE);
  }

  private static boolean privileged(Cpu cpu, Instruction insn) {
    return cpu.model.monitor
        && (cpu.state.cpl == 0 || (cpu.state.hwcr & HWCR_MON_MWAIT_USER_EN) != 0);
  }

  /** No extensions exist, so ECX must be 0; then the address must be readable like a byte. */
  private static void checkMonitor(Cpu cpu, Instruction insn) {
    if (extensions(cpu) != 0) {
      throw cpu.gp(0);
    }
    cpu.readMemory(insn.dataSegment(), cpu.gpr(RAX, insn.addressSize), 1);
  }

  private static void monitor(Cpu cpu, Instruction insn) {
    CpuState state = cpu.state;
    long offset = cpu.gpr(RAX, insn.addressSize);
    state.monitorAddress = cpu.linear(insn.dataSegment(), offset, 1, false);
    state.monitorArmed = true;
  }

  private static void checkMwait(Cpu cpu, Instruction insn) {
    boolean breakExists = (cpu.model.cpuid(5, 0, 2) & INTERRUPT_BREAK_EVENT) != 0;
    if ((extensions(cpu) & ~(breakExists ? BREAK : 0)) != 0) {
      throw cpu.gp(0);
    }
  }

  /** ECX; in 64-bit mode Intel processors look at all of RCX (SDM vol. 2B, MONITOR, MWAIT). */
  private static long extensions(Cpu cpu) {
    return cpu.gpr(RCX, cpu.model.intel && cpu.state.code64() ? 8 : 4);
  }

  private static void checkMwaitx(Cpu cpu, Instruction insn) {
    if ((cpu.gpr(RCX, 4) & ~(BREAK | TIMER)) != 0) {
      throw cpu.gp(0);
    }
  }

  /** Armed, waits like HLT; not armed, does nothing. */
  private static void mwait(Cpu cpu, Instruction insn) {
    CpuState state = cpu.state;
    if (state.monitorArmed) {
      state.monitorArmed = false;
      state.halted = true;
      cpu.result = StepResult.HALTED;
    }
  }
}

package dev.precept.core.instructions;

import static dev.precept.core.OpcodeRow.REG;

import dev.precept.core.Cpu;
import dev.precept.core.CpuState;
import dev.precept.core.Instruction;
import dev.precept.core.Intercept;
import dev.precept.core.OpcodeMap;
import dev.precept.core.Stage;

/**
 * UMONITOR, UMWAIT and TPAUSE (SDM vol. 2D, WAITPKG). A processor may leave the wait at any time;
 * this one does at once, so that it never waits longer than IA32_UMWAIT_CONTROL allows and CF is 0.
 */
final class UserWaitInstructions {
  private static final long STATUS =
      CpuState.CF | CpuState.PF | CpuState.AF | CpuState.ZF | CpuState.SF | CpuState.OF;

  private UserWaitInstructions() {}

  static void register(OpcodeMap map) {
    map.registerForm(0x0FAE, 6, 0xF3, "UMONITOR Ev", REG, UserWaitInstructions::monitor)
        .gate((cpu, insn) -> exists(cpu, Intercept.UMONITOR));
    map.registerForm(0x0FAE, 6, 0xF2, "UMWAIT Ed", REG, UserWaitInstructions::mwait)
        .gate((cpu, insn) -> exists(cpu, Intercept.UMWAIT))
        .privilege(TimestampInstructions::timeStampDisable)
        .check(UserWaitInstructions::stateExists)
        .vmx(Intercept.UMWAIT, Stage.AFTER_PRIVILEGE);
    map.registerForm(0x0FAE, 6, 0x66, "TPAUSE Ed", REG, UserWaitInstructions::pause)
        .gate((cpu, insn) -> exists(cpu, Intercept.TPAUSE))
        .privilege(TimestampInstructions::timeStampDisable)
        .check(UserWaitInstructions::stateExists)
        .vmx(Intercept.TPAUSE, Stage.AFTER_PRIVILEGE);
  }

  private static boolean exists(Cpu cpu, int id) {
    return cpu.model.waitpkg && cpu.virtualization.allows(cpu, id);
  }

  /** The address, of the address size, is checked like a load of one byte. */
  private static void monitor(Cpu cpu, Instruction insn) {
    long offset = cpu.gpr(insn.rm, insn.addressSize);
    cpu.readMemory(insn.dataSegment(), offset, 1);
    cpu.state.monitorAddress = cpu.linear(insn.dataSegment(), offset, 1, false);
    cpu.state.monitorArmed = true;
  }

  /** Bits 31:1 of the register that names the state to wait in are reserved. */
  private static void stateExists(Cpu cpu, Instruction insn) {
    if ((cpu.gpr(insn.rm, 4) & ~1L) != 0) {
      throw cpu.gp(0);
    }
  }

  private static void mwait(Cpu cpu, Instruction insn) {
    cpu.state.monitorArmed = false;
    pause(cpu, insn);
  }

  private static void pause(Cpu cpu, Instruction insn) {
    cpu.state.rflags &= ~STATUS;
  }
}

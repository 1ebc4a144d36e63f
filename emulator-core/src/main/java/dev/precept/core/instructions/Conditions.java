package dev.precept.core.instructions;

import dev.precept.core.Cpu;
import dev.precept.core.CpuState;

/** The sixteen conditions of Jcc, SETcc and CMOVcc, by opcode bits 3:0. */
final class Conditions {
  private Conditions() {}

  static boolean holds(Cpu cpu, int condition) {
    CpuState s = cpu.state;
    boolean less = s.flag(CpuState.SF) != s.flag(CpuState.OF);
    boolean base =
        switch (condition >> 1) {
          case 0 -> s.flag(CpuState.OF);
          case 1 -> s.flag(CpuState.CF);
          case 2 -> s.flag(CpuState.ZF);
          case 3 -> s.flag(CpuState.CF) || s.flag(CpuState.ZF);
          case 4 -> s.flag(CpuState.SF);
          case 5 -> s.flag(CpuState.PF);
          case 6 -> less;
          default -> less || s.flag(CpuState.ZF);
        };
    return base == ((condition & 1) == 0);
  }
}

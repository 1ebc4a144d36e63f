package dev.precept.subject.metal;

import dev.precept.cases.Case;
import dev.precept.cases.MachineState;
import dev.precept.cases.Register;

/** The processor mode of a case's first instruction, by the number that the runner gives it. */
final class Modes {
  static final int REAL = 0, V86 = 1, PROT16 = 2, PROT32 = 3, COMPAT = 4, LONG64 = 5;
  private static final long PE = 1, VM = 1 << 17, LMA = 1 << 10, L = 1 << 9, DB = 1 << 10;

  private Modes() {}

  static int of(Case testCase) {
    return of(testCase.state());
  }

  static int of(MachineState state) {
    long code = state.get(Register.CS_ATTR);
    if ((state.get(Register.CR0) & PE) == 0) {
      return REAL;
    }
    if ((state.get(Register.EFER) & LMA) != 0) {
      return (code & L) != 0 ? LONG64 : COMPAT;
    }
    if ((state.get(Register.RFLAGS) & VM) != 0) {
      return V86;
    }
    return (code & DB) != 0 ? PROT32 : PROT16;
  }

  /** Linear address of offset {@code rip} in the code segment of {@code state}. */
  static long linear(MachineState state, long rip) {
    return of(state) == LONG64 ? rip : state.get(Register.CS_BASE) + rip & 0xFFFF_FFFFL;
  }
}

package dev.precept.subject.metal;

import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.MachineState;
import dev.precept.cases.Register;

/**
 * Cases that may well shut the processor down: their IDT has no usable gate for #DF. They run alone
 * from the beginning, which spares a machine each. A guess about speed, nothing else.
 */
final class Suspicion {
  private static final int DF = 8, PRESENT = 7;

  private Suspicion() {}

  static boolean of(Case testCase) {
    MachineState state = testCase.state();
    if (Vmcs.isOf(testCase) && testCase.context() == Context.GUEST) {
      return false; // A triple fault of a guest's exits.
    }
    int mode = Modes.of(state);
    if (mode == Modes.REAL) {
      return state.get(Register.IDTR_LIMIT) < 4 * DF + 3;
    }
    int size = mode == Modes.COMPAT || mode == Modes.LONG64 ? 16 : 8;
    if (state.get(Register.IDTR_LIMIT) < (long) size * (DF + 1) - 1) {
      return true;
    }
    long access = state.get(Register.IDTR_BASE) + (long) size * DF + 5;
    return (testCase.initialByte(access) >> PRESENT & 1) == 0;
  }
}

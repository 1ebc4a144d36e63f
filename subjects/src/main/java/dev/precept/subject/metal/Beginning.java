package dev.precept.subject.metal;

import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.Register;
import dev.precept.subject.VmlaunchRegisters;
import dev.precept.subject.VmrunRegisters;

/** What the processor's registers hold just before the runner enters a case. */
final class Beginning {
  private Beginning() {}

  /**
   * The registers at the entry: outside any guest the case's own; else the host's, with those of
   * the guest that VMRUN does not load, and those that VMLOAD has loaded.
   */
  static MachineState of(Case testCase) {
    if (testCase.context() == Context.HOST) {
      return testCase.state();
    }
    MachineState begin = testCase.host().copy();
    if (Vmcs.isOf(testCase)) {
      for (Register register : VmlaunchRegisters.LEFT_ALONE) {
        begin.set(register, testCase.state().get(register));
      }
      return begin;
    }
    for (Register register : VmrunRegisters.LEFT_ALONE) {
      begin.set(register, testCase.state().get(register));
    }
    for (int i = Register.FS_SEL.ordinal(); i <= Register.TR_BASE.ordinal(); i++) {
      begin.set(Register.at(i), testCase.state().get(Register.at(i)));
    }
    for (int i = Register.STAR.ordinal(); i <= Register.SYSENTER_EIP.ordinal(); i++) {
      begin.set(Register.at(i), testCase.state().get(Register.at(i)));
    }
    return begin.set(Register.RAX, testCase.controlBlock().address());
  }

  /** Address at which the host goes on after an exit: behind VMRUN, or what the VMCS says. */
  static long hostBehindExit(Case testCase) {
    return Vmcs.isOf(testCase) ? Layout.HOST_EXIT : Layout.HOST_CODE + 6;
  }
}

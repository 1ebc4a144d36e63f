package dev.precept.generator.state;

import dev.precept.cases.MachineState;
import dev.precept.cases.Register;

/** What LBR virtualization gives a guest: a DebugCtl of its own (APM vol. 2, 15.23.1). */
final class LastBranchBuilder {
  private LastBranchBuilder() {}

  /** Makes {@code before} what the guest has, a WRMSR just before the instruction included. */
  static void guest(Draft draft, MachineState before) {
    boolean mentioned = draft.info.relevant().contains("lbr.enable");
    if (mentioned && draft.flag("guest") && draft.flag("lbr.enable")) {
      boolean cleared = draft.word("preceding").equals("wrmsr");
      before.set(Register.DEBUGCTL, cleared ? 0 : draft.controlFields.get("dbgctl"));
    }
  }
}

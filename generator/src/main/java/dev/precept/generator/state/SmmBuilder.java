package dev.precept.generator.state;

import dev.precept.cases.Layout;
import dev.precept.cases.Register;

/**
 * Builder {@code smm}: the processor is in system-management mode. The state-save area is left
 * zero: no form of the tables lets RSM complete.
 */
final class SmmBuilder {
  /** SMBASE, such that the save area at SMBASE + FE00h is {@link Layout#SMM_SAVE} + E00h. */
  static final long SMBASE = Layout.SMM_SAVE + 0xE00 - 0xFE00;

  private SmmBuilder() {}

  static void build(Draft draft) {
    draft.set(Register.SMM, draft.flag("smm") ? 1 : 0);
  }
}

package dev.precept.generator.state;

import dev.precept.cases.Layout;
import dev.precept.cases.Register;

/**
 * Builder {@code smm}: in system-management mode, with a state-save area from which RSM returns to
 * where it stands (AMD64 format, APM vol. 2, 10.2.3, table 10-1).
 */
final class SmmBuilder {
  /** SMBASE, such that the save area at SMBASE + FE00h is {@link Layout#SMM_SAVE} + E00h. */
  static final long SMBASE = Layout.SMM_SAVE + 0xE00 - 0xFE00;

  private SmmBuilder() {}

  static void build(Draft draft) {
    draft.set(Register.SMM, draft.flag("smm") ? 1 : 0);
  }
}

package dev.precept.generator.plan;

import dev.precept.tables.Mode;

/**
 * Whether one variable of a check's condition is shown to decide the check on its own (MC/DC), in
 * one mode.
 *
 * @param form {@code InstructionForm.id()}
 * @param on the case in which the check is armed; empty where nothing shows it
 * @param off the case that differs in the variable alone, and in which the check is quiet; empty as
 *     {@code on} is. Without either it is proven that no two lawful states do so with everything
 *     before the check quiet
 */
public record ClauseStatus(
    String form, Mode mode, String check, String variable, String on, String off) {

  /** Whether two cases show it. */
  public boolean shown() {
    return !on.isEmpty();
  }
}

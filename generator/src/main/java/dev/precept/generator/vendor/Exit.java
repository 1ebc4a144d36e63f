package dev.precept.generator.vendor;

import dev.precept.tables.ExitControl;
import java.util.Optional;

/**
 * An exit that is expected.
 *
 * @param control what makes the guest exit
 * @param delivering the event whose delivery the exit interrupts, if it does
 * @param fault whether an exception exits that is a fault, and not a trap or an abort
 * @param debugCauses for a debug exception, the bits of DR6 that say why
 */
public record Exit(
    ExitControl control, Optional<Event> delivering, boolean fault, long debugCauses) {
  /** An exit of an instruction or at the end of it. */
  public static Exit of(ExitControl control, Optional<Event> delivering) {
    return new Exit(control, delivering, false, 0);
  }
}

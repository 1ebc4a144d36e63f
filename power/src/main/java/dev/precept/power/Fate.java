package dev.precept.power;

import dev.precept.tables.Mode;
import java.util.Optional;

/**
 * What became of a mutant.
 *
 * @param form {@code InstructionForm.id()}
 * @param mode the mode it is wrong in; empty for a mistake in what an outcome carries, which is
 *     tried in all modes
 * @param check id of the check it is wrong about, {@code none} for completing
 * @param what the mistake, for people
 * @param detail for KILLED the case that noticed; for EQUIVALENT why none can; for SURVIVED the
 *     state in which it shows
 */
public record Fate(
    MutantKind kind,
    String form,
    Optional<Mode> mode,
    String check,
    String what,
    Status status,
    String detail) {

  /** What can become of a mutant. */
  public enum Status {
    /** A planned case does not allow what it does. */
    KILLED,
    /** Proven: in no state does it differ in anything that the manual defines. */
    EQUIVALENT,
    /** It differs in a state that no planned case has. */
    SURVIVED
  }
}

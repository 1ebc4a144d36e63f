package dev.precept.power;

import dev.precept.generator.Assignment;
import java.util.Optional;

/**
 * A form that decides wrongly, in one mode, which check wins.
 *
 * @param check index of the check that the mistake is about
 * @param what the mistake, for people
 * @param decision which check it takes
 * @param solver finds a state in which that shows
 */
record DecisionMutant(MutantKind kind, int check, String what, Decision decision, Solver solver) {

  /** The complete search for a state that tells a mutant from the tables. */
  @FunctionalInterface
  interface Solver {
    /**
     * A lawful state in which the mutant takes a check with another outcome, or the proof of none.
     */
    Optional<Assignment> telling();
  }
}

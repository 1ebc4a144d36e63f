package dev.precept.power;

import dev.precept.cases.Outcome;
import dev.precept.generator.state.Setup;

/**
 * A form that takes the right check and reports or leaves one thing wrong.
 *
 * @param what the mistake, for people
 */
record OutcomeMutant(MutantKind kind, String what, Wrong wrong) {

  /** Makes a right outcome wrong. */
  @FunctionalInterface
  interface Wrong {
    /** {@code right} with the mistake. */
    Outcome of(Setup setup, Outcome right);
  }

  /** A physical address that depends on the case. */
  @FunctionalInterface
  interface Place {
    /** The address in {@code setup}'s memory. */
    long in(Setup setup);
  }
}

package dev.precept.power;

import dev.precept.cases.Expectation;
import dev.precept.cases.Judge;
import dev.precept.cases.Outcome;
import dev.precept.generator.oracle.Oracle;
import dev.precept.generator.state.Setup;

/**
 * A planned case made concrete, with what the tables allow. It remembers which wrong winners it
 * notices: mutants by the hundred take the same few checks. Not safe for use by several threads.
 */
final class Trial {
  private static final byte UNKNOWN = 0, UNNOTICED = 1, NOTICED = 2;

  private final String id;
  private final int[] classes;
  private final long armed;
  private final Setup setup;
  private final Expectation expectation;
  private final byte[] noticed;

  /**
   * @param id of the case
   * @param classes the state, a class for each variable
   */
  Trial(FormModel model, String id, int[] classes, Setup setup, Expectation expectation) {
    this.id = id;
    this.classes = classes;
    this.armed = model.armed(classes);
    this.setup = setup;
    this.expectation = expectation;
    this.noticed = new byte[model.size() + 1];
  }

  String id() {
    return id;
  }

  Setup setup() {
    return setup;
  }

  /** Index of the check that wins, or {@link Decision#NONE}. */
  int winner() {
    return FormModel.winner(armed);
  }

  /** Whether the tables do not allow what the winner of {@code decision} brings about. */
  boolean notices(Decision decision, FormModel model, Oracle oracle) {
    int wrong = decision.winner(classes, armed);
    if (wrong == winner()) {
      return false;
    }
    if (noticed[wrong + 1] == UNKNOWN) {
      boolean not = violated(oracle.outcome(setup, model.id(wrong)).outcome());
      noticed[wrong + 1] = not ? NOTICED : UNNOTICED;
    }
    return noticed[wrong + 1] == NOTICED;
  }

  /** Whether the tables do not allow {@code outcome}. */
  boolean violated(Outcome outcome) {
    return violated(expectation, outcome);
  }

  /** Whether {@code expectation}, of this case, does not allow {@code outcome}. */
  boolean violated(Expectation only, Outcome outcome) {
    return Judge.judge(setup.testCase(), only, outcome).verdict().violates();
  }
}

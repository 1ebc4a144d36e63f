package dev.precept.subject.exec;

import dev.precept.cases.OutcomeKind;

/**
 * Why a program is of no use any more.
 *
 * @param kind {@link OutcomeKind#CRASH} if it died, else {@link OutcomeKind#NO_ANSWER}
 * @param reason what it did, for a person; begins with {@code the program}
 * @param hopeless whether starting it again cannot help
 */
record Failure(OutcomeKind kind, String reason, boolean hopeless) {
  static Failure died(String reason) {
    return new Failure(OutcomeKind.CRASH, reason, false);
  }

  static Failure misbehaved(String reason) {
    return new Failure(OutcomeKind.NO_ANSWER, reason, false);
  }

  static Failure hopeless(String reason) {
    return new Failure(OutcomeKind.NO_ANSWER, reason, true);
  }
}

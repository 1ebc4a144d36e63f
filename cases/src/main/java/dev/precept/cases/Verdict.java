package dev.precept.cases;

/** What a case's outcome means. Never two meanings in one word, never one meaning in two. */
public enum Verdict {
  /** The one outcome that the tables allow, with everything it carries. */
  HOLDS,
  /** One of several outcomes that an open order allows. */
  OPEN_HOLDS,
  /** An outcome that the tables do not allow. */
  VIOLATION,
  /** A violation in which the subject took a check that an earlier, armed one outranks. */
  PRECEDENCE_VIOLATION,
  /** The subject cannot run the case. */
  NOT_APPLICABLE,
  /** The subject hung or answered nothing usable. */
  NO_ANSWER,
  /** The subject died or threw. */
  CRASH;

  /** Whether a gate may pass with this verdict. */
  public boolean passes() {
    return this == HOLDS || this == OPEN_HOLDS || this == NOT_APPLICABLE;
  }
}

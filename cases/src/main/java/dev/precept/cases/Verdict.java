package dev.precept.cases;

/** What a case's outcome means. Never two meanings in one word, never one meaning in two. */
public enum Verdict {
  /** The one outcome that the tables allow, with everything it carries. */
  HOLDS("holds", "the documented outcome"),
  /** One of several outcomes that an open order allows. */
  OPEN_HOLDS("open-holds", "one of the outcomes the manual leaves open"),
  /** A violation in which the subject took a check that an earlier, armed one outranks. */
  PRECEDENCE_VIOLATION("precedence-violation", "took a check that an earlier one outranks"),
  /** An outcome that the tables do not allow. */
  VIOLATION("violation", "an outcome the tables do not allow"),
  /** The subject cannot run the case. */
  NOT_APPLICABLE("not-applicable", "the subject cannot run the case"),
  /** The subject hung or answered nothing usable. */
  NO_ANSWER("no-answer", "the subject gave no usable answer"),
  /** The subject died or threw. */
  CRASH("crash", "the subject died");

  private final String word;
  private final String meaning;

  Verdict(String word, String meaning) {
    this.word = word;
    this.meaning = meaning;
  }

  /** The word that files, reports and the command line use. */
  public String word() {
    return word;
  }

  /** What the word says, in a few words. */
  public String meaning() {
    return meaning;
  }

  /** Whether a gate may pass with this verdict. */
  public boolean passes() {
    return this == HOLDS || this == OPEN_HOLDS || this == NOT_APPLICABLE;
  }

  /** Whether the subject showed an outcome that the tables allow. */
  public boolean holds() {
    return this == HOLDS || this == OPEN_HOLDS;
  }

  /** Whether the subject showed an outcome that the tables rule out. */
  public boolean violates() {
    return this == VIOLATION || this == PRECEDENCE_VIOLATION;
  }

  /** Whether the subject gave no outcome to judge although it was asked for one. */
  public boolean lost() {
    return this == NO_ANSWER || this == CRASH;
  }

  /**
   * The verdict called {@code word}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Verdict of(String word) {
    for (Verdict verdict : values()) {
      if (verdict.word.equals(word)) {
        return verdict;
      }
    }
    throw new IllegalArgumentException("no verdict is called '" + word + "'");
  }
}

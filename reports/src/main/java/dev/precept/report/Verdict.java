package dev.precept.report;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * What became of a case. Each verdict is its own word and its own count; none is folded into
 * another.
 */
public enum Verdict {
  /** The outcome is the one the table allows. */
  HOLDS("holds", "the documented outcome"),
  /** The manual leaves the order open, and the outcome is one of those it leaves. */
  OPEN_HOLDS("open-holds", "one of the outcomes the manual leaves open"),
  /** The subject took a check that another, armed one outranks. */
  PRECEDENCE_VIOLATION("precedence-violation", "took a check that an earlier one outranks"),
  /** The outcome differs from the allowed ones in any other way. */
  VIOLATION("violation", "an outcome the table does not allow"),
  /** The subject said beforehand that it cannot run the case. */
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

  /** The word files, reports and the command line use. */
  @JsonValue
  public String word() {
    return word;
  }

  /** What the word says, in a few words. */
  public String meaning() {
    return meaning;
  }

  /** Whether the subject showed an outcome that the table rules out. */
  public boolean violates() {
    return this == VIOLATION || this == PRECEDENCE_VIOLATION;
  }

  /** Whether the subject showed an outcome that the table allows. */
  public boolean holds() {
    return this == HOLDS || this == OPEN_HOLDS;
  }

  /**
   * The verdict called {@code word}.
   *
   * @throws IllegalArgumentException if there is none
   */
  @JsonCreator
  public static Verdict of(String word) {
    for (Verdict verdict : values()) {
      if (verdict.word.equals(word)) {
        return verdict;
      }
    }
    throw new IllegalArgumentException("no verdict is called '" + word + "'");
  }
}

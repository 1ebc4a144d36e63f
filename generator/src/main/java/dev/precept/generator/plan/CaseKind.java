package dev.precept.generator.plan;

/** What sort of claim a case makes; {@code --kind} selects by the word. */
public enum CaseKind {
  /** One check armed, all others quiet: it fires. */
  ALONE("alone"),
  /** No check armed: the instruction completes. */
  RETIRES("retires"),
  /** All that an exit needs but its bit: nothing exits. */
  EXIT_OFF("exit-off"),
  /** Two checks armed: the earlier one wins. */
  PAIR("pair"),
  /** Every exit bit but the instruction's own is set: nothing exits. */
  EXIT_ONLY("exit-only"),
  /** One foreign exit bit at a time, all of them in turn: nothing exits. */
  EXIT_ONE_HOT("exit-one-hot"),
  /** One variable of a condition decides whether its check fires (MC/DC). */
  CLAUSE("clause"),
  /** A boundary value of a numeric variable. */
  BOUNDARY("boundary"),
  /** A value that decides no check but must come back in what the outcome carries. */
  VALUE("value"),
  /** The same state outside any guest, with the exit bits still set in the last control block. */
  HOST("host"),
  /** The same state behind another guest, or behind an instruction that left something. */
  AFTER("after");

  private final String word;

  CaseKind(String word) {
    this.word = word;
  }

  /** The word that ids, files and the command line use. */
  public String word() {
    return word;
  }
}

package dev.precept.tables;

/** The processor modes an instruction is tested in, as the variable {@code mode} numbers them. */
public enum Mode {
  REAL("real"),
  V86("v86"),
  PROT16("prot16"),
  PROT32("prot32"),
  COMPAT("compat"),
  LONG64("long64");

  private final String word;

  Mode(String word) {
    this.word = word;
  }

  /** The word tables and case ids use. */
  public String word() {
    return word;
  }
}

package dev.precept.tables;

/**
 * Where a row's fact comes from.
 *
 * @param text document, section and table, such as {@code APM2 15.9 table 15-7}
 * @param provenance how well it is known
 * @param note the reason for an {@code INFERRED} or {@code OPEN} fact; else anything or empty
 */
public record Citation(String text, Provenance provenance, String note) {
  /** How a fact is known. */
  public enum Provenance {
    /** The manual's text states it. */
    MANUAL,
    /** The manual is silent; an implementation's or maintainer's source states it. */
    CODE,
    /** Follows from other facts; the note says how. */
    INFERRED,
    /** No source settles it; the note says what was looked for. */
    OPEN
  }
}

package dev.precept.tables.expr;

/** What is known of a condition when some variables have no class yet. */
public enum Truth {
  FALSE,
  TRUE,
  UNKNOWN
}

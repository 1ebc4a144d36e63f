package dev.precept.report;

/**
 * A table row's place, parted.
 *
 * @param file relative to the tables' root; empty where the place is not known
 * @param line from 1
 */
record RowPlace(String file, int line) {
  /** Reads {@code file:line}, with or without {@code :column}. */
  static RowPlace of(String text) {
    String[] parts = text.split(":", 3);
    if (parts.length < 2 || !parts[1].matches("[0-9]{1,9}")) {
      return new RowPlace(parts[0], 1);
    }
    return new RowPlace(parts[0], Math.max(1, Integer.parseInt(parts[1])));
  }
}

package dev.precept.tables;

/**
 * Where a fact stands.
 *
 * @param file table file relative to the tables' root, with forward slashes
 * @param line line of the row in the file, from 1
 * @param column column of the cell's first character, from 1; 1 for a whole row
 */
public record Origin(String file, int line, int column) {
  @Override
  public String toString() {
    return file + ":" + line + ":" + column;
  }
}

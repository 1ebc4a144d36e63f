package dev.precept.tables.load;

import dev.precept.tables.Origin;
import java.util.ArrayList;
import java.util.List;

/** A cell of a table with the place of each of its characters in the file. */
final class Cell {
  private final String text;
  private final SourceText source;
  private final int start;
  private final boolean quoted;

  /**
   * @param text the value, quotes removed
   * @param start index of the first character of the value in the source
   * @param quoted whether quotes in the value are doubled in the source
   */
  Cell(String text, SourceText source, int start, boolean quoted) {
    this.text = text;
    this.source = source;
    this.start = start;
    this.quoted = quoted;
  }

  String text() {
    return text;
  }

  boolean isEmpty() {
    return text.isBlank();
  }

  Origin origin() {
    return at(0);
  }

  /** Where character {@code offset} of the value stands in the file. */
  Origin at(int offset) {
    int index = start;
    for (int i = 0; i < offset && i < text.length(); i++) {
      index += quoted && text.charAt(i) == '"' ? 2 : 1;
    }
    return source.origin(index);
  }

  /** A part of the cell as a cell of its own, blanks around it removed. */
  Cell part(int from, int to) {
    int first = from;
    int last = to;
    while (first < last && Character.isWhitespace(text.charAt(first))) {
      first++;
    }
    while (last > first && Character.isWhitespace(text.charAt(last - 1))) {
      last--;
    }
    int index = start;
    for (int i = 0; i < first; i++) {
      index += quoted && text.charAt(i) == '"' ? 2 : 1;
    }
    return new Cell(text.substring(first, last), source, index, quoted);
  }

  /** The parts between {@code separator}s, blanks around them removed; empty parts stay. */
  List<Cell> split(char separator) {
    List<Cell> parts = new ArrayList<>();
    int from = 0;
    for (int i = 0; i <= text.length(); i++) {
      if (i == text.length() || text.charAt(i) == separator) {
        parts.add(part(from, i));
        from = i + 1;
      }
    }
    return parts;
  }

  /** The words between blanks. */
  List<Cell> words() {
    List<Cell> words = new ArrayList<>();
    int from = -1;
    for (int i = 0; i <= text.length(); i++) {
      boolean blank = i == text.length() || Character.isWhitespace(text.charAt(i));
      if (blank && from >= 0) {
        words.add(part(from, i));
        from = -1;
      } else if (!blank && from < 0) {
        from = i;
      }
    }
    return words;
  }
}

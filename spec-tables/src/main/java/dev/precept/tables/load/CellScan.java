package dev.precept.tables.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds where each cell stands, which the CSV parser does not tell, and what a cell must not hold:
 * stray quotes, control characters, too much text.
 */
final class CellScan {
  private static final int MOST_COLUMNS = 256;

  private final SourceText source;
  private final String text;
  private final Problems problems;
  private int at;
  private boolean failed;

  private CellScan(SourceText source, Problems problems) {
    this.source = source;
    this.text = source.text();
    this.problems = problems;
  }

  /**
   * Where a cell's value is.
   *
   * @param start index of its first character, behind the opening quote
   */
  record Span(int start, boolean quoted) {}

  /** The cells of each record, comments and empty lines left out; empty if the file is unusable. */
  static Optional<List<List<Span>>> records(SourceText source, Problems problems) {
    CellScan scan = new CellScan(source, problems);
    List<List<Span>> records = new ArrayList<>();
    while (scan.at < scan.text.length() && !scan.failed) {
      char c = scan.text.charAt(scan.at);
      if (c == '#') {
        scan.comment();
      } else if (isLineEnd(c)) {
        scan.at++;
      } else {
        records.add(scan.record());
        if (records.size() > CsvFile.MOST_ROWS) {
          scan.fail(scan.at - 1, "file has more than " + CsvFile.MOST_ROWS + " rows");
        }
      }
    }
    return scan.failed ? Optional.empty() : Optional.of(records);
  }

  private void comment() {
    while (at < text.length() && !isLineEnd(text.charAt(at))) {
      at++;
    }
  }

  private List<Span> record() {
    List<Span> cells = new ArrayList<>();
    while (!failed) {
      cells.add(cell());
      if (failed || at == text.length()) {
        break;
      }
      boolean more = text.charAt(at) == ',';
      at++;
      if (!more) {
        break;
      }
      if (cells.size() == MOST_COLUMNS) {
        fail(at, "row has more than " + MOST_COLUMNS + " cells");
      }
    }
    return cells;
  }

  private Span cell() {
    return at < text.length() && text.charAt(at) == '"' ? quotedCell() : plainCell();
  }

  private Span plainCell() {
    int start = at;
    while (at < text.length() && text.charAt(at) != ',' && !isLineEnd(text.charAt(at))) {
      if (text.charAt(at) == '"') {
        fail(at, "quote in a cell that does not begin with one; quote the whole cell, double it");
      }
      control(at);
      at++;
    }
    size(start, at);
    return new Span(start, false);
  }

  private Span quotedCell() {
    int quote = at;
    at++;
    int start = at;
    while (true) {
      if (at == text.length()) {
        fail(quote, "the quote that begins this cell is never closed");
        break;
      }
      if (text.charAt(at) == '"') {
        at++;
        if (at == text.length() || text.charAt(at) == ',' || isLineEnd(text.charAt(at))) {
          break;
        }
        if (text.charAt(at) != '"') {
          fail(at, "text behind the quote that ends the cell; double quotes inside a cell");
          break;
        }
      } else {
        control(at);
      }
      at++;
    }
    size(start, at);
    return new Span(start, true);
  }

  private void size(int start, int end) {
    if (end - start > CsvFile.LARGEST_CELL) {
      fail(start, "cell is longer than " + CsvFile.LARGEST_CELL + " characters");
    }
  }

  private void control(int index) {
    char c = text.charAt(index);
    if (c < ' ' && c != '\t' && !isLineEnd(c)) {
      fail(
          index,
          String.format(Locale.ROOT, "control character U+%04X; is this a text file?", (int) c));
    } else if (turns(c)) {
      fail(
          index,
          String.format(
              Locale.ROOT,
              "character U+%04X, which does something to a terminal or turns text around; remove it",
              (int) c));
    }
  }

  /** DEL, the C1 controls, and the controls of writing direction: text that is not as it looks. */
  private static boolean turns(char c) {
    return (c >= 0x7F && c <= 0x9F)
        || (c >= 0x202A && c <= 0x202E)
        || (c >= 0x2066 && c <= 0x2069)
        || c == 0x200E
        || c == 0x200F;
  }

  /** A file that is wrong in its structure gives one error, not one for each thing that follows. */
  private void fail(int index, String message) {
    if (!failed) {
      problems.error(source.origin(index), message);
    }
    failed = true;
  }

  private static boolean isLineEnd(char c) {
    return c == '\n' || c == '\r';
  }
}

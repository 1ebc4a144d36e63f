package dev.precept.cli;

import java.io.PrintWriter;
import java.util.List;

/** Rows with their columns aligned by spaces. */
final class Columns {
  private static final int WIDEST = 40;

  private Columns() {}

  /** Prints {@code rows}; a cell wider than a column may be pushes only its own row apart. */
  static void print(PrintWriter out, List<List<String>> rows) {
    int columns = rows.stream().mapToInt(List::size).max().orElse(0);
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.max(widths[i], Math.min(WIDEST, row.get(i).length()));
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        line.append(row.get(i));
        line.append(" ".repeat(Math.max(0, widths[i] - row.get(i).length()) + 2));
      }
      out.println(line.toString().stripTrailing());
    }
  }
}

package dev.precept.tables.load;

import dev.precept.tables.Origin;
import java.util.Arrays;

/** A file's text, and where its lines begin. */
final class SourceText {
  private final String file;
  private final String text;
  private int[] lineStarts = new int[64];
  private int lines;

  SourceText(String file, String text) {
    this.file = file;
    this.text = text;
    addLine(0);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean endsLine =
          c == '\n' || (c == '\r' && (i + 1 == text.length() || text.charAt(i + 1) != '\n'));
      if (endsLine) {
        addLine(i + 1);
      }
    }
  }

  String file() {
    return file;
  }

  String text() {
    return text;
  }

  /** Where the character with index {@code index} stands. */
  Origin origin(int index) {
    int found = Arrays.binarySearch(lineStarts, 0, lines, index);
    int line = found >= 0 ? found : -found - 2;
    return new Origin(file, line + 1, index - lineStarts[line] + 1);
  }

  private void addLine(int start) {
    if (lines == lineStarts.length) {
      lineStarts = Arrays.copyOf(lineStarts, lines * 2);
    }
    lineStarts[lines++] = start;
  }
}

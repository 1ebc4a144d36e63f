package dev.precept.tables.text;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Lines of a text, broken between words at a width. */
final class Lines {
  /** However narrow the terminal is, this much of a line is used behind the indent. */
  private static final int NARROWEST = 24;

  private final int width;
  private final StringBuilder out = new StringBuilder();

  Lines(int width) {
    this.width = width;
  }

  void blank() {
    out.append('\n');
  }

  /** {@code text} as it is. */
  void line(String text) {
    out.append(text.stripTrailing()).append('\n');
  }

  /** {@code text} broken into lines that are indented by {@code indent} and styled one by one. */
  void wrapped(int indent, String text, UnaryOperator<String> style) {
    hanging(" ".repeat(indent), indent, text, style);
  }

  /** {@code text} from column {@code first} on; further lines are indented by {@code rest}. */
  void flowing(int first, int rest, String text) {
    String before = " ".repeat(first);
    int room = width - first;
    String left = text;
    while (!left.isEmpty()) {
      String piece = broken(left, Math.max(NARROWEST, room)).get(0);
      line(before + piece);
      left = left.strip().replaceAll("\\s+", " ").substring(piece.length()).strip();
      before = " ".repeat(rest);
      room = width - rest;
    }
  }

  /**
   * {@code lead}, then {@code text} from column {@code indent} on; further lines are indented. A
   * lead that is too long has a line of its own.
   */
  void hanging(String lead, int indent, String text, UnaryOperator<String> style) {
    hanging(lead, lead.length(), indent, text, style);
  }

  /**
   * As the other, for a lead that is styled.
   *
   * @param leadWidth columns that {@code lead} takes
   */
  void hanging(String lead, int leadWidth, int indent, String text, UnaryOperator<String> style) {
    String before = lead + " ".repeat(Math.max(0, indent - leadWidth));
    if (leadWidth > indent) {
      line(lead);
      before = " ".repeat(indent);
    }
    for (String piece : broken(text, Math.max(NARROWEST, width - indent))) {
      line(before + style.apply(piece));
      before = " ".repeat(indent);
    }
  }

  @Override
  public String toString() {
    return out.toString();
  }

  private static List<String> broken(String text, int room) {
    List<String> pieces = new ArrayList<>();
    StringBuilder piece = new StringBuilder();
    for (String word : text.strip().split("\\s+")) {
      if (piece.length() > 0 && piece.length() + 1 + word.length() > room) {
        pieces.add(piece.toString());
        piece.setLength(0);
      }
      if (piece.length() > 0) {
        piece.append(' ');
      }
      piece.append(word);
    }
    pieces.add(piece.toString());
    return pieces;
  }
}

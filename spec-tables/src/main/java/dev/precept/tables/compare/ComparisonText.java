package dev.precept.tables.compare;

import dev.precept.tables.text.Style;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A comparison as plain text, for a person at a terminal. */
public final class ComparisonText {
  private static final int MARK = 13;

  private ComparisonText() {}

  /**
   * {@code comparison} in two columns, then in sentences what differs.
   *
   * @param width columns of the terminal
   */
  public static String of(OrderComparison comparison, Style style, int width) {
    List<String> left = new ArrayList<>();
    List<String> right = new ArrayList<>();
    for (OrderComparison.Row row : comparison.rows()) {
      left.add(row.left().map(ComparisonText::step).orElse(""));
      right.add(row.right().map(ComparisonText::step).orElse(""));
    }
    String leftName = comparison.left().vendorName();
    String rightName = comparison.right().vendorName();
    int room = Math.max(12, (width - MARK - 4) / 2);
    int column = Math.min(room, widest(left, leftName));
    int second = Math.min(room, widest(right, rightName));
    StringBuilder text = new StringBuilder();
    text.append(style.strong(comparison.left().mnemonic() + "  " + leftName + " and " + rightName));
    text.append('\n');
    line(text, style.dim(padded(leftName, column) + "  " + padded(rightName, second)));
    for (int i = 0; i < left.size(); i++) {
      OrderComparison.Mark mark = comparison.rows().get(i).mark();
      String columns = padded(left.get(i), column) + "  " + padded(right.get(i), second);
      line(
          text,
          mark == OrderComparison.Mark.SAME ? columns : style.open(columns + "  " + word(mark)));
    }
    for (OrderComparison.Order order : comparison.orders()) {
      line(
          text,
          order.one()
              + " and "
              + order.other()
              + ": "
              + leftName
              + " "
              + first(order, order.left())
              + ", "
              + rightName
              + " "
              + first(order, order.right()));
    }
    for (OrderComparison.Row row : comparison.rows()) {
      if (row.mark() == OrderComparison.Mark.OTHERWISE) {
        line(text, row.left().orElseThrow().id() + ":");
        line(text, "  " + leftName + ": " + when(row.left().orElseThrow()));
        line(text, "  " + rightName + ": " + when(row.right().orElseThrow()));
      }
    }
    if (comparison.same()) {
      line(text, "The same order in both.");
    }
    return text.append('\n').toString();
  }

  private static String step(OrderComparison.Step step) {
    return String.format("%2d. ", step.number())
        + (step.openWith().isEmpty() ? step.id() : "{" + step.id() + "}");
  }

  private static String when(OrderComparison.Step step) {
    return step.result() + " if " + step.condition();
  }

  private static String word(OrderComparison.Mark mark) {
    return switch (mark) {
      case SAME -> "";
      case OPENNESS -> "< open in one";
      case OTHERWISE -> "< otherwise";
      case MOVED -> "< moved";
      case ONLY_HERE -> "< only here";
    };
  }

  private static String first(OrderComparison.Order order, OrderComparison.Relation relation) {
    return switch (relation) {
      case FIRST -> order.one() + " first";
      case SECOND -> order.other() + " first";
      case OPEN -> "open";
    };
  }

  private static void line(StringBuilder text, String line) {
    text.append("  ").append(line.stripTrailing()).append('\n');
  }

  private static int widest(List<String> cells, String title) {
    Optional<Integer> widest = cells.stream().map(String::length).max(Integer::compare);
    return Math.max(title.length(), widest.orElse(0));
  }

  private static String padded(String text, int width) {
    return text.length() >= width ? text : text + " ".repeat(width - text.length());
  }
}

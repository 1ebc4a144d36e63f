package dev.precept.tables.compare;

import dev.precept.tables.Check;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import dev.precept.tables.text.Notation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The checks of one instruction form as two vendors order them, next to each other.
 *
 * <p>A check is the same in both where it has the same id. Exits are each vendor's own; where one
 * is left on either side, the two are taken for the same step: "the exit".
 *
 * @param left the first vendor's form
 * @param right the other's
 * @param rows the checks in an order that follows both sides as far as they agree; a check that
 *     stands elsewhere on the other side has a row for each place
 * @param orders pairs of checks that both sides have and order differently
 */
public record OrderComparison(Form left, Form right, List<Row> rows, List<Order> orders) {
  public OrderComparison {
    rows = List.copyOf(rows);
    orders = List.copyOf(orders);
  }

  /** A vendor's form. */
  public record Form(String vendor, String vendorName, String form, String mnemonic) {
    static Form of(Tables tables, InstructionForm form) {
      return new Form(tables.vendor(), tables.vendorName(), form.id(), form.mnemonic());
    }
  }

  /** What a row shows of the two sides. */
  public enum Mark {
    /** The same check, at a place that agrees with the other side. */
    SAME,
    /** As {@link #SAME}, but only one side leaves its order against other checks open. */
    OPENNESS,
    /** As {@link #SAME}, but it fires under another condition or brings about something else. */
    OTHERWISE,
    /** The other side has the check too, at another place. */
    MOVED,
    /** The other side does not have the check. */
    ONLY_HERE
  }

  /**
   * A check on one side.
   *
   * @param number its place among the groups, from 1; checks of an open order share it
   * @param id the check's id
   * @param result what happens when it fires, {@code #GP(0)}
   * @param condition when it fires, in the tables' expression language
   * @param openWith the checks against which its order is open
   */
  public record Step(
      int number, String id, String result, String condition, List<String> openWith) {}

  /** One line of the two columns; at least one side is there. */
  public record Row(Optional<Step> left, Optional<Step> right, Mark mark) {}

  /** Which of two checks comes first. */
  public enum Relation {
    FIRST,
    SECOND,
    OPEN
  }

  /**
   * Two checks that the vendors order differently.
   *
   * @param one a check, as the left side calls it
   * @param other another one, as the left side calls it
   * @param left which of them comes first on the left
   * @param right which of them comes first on the right
   */
  public record Order(String one, String other, Relation left, Relation right) {}

  /** Whether there is nothing to tell apart. */
  public boolean same() {
    return orders.isEmpty() && rows.stream().allMatch(row -> row.mark() == Mark.SAME);
  }

  /**
   * The forms of {@code instruction} that both have, compared: those of the same id, or the only
   * ones.
   */
  public static List<OrderComparison> of(Tables left, Tables right, String instruction) {
    List<InstructionForm> ours = forms(left, instruction);
    List<InstructionForm> theirs = forms(right, instruction);
    List<OrderComparison> comparisons = new ArrayList<>();
    if (ours.size() == 1 && theirs.size() == 1) {
      comparisons.add(of(left, ours.get(0), right, theirs.get(0)));
      return comparisons;
    }
    for (InstructionForm form : ours) {
      theirs.stream()
          .filter(other -> other.id().equals(form.id()))
          .findFirst()
          .ifPresent(other -> comparisons.add(of(left, form, right, other)));
    }
    return comparisons;
  }

  private static List<InstructionForm> forms(Tables tables, String instruction) {
    return tables.forms().stream().filter(f -> f.instruction().equals(instruction)).toList();
  }

  /** Compares two forms. */
  public static OrderComparison of(
      Tables left, InstructionForm ours, Tables right, InstructionForm theirs) {
    Map<String, Step> steps = steps(left, ours);
    Map<String, Step> others = steps(right, theirs);
    pairExits(steps, others);
    List<String> a = List.copyOf(steps.keySet());
    List<String> b = arranged(others, a);
    return new OrderComparison(
        Form.of(left, ours),
        Form.of(right, theirs),
        rows(a, b, steps, others),
        orders(steps, others));
  }

  private static Map<String, Step> steps(Tables tables, InstructionForm form) {
    Notation text = new Notation(tables);
    Map<String, Step> steps = new LinkedHashMap<>();
    int number = 1;
    for (List<String> group : form.order().groups()) {
      for (String id : group) {
        Check check = tables.check(form, id);
        List<String> mates = group.stream().filter(other -> !other.equals(id)).toList();
        steps.put(
            id, new Step(number, id, text.result(check), text.expr(check.condition()), mates));
      }
      number++;
    }
    return steps;
  }

  /** Renames the one exit that only the right has to the one that only the left has. */
  private static void pairExits(Map<String, Step> steps, Map<String, Step> others) {
    List<String> ours = exitsMissingIn(others, steps);
    List<String> theirs = exitsMissingIn(steps, others);
    if (ours.size() == 1 && theirs.size() == 1) {
      Map<String, Step> renamed = new LinkedHashMap<>();
      others.forEach(
          (key, step) -> renamed.put(key.equals(theirs.get(0)) ? ours.get(0) : key, step));
      others.clear();
      others.putAll(renamed);
    }
  }

  private static List<String> exitsMissingIn(Map<String, Step> steps, Map<String, Step> others) {
    return others.keySet().stream().filter(key -> isExit(key) && !steps.containsKey(key)).toList();
  }

  private static boolean isExit(String id) {
    return id.startsWith("exit.");
  }

  private static List<Row> rows(
      List<String> a, List<String> b, Map<String, Step> left, Map<String, Step> right) {
    List<String> common = longestCommon(a, b);
    List<Row> rows = new ArrayList<>();
    int i = 0;
    int j = 0;
    for (int k = 0; k <= common.size(); k++) {
      String next = k < common.size() ? common.get(k) : "";
      for (; i < a.size() && !a.get(i).equals(next); i++) {
        rows.add(
            new Row(Optional.of(left.get(a.get(i))), Optional.empty(), alone(a.get(i), right)));
      }
      for (; j < b.size() && !b.get(j).equals(next); j++) {
        rows.add(
            new Row(Optional.empty(), Optional.of(right.get(b.get(j))), alone(b.get(j), left)));
      }
      if (k < common.size()) {
        Step ours = left.get(next);
        Step theirs = right.get(next);
        rows.add(new Row(Optional.of(ours), Optional.of(theirs), mark(next, ours, theirs)));
        i++;
        j++;
      }
    }
    return rows;
  }

  private static Mark alone(String key, Map<String, Step> others) {
    return others.containsKey(key) ? Mark.MOVED : Mark.ONLY_HERE;
  }

  private static Mark mark(String key, Step ours, Step theirs) {
    if (!alike(key, ours, theirs)) {
      return Mark.OTHERWISE;
    }
    return ours.openWith().isEmpty() == theirs.openWith().isEmpty() ? Mark.SAME : Mark.OPENNESS;
  }

  /** The keys of {@code steps}, those of an open order as the other side has them. */
  private static List<String> arranged(Map<String, Step> steps, List<String> other) {
    List<String> keys = new ArrayList<>(steps.keySet());
    keys.sort(
        Comparator.comparingInt((String key) -> steps.get(key).number())
            .thenComparingInt(key -> other.contains(key) ? other.indexOf(key) : other.size()));
    return keys;
  }

  // Every vendor's exit has its own control and code: that they differ tells nothing.
  private static boolean alike(String key, Step ours, Step theirs) {
    return isExit(key)
        || (ours.condition().equals(theirs.condition()) && ours.result().equals(theirs.result()));
  }

  private static List<String> longestCommon(List<String> a, List<String> b) {
    int[][] length = new int[a.size() + 1][b.size() + 1];
    for (int i = a.size() - 1; i >= 0; i--) {
      for (int j = b.size() - 1; j >= 0; j--) {
        length[i][j] =
            a.get(i).equals(b.get(j))
                ? length[i + 1][j + 1] + weight(a.get(i))
                : Math.max(length[i + 1][j], length[i][j + 1]);
      }
    }
    List<String> common = new ArrayList<>();
    int i = 0;
    int j = 0;
    while (i < a.size() && j < b.size()) {
      boolean taken =
          a.get(i).equals(b.get(j)) && length[i][j] == length[i + 1][j + 1] + weight(a.get(i));
      if (taken) {
        common.add(a.get(i));
        i++;
        j++;
      } else if (length[i + 1][j] >= length[i][j + 1]) {
        i++;
      } else {
        j++;
      }
    }
    return common;
  }

  // Where an exit and an exception have changed places, it is the exit that is shown as moved.
  private static int weight(String key) {
    return isExit(key) ? 9 : 10;
  }

  private static List<Order> orders(Map<String, Step> left, Map<String, Step> right) {
    List<String> both = new ArrayList<>(left.keySet());
    both.retainAll(right.keySet());
    List<Order> orders = new ArrayList<>();
    for (int i = 0; i < both.size(); i++) {
      for (int j = i + 1; j < both.size(); j++) {
        Relation ours = relation(left.get(both.get(i)), left.get(both.get(j)));
        Relation theirs = relation(right.get(both.get(i)), right.get(both.get(j)));
        if (ours != theirs) {
          orders.add(new Order(both.get(i), both.get(j), ours, theirs));
        }
      }
    }
    return Collections.unmodifiableList(orders);
  }

  private static Relation relation(Step one, Step other) {
    if (one.number() == other.number()) {
      return Relation.OPEN;
    }
    return one.number() < other.number() ? Relation.FIRST : Relation.SECOND;
  }
}

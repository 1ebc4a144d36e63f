package dev.precept.tables.reading;

import dev.precept.tables.Check;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import dev.precept.tables.reading.ReadingLine.Pair;
import dev.precept.tables.reading.SecondReading.Ruling;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What the tables and the second reading say differently.
 *
 * <p>Two checks are compared where their outcomes differ and one line of the reading places both.
 * About everything else the reading is silent.
 */
final class ReadingComparison {
  private final Tables tables;
  private final SecondReading reading;
  private final List<String> unread = new ArrayList<>();
  private final List<String> unsettled = new ArrayList<>();
  private final Set<Ruling> used = new HashSet<>();
  private final Set<String> placed = new HashSet<>();
  private int compared;
  private int silent;

  ReadingComparison(Tables tables, SecondReading reading) {
    this.tables = tables;
    this.reading = reading;
    tables.forms().forEach(this::compare);
  }

  /** Forms that no line of the reading speaks of. */
  List<String> unread() {
    return List.copyOf(unread);
  }

  /** What to do about a form that nobody has read a second time. */
  static String howToRead(String vendor, String form) {
    return vendor
        + " "
        + form
        + ": no second reading; read the manual's text without looking at the table, write the"
        + " order into docs/readings/later-"
        + vendor
        + ".txt and the line's forms into docs/readings/forms.csv";
  }

  /** Differences that no ruling settles, and exits that the reading does not know. */
  List<String> unsettled() {
    return List.copyOf(unsettled);
  }

  /** Rulings about differences that there are not. */
  List<String> stale() {
    return reading.rulings().stream()
        .filter(ruling -> !used.contains(ruling))
        .map(ruling -> ruling.forms() + ": " + ruling.first() + ", " + ruling.second())
        .toList();
  }

  /** Exits of the reading that no form which its line speaks of has. */
  Set<String> untakenExits() {
    Set<String> untaken = new TreeSet<>();
    for (List<ReadingLine> lines : reading.lines().values()) {
      for (ReadingLine line : lines) {
        line.tokens().stream()
            .filter(token -> token.startsWith("EXIT(") && !reading.checks().containsKey(token))
            .map(token -> line.name() + ": " + token)
            .filter(exit -> !placed.contains(exit))
            .forEach(untaken::add);
      }
    }
    return untaken;
  }

  /** Pairs of checks that both place. */
  int compared() {
    return compared;
  }

  /** Pairs of checks with different outcomes that the reading does not place. */
  int silent() {
    return silent;
  }

  private void compare(InstructionForm form) {
    List<ReadingLine> lines = reading.of(form.id());
    if (lines.isEmpty()) {
      unread.add(form.id());
      return;
    }
    List<String> checks = form.order().checks();
    for (int i = 0; i < checks.size(); i++) {
      exitIsRead(form, checks.get(i), lines);
      for (String later : checks.subList(i + 1, checks.size())) {
        if (!outcome(form, checks.get(i)).equals(outcome(form, later))) {
          compare(form, checks.get(i), later, lines);
        }
      }
    }
  }

  private void exitIsRead(InstructionForm form, String check, List<ReadingLine> lines) {
    if (!(tables.check(form, check).result() instanceof Check.Exit)) {
      return;
    }
    boolean read = false;
    for (ReadingLine line : lines) {
      for (String token : tokens(form, check, line)) {
        placed.add(line.name() + ": " + token);
        read = true;
      }
    }
    if (!read) {
      unsettled.add(
          tables.vendor() + " " + form.id() + ": the second reading has no exit " + check);
    }
  }

  private void compare(InstructionForm form, String one, String other, List<ReadingLine> lines) {
    boolean shared = false;
    boolean oneFirst = false;
    boolean otherFirst = false;
    for (ReadingLine line : lines) {
      for (String a : tokens(form, one, line)) {
        for (String b : tokens(form, other, line)) {
          shared |= !a.equals(b);
          oneFirst |= line.pairs().contains(new Pair(a, b));
          otherFirst |= line.pairs().contains(new Pair(b, a));
        }
      }
    }
    if (!shared) {
      silent++;
      return;
    }
    compared++;
    boolean open = form.order().open(one, other);
    boolean readOpen = oneFirst == otherFirst;
    if (readOpen ? !open : open || otherFirst) {
      String read = readOpen ? "leaves it open" : "puts " + (oneFirst ? one : other) + " first";
      differ(form, one, other, read, lines);
    }
  }

  private void differ(
      InstructionForm form, String one, String other, String read, List<ReadingLine> lines) {
    boolean open = form.order().open(one, other);
    Predicate<Ruling> settles =
        ruling ->
            SecondReading.matches(ruling.forms(), form.id())
                && (open ? ruling.open() : !ruling.open())
                && (ruling.speaksOf(one, other) || (open && ruling.speaksOf(other, one)));
    List<Ruling> rulings = reading.rulings().stream().filter(settles).toList();
    used.addAll(rulings);
    if (rulings.isEmpty()) {
      unsettled.add(
          "%s %s: the table %s, the second reading %s (%s)"
              .formatted(
                  tables.vendor(),
                  form.id(),
                  open
                      ? "leaves the order of " + one + " and " + other + " open"
                      : "puts " + one + " before " + other,
                  read,
                  lines.stream().map(ReadingLine::name).collect(Collectors.joining(", "))));
    }
  }

  /** The tokens of a line that stand for a check of a form. */
  private Set<String> tokens(InstructionForm form, String check, ReadingLine line) {
    return line.tokens().stream()
        .filter(token -> standsFor(token, form, check))
        .collect(Collectors.toSet());
  }

  private boolean standsFor(String token, InstructionForm form, String check) {
    List<String> listed = reading.checks().get(token);
    if (listed != null) {
      return SecondReading.matches(listed, check);
    }
    return token.startsWith("EXIT(")
        && tables.check(form, check).result() instanceof Check.Exit exit
        && tables.exits().get(exit.exit()).code() == number(token);
  }

  /** {@code EXIT(28)} is 28, {@code EXIT(6Eh)} 6Eh. */
  private static long number(String exit) {
    String digits = exit.substring(exit.indexOf('(') + 1, exit.length() - 1);
    return digits.endsWith("h")
        ? Long.parseLong(digits.substring(0, digits.length() - 1), 16)
        : Long.parseLong(digits);
  }

  /** What is seen when a check fires: checks that look alike have no order to see. */
  private String outcome(InstructionForm form, String check) {
    return tables.check(form, check).result().toString();
  }
}

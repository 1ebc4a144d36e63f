package dev.precept.tables.load;

import dev.precept.tables.Origin;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Collects the problems of a run. Files may be read by several threads at the same time. */
final class Problems {
  private static final int SHOWN_CELL = 80;

  private final Set<Problem> found = new LinkedHashSet<>();
  private boolean namesMissing;

  /**
   * Some rows could not be read, so the names that they give are not known: from now on unknown
   * names are no news, and telling each would bury what is.
   */
  synchronized void namesMissing() {
    namesMissing = true;
  }

  void error(Origin origin, String message) {
    add(Problem.Severity.ERROR, origin, "", message, Optional.empty());
  }

  void error(Cell cell, String message) {
    error(cell, 0, message);
  }

  void error(Cell cell, int offset, String message) {
    add(Problem.Severity.ERROR, cell.at(offset), cell.text(), message, Optional.empty());
  }

  /** An error about a name that another row should give. */
  void unknownName(Cell cell, int offset, String name, String message, Collection<String> valid) {
    if (!namesMissing) {
      unknown(cell, offset, name, message, valid);
    }
  }

  /** An error about a word, with the nearest of {@code valid} as a suggestion. */
  void unknown(Cell cell, int offset, String name, String message, Collection<String> valid) {
    add(Problem.Severity.ERROR, cell.at(offset), cell.text(), message, NearestName.of(name, valid));
  }

  void warning(Cell cell, int offset, String message) {
    add(Problem.Severity.WARNING, cell.at(offset), cell.text(), message, Optional.empty());
  }

  boolean anyErrors() {
    return found.stream().anyMatch(problem -> problem.severity() == Problem.Severity.ERROR);
  }

  List<Problem> inOrder() {
    List<Problem> sorted = new ArrayList<>(found);
    sorted.sort(
        Comparator.comparing((Problem problem) -> problem.origin().file())
            .thenComparing(problem -> problem.origin().line())
            .thenComparing(problem -> problem.origin().column()));
    return List.copyOf(sorted);
  }

  /** {@code text} as a message may show it: short, and without control characters. */
  static String shown(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .limit(SHOWN_CELL)
        .forEach(
            c -> {
              boolean printable =
                  !Character.isISOControl(c)
                      && Character.isDefined(c)
                      && Character.getType(c) != Character.FORMAT
                      && Character.getType(c) != Character.SURROGATE;
              if (printable) {
                shown.appendCodePoint(c);
              } else {
                shown.append(String.format(Locale.ROOT, "<U+%04X>", c));
              }
            });
    return text.codePointCount(0, text.length()) > SHOWN_CELL ? shown + "..." : shown.toString();
  }

  private synchronized void add(
      Problem.Severity severity,
      Origin origin,
      String cell,
      String message,
      Optional<String> suggestion) {
    found.add(new Problem(severity, origin, shown(cell), message, suggestion));
  }
}

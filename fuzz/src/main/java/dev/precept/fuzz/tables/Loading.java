package dev.precept.fuzz.tables;

import dev.precept.tables.Tables;
import dev.precept.tables.load.LoadResult;
import dev.precept.tables.load.Problem;
import dev.precept.tables.load.TableLoader;
import dev.precept.tables.text.Style;
import dev.precept.tables.text.TablesText;
import java.util.List;

/** What must hold of loading any tables. */
final class Loading {
  private static final int MOST_PROBLEMS_SHOWN = 100_000;

  private Loading() {}

  /**
   * Loads {@code vendor}'s tables: either they can be used, and then they can be shown, or each
   * thing that is wrong is told with its place, in text that does nothing to a terminal.
   *
   * @throws AssertionError if not
   */
  static void check(String vendor, MemoryTables source) {
    LoadResult result = TableLoader.load(vendor, List.of(source));
    if (result.ok() != result.errors().isEmpty()) {
      throw new AssertionError(
          result.ok() ? "errors, but tables all the same" : "no tables, and nothing says why");
    }
    if (result.problems().size() > MOST_PROBLEMS_SHOWN) {
      throw new AssertionError(result.problems().size() + " problems");
    }
    for (Problem problem : result.problems()) {
      if (problem.origin().line() < 1 || problem.origin().column() < 1) {
        throw new AssertionError("a place that is none: " + problem);
      }
      if (problem.toString().chars().anyMatch(Loading::unprintable)) {
        throw new AssertionError("a message with a character that is not to be seen: " + problem);
      }
    }
    result.tables().ifPresent(Loading::show);
  }

  private static void show(Tables tables) {
    TablesText text = new TablesText(tables, Style.PLAIN, 100);
    if (text.show().isEmpty()) {
      throw new AssertionError("tables without a text");
    }
    for (String instruction : text.instructions()) {
      text.explain(instruction);
    }
  }

  private static boolean unprintable(int c) {
    return Character.isISOControl(c) || Character.getType(c) == Character.FORMAT;
  }
}

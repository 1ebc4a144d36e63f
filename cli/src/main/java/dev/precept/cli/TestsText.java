package dev.precept.cli;

import dev.precept.generator.Generator;
import dev.precept.generator.plan.PairStatus;
import dev.precept.generator.plan.Plan;
import dev.precept.generator.plan.PlannedCase;
import dev.precept.junit.SuiteOptions;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** How many tests instruction forms give, for {@code precept tables explain}. */
final class TestsText {
  private TestsText() {}

  /**
   * The tests of the forms that {@code wanted} accepts, a line for their kinds and one for pairs.
   */
  static String of(Tables tables, Predicate<InstructionForm> wanted) {
    Plan plan = new Generator(tables).plan(wanted);
    Map<String, Integer> kinds = new LinkedHashMap<>();
    for (PlannedCase planned : plan.cases()) {
      kinds.merge(planned.kind().word(), 1, Integer::sum);
    }
    Map<String, Integer> pairs = new LinkedHashMap<>();
    for (PairStatus.Status status : PairStatus.Status.values()) {
      int count = (int) plan.count(status);
      if (count > 0) {
        pairs.put(word(status), count);
      }
    }
    String cases =
        Wording.count(plan.cases().size(), "case")
            + ": "
            + counted(kinds, ", ")
            + "; and "
            + SuiteOptions.DEFAULT_TRIES
            + " random states a form";
    String pairsOfChecks =
        pairs.isEmpty()
            ? ""
            : "pairs of checks, in every mode: "
                + counted(pairs, " + ")
                + " = "
                + Wording.number(plan.pairs().size());
    return "Tests\n" + wrapped(cases) + wrapped(pairsOfChecks);
  }

  private static String wrapped(String text) {
    StringBuilder lines = new StringBuilder();
    String line = " ";
    for (String word : text.split(" ")) {
      if (line.length() + 1 + word.length() > Terminal.width()) {
        lines.append(line).append('\n');
        line = "   ";
      }
      line += " " + word;
    }
    return text.isEmpty() ? "" : lines.append(line).append('\n').toString();
  }

  private static String word(PairStatus.Status status) {
    return switch (status) {
      case TESTED -> "tested";
      case OPEN_TESTED -> "open";
      case IMPOSSIBLE -> "proven impossible";
      default -> status.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    };
  }

  private static String counted(Map<String, Integer> counts, String between) {
    return counts.entrySet().stream()
        .map(entry -> Wording.number(entry.getValue()) + " " + entry.getKey())
        .collect(Collectors.joining(between));
  }
}

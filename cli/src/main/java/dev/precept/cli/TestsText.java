package dev.precept.cli;

import dev.precept.generator.plan.PairStatus;
import dev.precept.generator.plan.Plan;
import dev.precept.generator.plan.PlannedCase;
import dev.precept.junit.SuiteOptions;
import dev.precept.tables.InstructionForm;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * How many tests instruction forms give, for {@code precept tables explain}.
 *
 * @param width columns to keep to
 */
record TestsText(int width) {
  /**
   * The tests of the forms of {@code plan} that {@code wanted} accepts, a line for their kinds and
   * one for pairs.
   */
  String of(Plan plan, Predicate<InstructionForm> wanted) {
    List<PlannedCase> planned =
        plan.cases().stream().filter(one -> wanted.test(one.form())).toList();
    Map<String, Integer> kinds = new LinkedHashMap<>();
    for (PlannedCase one : planned) {
      kinds.merge(one.kind().word(), 1, Integer::sum);
    }
    Set<String> forms =
        plan.tables().forms().stream()
            .filter(wanted)
            .map(InstructionForm::id)
            .collect(Collectors.toSet());
    Map<PairStatus.Status, Integer> statuses = new EnumMap<>(PairStatus.Status.class);
    for (PairStatus pair : plan.pairs()) {
      if (forms.contains(pair.form())) {
        statuses.merge(pair.status(), 1, Integer::sum);
      }
    }
    Map<String, Integer> pairs = new LinkedHashMap<>();
    statuses.forEach((status, count) -> pairs.put(word(status), count));
    String cases =
        Wording.count(planned.size(), "case")
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
                + Wording.number(statuses.values().stream().mapToInt(Integer::intValue).sum());
    return "Tests\n" + wrapped(cases) + wrapped(pairsOfChecks);
  }

  private String wrapped(String text) {
    StringBuilder lines = new StringBuilder();
    String line = " ";
    for (String word : text.split(" ")) {
      if (line.length() + 1 + word.length() > width) {
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

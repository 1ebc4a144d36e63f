package dev.precept.report;

import dev.precept.cases.Difference;
import dev.precept.cases.Verdict;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A result told in plain sentences, the same in every format. */
public final class Narrative {
  private Narrative() {}

  /** The command that runs {@code result}'s case again, to be pasted into a shell. */
  public static String rerun(RunInfo run, Result result) {
    return rerunPrefix(run) + " --only " + Texts.shell(result.id());
  }

  /** The command that runs cases of {@code run} again, for a selection to follow. */
  static String rerunPrefix(RunInfo run) {
    if (!run.rerun().isEmpty()) {
      return run.rerun();
    }
    return run.subject().isEmpty()
        ? "./precept gate"
        : "./precept gate --subject " + Texts.shell(run.subject());
  }

  /** What happened, in one sentence. */
  public static String headline(Result result) {
    return switch (result.verdict()) {
      case HOLDS, OPEN_HOLDS -> "expected and got " + result.actual();
      case PRECEDENCE_VIOLATION ->
          "expected "
              + result.expected()
              + " ("
              + result.expectedCheck()
              + "), but the subject took "
              + result.actualCheck()
              + " first: "
              + result.actual();
      case VIOLATION ->
          result.expected().equals(result.actual())
              ? result.expected() + " as expected, but " + differing(result)
              : "expected " + result.expected() + ", got " + result.actual();
      case NOT_APPLICABLE -> remark("the subject cannot run this case", result);
      case NO_ANSWER -> remark("the subject gave no usable answer", result);
      case CRASH -> remark("the subject died", result);
    };
  }

  private static String differing(Result result) {
    String names =
        result.differences().stream().map(Difference::name).collect(Collectors.joining(", "));
    return switch (result.differences().size()) {
      case 0 -> "with a difference";
      case 1 -> names + " differs";
      default -> names + " differ";
    };
  }

  private static String remark(String what, Result result) {
    return result.remark().isEmpty() ? what : what + ": " + result.remark();
  }

  /**
   * The order that the case shows, such as {@code gp.tsd comes before exit.rdtsc}: the check that
   * had to win and the one that was taken where they are known, else the pair the case is about;
   * empty where it is about no order.
   */
  public static String order(Result result) {
    if (!result.actualCheck().isEmpty()) {
      return result.expectedCheck() + " comes before " + result.actualCheck();
    }
    return result.firstCheck().isEmpty() || result.secondCheck().isEmpty()
        ? ""
        : result.firstCheck() + " comes before " + result.secondCheck();
  }

  /** Everything that is known of a result of {@code run}, on several lines. */
  public static String full(RunInfo run, Result result) {
    StringBuilder text = new StringBuilder();
    line(text, "", headline(result));
    line(text, "cause", Cause.sentence(result));
    line(text, "claim", result.claim());
    if (!order(result).isEmpty()) {
      line(text, "order", order(result));
    }
    line(text, "state", result.assignment());
    for (Difference difference : result.differences()) {
      line(
          text,
          difference.name(),
          "expected " + difference.expected() + ", got " + difference.actual());
    }
    Reproducer reproducer = result.reproducer();
    line(text, "instruction", reproducer.assembly());
    line(text, "bytes", reproducer.bytes());
    line(
        text,
        "registers",
        reproducer.registers().entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .collect(Collectors.joining(" ")));
    line(text, "control block", String.join("; ", reproducer.controlBlockBits()));
    line(text, "memory", String.join("; ", reproducer.memory()));
    line(text, "reveals", result.reveals());
    line(text, "manual", result.citation());
    line(text, "table row", result.row());
    line(text, "again", rerun(run, result));
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String value) {
    if (!value.isEmpty()) {
      text.append(name).append(name.isEmpty() ? "" : ": ").append(value).append('\n');
    }
  }

  /**
   * What a whole run found, in one sentence: the first thing any report says.
   *
   * @param summary the run's counts
   */
  public static String conclusion(RunSummary summary) {
    if (summary.newViolations() > 0) {
      return violations(summary) + (summary.partial() ? ", and the run did not finish" : "");
    }
    if (summary.partial()) {
      return "The run did not finish: it proves nothing";
    }
    if (summary.complaints() > 0) {
      return "The baseline is out of date: "
          + Texts.count(summary.complaints(), "line")
          + (summary.complaints() == 1 ? " has" : " have")
          + " to change";
    }
    if (summary.newlyLost() > 0) {
      return "No "
          + (summary.known() > 0 ? "new " : "")
          + "violation seen, but "
          + Texts.count(summary.newlyLost(), "case")
          + " gave no outcome";
    }
    if (summary.judged() == 0) {
      return "No case was judged";
    }
    return summary.known() + summary.knownLost() > 0
        ? "No new violation; " + knownOnes(summary)
        : "The documented order holds";
  }

  private static String violations(RunSummary summary) {
    if (summary.known() > 0) {
      return Texts.count(summary.newViolations(), "new violation") + "; " + knownOnes(summary);
    }
    int ofOrder = summary.count(Verdict.PRECEDENCE_VIOLATION);
    return Texts.count(summary.violations(), "violation")
        + (ofOrder > 0 ? ", " + Texts.number(ofOrder) + " of the documented order" : "");
  }

  private static String knownOnes(RunSummary summary) {
    return Texts.number(summary.known())
        + (summary.known() == 1 ? " known one is" : " known ones are")
        + " in the baseline"
        + (summary.knownLost() > 0
            ? ", and " + Texts.count(summary.knownLost(), "case") + " known to give no outcome"
            : "");
  }

  /**
   * Whether a run is good: it finished, judged something, lost nothing, violated nothing that its
   * baseline does not expect, and every line of the baseline fits.
   */
  public static boolean passes(RunSummary summary) {
    return !summary.partial()
        && summary.newViolations() == 0
        && summary.complaints() == 0
        && summary.newlyLost() == 0
        && summary.judged() > 0;
  }

  /**
   * The pairs as a sum: {@code 13 tested (11 in order, 1 indistinguishable, 1 open) + 3 proven
   * never to meet (2 impossible, 1 masked) = 16}.
   */
  public static String pairSum(RunSummary summary) {
    Map<PairRecord.Sort, List<String>> parts = new EnumMap<>(PairRecord.Sort.class);
    Map<PairRecord.Sort, Integer> counts = new EnumMap<>(PairRecord.Sort.class);
    for (PairRecord.Status status : PairRecord.Status.values()) {
      int count = summary.count(status);
      counts.merge(status.sort(), count, Integer::sum);
      if (count > 0) {
        parts
            .computeIfAbsent(status.sort(), sort -> new ArrayList<>())
            .add(Texts.number(count) + " " + status.inSum());
      }
    }
    List<String> terms = new ArrayList<>();
    counts.forEach(
        (sort, count) -> {
          List<String> detail = parts.getOrDefault(sort, List.of());
          if (sort == PairRecord.Sort.NOT_RUN && count == 0) {
            return;
          }
          boolean plain = sort == PairRecord.Sort.NOT_RUN || detail.isEmpty();
          String term = Texts.number(count) + " " + sort.label();
          terms.add(plain ? term : term + " (" + String.join(", ", detail) + ")");
        });
    return String.join(" + ", terms) + " = " + Texts.number(summary.pairTotal());
  }
}

package dev.precept.report;

import dev.precept.cases.Difference;
import dev.precept.cases.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A result told in plain sentences, the same in every format. */
public final class Narrative {
  private Narrative() {}

  /** The command that runs this case again, to be pasted into a shell. */
  public static String rerun(Result result) {
    return rerunPrefix(result.subject()) + " --only " + Texts.shell(result.id());
  }

  /** The command that runs {@code subject}'s cases, for a selection to follow. */
  static String rerunPrefix(String subject) {
    boolean usual = subject.isEmpty() || subject.equals("core");
    return usual ? "./precept gate" : "./precept gate --subject " + Texts.shell(subject);
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
    return names.isEmpty() ? "with a difference" : names + " differ";
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

  /** Everything that is known of a result, on several lines. */
  public static String full(Result result) {
    StringBuilder text = new StringBuilder();
    line(text, "", headline(result));
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
    line(text, "again", rerun(result));
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
    int violations = summary.violations();
    int lost = summary.count(Verdict.NO_ANSWER) + summary.count(Verdict.CRASH);
    int judged = summary.count(Verdict.HOLDS) + summary.count(Verdict.OPEN_HOLDS) + violations;
    if (violations > 0) {
      int ofOrder = summary.count(Verdict.PRECEDENCE_VIOLATION);
      return Texts.count(violations, "violation")
          + (ofOrder > 0 ? ", " + ofOrder + " of the documented order" : "")
          + (summary.partial() ? ", and the run did not finish" : "");
    }
    if (summary.partial()) {
      return "The run did not finish: it proves nothing";
    }
    if (lost > 0) {
      return "No violation seen, but " + Texts.count(lost, "case") + " gave no outcome";
    }
    return judged == 0 ? "No case was judged" : "The documented order holds";
  }

  /** Whether a run is good: it finished, judged something, and nothing violated or was lost. */
  public static boolean passes(RunSummary summary) {
    return !summary.partial()
        && summary.violations() == 0
        && summary.count(Verdict.NO_ANSWER) + summary.count(Verdict.CRASH) == 0
        && summary.count(Verdict.HOLDS) + summary.count(Verdict.OPEN_HOLDS) > 0;
  }

  /**
   * The pairs as a sum: {@code 13 tested (11 in order, 1 alike, 1 open) + 3 proven never to meet (2
   * impossible, 1 masked) = 16}.
   */
  public static String pairSum(RunSummary summary) {
    int inOrder = summary.count(PairRecord.Status.TESTED);
    int violated = summary.count(PairRecord.Status.VIOLATED);
    int alike = summary.count(PairRecord.Status.ALIKE);
    int open = summary.count(PairRecord.Status.OPEN);
    int impossible = summary.count(PairRecord.Status.IMPOSSIBLE);
    int masked = summary.count(PairRecord.Status.MASKED);
    int notRun = summary.count(PairRecord.Status.NOT_RUN);
    List<String> tested = new ArrayList<>();
    part(tested, inOrder, "in order");
    part(tested, violated, "violated");
    part(tested, alike, "alike");
    part(tested, open, "open");
    List<String> proven = new ArrayList<>();
    part(proven, impossible, "impossible");
    part(proven, masked, "masked");
    List<String> terms = new ArrayList<>();
    terms.add(term(inOrder + violated + alike + open, "tested", tested));
    terms.add(term(impossible + masked, "proven never to meet", proven));
    if (notRun > 0) {
      terms.add(term(notRun, "not run", List.of()));
    }
    return String.join(" + ", terms) + " = " + Texts.number(summary.pairTotal());
  }

  private static String term(int count, String label, List<String> parts) {
    String term = Texts.number(count) + " " + label;
    return parts.isEmpty() ? term : term + " (" + String.join(", ", parts) + ")";
  }

  private static void part(List<String> parts, int count, String label) {
    if (count > 0) {
      parts.add(Texts.number(count) + " " + label);
    }
  }
}

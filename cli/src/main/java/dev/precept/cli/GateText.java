package dev.precept.cli;

import dev.precept.cases.Verdict;
import dev.precept.report.Baseline;
import dev.precept.report.Cause;
import dev.precept.report.Narrative;
import dev.precept.report.Result;
import dev.precept.report.Run;
import dev.precept.report.RunSummary;
import dev.precept.tables.text.Style;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What {@code precept gate} prints when it has run: what ran, the counts, what does not hold. */
final class GateText {
  private static final int SHOWN = 5;
  private static final int FORMS_NAMED = 6;
  private static final int COMPLAINTS_SHOWN = 20;

  private GateText() {}

  /**
   * @param baseline what to tell of the baseline, empty where there is none
   */
  static void print(PrintWriter out, Run run, Outputs outputs, Optional<String> baseline) {
    RunSummary summary = run.summary();
    Style style = Terminal.style();
    List<Cause> causes = Cause.of(run.unexpected());
    for (Cause cause : causes.subList(0, Math.min(SHOWN, causes.size()))) {
      print(out, style, run, cause);
    }
    if (causes.size() > SHOWN) {
      out.println("and " + Wording.count(causes.size() - SHOWN, "more cause") + " in the report");
      out.println();
    }
    out.println(
        String.format(
            Locale.ENGLISH,
            "ran      %s of %s, subject %s, in %.1f s",
            ran(summary),
            Wording.count(run.forms(), "instruction form"),
            summary.info().subjectText(),
            summary.millis() / 1000.0));
    end(
        out,
        summary,
        outputs,
        () -> {
          for (NotRun notRun : NotRun.of(run.results())) {
            notRun.told().ifPresent(told -> out.println("not run  " + told));
          }
          baseline.ifPresent(told -> print(out, run.baseline(), told));
        });
  }

  /** The counts of a run of which everything holds, without the run. */
  static void print(PrintWriter out, RunSummary summary, Outputs outputs) {
    out.println("cases    " + Wording.number(summary.cases()));
    end(out, summary, outputs, () -> {});
  }

  /**
   * That the results of some forms are those of the last run.
   *
   * @param replayed cases that a core which has changed was asked for again; 0 where it has not
   */
  static String reused(int forms, long replayed) {
    return "reused   the results of "
        + Wording.count(forms, "instruction form")
        + ": "
        + (replayed == 0
            ? "neither Precept nor what the tables say of them has changed"
            : "what the tables say of them has not changed, and the core "
                + sameAgain(replayed)
                + " that were run")
        + " (--no-cache runs them)";
  }

  /** As {@link #reused(int, long)}, of all results of the run that began at {@code started}. */
  static String reusedRun(String started, long replayed) {
    return "reused   the run of "
        + started
        + ": "
        + (replayed == 0
            ? "neither Precept nor tables nor options have changed"
            : "only the core has changed, which " + sameAgain(replayed))
        + " (--no-cache runs them)";
  }

  private static String sameAgain(long replayed) {
    return "does what it did before in " + String.format(Locale.ROOT, "%,d", replayed) + " states";
  }

  private static void end(
      PrintWriter out, RunSummary summary, Outputs outputs, Runnable beforeReport) {
    out.println("verdicts " + verdicts(summary));
    if (!summary.partial()) {
      out.println("pairs    " + Narrative.pairSum(summary));
    }
    beforeReport.run();
    out.println("report   " + outputs.report());
    out.println(Terminal.style().strong(Narrative.conclusion(summary)));
  }

  /** {@code 12 cases}, or {@code 7 of 12 cases} if the run did not finish. */
  private static String ran(RunSummary summary) {
    return summary.partial()
        ? String.format(Locale.ENGLISH, "%,d of ", summary.cases())
            + Wording.count(summary.info().planned(), "case")
        : Wording.count(summary.cases(), "case");
  }

  /** What goes wrong, how often and where; then one case of it, with how to see it again. */
  private static void print(PrintWriter out, Style style, Run run, Cause cause) {
    Result example = cause.example();
    List<String> forms = List.copyOf(cause.modesByForm().keySet());
    String named = String.join(", ", forms.subList(0, Math.min(FORMS_NAMED, forms.size())));
    int more = forms.size() - FORMS_NAMED;
    out.println(style.strong(example.verdict().word() + ": " + cause.sentence()));
    out.println(
        "  "
            + Wording.count(cause.results().size(), "case")
            + " of "
            + named
            + (more > 0 ? " and " + more + " more" : ""));
    out.println("  case   " + example.id());
    out.println("         " + Narrative.headline(example));
    if (!example.citation().isEmpty()) {
      out.println("  manual " + example.citation() + "  " + style.dim(example.row()));
    }
    out.println("  again  " + Narrative.rerun(run.summary().info(), example));
    out.println();
  }

  private static void print(PrintWriter out, Baseline baseline, String told) {
    out.println("baseline " + told);
    List<Baseline.Complaint> complaints = baseline.complaints();
    for (Baseline.Complaint complaint :
        complaints.subList(0, Math.min(COMPLAINTS_SHOWN, complaints.size()))) {
      out.println(
          baseline.place(complaint.line(), complaint.column())
              + ": "
              + complaint.pattern()
              + ": "
              + complaint.message());
    }
    if (complaints.size() > COMPLAINTS_SHOWN) {
      out.println(
          "and "
              + Wording.count(complaints.size() - COMPLAINTS_SHOWN, "more line")
              + " in the report");
    }
  }

  private static String verdicts(RunSummary summary) {
    return summary.verdicts().entrySet().stream()
        .filter(entry -> entry.getValue() > 0 || always(entry.getKey()))
        .map(GateText::counted)
        .collect(Collectors.joining(", "));
  }

  private static boolean always(Verdict verdict) {
    return verdict == Verdict.HOLDS || verdict.violates();
  }

  private static String counted(Map.Entry<Verdict, Integer> entry) {
    return String.format(Locale.ENGLISH, "%,d %s", entry.getValue(), entry.getKey().word());
  }
}

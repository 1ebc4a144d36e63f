package dev.precept.cli;

import dev.precept.cases.Verdict;
import dev.precept.report.Narrative;
import dev.precept.report.Result;
import dev.precept.report.Run;
import dev.precept.report.RunSummary;
import dev.precept.tables.text.Style;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What {@code precept gate} prints when it has run: what ran, the counts, what does not hold. */
final class GateText {
  private static final int SHOWN = 5;

  private GateText() {}

  static void print(PrintWriter out, Run run, Outputs outputs, List<Path> tables) {
    RunSummary summary = run.summary();
    Style style = Terminal.style();
    List<Result> bad =
        run.results().stream()
            .filter(result -> !result.verdict().passes())
            .sorted(Comparator.comparing(Result::verdict))
            .toList();
    for (Result result : bad.subList(0, Math.min(SHOWN, bad.size()))) {
      failure(out, style, result, tables);
    }
    if (bad.size() > SHOWN) {
      out.println("and " + Wording.count(bad.size() - SHOWN, "more case") + " in the report");
      out.println();
    }
    long forms = run.results().stream().map(r -> r.vendor() + "/" + r.formId()).distinct().count();
    out.println(
        String.format(
            Locale.ENGLISH,
            "ran      %s of %s, subject %s, in %.1f s",
            ran(summary),
            Wording.count(forms, "instruction form"),
            summary.info().subjectText(),
            summary.millis() / 1000.0));
    out.println("verdicts " + verdicts(summary));
    if (!summary.partial()) {
      out.println("pairs    " + Narrative.pairSum(summary));
    }
    out.println("report   " + outputs.report());
    out.println(style.strong(Narrative.conclusion(summary)));
  }

  /** {@code 12 cases}, or {@code 7 of 12 cases} if the run did not finish. */
  private static String ran(RunSummary summary) {
    return summary.partial()
        ? String.format(Locale.ENGLISH, "%,d of ", summary.cases())
            + Wording.count(summary.info().planned(), "case")
        : Wording.count(summary.cases(), "case");
  }

  private static void failure(PrintWriter out, Style style, Result result, List<Path> tables) {
    out.println(style.strong(result.verdict().word()) + "  " + result.id());
    out.println("  " + Narrative.headline(result));
    if (!Narrative.order(result).isEmpty()) {
      out.println("  order  " + Narrative.order(result));
    }
    if (!result.citation().isEmpty()) {
      out.println("  manual " + result.citation() + "  " + style.dim(result.row()));
    }
    out.println("  again  " + Narrative.rerun(result) + with(tables));
    out.println();
  }

  /** The options without which a case of the user's own rows is not found again. */
  private static String with(List<Path> tables) {
    return tables.stream()
        .map(folder -> " --tables '" + folder.toString().replace("'", "'\\''") + "'")
        .collect(Collectors.joining());
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

  static void printBaseline(PrintWriter out, List<Result> unexpected, List<Result> mended) {
    out.println(
        "baseline "
            + Wording.count(unexpected.size(), "violation")
            + " not in it, "
            + mended.size()
            + " in it no longer happening");
    for (Result result : mended) {
      out.println("  holds now, take it out: " + result.id());
    }
  }
}

package dev.precept.report;

import dev.precept.cases.Difference;
import dev.precept.cases.Verdict;
import java.util.List;
import java.util.Map;

/** A run of which every text would like to be markup, script, or the end of what it stands in. */
public final class Hostile {
  public static final String TEXT =
      "</script><script>window.hacked = 1</script><img src=x onerror=window.hacked=2> \"quoted\" 'single' & <!--"
          + " \u0000\u001b[31m\u2028 ]]> ${x} <#if>";

  private Hostile() {}

  public static Result result() {
    return new Result(
        TEXT,
        TEXT,
        "svm",
        TEXT,
        "",
        TEXT,
        TEXT,
        TEXT,
        Verdict.VIOLATION,
        TEXT,
        TEXT,
        TEXT,
        TEXT,
        TEXT,
        TEXT,
        List.of(new Difference(TEXT, TEXT, TEXT)),
        TEXT,
        new Reproducer(TEXT, TEXT, Map.of(TEXT, TEXT), List.of(TEXT), List.of(TEXT)),
        TEXT,
        TEXT,
        TEXT,
        TEXT,
        1);
  }

  public static Run run() {
    RunInfo info = new RunInfo(TEXT, TEXT, TEXT, List.of("svm"), TEXT, TEXT, 1, "", TEXT);
    PairRecord pair =
        new PairRecord("svm", TEXT, TEXT, TEXT, TEXT, PairRecord.Status.VIOLATED, TEXT, TEXT);
    CoverageGap gap = new CoverageGap("svm", TEXT, TEXT, TEXT, TEXT);
    return new Run(
        RunSummary.of(info, List.of(result()), List.of(pair), 1, false),
        List.of(result()),
        List.of(pair),
        List.of(gap));
  }
}

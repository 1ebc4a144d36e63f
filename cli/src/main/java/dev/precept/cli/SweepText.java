package dev.precept.cli;

import dev.precept.cases.Verdict;
import dev.precept.sweep.Finding;
import dev.precept.sweep.Sweep;
import dev.precept.sweep.SweepReport;
import dev.precept.sweep.SweepReport.VendorShare;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a sweep says, while it runs and at its end. */
final class SweepText {
  /** Findings printed; there are as many again of every form that is as wrong. */
  private static final int SHOWN = 10;

  /** Where there is no terminal, a line now and then. */
  private static final double LINE_SECONDS = 60;

  private final PrintWriter out;
  private final PrintWriter err;
  private final String command;
  private double told;

  SweepText(PrintWriter out, PrintWriter err, String command) {
    this.out = out;
    this.err = err;
    this.command = command;
  }

  /** Tells how far a run is: on a terminal always, else a line a minute. */
  void progress(Progress progress, Sweep.Progress at) {
    String line =
        String.format(
            Locale.ENGLISH,
            "%,d cases, %,.0f a second, %,d paths to go, about %s",
            at.cases(),
            at.rate(),
            at.remaining(),
            time(at.remainingSeconds()));
    progress.say(line);
    if (!Terminal.attached() && at.seconds() - told >= LINE_SECONDS) {
      told = at.seconds();
      err.println(line);
    }
  }

  private static String time(double seconds) {
    return seconds < 100
        ? String.format(Locale.ENGLISH, "%.0f s", seconds)
        : String.format(Locale.ENGLISH, "%,.0f min", seconds / 60);
  }

  /** The findings, the size of the space and how much of it was run, the verdicts. */
  void print(SweepReport report) {
    List<Finding> findings = report.findings();
    for (Finding finding : findings.subList(0, Math.min(SHOWN, findings.size()))) {
      out.println(finding.verdict().word() + ": " + finding.form() + ": " + finding.what());
      out.println(
          "  again  "
              + command
              + " --vendor "
              + finding.vendor()
              + " --instruction "
              + finding.form()
              + " --state "
              + Invocation.word(finding.state()));
      out.println();
    }
    if (findings.size() > SHOWN) {
      out.println("and " + Wording.count(findings.size() - SHOWN, "more state"));
      out.println();
    }
    report.vendors().stream().filter(one -> one.strata() > 0).forEach(this::print);
    long now = report.cases() - report.resumed();
    out.println(
        String.format(
            Locale.ENGLISH,
            "ran      %s in %.1f s, %,.0f a second%s",
            Wording.count(now, "case"),
            report.seconds(),
            now / Math.max(0.001, report.seconds()),
            report.resumed() == 0
                ? ""
                : ", after " + Wording.count(report.resumed(), "case") + " of the checkpoint"));
    out.println(
        "verdicts "
            + List.of(Verdict.values()).stream()
                .filter(
                    verdict ->
                        verdict == Verdict.HOLDS || verdict.violates() || report.count(verdict) > 0)
                .map(verdict -> Wording.number(report.count(verdict)) + " " + verdict.word())
                .collect(Collectors.joining(", ")));
    out.println(conclusion(report));
  }

  private void print(VendorShare share) {
    out.println(
        String.format(
            Locale.ENGLISH,
            "space    %s: %s and modes, %s combinations, %s paths",
            share.vendor(),
            Wording.number(share.strata()) + " forms",
            large(new BigDecimal(share.product())),
            Wording.number(share.paths())));
    String thin = share.thinnest().isEmpty() ? "" : "; least, " + share.thinnest();
    out.println(
        String.format(
            Locale.ENGLISH,
            "coverage %s: %,d of %,d paths (%.3g %%), %,d of %,d forms and modes whole%s",
            share.vendor(),
            share.taken(),
            share.assigned(),
            100.0 * share.taken() / Math.max(1, share.assigned()),
            share.whole(),
            share.strata(),
            thin));
    out.println(
        String.format(
            Locale.ENGLISH,
            "states   %s: %,d run, %,d paths proven to have none, %,d not realisable",
            share.vendor(),
            share.cases(),
            share.impossible(),
            share.unbuildable()));
  }

  private static String large(BigDecimal number) {
    return number.precision() < 10
        ? Wording.number(number.longValue())
        : String.format(Locale.ENGLISH, "%.1e", number.round(new MathContext(2)));
  }

  private static String conclusion(SweepReport report) {
    long wrong = report.count(Verdict.VIOLATION) + report.count(Verdict.PRECEDENCE_VIOLATION);
    if (wrong > 0) {
      return Wording.count(wrong, "violation");
    }
    long silent = report.count(Verdict.NO_ANSWER) + report.count(Verdict.CRASH);
    if (silent > 0) {
      return Wording.count(silent, "case") + " without an answer";
    }
    if (!report.finished()) {
      return "The run did not finish; what was run holds";
    }
    boolean all = report.vendors().stream().allMatch(share -> share.taken() == share.assigned());
    return all
        ? "The documented order holds in every path"
        : "The documented order holds in the sample";
  }
}

package dev.precept.report;

import dev.precept.cases.Verdict;
import dev.precept.tables.compare.OrderComparison;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The report's first page with every decision made; the template only lays it out.
 *
 * @param state {@code pass}, {@code known} (passes, and known violations are left), {@code fail} or
 *     {@code unsure}
 * @param warnings what a reader has to know before reading on
 * @param compared whether two vendors have an instruction in common
 */
public record OverviewView(
    String title,
    String state,
    String conclusion,
    List<String> warnings,
    List<Fact> facts,
    List<Subject> subjects,
    Pairs pairs,
    CausesView causes,
    List<BaselineFile> baselines,
    List<Tile> legend,
    MatrixView matrix,
    List<String> vendors,
    List<OpenOrder> openOrders,
    boolean compared,
    List<Difference> differences,
    List<Gap> gaps) {

  /** A named figure under the verdict. */
  public record Fact(String name, String value) {}

  /**
   * A verdict's count.
   *
   * @param number {@code count} with thousands set apart
   * @param known how many of them a baseline expects, empty where none
   */
  public record Tile(String word, String meaning, int count, String number, String known) {}

  /** A subject with its counts. */
  public record Subject(
      String name,
      String state,
      String conclusion,
      List<Tile> counts,
      String pairSum,
      String command,
      String started,
      String tablesHash,
      String tablesShort,
      String version) {}

  /** The pairs of the subjects, part by part. */
  public record Pairs(int total, String number, List<PairPart> parts) {}

  /** The pairs of one status. */
  public record PairPart(String word, String label, int count, String number) {}

  /** A subject's file of known violations. */
  public record BaselineFile(
      String subject, String file, String known, List<Known> lines, List<Complaint> complaints) {}

  /** A line that covers violations; {@code cause} is empty where it covers whatever matches. */
  public record Known(
      String pattern,
      String cause,
      String number,
      String reason,
      String until,
      String link,
      String cases) {}

  /** A line that no longer fits. */
  public record Complaint(String place, String pattern, String message) {}

  /** Checks whose order is open. */
  public record OpenOrder(String instruction, List<String> checks, String why, String link) {}

  /** An instruction that two vendors order differently. */
  public record Difference(String instruction, String vendors, String what, String link) {}

  /** Something that did not run. */
  public record Gap(String what, String number, String reason, String citation, String row) {}

  /** What the page is called. */
  static String title(ReportModel model) {
    return "Precept: "
        + String.join(", ", model.subjects())
        + ": "
        + conclusion(model, total(model));
  }

  static OverviewView of(ReportModel model) {
    RunSummary total = total(model);
    String conclusion = conclusion(model, total);
    return new OverviewView(
        title(model),
        state(model),
        conclusion,
        warnings(model, total),
        facts(model, total),
        subjects(model),
        pairs(total),
        CausesView.of(model),
        baselines(model),
        Arrays.stream(Verdict.values()).map(verdict -> tile(verdict, 0, 0)).toList(),
        MatrixView.of(model),
        List.copyOf(model.vendors().values()),
        openOrders(model),
        !model.comparisons().isEmpty(),
        differences(model),
        gaps(model));
  }

  private static RunSummary total(ReportModel model) {
    Map<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);
    Map<PairRecord.Status, Integer> pairs = new EnumMap<>(PairRecord.Status.class);
    int known = 0;
    int knownLost = 0;
    int complaints = 0;
    long millis = 0;
    boolean partial = false;
    for (Run run : model.runs()) {
      run.summary().verdicts().forEach((verdict, n) -> verdicts.merge(verdict, n, Integer::sum));
      run.summary().pairs().forEach((status, n) -> pairs.merge(status, n, Integer::sum));
      known += run.summary().known();
      knownLost += run.summary().knownLost();
      complaints += run.summary().complaints();
      millis += run.summary().millis();
      partial |= run.summary().partial();
    }
    return new RunSummary(
        RunInfo.UNKNOWN, verdicts, pairs, known, knownLost, complaints, millis, partial);
  }

  private static String conclusion(ReportModel model, RunSummary total) {
    if (!model.several()) {
      return Narrative.conclusion(total);
    }
    int all = model.runs().size();
    long hold = model.runs().stream().filter(run -> Narrative.passes(run.summary())).count();
    if (hold == all) {
      return total.known() + total.knownLost() > 0
          ? "No new violation in any of " + all + " subjects"
          : "The documented order holds in all " + all + " subjects";
    }
    return "The documented order holds in " + hold + " of " + all + " subjects";
  }

  private static String state(RunSummary summary) {
    if (summary.newViolations() > 0 || summary.complaints() > 0) {
      return "fail";
    }
    if (!Narrative.passes(summary)) {
      return "unsure";
    }
    return summary.known() + summary.knownLost() > 0 ? "known" : "pass";
  }

  private static String state(ReportModel model) {
    List<String> states = model.runs().stream().map(run -> state(run.summary())).toList();
    return List.of("fail", "unsure", "known").stream()
        .filter(states::contains)
        .findFirst()
        .orElse("pass");
  }

  private static List<String> warnings(ReportModel model, RunSummary total) {
    List<String> warnings = new ArrayList<>();
    for (int i = 0; i < model.runs().size(); i++) {
      RunSummary summary = model.runs().get(i).summary();
      if (summary.partial()) {
        warnings.add(
            (model.several() ? "The run of " + model.subjects().get(i) : "This run")
                + " ended after "
                + Texts.number(summary.cases())
                + " of "
                + Texts.number(summary.info().planned())
                + " cases. What it did not come to is not known to hold.");
      }
    }
    if (total.complaints() > 0) {
      warnings.add(
          Texts.count(total.complaints(), "line")
              + " of the baseline no longer "
              + (total.complaints() == 1 ? "fits" : "fit")
              + ": see below.");
    }
    if (model.differentTables()) {
      warnings.add(
          "The runs used different tables: the same case may claim different things in them.");
    }
    return warnings;
  }

  private static List<Fact> facts(ReportModel model, RunSummary total) {
    List<Fact> facts = new ArrayList<>();
    facts.add(
        new Fact(model.several() ? "subjects" : "subject", String.join(", ", model.subjects())));
    if (model.vendors().size() > 1) {
      facts.add(new Fact("vendors", String.join(", ", model.vendors().values())));
    }
    facts.add(new Fact("cases", Texts.number(model.cases())));
    if (model.several()) {
      facts.add(new Fact("results", Texts.number(total.cases())));
    }
    facts.add(new Fact("instruction forms", Texts.number(model.forms().size())));
    facts.add(new Fact("pairs", Texts.number(model.pairs())));
    facts.add(
        new Fact(
            "took", String.format(Locale.ROOT, "%.1f s", Math.max(total.millis(), 0) / 1000.0)));
    return facts;
  }

  private static List<Subject> subjects(ReportModel model) {
    List<Subject> subjects = new ArrayList<>();
    for (int i = 0; i < model.runs().size(); i++) {
      Run run = model.runs().get(i);
      RunSummary summary = run.summary();
      RunInfo info = summary.info();
      Set<String> expected = run.baseline().byCase().keySet();
      Map<Verdict, Integer> known = new EnumMap<>(Verdict.class);
      for (Result result : expected.isEmpty() ? List.<Result>of() : run.results()) {
        if (expected.contains(result.id())) {
          known.merge(result.verdict(), 1, Integer::sum);
        }
      }
      String hash = info.tablesHash();
      subjects.add(
          new Subject(
              model.subjects().get(i),
              state(summary),
              Narrative.conclusion(summary),
              summary.verdicts().entrySet().stream()
                  .map(e -> tile(e.getKey(), e.getValue(), known.getOrDefault(e.getKey(), 0)))
                  .toList(),
              Narrative.pairSum(summary),
              info.command(),
              info.started(),
              hash,
              hash.substring(0, Math.min(12, hash.length())),
              info.version()));
    }
    return subjects;
  }

  private static Tile tile(Verdict verdict, int count, int known) {
    return new Tile(
        verdict.word(),
        verdict.meaning(),
        count,
        Texts.number(count),
        known > 0 ? Texts.number(known) : "");
  }

  private static Pairs pairs(RunSummary total) {
    List<PairPart> parts = new ArrayList<>();
    for (Map.Entry<PairRecord.Status, Integer> entry : total.pairs().entrySet()) {
      PairRecord.Status status = entry.getKey();
      if (status.always() || entry.getValue() > 0) {
        parts.add(
            new PairPart(
                status.word(), status.label(), entry.getValue(), Texts.number(entry.getValue())));
      }
    }
    return new Pairs(total.pairTotal(), Texts.number(total.pairTotal()), parts);
  }

  private static List<BaselineFile> baselines(ReportModel model) {
    List<BaselineFile> files = new ArrayList<>();
    for (int i = 0; i < model.runs().size(); i++) {
      Baseline baseline = model.runs().get(i).baseline();
      if (baseline.used()) {
        String subject = model.several() ? model.subjects().get(i) : "";
        files.add(
            new BaselineFile(
                subject,
                baseline.file(),
                Texts.count(baseline.known(), "known violation"),
                baseline.lines().stream().map(line -> known(line, subject)).toList(),
                baseline.complaints().stream()
                    .map(
                        one ->
                            new Complaint(
                                baseline.place(one.line(), one.column()),
                                one.pattern(),
                                one.message()))
                    .toList()));
      }
    }
    return files;
  }

  private static Known known(Baseline.Line line, String subject) {
    String part = subject.isEmpty() ? "" : "&subject=" + Texts.fragment(subject);
    String cases =
        line.cases().size() == 1
            ? "#case=" + Texts.fragment(line.cases().get(0)) + part
            : "#known=" + line.line() + part;
    boolean web = line.link().startsWith("https://") || line.link().startsWith("http://");
    return new Known(
        line.pattern(),
        line.cause(),
        Texts.number(line.cases().size()),
        line.reason(),
        line.until(),
        web ? line.link() : "",
        cases);
  }

  private static List<OpenOrder> openOrders(ReportModel model) {
    List<OpenOrder> open = new ArrayList<>();
    for (FormView form : model.forms()) {
      for (List<String> group : form.openGroups()) {
        open.add(
            new OpenOrder(
                form.name() + (model.vendors().size() > 1 ? ", " + form.vendorName() : ""),
                group,
                form.source().note().isEmpty() ? "no source settles it" : form.source().note(),
                "#insn=" + Texts.fragment(form.key())));
      }
    }
    return open;
  }

  private static List<Difference> differences(ReportModel model) {
    List<Difference> differences = new ArrayList<>();
    for (OrderComparison comparison : model.comparisons()) {
      if (!comparison.same()) {
        List<String> what = new ArrayList<>();
        comparison.orders().forEach(order -> what.add(order.one() + " against " + order.other()));
        comparison.rows().stream()
            .filter(row -> row.mark() == OrderComparison.Mark.ONLY_HERE)
            .forEach(row -> what.add(row.left().or(row::right).orElseThrow().id()));
        comparison.rows().stream()
            .filter(row -> row.mark() == OrderComparison.Mark.OTHERWISE)
            .forEach(row -> what.add(row.left().orElseThrow().id() + "'s condition"));
        differences.add(
            new Difference(
                comparison.left().mnemonic(),
                comparison.left().vendorName() + " and " + comparison.right().vendorName(),
                Texts.some(what, 4),
                "#insn="
                    + Texts.fragment(comparison.left().vendor() + "/" + comparison.left().form())
                    + "&part=vendors"));
      }
    }
    return differences;
  }

  private static List<Gap> gaps(ReportModel model) {
    List<Gap> gaps = new ArrayList<>();
    for (int i = 0; i < model.runs().size(); i++) {
      Run run = model.runs().get(i);
      String who = model.several() ? model.subjects().get(i) + ": " : "";
      Map<String, Integer> reasons = new LinkedHashMap<>();
      boolean any = run.summary().count(Verdict.NOT_APPLICABLE) > 0;
      for (Result result : any ? run.results() : List.<Result>of()) {
        if (result.verdict() == Verdict.NOT_APPLICABLE) {
          reasons.merge(Narrative.headline(result), 1, Integer::sum);
        }
      }
      reasons.forEach(
          (reason, n) ->
              gaps.add(new Gap(who + "not-applicable", Texts.number(n), reason, "", "")));
      if (run.summary().partial()) {
        int missing = Math.max(0, run.summary().info().planned() - run.summary().cases());
        gaps.add(
            new Gap(
                who + "not reached",
                Texts.number(missing),
                "the run ended before its time",
                "",
                ""));
      }
    }
    Map<String, CoverageGap> rows = new LinkedHashMap<>();
    for (Run run : model.runs()) {
      run.gaps().forEach(gap -> rows.putIfAbsent(gap.vendor() + " " + gap.what(), gap));
    }
    rows.values()
        .forEach(
            gap -> gaps.add(new Gap(gap.what(), "1", gap.reason(), gap.citation(), gap.row())));
    return gaps;
  }
}

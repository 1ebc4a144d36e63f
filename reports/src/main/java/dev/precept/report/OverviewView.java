package dev.precept.report;

import dev.precept.cases.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The report's first page with every decision made; the template only lays it out.
 *
 * @param state {@code pass}, {@code fail} or {@code unsure}
 */
public record OverviewView(
    String title,
    String state,
    String conclusion,
    boolean partial,
    List<Fact> facts,
    List<Subject> subjects,
    List<String> modes,
    Pairs pairs,
    List<Failure> failures,
    int allFailures,
    List<Tile> legend,
    List<Family> families,
    List<OpenOrder> openOrders,
    List<Gap> gaps) {

  private static final int FAILURES_SHOWN = 5;

  /** A named figure under the verdict. */
  public record Fact(String name, String value) {}

  /** A verdict's count; {@code number} is {@code count} with thousands set apart. */
  public record Tile(String word, String meaning, int count, String number) {}

  /** A subject with its counts. */
  public record Subject(
      String name,
      boolean partial,
      List<Tile> counts,
      String pairSum,
      String command,
      String started,
      String tablesHash,
      String tablesShort,
      String version) {}

  /** The pairs of all subjects, part by part. */
  public record Pairs(int total, String number, List<PairPart> parts) {}

  /** The pairs of one status. */
  public record PairPart(String word, String label, int count, String number) {}

  /** Something that does not hold, with the address of its details. */
  public record Failure(
      String word,
      String instruction,
      String mode,
      String headline,
      String citation,
      String link,
      String more) {}

  /** The forms of one table file. */
  public record Family(String name, List<Row> rows) {}

  /** A form's row in the matrix. */
  public record Row(
      String mnemonic, String link, boolean broken, List<Dot> lane, List<Cell> cells) {}

  /** A check in the small drawing of a form's order; {@code shape} is {@code f} or {@code x}. */
  public record Dot(String shape, String title, boolean opens, boolean closes) {}

  /** A form in one mode for one subject; an empty {@code link} where no case is. */
  public record Cell(
      String word, int count, String number, String title, String link, boolean edge) {}

  /** Checks whose order is open. */
  public record OpenOrder(String instruction, List<String> checks, String why, String link) {}

  /** Something that did not run. */
  public record Gap(String what, String number, String reason, String citation, String row) {}

  static OverviewView of(ReportModel model) {
    RunSummary total = total(model);
    List<Failure> failures = failures(model);
    int shown = Math.min(FAILURES_SHOWN, failures.size());
    return new OverviewView(
        "Precept: " + String.join(", ", model.subjects()) + ": " + Narrative.conclusion(total),
        state(total),
        Narrative.conclusion(total),
        total.partial(),
        facts(model, total),
        subjects(model),
        model.modes(),
        pairs(total),
        failures.subList(0, shown),
        lost(total),
        Arrays.stream(Verdict.values()).map(v -> tile(v, 0)).toList(),
        families(model),
        openOrders(model),
        gaps(model));
  }

  private static RunSummary total(ReportModel model) {
    Map<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);
    Map<PairRecord.Status, Integer> pairs = new EnumMap<>(PairRecord.Status.class);
    int known = 0;
    int complaints = 0;
    long millis = 0;
    boolean partial = false;
    for (Run run : model.runs()) {
      run.summary().verdicts().forEach((verdict, n) -> verdicts.merge(verdict, n, Integer::sum));
      run.summary().pairs().forEach((status, n) -> pairs.merge(status, n, Integer::sum));
      known += run.summary().known();
      complaints += run.summary().complaints();
      millis += run.summary().millis();
      partial |= run.summary().partial();
    }
    return new RunSummary(RunInfo.UNKNOWN, verdicts, pairs, known, complaints, millis, partial);
  }

  private static int lost(RunSummary summary) {
    return summary.violations() + summary.count(Verdict.NO_ANSWER) + summary.count(Verdict.CRASH);
  }

  private static String state(RunSummary summary) {
    if (summary.violations() > 0) {
      return "fail";
    }
    return Narrative.passes(summary) ? "pass" : "unsure";
  }

  private static List<Fact> facts(ReportModel model, RunSummary total) {
    List<Fact> facts = new ArrayList<>();
    facts.add(
        new Fact(
            model.subjects().size() == 1 ? "subject" : "subjects",
            String.join(", ", model.subjects())));
    facts.add(new Fact("cases", Texts.number(total.cases())));
    facts.add(new Fact("instruction forms", Texts.number(model.forms().size())));
    facts.add(new Fact("pairs", Texts.number(total.pairTotal())));
    facts.add(
        new Fact(
            "took", String.format(Locale.ROOT, "%.1f s", Math.max(total.millis(), 0) / 1000.0)));
    return facts;
  }

  private static List<Subject> subjects(ReportModel model) {
    List<Subject> subjects = new ArrayList<>();
    for (int i = 0; i < model.runs().size(); i++) {
      RunSummary summary = model.runs().get(i).summary();
      RunInfo info = summary.info();
      String hash = info.tablesHash();
      subjects.add(
          new Subject(
              model.subjects().get(i),
              summary.partial(),
              summary.verdicts().entrySet().stream()
                  .map(entry -> tile(entry.getKey(), entry.getValue()))
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

  private static Tile tile(Verdict verdict, int count) {
    return new Tile(verdict.word(), verdict.meaning(), count, Texts.number(count));
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

  /** Failures of the same form and sort are told once, with how many there are. */
  private static List<Failure> failures(ReportModel model) {
    Map<String, FormView> forms = new LinkedHashMap<>();
    model.forms().forEach(form -> forms.put(form.key(), form));
    Map<List<Object>, List<Placed>> alike = new LinkedHashMap<>();
    for (int i = 0; i < model.runs().size(); i++) {
      for (Result result : model.runs().get(i).results()) {
        if (!result.verdict().passes()) {
          List<Object> sort =
              List.of(
                  i,
                  result.verdict(),
                  result.vendor(),
                  result.formId(),
                  result.expectedCheck(),
                  result.actualCheck());
          alike.computeIfAbsent(sort, k -> new ArrayList<>()).add(new Placed(i, result));
        }
      }
    }
    return alike.values().stream()
        .sorted(Comparator.comparing(same -> WORST_FIRST.indexOf(same.get(0).result().verdict())))
        .map(same -> failure(model, forms, same))
        .toList();
  }

  private record Placed(int subject, Result result) {}

  private static Failure failure(
      ReportModel model, Map<String, FormView> forms, List<Placed> same) {
    Placed first = same.get(0);
    Result result = first.result();
    String who = model.runs().size() > 1 ? model.subjects().get(first.subject()) + ": " : "";
    return new Failure(
        result.verdict().word(),
        forms.get(result.vendor() + "/" + result.formId()).name(),
        result.mode(),
        who + Narrative.headline(result),
        result.citation(),
        link(model, first.subject(), "case", result.id(), ""),
        same.size() == 1 ? "" : "and " + Texts.number(same.size() - 1) + " like it");
  }

  private static String link(
      ReportModel model, int subject, String what, String value, String mode) {
    StringBuilder link = new StringBuilder("#" + what + "=").append(Texts.fragment(value));
    if (!mode.isEmpty()) {
      link.append("&mode=").append(Texts.fragment(mode));
    }
    if (model.subjects().size() > 1) {
      link.append("&subject=").append(Texts.fragment(model.subjects().get(subject)));
    }
    return link.toString();
  }

  private static List<Family> families(ReportModel model) {
    Map<String, int[]> counts = new TreeMap<>();
    for (int i = 0; i < model.runs().size(); i++) {
      for (Result r : model.runs().get(i).results()) {
        String key = i + " " + r.mode() + " " + r.vendor() + "/" + r.formId();
        counts.computeIfAbsent(key, k -> new int[Verdict.values().length])[r.verdict().ordinal()]++;
      }
    }
    Map<String, List<Row>> families = new LinkedHashMap<>();
    for (FormView form : model.forms()) {
      families
          .computeIfAbsent(form.vendorName() + ", " + form.family(), k -> new ArrayList<>())
          .add(row(model, form, counts));
    }
    return families.entrySet().stream()
        .map(entry -> new Family(entry.getKey(), entry.getValue()))
        .toList();
  }

  private static Row row(ReportModel model, FormView form, Map<String, int[]> counts) {
    List<Cell> cells = new ArrayList<>();
    boolean broken = false;
    for (int i = 0; i < model.subjects().size(); i++) {
      for (String mode : model.modes()) {
        int[] here = counts.get(i + " " + mode + " " + form.key());
        boolean edge = i > 0 && mode.equals(model.modes().get(0));
        if (here == null) {
          cells.add(new Cell("none", 0, "", "", "", edge));
          continue;
        }
        Verdict worst = worst(here);
        boolean bad = !worst.holds() && worst != Verdict.NOT_APPLICABLE;
        broken |= bad;
        String who = model.subjects().size() > 1 ? ", " + model.subjects().get(i) : "";
        int count = bad ? here[worst.ordinal()] : 0;
        cells.add(
            new Cell(
                worst.word(),
                count,
                Texts.number(count),
                form.name() + " in " + mode + who + ": " + spoken(here),
                link(model, i, "insn", form.key(), mode),
                edge));
      }
    }
    return new Row(form.name(), "#insn=" + Texts.fragment(form.key()), broken, lane(form), cells);
  }

  private static final List<Verdict> WORST_FIRST =
      List.of(
          Verdict.PRECEDENCE_VIOLATION,
          Verdict.VIOLATION,
          Verdict.CRASH,
          Verdict.NO_ANSWER,
          Verdict.HOLDS,
          Verdict.OPEN_HOLDS,
          Verdict.NOT_APPLICABLE);

  private static Verdict worst(int[] counts) {
    return WORST_FIRST.stream().filter(v -> counts[v.ordinal()] > 0).findFirst().orElseThrow();
  }

  private static String spoken(int[] counts) {
    List<String> parts = new ArrayList<>();
    for (Verdict verdict : WORST_FIRST) {
      if (counts[verdict.ordinal()] > 0) {
        parts.add(Texts.number(counts[verdict.ordinal()]) + " " + verdict.word());
      }
    }
    return String.join(", ", parts);
  }

  private static List<Dot> lane(FormView form) {
    List<Dot> dots = new ArrayList<>();
    for (List<String> group : form.groups()) {
      for (int i = 0; i < group.size(); i++) {
        FormView.CheckView check = form.checks().get(group.get(i));
        boolean open = group.size() > 1;
        dots.add(
            new Dot(
                check.exit() ? "x" : "f",
                group.get(i) + ": " + check.result(),
                open && i == 0,
                open && i == group.size() - 1));
      }
    }
    return dots;
  }

  private static List<OpenOrder> openOrders(ReportModel model) {
    List<OpenOrder> open = new ArrayList<>();
    for (FormView form : model.forms()) {
      for (List<String> group : form.openGroups()) {
        open.add(
            new OpenOrder(
                form.name(),
                group,
                form.source().note().isEmpty() ? "no source settles it" : form.source().note(),
                "#insn=" + Texts.fragment(form.key())));
      }
    }
    return open;
  }

  private static List<Gap> gaps(ReportModel model) {
    List<Gap> gaps = new ArrayList<>();
    for (int i = 0; i < model.runs().size(); i++) {
      Run run = model.runs().get(i);
      String who = model.runs().size() > 1 ? model.subjects().get(i) + ": " : "";
      Map<String, Integer> reasons = new LinkedHashMap<>();
      for (Result result : run.results()) {
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
      for (CoverageGap gap : run.gaps()) {
        gaps.add(new Gap(who + gap.what(), "1", gap.reason(), gap.citation(), gap.row()));
      }
    }
    return gaps;
  }
}

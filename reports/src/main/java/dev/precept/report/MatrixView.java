package dev.precept.report;

import dev.precept.cases.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The matrix of the first page: a row for each instruction form; a column for each mode where there
 * is one subject, for each subject where there are several. Each cell shows the worst that happened
 * there.
 */
public record MatrixView(List<String> columns, boolean bySubject, List<Family> families) {

  /** The forms of one vendor's table file. */
  public record Family(String vendor, String name, List<Row> rows) {}

  /**
   * A form's row.
   *
   * @param find what the filter above the matrix looks in
   */
  public record Row(
      String mnemonic,
      String link,
      String find,
      boolean broken,
      List<Dot> lane,
      List<Cell> cells) {}

  /** A check in the small drawing of a form's order; {@code shape} is {@code f} or {@code x}. */
  public record Dot(String shape, String title, boolean opens, boolean closes) {}

  /**
   * A cell; its {@code link} is empty where no case is.
   *
   * @param word the worst verdict, or {@code known} where all that violates is expected
   * @param number how many cases have it, empty where they hold
   */
  public record Cell(String word, String number, String title, String link) {}

  /** The worst first. */
  private static final List<Verdict> WORST_FIRST =
      List.of(
          Verdict.PRECEDENCE_VIOLATION,
          Verdict.VIOLATION,
          Verdict.CRASH,
          Verdict.NO_ANSWER,
          Verdict.HOLDS,
          Verdict.OPEN_HOLDS,
          Verdict.NOT_APPLICABLE);

  static MatrixView of(ReportModel model) {
    boolean bySubject = model.several();
    List<String> columns = bySubject ? model.subjects() : model.modes();
    Map<String, Tally> tallies = tallies(model, bySubject);
    Map<String, Family> families = new LinkedHashMap<>();
    for (FormView form : model.forms()) {
      List<Cell> cells = new ArrayList<>();
      boolean broken = false;
      for (int i = 0; i < columns.size(); i++) {
        Tally tally = tallies.get(form.key() + " " + (bySubject ? i : columns.get(i)));
        cells.add(cell(model, form, i, columns.get(i), tally));
        broken |= tally != null && tally.breaks();
      }
      families
          .computeIfAbsent(
              form.vendor() + " " + form.family(),
              unused -> new Family(form.vendorName(), form.family(), new ArrayList<>()))
          .rows()
          .add(
              new Row(
                  form.name(),
                  "#insn=" + Texts.fragment(form.key()),
                  (form.name() + " " + form.key() + " " + form.family()).toLowerCase(Locale.ROOT),
                  broken,
                  lane(form),
                  cells));
    }
    return new MatrixView(columns, bySubject, List.copyOf(families.values()));
  }

  /** How many of a cell's cases have each verdict, and how many of them a baseline expects. */
  private static final class Tally {
    private final int[] fresh = new int[Verdict.values().length];
    private int known;

    boolean breaks() {
      return WORST_FIRST.stream().anyMatch(v -> !v.passes() && fresh[v.ordinal()] > 0);
    }
  }

  private static Map<String, Tally> tallies(ReportModel model, boolean bySubject) {
    Map<String, Tally> tallies = new LinkedHashMap<>();
    for (int i = 0; i < model.runs().size(); i++) {
      Run run = model.runs().get(i);
      Set<String> expected = run.baseline().byCase().keySet();
      FormNames names = new FormNames("/");
      String lastForm = "";
      String lastMode = "";
      Tally tally = new Tally();
      for (Result result : run.results()) {
        String form = names.of(result);
        // Most are of the last one's cell.
        if (!form.equals(lastForm) || !result.mode().equals(lastMode)) {
          lastForm = form;
          lastMode = result.mode();
          tally =
              tallies.computeIfAbsent(
                  form + " " + (bySubject ? i : lastMode), unused -> new Tally());
        }
        if (expected.contains(result.id())) {
          tally.known++;
        } else {
          tally.fresh[result.verdict().ordinal()]++;
        }
      }
    }
    return tallies;
  }

  private static Cell cell(ReportModel model, FormView form, int at, String column, Tally tally) {
    if (tally == null) {
      return new Cell("none", "", "", "");
    }
    StringBuilder spoken = new StringBuilder();
    String word = "";
    int count = 0;
    for (Verdict verdict : WORST_FIRST) {
      int here = tally.fresh[verdict.ordinal()];
      if (here > 0) {
        spoken.append(spoken.length() > 0 ? ", " : "");
        spoken.append(Texts.number(here)).append(' ').append(verdict.word());
        if (word.isEmpty() && (!verdict.passes() || tally.known == 0)) {
          word = verdict.word();
          count = verdict.passes() ? 0 : here;
        }
      }
    }
    if (tally.known > 0) {
      spoken.append(spoken.length() > 0 ? ", " : "");
      spoken.append(Texts.number(tally.known)).append(" known");
      if (word.isEmpty()) {
        word = "known";
        count = tally.known;
      }
    }
    String link =
        "#insn="
            + Texts.fragment(form.key())
            + (model.several() ? "&subject=" : "&mode=")
            + Texts.fragment(model.several() ? model.subjects().get(at) : column);
    return new Cell(
        word,
        count > 0 ? Texts.number(count) : "",
        form.name() + ", " + column + ": " + spoken,
        link);
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
}

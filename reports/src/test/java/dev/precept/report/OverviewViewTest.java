package dev.precept.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.precept.cases.Verdict;
import dev.precept.tables.Tables;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OverviewViewTest {
  private static final Tables TABLES = Synthetic.tables(8);

  @Test
  void aCaseThatAFileHasTwiceIsOne() {
    Run once = Synthetic.run("core", TABLES, 10, 0);
    List<Result> twice = new ArrayList<>(once.results());
    twice.addAll(once.results());
    RunSummary summary = RunSummary.of(once.summary().info(), twice, List.of(), 1, false);
    Run run = new Run(summary, twice, List.of(), List.of());

    assertThat(run.forms()).isEqualTo(once.forms()).isGreaterThan(1);
    assertThat(ReportModel.of(List.of(run), List.of(TABLES)).cases())
        .isEqualTo(once.results().size());
  }

  @Test
  void aRunThatHoldsPasses() {
    assertThat(view(Synthetic.run("core", TABLES, 10, 0)).state()).isEqualTo("pass");
  }

  @Test
  void aRunThatDidNotFinishIsNeitherGoodNorBad() {
    Run run = Synthetic.run("core", TABLES, 10, 0);
    RunSummary partial = RunSummary.of(run.summary().info(), run.results(), run.pairs(), 1, true);

    OverviewView view = view(new Run(partial, run.results(), run.pairs(), run.gaps()));

    assertThat(view.state()).isEqualTo("unsure");
  }

  @Test
  void thePartsOfThePairsAddUpToTheTotal() {
    OverviewView.Pairs pairs = view(Synthetic.run("core", TABLES, 10, 100)).pairs();

    assertThat(pairs.parts().stream().mapToInt(OverviewView.PairPart::count).sum())
        .isEqualTo(pairs.total())
        .isPositive();
  }

  @Test
  void aBrokenOrderComesBeforeOtherFailures() {
    OverviewView view = view(Synthetic.run("core", TABLES, 2000, 300));

    assertThat(view.causes().groups().get(0).title()).isEqualTo("Checks out of order");
  }

  @Test
  void openGroupsAreListed() {
    OverviewView view = view(Synthetic.run("core", TABLES, 10, 0));

    assertThat(view.openOrders())
        .extracting(OverviewView.OpenOrder::checks)
        .contains(List.of("exit.rdtsc", "gp.tsd"));
  }

  @Test
  void aRunOfWhichEveryViolationIsKnownPassesInAStateOfItsOwn() {
    Run run = Synthetic.run("core", TABLES, 2000, 0);
    Result violation = Samples.result("svm/insn0/real/x", Verdict.VIOLATION);
    List<Result> results = new ArrayList<>(run.results());
    results.add(violation);
    RunSummary summary = RunSummary.of(run.summary().info(), results, List.of(), 1, false);
    Baseline.Line line =
        new Baseline.Line(3, violation.id(), "", "", "", "known", List.of(violation.id()));

    OverviewView view =
        view(
            new Run(summary, results, List.of(), List.of())
                .with(new Baseline("known.txt", List.of(line), List.of())));

    assertThat(view.state()).isEqualTo("known");
    assertThat(view.causes().groups()).isEmpty();
    assertThat(view.baselines().get(0).lines()).hasSize(1);
    assertThat(cell(view, "INSN0", "real").word()).isEqualTo("known");
  }

  @Test
  void aNewViolationBesideAKnownOneIsWhatTheMatrixShows() {
    Result known = Samples.result("svm/insn0/real/x", Verdict.VIOLATION);
    Result fresh = Samples.result("svm/insn0/real/y", Verdict.VIOLATION);
    Baseline.Line line = new Baseline.Line(3, known.id(), "", "", "", "known", List.of(known.id()));
    Run run =
        new Run(
            RunSummary.of(Samples.info(), List.of(known, fresh), List.of(), 1, false),
            List.of(known, fresh),
            List.of(),
            List.of());

    OverviewView view = view(run.with(new Baseline("known.txt", List.of(line), List.of())));

    assertThat(cell(view, "INSN0", "real").word()).isEqualTo("violation");
    assertThat(cell(view, "INSN0", "real").number()).isEqualTo("1");
  }

  @Test
  void severalSubjectsAreConcludedTogether() {
    Run good = Synthetic.run("core", TABLES, 500, 0);
    Run bad = Synthetic.run("qemu", TABLES, 500, 100);

    OverviewView view = OverviewView.of(ReportModel.of(List.of(good, bad), List.of(TABLES)));

    assertThat(view.conclusion()).isEqualTo("The documented order holds in 1 of 2 subjects");
    assertThat(view.state()).isEqualTo("fail");
    assertThat(view.matrix().columns()).containsExactly("core", "qemu");
  }

  @Test
  void everySubjectsPartOfACauseAddsUpToTheCause() {
    List<Run> runs =
        List.of(Synthetic.run("qemu", TABLES, 500, 100), Synthetic.run("bochs", TABLES, 500, 60));

    OverviewView view = OverviewView.of(ReportModel.of(runs, List.of(TABLES)));

    assertThat(view.causes().groups())
        .flatExtracting(CausesView.Group::rows)
        .allSatisfy(
            row ->
                assertThat(
                        row.subjects().stream()
                            .filter(share -> !share.number().isEmpty())
                            .mapToInt(share -> Integer.parseInt(share.number()))
                            .sum())
                    .isEqualTo(Integer.parseInt(row.number())));
  }

  @Test
  void instructionsThatTwoVendorsOrderDifferentlyAreListed() {
    Tables other = Synthetic.tables("xyz", "XYZ Made Up", 8);
    Run run = Synthetic.run("core", List.of(TABLES, other), 10, 0);

    OverviewView view = OverviewView.of(ReportModel.of(List.of(run), List.of(TABLES, other)));

    assertThat(view.differences())
        .extracting(OverviewView.Difference::instruction, OverviewView.Difference::what)
        .containsExactly(
            tuple("INSN2", "exit.rdtsc against gp.tsd"),
            tuple("INSN6", "exit.rdtsc against gp.tsd"));
  }

  @Test
  void runsWithDifferentTablesAreWarnedOf() {
    Run one = Synthetic.run("core", TABLES, 10, 0);
    RunInfo info = one.summary().info();
    RunInfo elsewhere =
        new RunInfo(
            "qemu", "0.1.0", "", info.vendors(), "other", info.started(), info.planned(), "", "");
    Run other =
        new Run(
            RunSummary.of(elsewhere, one.results(), one.pairs(), 1, false),
            one.results(),
            one.pairs(),
            one.gaps());

    OverviewView view = OverviewView.of(ReportModel.of(List.of(one, other), List.of(TABLES)));

    assertThat(view.warnings()).singleElement().asString().contains("different tables");
  }

  @Test
  void twoRunsOfOneSubjectAreToldApart() {
    Run run = Synthetic.run("core", TABLES, 10, 0);

    OverviewView view = OverviewView.of(ReportModel.of(List.of(run, run), List.of(TABLES)));

    assertThat(view.subjects())
        .extracting(OverviewView.Subject::name)
        .containsExactly("core", "core (2)");
  }

  @Test
  void aFormThatTheTablesDoNotHaveIsShownNevertheless() {
    Run run = Synthetic.run("core", TABLES, 10, 0);

    ReportModel model = ReportModel.of(List.of(run), List.of());

    assertThat(model.forms()).extracting(FormView::id).contains("insn0", "insn1.mem");
  }

  @Test
  void thePageLoadsNothingFromElsewhere() throws Exception {
    String out = Samples.page(List.of(Synthetic.run("core", TABLES, 10, 5)), List.of(TABLES));

    assertThat(out.toString().replace("http://www.w3.org/2000/svg", ""))
        .doesNotContain("http://", "https://", "src=\"", "@import", "url(");
  }

  private static MatrixView.Cell cell(OverviewView view, String mnemonic, String column) {
    return view.matrix().families().stream()
        .flatMap(family -> family.rows().stream())
        .filter(row -> row.mnemonic().equals(mnemonic))
        .findFirst()
        .orElseThrow()
        .cells()
        .get(view.matrix().columns().indexOf(column));
  }

  private static OverviewView view(Run run) {
    return OverviewView.of(ReportModel.of(List.of(run), List.of(TABLES)));
  }
}

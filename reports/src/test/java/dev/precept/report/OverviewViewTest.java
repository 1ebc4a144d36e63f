package dev.precept.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.tables.Tables;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class OverviewViewTest {
  private static final Tables TABLES = Synthetic.tables(8);

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

    assertThat(view.failures().get(0).word()).isEqualTo("precedence-violation");
  }

  @Test
  void openGroupsAreListed() {
    OverviewView view = view(Synthetic.run("core", TABLES, 10, 0));

    assertThat(view.openOrders())
        .extracting(OverviewView.OpenOrder::checks)
        .contains(List.of("exit.rdtsc", "gp.tsd"));
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
    StringWriter out = new StringWriter();
    HtmlReport.writeTo(out, List.of(Synthetic.run("core", TABLES, 10, 5)), List.of(TABLES));

    assertThat(out.toString().replace("http://www.w3.org/2000/svg", ""))
        .doesNotContain("http://", "https://", "src=\"", "@import", "url(");
  }

  private static OverviewView view(Run run) {
    return OverviewView.of(ReportModel.of(List.of(run), List.of(TABLES)));
  }
}

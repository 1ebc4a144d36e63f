package dev.precept.tables.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precept.tables.Check;
import dev.precept.tables.CheckOrder;
import dev.precept.tables.ExitControl;
import dev.precept.tables.Origin;
import dev.precept.tables.Tables;
import dev.precept.tables.expr.Expr;
import dev.precept.tables.expr.ExprPrinter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What sound tables become. */
class TableLoaderTest {
  @Test
  void soundTablesLoadWithoutAnyProblem() {
    assertThat(MemorySource.rdtsc().problems()).isEmpty();
  }

  @Test
  void checksKeepTheirOrder() {
    assertThat(tables().forms().get(0).order().checks()).containsExactly("gp.tsd", "exit.rdtsc");
  }

  @Test
  void aQuestionMarkSaysThatACheckMayBeLeftOut() {
    Tables tables =
        MemorySource.rdtsc()
            .with(
                "svm/instructions/tsc.csv",
                "instruction,form,mnemonic,encoding,modes,gate,operand,checks,vary,effects,"
                    + "fixed,source,provenance,note",
                "rdtsc,,RDTSC,0F 31,all,,,gp.tsd > exit.rdtsc?,,rax := ?; rdx := ?,,"
                    + MemorySource.CITED)
            .load()
            .orThrow();
    CheckOrder order = tables.forms().get(0).order();

    assertThat(order.checks()).containsExactly("gp.tsd", "exit.rdtsc");
    assertThat(order.optional("exit.rdtsc")).isTrue();
    assertThat(order.optional("gp.tsd")).isFalse();
    assertThat(order.written("exit.rdtsc")).isEqualTo("exit.rdtsc?");
  }

  @Test
  void anExitCanBeATrap() {
    Tables tables =
        MemorySource.rdtsc()
            .plus(
                "common/checks.csv",
                "trap.tsd,exit rdtsc trap,cr4.tsd,,a trap," + MemorySource.CITED)
            .load()
            .orThrow();

    assertThat(tables.checks().get("trap.tsd").result()).isEqualTo(new Check.Exit("rdtsc", true));
  }

  @Test
  void everyExitBitIsAStateVariable() {
    assertThat(tables().variables().get("icpt.rdtsc").values())
        .extracting("number")
        .containsExactly(0L, 1L);
  }

  @Test
  void anExitsBitAndCodeAreNumbers() {
    ExitControl exit = tables().exits().get("rdtsc");

    assertThat(exit.control()).contains(new ExitControl.ControlBit(0x0C, 14));
    assertThat(exit.code()).isEqualTo(0x6E);
  }

  @Test
  void anExitWithoutABitHasNoVariableAndNeedsNothingButAGuest() {
    Tables tables =
        MemorySource.rdtsc()
            .replacing("svm/intercepts.csv", "rdtsc,0x00C,14", "rdtsc,-,-")
            .load()
            .orThrow();
    Check check = tables.check(tables.forms().get(0), "exit.rdtsc");

    assertThat(tables.variables()).doesNotContainKey("icpt.rdtsc");
    assertThat(check.condition()).isEqualTo(new Expr.Name("guest"));
  }

  @Test
  void whatAnExitReportsIsNamedByTheHeader() {
    assertThat(tables().exits().get("rdtsc").infos())
        .extracting(ExitControl.Info::name)
        .containsExactly("EXITINFO1", "EXITINFO2", "nRIP");
  }

  @Test
  void anEndHasTheNumberInItsLabel() {
    Tables tables =
        MemorySource.rdtsc()
            .plus("common/checks.csv", "fail.low,end VMfailValid(12),cpl == 0,,low,APM2 1,manual,")
            .load()
            .orThrow();

    assertThat(tables.checks().get("fail.low").result())
        .isEqualTo(new Check.End("VMfailValid(12)", 12));
  }

  @Test
  void anEventIsAnExpressionOverConcreteState() {
    Tables tables =
        MemorySource.rdtsc()
            .plus(
                "common/checks.csv",
                "event.odd,event 0x80000000 | rax,cpl == 0,,an event,APM2 1,manual,")
            .load()
            .orThrow();

    assertThat(tables.checks().get("event.odd").result())
        .isInstanceOfSatisfying(
            Check.Event.class,
            event ->
                assertThat(ExprPrinter.print(event.information())).isEqualTo("0x80000000 | rax"));
  }

  @Test
  void aWordBesideAVariableIsTheNumberOfItsClass() {
    assertThat(ExprPrinter.print(tables().constraints().get(0).expression()))
        .isEqualTo("mode == 1 -> cpl == 3");
  }

  @Test
  void anErrorCodeIsAnExpression() {
    assertThat(tables().checks().get("gp.tsd").result())
        .isInstanceOfSatisfying(
            Check.Fault.class, fault -> assertThat(fault.errorCode()).isPresent());
  }

  @Test
  void rowsKnowTheirLine() {
    assertThat(tables().variables().get("cr4.tsd").origin())
        .isEqualTo(new Origin("common/variables.csv", 5, 1));
  }

  @Test
  void aByteOrderMarkIsNotPartOfTheFirstColumn() {
    assertThat(
            MemorySource.rdtsc()
                .with(
                    "svm/vendor.csv",
                    "\uFEFFkey,value\nname,AMD SVM\n".getBytes(StandardCharsets.UTF_8))
                .problems())
        .isEmpty();
  }

  @Test
  void carriageReturnsBeforeLineFeedsAreLineEnds() {
    MemorySource source =
        MemorySource.rdtsc()
            .with(
                "common/definitions.csv",
                "name,expression,meaning,source,provenance,note\r\n# remark\r\n\r\nuser,cpl != nought,m,APM2 1,manual,\r\n"
                    .getBytes(StandardCharsets.UTF_8));
    assertThat(source.problems())
        .containsExactly("common/definitions.csv:4:13: 'nought' is not a class of cpl");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"svm/instructions/tsc.csv", "svm/instructions/a.csv", "svm/instructions/z.csv"})
  void aLaterSourcesRowReplacesTheRowWithItsKey(String file) {
    MemorySource mine =
        MemorySource.empty()
            .with(
                file,
                "instruction,form,mnemonic,encoding,modes,gate,operand,checks,vary,effects,fixed,source,provenance,note",
                "rdtsc,,RDTSC,0F 31,all,,,exit.rdtsc > gp.tsd,,,," + MemorySource.CITED);
    Tables tables = TableLoader.load("svm", List.of(MemorySource.rdtsc(), mine)).orThrow();
    assertThat(tables.forms()).hasSize(1);
    assertThat(tables.forms().get(0).order().checks()).containsExactly("exit.rdtsc", "gp.tsd");
  }

  @Test
  void aSourceHasAKeyOnceInAllItsFiles() {
    String header =
        "instruction,form,mnemonic,encoding,modes,gate,operand,checks,vary,effects,fixed,source,provenance,note";
    String row = "rdnew,,RDNEW,0F FE,all,,,gp.tsd,,,," + MemorySource.CITED;
    MemorySource mine =
        MemorySource.empty()
            .with("svm/instructions/a.csv", header, row)
            .with("svm/instructions/b.csv", header, row);

    LoadResult result = TableLoader.load("svm", List.of(MemorySource.rdtsc(), mine));

    assertThat(result.problems())
        .extracting(Object::toString)
        .anyMatch(problem -> problem.contains("'rdnew' is there already"));
  }

  @Test
  void aLaterSourcesNewRowsAndFilesAddToWhatIsThere() {
    MemorySource mine =
        MemorySource.empty()
            .with(
                "svm/instructions/mine.csv",
                "instruction,form,mnemonic,encoding,modes,gate,operand,checks,vary,effects,fixed,source,provenance,note",
                "rdnew,,RDNEW,0F FE,all,,,gp.tsd,,,," + MemorySource.CITED);
    Tables tables = TableLoader.load("svm", List.of(MemorySource.rdtsc(), mine)).orThrow();
    assertThat(tables.forms())
        .extracting("instruction")
        .containsExactlyInAnyOrder("rdtsc", "rdnew");
  }

  @Test
  void anUnknownVendorIsToldWithThoseThereAre() {
    LoadResult result = TableLoader.load("via", List.of(MemorySource.rdtsc()));
    assertThat(result.problems().get(0).message())
        .isEqualTo("no tables for vendor 'via'; there are svm");
  }

  @Test
  void theExceptionListsEveryError() {
    LoadResult result =
        MemorySource.rdtsc()
            .replacing("common/checks.csv", "cr4.tsd", "cr4.tds")
            .replacing("svm/instructions/tsc.csv", "gp.tsd", "gp.tds")
            .load();
    assertThatThrownBy(result::orThrow)
        .isInstanceOf(TablesException.class)
        .hasMessageContaining("common/checks.csv:2:23")
        .hasMessageContaining("svm/instructions/tsc.csv:2:");
  }

  private static Tables tables() {
    return MemorySource.rdtsc().load().orThrow();
  }
}

package dev.precept.tables.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.tables.Tables;
import dev.precept.tables.load.MemorySource;
import dev.precept.tables.load.TableLoader;
import dev.precept.tables.text.Style;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Against a made-up second vendor, which has the same checks and its own mind about their order.
 */
class OrderComparisonTest {
  private static final String HEAD =
      "instruction,form,mnemonic,encoding,modes,gate,operand,checks,vary,effects,fixed,"
          + "source,provenance,note";

  @Test
  void theSameOrderIsTheSame() {
    assertThat(compared("gp.tsd > exit.rdtsc", "gp.tsd > exit.time").same()).isTrue();
  }

  @Test
  void aCheckAtAnotherPlaceHasARowAtEachPlace() {
    OrderComparison comparison =
        compared("gp.tsd > exit.rdtsc > gp.late", "exit.time > gp.tsd > gp.late");

    assertThat(comparison.rows())
        .extracting(OrderComparison.Row::mark)
        .containsExactly(
            OrderComparison.Mark.MOVED,
            OrderComparison.Mark.SAME,
            OrderComparison.Mark.MOVED,
            OrderComparison.Mark.SAME);
  }

  @Test
  void thePairsThatDifferAreNamedWithWhoIsFirst() {
    assertThat(compared("gp.tsd > exit.rdtsc > gp.late", "exit.time > gp.tsd > gp.late").orders())
        .containsExactly(
            new OrderComparison.Order(
                "gp.tsd",
                "exit.rdtsc",
                OrderComparison.Relation.FIRST,
                OrderComparison.Relation.SECOND));
  }

  @Test
  void anOrderThatOnlyOneLeavesOpenDiffers() {
    assertThat(compared("gp.tsd > exit.rdtsc", "{gp.tsd exit.time}").orders())
        .extracting(OrderComparison.Order::right)
        .containsExactly(OrderComparison.Relation.OPEN);
  }

  @Test
  void howAnOpenGroupIsWrittenDownDoesNotMatter() {
    assertThat(compared("{gp.tsd exit.rdtsc}", "{exit.time gp.tsd}").same()).isTrue();
  }

  @Test
  void aCheckThatOnlyOneHasIsMarked() {
    OrderComparison comparison = compared("gp.tsd > exit.rdtsc", "gp.tsd > gp.late > exit.time");

    assertThat(comparison.rows())
        .filteredOn(row -> row.mark() == OrderComparison.Mark.ONLY_HERE)
        .singleElement()
        .satisfies(row -> assertThat(row.right().orElseThrow().id()).isEqualTo("gp.late"));
    assertThat(comparison.orders()).isEmpty();
  }

  @Test
  void aCheckWithAnotherConditionIsMarked() {
    Tables ours = svm("gp.tsd > exit.rdtsc");
    Tables theirs =
        TableLoader.load(
                "abc",
                List.of(
                    source("gp.tsd > exit.rdtsc", "gp.tsd > exit.time")
                        .with(
                            "abc/checks.csv",
                            "check,result,condition,writes,meaning,source,provenance,note")
                        .replacing("common/checks.csv", "user && cr4.tsd", "cr4.tsd")))
            .orThrow();

    assertThat(OrderComparison.of(ours, theirs, "rdtsc").get(0).rows())
        .extracting(OrderComparison.Row::mark)
        .containsExactly(OrderComparison.Mark.OTHERWISE, OrderComparison.Mark.SAME);
  }

  @Test
  void anInstructionThatOneLacksIsNotCompared() {
    assertThat(OrderComparison.of(svm("gp.tsd > exit.rdtsc"), abc("gp.tsd > exit.time"), "rdtscp"))
        .isEmpty();
  }

  @Test
  void aPersonSeesBothOrdersAndWhereTheyDiffer() {
    assertThat(
            ComparisonText.of(
                compared("gp.tsd > exit.rdtsc > gp.late", "{exit.time gp.tsd} > gp.more"),
                Style.PLAIN,
                80))
        .isEqualTo(
            """
            RDTSC  AMD SVM and ABC Made Up
              AMD SVM         ABC Made Up
               1. gp.tsd       1. {gp.tsd}     < open in one
               2. exit.rdtsc   1. {exit.time}  < open in one
               3. gp.late                      < only here
                               2. gp.more      < only here
              gp.tsd and exit.rdtsc: AMD SVM gp.tsd first, ABC Made Up open

            """);
  }

  private static OrderComparison compared(String ours, String theirs) {
    return OrderComparison.of(svm(ours), abc(theirs), "rdtsc").get(0);
  }

  private static Tables svm(String order) {
    return TableLoader.load("svm", List.of(source(order, "gp.tsd > exit.time"))).orThrow();
  }

  private static Tables abc(String order) {
    return TableLoader.load("abc", List.of(source("gp.tsd > exit.rdtsc", order))).orThrow();
  }

  private static MemorySource source(String ours, String theirs) {
    return MemorySource.rdtsc()
        .plus(
            "common/checks.csv",
            "gp.late,#GP(0),cr4.tsd,,late," + MemorySource.CITED,
            "gp.more,#GP(0),cr4.tsd,,more," + MemorySource.CITED)
        .replacing("svm/instructions/tsc.csv", "gp.tsd > exit.rdtsc", ours)
        .with(
            "abc/vendor.csv", "key,value", "vendor,abc", "name,ABC Made Up", "control_block,BLOCK")
        .with(
            "abc/intercepts.csv",
            "exit,field,bit,exit_code,code_name,condition,quiet,gate,"
                + "meaning,source,provenance,note",
            "time,0x010,3,0x10,EXIT_TIME,,0,,time," + MemorySource.CITED)
        .with(
            "abc/vmcb.csv",
            "field,offset,width,register,source,provenance,note",
            "controls,0x010,4,," + MemorySource.CITED)
        .with(
            "abc/instructions/time.csv",
            HEAD,
            "rdtsc,,RDTSC,0F 31,all,,," + theirs + ",,rax := ?; rdx := ?,," + MemorySource.CITED);
  }
}

package dev.precept.tables.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.tables.Tables;
import dev.precept.tables.load.MemorySource;
import dev.precept.tables.load.TableLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a person sees of the tables. */
class TablesTextTest {
  private static final Tables RDTSC = MemorySource.rdtsc().load().orThrow();

  @Test
  void anInstructionIsExplainedInTheManualsNotation() {
    assertThat(new TablesText(RDTSC, Style.PLAIN, 80).explain("rdtsc"))
        .isEqualTo(
            """
            RDTSC  AMD SVM
              id              rdtsc
              encoding        0F 31
              modes           all
              source          [APM2 15.9]
              row             svm/instructions/tsc.csv:2:1

              Checks, highest priority first
               1. gp.tsd  #GP(0)
                    if user && cr4.tsd
                    RDTSC is privileged
                    [APM2 15.9]
               2. exit.rdtsc  VMEXIT_RDTSC
                    if guest && icpt.rdtsc
                    RDTSC
                    [APM2 15.9]
               3. no check fires: the instruction completes

              Exit
                VMEXIT_RDTSC 6Eh, control VMCB 00Ch, bit 14 (icpt.rdtsc)
                  EXITINFO1   undefined
                  EXITINFO2   undefined
                  nRIP        next_rip
                  [APM2 15.9]

              When it completes
                rax := undefined
                rdx := undefined

              Where
                user = cpl != 0 (not privileged)

            Sources
              APM2    System Programming, no. 24593, rev. 3.44
            """);
  }

  @Test
  void anOpenGroupSaysThatItIsOpen() {
    Tables open =
        MemorySource.rdtsc()
            .replacing("svm/instructions/tsc.csv", "gp.tsd > exit.rdtsc", "{gp.tsd exit.rdtsc}")
            .load()
            .orThrow();
    assertThat(new TablesText(open, Style.PLAIN, 80).explain("rdtsc"))
        .contains("1. the order of these 2 is open: no source settles it\n    - gp.tsd  #GP(0)\n");
  }

  @Test
  void theOverviewGivesEachFormsOrder() {
    assertThat(new TablesText(RDTSC, Style.PLAIN, 80).show())
        .contains("svm/instructions/tsc.csv\n  rdtsc  gp.tsd > exit.rdtsc\n");
  }

  @Test
  void anUnknownInstructionExplainsToNothing() {
    assertThat(new TablesText(RDTSC, Style.PLAIN, 80).explain("rdtcs")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {72, 80, 120})
  void noLineIsLongerThanTheTerminalIsWide(int width) {
    TablesText text = new TablesText(TableLoader.load("svm").orThrow(), Style.PLAIN, width);
    assertThat(text.show().lines()).allMatch(line -> line.length() <= width);
    assertThat(text.instructions())
        .allSatisfy(
            instruction ->
                assertThat(text.explain(instruction).lines())
                    .allMatch(line -> line.length() <= width));
  }

  @Test
  void aStyleMarksWhatStandsOut() {
    Style marks =
        new Style() {
          @Override
          public String strong(String text) {
            return "*" + text + "*";
          }

          @Override
          public String dim(String text) {
            return text;
          }

          @Override
          public String open(String text) {
            return text;
          }
        };
    assertThat(new TablesText(RDTSC, marks, 80).explain("rdtsc")).contains("gp.tsd  *#GP(0)*");
  }
}

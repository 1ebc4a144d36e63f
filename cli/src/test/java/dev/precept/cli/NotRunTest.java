package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The share of cases that did not run. */
class NotRunTest {
  private static final NotRun SOME =
      new NotRun(
          "vmx",
          2000,
          List.of(Map.entry("it has no EPT", 900), Map.entry("of A", 90), Map.entry("of B", 10)));

  @Test
  void theShareIsOfWhatRan() {
    assertThat(SOME.ranAtLeast(50)).isTrue();
    assertThat(SOME.ranAtLeast(51)).isFalse();
  }

  @Test
  void aShareIsNeverRoundedUp() {
    NotRun one = new NotRun("svm", 1000, List.of(Map.entry("it has no EPT", 1)));

    assertThat(one.ranAtLeast(99)).isTrue();
    assertThat(one.ranAtLeast(100)).isFalse();
  }

  @Test
  void theMostFrequentReasonsAreTold() {
    assertThat(SOME.told())
        .hasValue(
            "1,000 of 2,000 vmx cases (50 %): 900 because it has no EPT; 90 because of A; and 1"
                + " more reason");
  }

  @Test
  void nothingIsToldWhereAllRan() {
    NotRun none = new NotRun("svm", 1000, List.of());

    assertThat(none.told()).isEmpty();
    assertThat(none.ranAtLeast(100)).isTrue();
  }

  @Test
  void tooFewComesWithWhatToDo() {
    assertThat(SOME.tooFew(80))
        .startsWith("only 50 % of the vmx cases ran, and --min-run asks for 80 %.")
        .contains("900 because it has no EPT")
        .contains("--vendor");
  }
}

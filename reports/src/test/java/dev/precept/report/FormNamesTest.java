package dev.precept.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Verdict;
import org.junit.jupiter.api.Test;

class FormNamesTest {
  private final FormNames names = new FormNames("/");

  @Test
  void eachResultHasTheNameOfItsOwnForm() {
    assertThat(name("svm/lmsw.mem/long64/a")).isEqualTo("svm/lmsw.mem");
    assertThat(name("svm/lmsw.mem/real/b")).isEqualTo("svm/lmsw.mem");
    assertThat(name("svm/lmsw/real/b")).isEqualTo("svm/lmsw");
    assertThat(name("vmx/lmsw/real/b")).isEqualTo("vmx/lmsw");
    assertThat(name("vmx/rdtsc/real/b")).isEqualTo("vmx/rdtsc");
  }

  private String name(String id) {
    return names.of(Samples.result(id, Verdict.HOLDS));
  }
}

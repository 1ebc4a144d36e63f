package dev.precept.cases;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaseGlobTest {
  @ParameterizedTest
  @CsvSource({
    "svm/rdtsc/*, svm/rdtsc/long64/gp.tsd>exit, true",
    "svm/rdtsc/*, svm/rdtscp/long64/exit, false",
    "*>exit, svm/rdtsc/long64/gp.tsd>exit, true",
    "*>exit, svm/rdtsc/long64/exit, false",
    "svm/rdts?/*, svm/rdtsc/v86/exit, true",
    "svm/*/v86/*, svm/lmsw.mem/v86/ud.lock, true",
    "svm/*/v86/*, svm/lmsw.mem/real/ud.lock, false",
    "*, anything, true",
    "**c**, abc, true",
    "a.c, abc, false",
  })
  void matchesWholeIds(String glob, String id, boolean expected) {
    assertThat(new CaseGlob(glob).test(id)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "svm/rdtsc/*, svm/rdtsc/, true",
    "svm/rdtsc/*, svm/lmsw.mem/, false",
    "*>exit, svm/lmsw.mem/, true",
    "svm/rdtsc/long64/exit, svm/rdtsc/, true",
    "svm/rdtsc/long64/exit, svm/rdtscp/, false",
    "vmx/*, svm/rdtsc/, false",
  })
  void tellsFormsThatCannotMatch(String glob, String prefix, boolean expected) {
    assertThat(new CaseGlob(glob).couldMatch(prefix)).isEqualTo(expected);
  }

  @Test
  void regularExpressionSignsAreThemselves() {
    assertThat(
            new CaseGlob("svm/in.al_dx/real/exit.at.port=0x60,iopm=1+(")
                .test("svm/in.al_dx/real/exit.at.port=0x60,iopm=1+("))
        .isTrue();
  }
}

package dev.precept.report.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BaselineReaderTest {
  @Test
  void aLineIsAnIdAndAReason() {
    Entry entry = only("svm/rdtsc/long64/gp.tsd>exit the intercept is checked first");

    assertThat(entry.pattern()).isEqualTo("svm/rdtsc/long64/gp.tsd>exit");
    assertThat(entry.reason()).isEqualTo("the intercept is checked first");
    assertThat(entry.until()).isEmpty();
    assertThat(entry.link()).isEmpty();
  }

  @Test
  void countCauseDateAndLinkStandBetweenThem() {
    Entry entry =
        only(
            "svm/* x34 \"takes the exit before gp.umip\" until 2026-12-31 https://x.org/1 no UMIP");

    assertThat(entry.count()).isEqualTo(Optional.of(Count.exactly(34)));
    assertThat(entry.cause()).isEqualTo("takes the exit before gp.umip");
    assertThat(entry.until()).contains(LocalDate.of(2026, 12, 31));
    assertThat(entry.link()).isEqualTo("https://x.org/1");
    assertThat(entry.reason()).isEqualTo("no UMIP");
  }

  @Test
  void aReasonMayHoldWhatLooksLikeTheRest() {
    assertThat(only("svm/a/real/b see https://x.org x3 until then").reason())
        .isEqualTo("see https://x.org x3 until then");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "svm/a/real/b|known.txt:3:13: gives no reason",
        "svm/a/*  reason|known.txt:3:1: a glob says how many",
        "svm/a/* x0 reason|known.txt:3:9: a glob says how many",
        "svm/a/real/b x2 reason|known.txt:3:14: a case violates once",
        "svm/a/real/b \"exits\" reason|known.txt:3:14: a case has one cause",
        "svm/a/real/b until soon reason|known.txt:3:20: 'soon' is no day",
        "svm/a/real/b until 2026-02-30 reason|known.txt:3:20: '2026-02-30' is no day",
        "svm/a/* x2 \"exits reason|known.txt:3:12: the cause's closing quotation mark",
        "*/a/b x2 reason|known.txt:3:1: '*/a/b' is no case id",
        "rdtsc is broken|known.txt:3:1: 'rdtsc' is no case id",
        "subject|known.txt:3:1: names no subject",
      })
  void whatIsWrongIsToldWithItsPlace(String line, String problem) {
    assertThatThrownBy(() -> BaselineFile.parse("known.txt", "subject core\n\n" + line + "\n"))
        .isInstanceOf(BaselineException.class)
        .hasMessageContaining(problem);
  }

  @Test
  void everythingThatIsWrongIsToldAtOnce() {
    assertThatThrownBy(
            () -> BaselineFile.parse("known.txt", "subject core\nsvm/a/real/b\nsvm/a/* reason\n"))
        .isInstanceOfSatisfying(
            BaselineException.class, wrong -> assertThat(wrong.problems()).hasSize(2));
  }

  @Test
  void aLineBeforeAnySubjectIsWrong() {
    assertThatThrownBy(() -> BaselineFile.parse("known.txt", "svm/a/real/b reason\n"))
        .hasMessageContaining("known.txt:1:1: stands before any 'subject NAME' line");
  }

  @Test
  void theSameLineTwiceIsWrong() {
    assertThatThrownBy(
            () ->
                BaselineFile.parse(
                    "known.txt", "subject core\nsvm/a/real/b one\nsvm/a/real/b two\n"))
        .hasMessageContaining("known.txt:3:1: is there already, in line 2");
  }

  @Test
  void twoSubjectsMayHaveTheSameLine() {
    BaselineFile file =
        BaselineFile.parse(
            "known.txt", "subject core\nsvm/a/real/b one\nsubject qemu\nsvm/a/real/b two\n");

    assertThat(file.entries("qemu")).singleElement().extracting(Entry::reason).isEqualTo("two");
  }

  @Test
  void aResultsFileIsToldApart() {
    assertThatThrownBy(() -> BaselineFile.parse("r.jsonl", "{\"start\":{}}\n"))
        .hasMessageContaining("r.jsonl:1:1: this is a results file");
  }

  @Test
  void aSortedFileComesBackAsItWas() {
    String text =
        """
        # Head.

        # About core.
        subject core

        # Both of these are one bug.
        svm/a/* x2 "exits" until 2026-12-31 https://x.org/1 reason one
        svm/a/real/b reason two

        subject exec:./my emulator

        vmx/a/real/b reason three

        # Last words.
        """;

    assertThat(BaselineFile.parse("known.txt", text).text()).isEqualTo(text);
  }

  @Test
  void theFileThatThePageShowsIsOne() throws IOException {
    String page = Files.readString(Path.of("../docs/baseline.md"));
    String shown = page.replaceFirst("(?s).*## The file\n\n```\n(.*?)```.*", "$1");

    assertThat(BaselineFile.parse("known.txt", shown).text()).isEqualTo(shown);
  }

  @Test
  void linesAreSortedAndKeepTheCommentsAboveThem() {
    BaselineFile file =
        BaselineFile.parse("known.txt", "subject core\n# late\nsvm/z/a/b one\nsvm/a/a/b two\n");

    assertThat(file.text()).isEqualTo("subject core\n\nsvm/a/a/b two\n# late\nsvm/z/a/b one\n");
  }

  private static Entry only(String line) {
    return BaselineFile.parse("known.txt", "subject core\n" + line + "\n").entries("core").get(0);
  }
}

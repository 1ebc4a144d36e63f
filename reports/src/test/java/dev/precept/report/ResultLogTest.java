package dev.precept.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precept.cases.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultLogTest {
  @TempDir Path directory;

  @Test
  void whatIsWrittenIsReadBack() throws IOException {
    Path file = write(Samples.violation(), true);

    Run run = ResultLog.read(file);

    assertThat(run.results()).containsExactly(Samples.violation());
    assertThat(run.pairs()).containsExactly(Samples.violatedPair());
    assertThat(run.gaps()).containsExactly(Samples.gap());
    assertThat(run.summary().info()).isEqualTo(Samples.info());
    assertThat(run.summary().partial()).isFalse();
  }

  @Test
  void aRunThatDidNotFinishIsPartial() throws IOException {
    Path file = write(Samples.holding(), false);

    assertThat(ResultLog.read(file).summary().partial()).isTrue();
  }

  @Test
  void aTornLastLineIsLeftOutAndTheRunIsPartial() throws IOException {
    Path file = write(Samples.holding(), false);
    Files.writeString(file, "{\"case\":{\"id\":\"svm/rd", StandardOpenOption.APPEND);

    Run run = ResultLog.read(file);

    assertThat(run.results()).containsExactly(Samples.holding());
    assertThat(run.summary().partial()).isTrue();
  }

  @Test
  void aLineTornWithinACharacterIsLeftOutAsWell() throws IOException {
    Path file = write(Samples.holding(), false);
    byte[] torn = "{\"case\":{\"remark\":\"\u2192".getBytes(StandardCharsets.UTF_8);
    Files.write(file, Arrays.copyOf(torn, torn.length - 1), StandardOpenOption.APPEND);

    Run run = ResultLog.read(file);

    assertThat(run.results()).containsExactly(Samples.holding());
    assertThat(run.summary().partial()).isTrue();
  }

  @Test
  void bytesThatAreNoTextAreAnErrorWithTheirPlace() throws IOException {
    Path file = write(Samples.holding(), false);
    Files.write(file, new byte[] {(byte) 0xFF, '\n', '{', '\n'}, StandardOpenOption.APPEND);

    assertThatThrownBy(() -> ResultLog.read(file))
        .isInstanceOf(MalformedResultsException.class)
        .hasMessageContaining("results.jsonl:5: a byte that is not UTF-8");
  }

  @Test
  void aMemberThatSaysNothingIsAnErrorWithItsPlace() throws IOException {
    Path file = write(Samples.holding(), false);
    Files.writeString(file, "{\"case\":null}\n\n", StandardOpenOption.APPEND);

    assertThatThrownBy(() -> ResultLog.read(file))
        .isInstanceOf(MalformedResultsException.class)
        .hasMessageContaining("results.jsonl:5: 'case' says nothing");
  }

  @Test
  void aTornLineInTheMiddleIsAnErrorWithItsPlace() throws IOException {
    Path file = write(Samples.holding(), false);
    Files.writeString(file, "{\"case\":{\"id\n{\"gap\":{}}\n", StandardOpenOption.APPEND);

    assertThatThrownBy(() -> ResultLog.read(file))
        .isInstanceOf(MalformedResultsException.class)
        .hasMessageContaining("results.jsonl:5");
  }

  @Test
  void aFileOfAnotherKindIsRefused() throws IOException {
    Path file = directory.resolve("other.jsonl");
    Files.writeString(file, "{\"name\":\"other\"}\n{}\n");

    assertThatThrownBy(() -> ResultLog.read(file))
        .hasMessageContaining("not a line of a results file");
  }

  @Test
  void countsThatDoNotMatchTheCasesMakeTheRunPartial() throws IOException {
    Path file = directory.resolve("results.jsonl");
    try (ResultLog log = ResultLog.create(file, Samples.info())) {
      log.finish(RunSummary.of(Samples.info(), List.of(Samples.holding()), List.of(), 1, false));
    }

    assertThat(ResultLog.read(file).summary().partial()).isTrue();
  }

  @Test
  void theCountsAtTheEndCanBeReadAlone() throws IOException {
    Path file = write(Samples.violation(), true);

    assertThat(ResultLog.readEnd(file)).isEqualTo(ResultLog.read(file).summary());
  }

  @Test
  void aRunThatDidNotFinishHasNoCountsAtItsEnd() throws IOException {
    Path file = write(Samples.violation(), false);

    assertThatThrownBy(() -> ResultLog.readEnd(file)).isInstanceOf(MalformedResultsException.class);
  }

  @Test
  void theFormerResultsAreKeptBesideTheNew() throws IOException {
    Path file = write(Samples.violation(), true);
    write(Samples.holding(), true);

    Run former = ResultLog.read(file.resolveSibling("results.jsonl.previous"));

    assertThat(former.results()).containsExactly(Samples.violation());
  }

  @Test
  void eachVerdictIsCountedByItself() {
    RunSummary summary =
        RunSummary.of(
            Samples.info(),
            List.of(Samples.holding(), Samples.violation(), Samples.with(Verdict.NO_ANSWER)),
            List.of(Samples.violatedPair()),
            1,
            false);

    assertThat(summary.count(Verdict.HOLDS)).isEqualTo(1);
    assertThat(summary.count(Verdict.PRECEDENCE_VIOLATION)).isEqualTo(1);
    assertThat(summary.count(Verdict.NO_ANSWER)).isEqualTo(1);
    assertThat(summary.count(Verdict.VIOLATION)).isZero();
    assertThat(summary.pairTotal()).isEqualTo(1);
  }

  private Path write(Result result, boolean finish) throws IOException {
    Path file = directory.resolve("results.jsonl");
    try (ResultLog log = ResultLog.create(file, Samples.info())) {
      log.result(result);
      log.pairs(List.of(Samples.violatedPair()));
      log.gaps(List.of(Samples.gap()));
      if (finish) {
        log.finish(
            RunSummary.of(
                Samples.info(), List.of(result), List.of(Samples.violatedPair()), 7, false));
      }
    }
    return file;
  }
}

package dev.precept.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EarlierLinesTest {
  @TempDir Path directory;

  private static List<Result> results(int count) {
    List<Result> results = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      results.add(i % 3 == 0 ? Samples.violation() : Samples.holding());
    }
    return results;
  }

  /** Writes {@code results} and a pair, and says where their lines are. */
  private KeptResults write(Path file, List<Result> results) throws IOException {
    try (ResultLog log = ResultLog.create(file, Samples.info())) {
      log.results(results);
      log.pairs(List.of(Samples.violatedPair()));
      RunSummary summary = RunSummary.of(Samples.info(), results, List.of(), 0, false);
      Run run = new Run(summary, results, List.of(), List.of());
      return KeptResults.of(run, log.lines(), KeptResults.NONE);
    }
  }

  private Path rewrite(Path earlier, KeptResults kept, List<Result> results) throws IOException {
    Path file = directory.resolve("new.jsonl");
    try (EarlierLines lines = EarlierLines.of(earlier, kept);
        ResultLog log = ResultLog.create(file, Samples.info())) {
      log.reuse(lines);
      log.results(results);
      log.pairs(List.of(Samples.violatedPair()));
    }
    return file;
  }

  @Test
  void aFileOfKnownResultsIsTheSameAgain() throws IOException {
    Path earlier = directory.resolve("earlier.jsonl");
    KeptResults kept = write(earlier, distinct(results(3000)));

    Path again = rewrite(earlier, kept, kept.results());

    assertThat(again).hasSameBinaryContentAs(earlier);
  }

  @Test
  void linesAreCopiedAndNotSaidAgain() throws IOException {
    Path earlier = directory.resolve("earlier.jsonl");
    KeptResults kept = write(earlier, distinct(results(5)));
    String marked = Files.readString(earlier).replace(Samples.holding().subject(), "MARK");
    Files.writeString(earlier, marked.replace("MARK", "x".repeat(4) + padding()));

    assertThat(rewrite(earlier, kept, kept.results())).content().contains("xxxx");
  }

  /** What makes the mark as long as the word it is for, so that every line stays where it is. */
  private static String padding() {
    return "-".repeat(Samples.holding().subject().length() - 4);
  }

  @Test
  void linesBehindANewResultAreCopied() throws IOException {
    Path earlier = directory.resolve("earlier.jsonl");
    KeptResults kept = write(earlier, distinct(results(3000)));
    String marked = Files.readString(earlier).replace(Samples.holding().subject(), "MARK");
    Files.writeString(earlier, marked.replace("MARK", "x".repeat(4) + padding()));
    List<Result> mixed = new ArrayList<>(kept.results());
    mixed.set(500, copy(Samples.violation()));

    List<Result> written = ResultLog.read(rewrite(earlier, kept, mixed)).results();

    assertThat(written.get(500)).isEqualTo(Samples.violation());
    assertThat(written.subList(501, 3000))
        .allSatisfy(result -> assertThat(result.subject()).startsWith("xxxx"));
  }

  @Test
  void resultsOfItsOwnComeBetweenThem() throws IOException {
    Path earlier = directory.resolve("earlier.jsonl");
    KeptResults kept = write(earlier, distinct(results(5)));
    List<Result> mixed = new ArrayList<>(kept.results());
    mixed.set(2, distinct(List.of(Samples.violation())).get(0));
    mixed.remove(0);

    assertThat(ResultLog.read(rewrite(earlier, kept, mixed)).results()).isEqualTo(mixed);
    assertThat(ResultLog.read(rewrite(earlier, kept, mixed.subList(2, 4))).results())
        .isEqualTo(mixed.subList(2, 4));
  }

  @Test
  void whereTheLinesAreIsNotSaidOfAFileThatHasOthersBetween() throws IOException {
    try (ResultLog log = ResultLog.create(directory.resolve("scattered.jsonl"), Samples.info())) {
      log.result(Samples.holding());
      log.pairs(List.of(Samples.violatedPair()));
      log.result(Samples.violation());

      assertThat(log.lines()).isEqualTo(ResultLines.NONE);
    }
  }

  /** Equal results, each an object of its own, as they are when they come from a file. */
  private static List<Result> distinct(List<Result> results) {
    return results.stream().map(EarlierLinesTest::copy).toList();
  }

  private static Result copy(Result one) {
    return new Result(
        one.id(),
        one.subject(),
        one.vendor(),
        one.instruction(),
        one.form(),
        one.mode(),
        one.kind(),
        one.claim(),
        one.verdict(),
        one.expected(),
        one.actual(),
        one.expectedCheck(),
        one.actualCheck(),
        one.firstCheck(),
        one.secondCheck(),
        one.differences(),
        one.assignment(),
        one.reproducer(),
        one.citation(),
        one.row(),
        one.reveals(),
        one.remark(),
        one.micros());
  }
}

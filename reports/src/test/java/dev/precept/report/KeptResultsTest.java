package dev.precept.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.precept.cases.Difference;
import dev.precept.cases.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the next run reads of this one is what this one came to. */
class KeptResultsTest {
  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("results.kept");
  }

  @Test
  void everythingComesBack() throws IOException {
    List<Result> results = new ArrayList<>();
    for (Verdict verdict : Verdict.values()) {
      results.add(result("svm/a/" + verdict, verdict, 0));
    }
    // More texts and larger numbers than fit into one byte, or two.
    for (int i = 0; i < 40_000; i++) {
      results.add(result("svm/many/" + i, Verdict.HOLDS, i * 1_000_003L));
    }
    results.add(result("svm/last", Verdict.HOLDS, Long.MAX_VALUE));
    List<PairRecord> pairs = new ArrayList<>();
    for (PairRecord.Status status : PairRecord.Status.values()) {
      pairs.add(new PairRecord("svm", "a", "real", "x", "y", status, "svm/a/x>y", "why"));
    }
    KeptResults kept =
        kept(
            results,
            pairs,
            List.of(new CoverageGap("vmx", "row.csv:1", "what", "SDM3", "")),
            List.of(new ClauseRecord("vmx", "f", "real", "c", "v", "on", "off")),
            new ResultLines(7_000_000_000L, List.of(1, 127, 128, 70_000)));

    kept.write(file);

    isTheSame(KeptResults.read(file), kept);
  }

  @Test
  void nothingComesBackAsNothing() throws IOException {
    KeptResults.NONE.write(file);

    isTheSame(KeptResults.read(file), KeptResults.NONE);
  }

  @Test
  void whatComesFromAnEarlierRunIsWrittenAsIfItWereNew() throws IOException {
    List<Result> results = new ArrayList<>();
    List<PairRecord> pairs = new ArrayList<>();
    List<ClauseRecord> clauses = new ArrayList<>();
    for (String form : List.of("a", "b", "c", "d", "e")) {
      for (int i = 0; i < 3; i++) {
        results.add(result(form, "svm/" + form + "/" + i, Verdict.HOLDS, i));
        pairs.add(
            new PairRecord(
                "svm", form, "real", "x" + i, "y", PairRecord.Status.TESTED, "svm/x", "why"));
        clauses.add(new ClauseRecord("svm", form, "real", "c" + i, "v", "on", "off"));
      }
    }
    List<CoverageGap> gaps = List.of(new CoverageGap("svm", "row.csv:1", "what", "APM2", ""));
    kept(results, pairs, gaps, clauses, ResultLines.NONE).write(file);
    KeptResults earlier = KeptResults.read(file);
    // One form is otherwise, one has a case less, one is gone, one is new; two are as they were.
    List<Result> now = new ArrayList<>(earlier.results());
    now.set(4, result("b", "svm/b/1", Verdict.VIOLATION, 1));
    now.subList(9, 12).clear();
    now.remove(8);
    now.add(3, result("new", "svm/new/0", Verdict.HOLDS, 0));
    List<PairRecord> pairsNow = new ArrayList<>(earlier.pairs());
    pairsNow.remove(0);
    Run run = run(now, pairsNow, earlier.gaps(), earlier.clauses());
    ResultLines lines = new ResultLines(5, List.of(1, 2));
    Path fresh = folder.resolve("fresh");
    KeptResults.of(run, lines, KeptResults.NONE).write(fresh);

    KeptResults.of(run, lines, earlier).write(file);

    assertThat(file).hasSameBinaryContentAs(fresh);
    isTheSame(KeptResults.read(file), KeptResults.of(run, lines, KeptResults.NONE));
  }

  @Test
  void whatIsNotAsItWasWrittenIsNotRead() throws IOException {
    kept(
            List.of(result("svm/a", Verdict.HOLDS, 1)),
            List.of(),
            List.of(),
            List.of(),
            new ResultLines(1, List.of(2)))
        .write(file);
    byte[] whole = Files.readAllBytes(file);
    for (int i = 0; i < whole.length; i++) {
      byte[] flipped = whole.clone();
      flipped[i] ^= 1;
      isNotRead(flipped);
      isNotRead(Arrays.copyOf(whole, i));
    }
  }

  private static void isTheSame(KeptResults one, KeptResults other) {
    assertThat(one.results()).isEqualTo(other.results());
    assertThat(one.pairs()).isEqualTo(other.pairs());
    assertThat(one.gaps()).isEqualTo(other.gaps());
    assertThat(one.clauses()).isEqualTo(other.clauses());
    assertThat(one.lines()).isEqualTo(other.lines());
  }

  private static KeptResults kept(
      List<Result> results,
      List<PairRecord> pairs,
      List<CoverageGap> gaps,
      List<ClauseRecord> clauses,
      ResultLines lines) {
    return KeptResults.of(run(results, pairs, gaps, clauses), lines, KeptResults.NONE);
  }

  private static Run run(
      List<Result> results,
      List<PairRecord> pairs,
      List<CoverageGap> gaps,
      List<ClauseRecord> clauses) {
    RunSummary summary = RunSummary.of(Samples.info(), results, pairs, 0, false);
    return new Run(summary, results, pairs, gaps, clauses);
  }

  private void isNotRead(byte[] bytes) throws IOException {
    Files.write(file, bytes);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> KeptResults.read(file))
        .withMessageContaining("not as it was written");
  }

  private static Result result(String id, Verdict verdict, long micros) {
    return result("a", id, verdict, micros);
  }

  private static Result result(String form, String id, Verdict verdict, long micros) {
    return new Result(
        id,
        "core",
        "svm",
        form,
        "",
        "real",
        "alone",
        "a claim, with → and \uD83D\uDE00 in it",
        verdict,
        "#GP(0)",
        "x".repeat(300),
        "gp.tsd",
        "",
        "first",
        "second",
        List.of(new Difference("RIP", "1", "2"), new Difference("CR2", "", "0")),
        "mode=real " + id,
        new Reproducer(
            "0F 31", "RDTSC", Map.of("RAX", "1"), List.of("bit"), List.of("page", "other")),
        "APM2 15.9",
        "row.csv:12",
        "a mistake",
        "",
        micros);
  }
}

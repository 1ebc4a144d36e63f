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
        new KeptResults(
            results,
            pairs,
            List.of(new CoverageGap("vmx", "row.csv:1", "what", "SDM3", "")),
            List.of(new ClauseRecord("vmx", "f", "real", "c", "v", "on", "off")),
            new ResultLines(7_000_000_000L, List.of(1, 127, 128, 70_000)));

    kept.write(file);

    assertThat(KeptResults.read(file)).isEqualTo(kept);
  }

  @Test
  void nothingComesBackAsNothing() throws IOException {
    KeptResults none =
        new KeptResults(List.of(), List.of(), List.of(), List.of(), ResultLines.NONE);

    none.write(file);

    assertThat(KeptResults.read(file)).isEqualTo(none);
  }

  @Test
  void whatIsNotAsItWasWrittenIsNotRead() throws IOException {
    new KeptResults(
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

  private void isNotRead(byte[] bytes) throws IOException {
    Files.write(file, bytes);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> KeptResults.read(file))
        .withMessageContaining("not as it was written");
  }

  private static Result result(String id, Verdict verdict, long micros) {
    return new Result(
        id,
        "core",
        "svm",
        "a",
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

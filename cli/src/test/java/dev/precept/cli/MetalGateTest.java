package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Verdict;
import dev.precept.report.Result;
import dev.precept.report.ResultLog;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Planned cases on other people's emulators. */
class MetalGateTest {
  @TempDir private Path folder;

  /** A runner that has another host, or another processor, than cases are made for runs none. */
  @Test
  void qemuRunsNearlyEveryPlannedCase() throws Exception {
    Assumptions.assumeTrue(
        Stream.of(System.getenv("PATH").split(":"))
            .anyMatch(place -> Files.isExecutable(Path.of(place, "qemu-system-x86_64"))),
        "qemu-system-x86_64 is not installed");
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();

    Main.run(
        new String[] {
          "gate",
          "--vendor",
          "svm",
          "--subject",
          "qemu",
          "--instruction",
          "rdtsc",
          "--tries",
          "0",
          "--out",
          folder.toString()
        },
        new PrintWriter(out, true),
        new PrintWriter(err, true));

    List<Result> results = ResultLog.read(folder.resolve("results.jsonl")).results();
    assertThat(results).as(out + "\n" + err).hasSizeGreaterThan(100);
    assertThat(results)
        .filteredOn(result -> result.verdict() == Verdict.NOT_APPLICABLE)
        .hasSizeLessThan(results.size() / 10);
  }
}

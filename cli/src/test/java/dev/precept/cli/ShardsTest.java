package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shards run as processes of their own, as machines of their own would run them. */
class ShardsTest {
  private static final List<String> FILES =
      List.of(
          "results.jsonl",
          "junit.xml",
          "results.sarif",
          "summary.md",
          "run.json",
          "report/index.html");

  @TempDir private Path folder;

  private static Process gate(Path out, String... more) throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "gate",
                "--vendor",
                "svm",
                "--instruction",
                "rdtsc",
                "--tries",
                "10",
                "--out",
                out.toString()));
    words.addAll(List.of(more));
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.redirectOutput(out.resolveSibling(out.getFileName() + ".log").toFile());
    builder.environment().put("SOURCE_DATE_EPOCH", "1700000000");
    builder.environment().remove("GITHUB_STEP_SUMMARY");
    return builder.start();
  }

  private int report(StringWriter err, Path out, Path... parts) {
    List<String> words = new ArrayList<>(List.of("report"));
    for (Path part : parts) {
      words.add(part.toString());
    }
    words.addAll(List.of("--vendor", "svm", "--out", out.toString()));
    return Main.run(
        words.toArray(String[]::new),
        new PrintWriter(new StringWriter()),
        new PrintWriter(err, true));
  }

  @Test
  void shardsPutTogetherAreTheRunToTheByte() throws IOException, InterruptedException {
    Path whole = folder.resolve("whole");
    List<Path> parts = new ArrayList<>();
    List<Process> running = new ArrayList<>(List.of(gate(whole, "--threads", "1")));
    for (int i = 1; i <= 3; i++) {
      parts.add(folder.resolve("part" + i));
      running.add(gate(parts.get(i - 1), "--shard", i + "/3"));
    }
    for (Process process : running) {
      assertThat(process.waitFor()).isZero();
    }
    Path merged = folder.resolve("merged");

    // In any order.
    int status = report(new StringWriter(), merged, parts.get(2), parts.get(0), parts.get(1));

    assertThat(status).isEqualTo(ExitStatus.HOLDS);
    for (String file : FILES) {
      assertThat(merged.resolve(file)).as(file).hasSameBinaryContentAs(whole.resolve(file));
    }
    long cases = lines(whole.resolve("results.jsonl"), "{\"case\"");
    assertThat(cases).isGreaterThan(100);
    for (Path part : parts) {
      assertThat(lines(part.resolve("results.jsonl"), "{\"case\""))
          .isBetween(cases / 3 - 10, cases / 3 + 10);
    }

    // With one missing it is no run that holds.
    StringWriter err = new StringWriter();
    assertThat(report(err, folder.resolve("torn"), parts.get(0), parts.get(2)))
        .isEqualTo(ExitStatus.SUBJECT);
    assertThat(err.toString()).contains("parts are missing").contains(": 2");
  }

  private static long lines(Path file, String start) throws IOException {
    return Files.readAllLines(file, StandardCharsets.UTF_8).stream()
        .filter(line -> line.startsWith(start))
        .count();
  }
}

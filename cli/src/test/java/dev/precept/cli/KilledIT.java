package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.precept.report.MalformedResultsException;
import dev.precept.report.Result;
import dev.precept.report.ResultLog;
import dev.precept.report.Run;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands that are killed ({@code kill -9}) at any moment: no file under its name is torn, nothing
 * that was written is lost, and the same command again gives what it gives undisturbed. The moments
 * are drawn from {@code -Dprecept.kills.seed}; {@code -Dprecept.kills} says how many.
 */
class KilledIT {
  private static final int KILLS = Integer.getInteger("precept.kills", 2);
  private static final long SEED = Long.getLong("precept.kills.seed", 1);
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;
  private Jar jar;
  private final Random random = new Random(SEED);

  @BeforeEach
  void jar() {
    jar = new Jar(directory);
  }

  /** Kills a run at a moment within {@code nanos}; whether it had not ended by itself. */
  private boolean kill(long nanos, String... words) throws Exception {
    long moment = (long) (random.nextDouble() * nanos);
    Process process = jar.start(words);
    process.waitFor(moment, TimeUnit.NANOSECONDS);
    boolean killed = process.isAlive();
    process.destroyForcibly().waitFor();
    return killed;
  }

  /** Kills a run as soon as {@code file} is there, as long as {@code least}. */
  private void killAt(Path file, long least, String... words) throws Exception {
    Process process = jar.start(words);
    while (process.isAlive() && size(file) < least) {
      process.waitFor(1, TimeUnit.MILLISECONDS);
    }
    process.destroyForcibly().waitFor();
  }

  /** Kills a run as soon as anything happens to {@code file}, which is there. */
  private void killOnChange(Path file, String... words) throws Exception {
    long size = size(file);
    FileTime time = Files.getLastModifiedTime(file);
    Process process = jar.start(words);
    while (process.isAlive()
        && size(file) == size
        && Files.getLastModifiedTime(file).equals(time)) {
      process.waitFor(1, TimeUnit.MILLISECONDS);
    }
    process.destroyForcibly().waitFor();
  }

  /** Bytes in {@code file}, -1 where there is none; it may come and go meanwhile. */
  private static long size(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return -1;
    }
  }

  @Test
  void aGateThatIsKilledLeavesNothingTornAndLosesNothing() throws Exception {
    String[] gate = {"gate", "--only", "svm/rdtsc/*", "--tries", "2", "--no-cache", "--out", "X"};
    Jar.Ended undisturbed = jar.run(gate);
    assertThat(undisturbed.status()).as(undisturbed.output()).isEqualTo(ExitStatus.HOLDS);
    Path folder = directory.resolve("X");
    List<Result> expected = untimed(ResultLog.read(folder.resolve("results.jsonl")));

    for (int i = 0; i < KILLS; i++) {
      kill(undisturbed.nanos(), gate);
      whole(folder);
      reported(folder);
    }
    // While results are being written, and while the report is.
    killAt(folder.resolve("results.jsonl"), 20_000 + random.nextInt(30_000), gate);
    whole(folder);
    reported(folder);
    Files.deleteIfExists(folder.resolve("junit.xml"));
    killAt(folder.resolve("junit.xml"), 0, gate);
    whole(folder);
    reported(folder);

    Jar.Ended again = jar.run(gate);
    assertThat(again.status()).as(again.output()).isEqualTo(ExitStatus.HOLDS);
    assertThat(untimed(ResultLog.read(folder.resolve("results.jsonl")))).isEqualTo(expected);
    whole(folder);
    try (var left = Files.walk(folder)) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.endsWith(".part") || name.endsWith(".tmp"));
    }
  }

  @Test
  void generatedSourcesAreWholeOrAbsent() throws Exception {
    generated("--instruction", "lmsw", "--format", "junit");
  }

  @Test
  void generatedVectorsAreWholeOrAbsent() throws Exception {
    generated("--instruction", "rdtsc", "--format", "vectors");
  }

  private void generated(String... options) throws Exception {
    Jar.Ended undisturbed = jar.run(generate("A", options));
    assertThat(undisturbed.status()).as(undisturbed.output()).isEqualTo(ExitStatus.HOLDS);
    Map<String, byte[]> expected = Jar.files(directory.resolve("A"));
    assertThat(expected).isNotEmpty();

    for (int i = 0; i < KILLS; i++) {
      kill(undisturbed.nanos(), generate("B", options));
      wholeOrAbsent(expected);
    }
    String last = new TreeMap<>(expected).lastKey();
    killAt(directory.resolve("B").resolve(last), 0, generate("B", options));
    wholeOrAbsent(expected);

    assertThat(jar.run(generate("B", options)).status()).isEqualTo(ExitStatus.HOLDS);
    Map<String, byte[]> again = Jar.files(directory.resolve("B"));
    assertThat(again.keySet()).isEqualTo(expected.keySet());
    again.forEach((name, bytes) -> assertThat(bytes).as(name).isEqualTo(expected.get(name)));
  }

  private void wholeOrAbsent(Map<String, byte[]> expected) throws IOException {
    Jar.files(directory.resolve("B"))
        .forEach(
            (name, bytes) -> {
              if (!name.endsWith(".tmp")) {
                assertThat(bytes).as(name).isEqualTo(expected.get(name));
              }
            });
  }

  private static String[] generate(String folder, String... options) {
    String[] words = new String[options.length + 3];
    words[0] = "generate";
    words[1] = "--out";
    words[2] = folder;
    System.arraycopy(options, 0, words, 3, options.length);
    return words;
  }

  @Test
  void aReportThatIsKilledLeavesTheOneThatWasThere() throws Exception {
    jar.run("gate", "--only", "svm/rdtsc/*", "--tries", "0", "--out", "X");
    Jar.Ended undisturbed = jar.run("report", "X", "--out", "Y");
    assertThat(undisturbed.status()).as(undisturbed.output()).isEqualTo(ExitStatus.HOLDS);
    byte[] expected = Files.readAllBytes(directory.resolve("Y/index.html"));

    for (int i = 0; i < KILLS; i++) {
      kill(undisturbed.nanos(), "report", "X", "--out", "Y");
      assertThat(directory.resolve("Y/index.html")).hasBinaryContent(expected);
    }
    killOnChange(directory.resolve("Y/index.html"), "report", "X", "--out", "Y");
    assertThat(directory.resolve("Y/index.html")).hasBinaryContent(expected);

    assertThat(jar.run("report", "X", "--out", "Y").status()).isEqualTo(ExitStatus.HOLDS);
    assertThat(Jar.files(directory.resolve("Y"))).containsOnlyKeys("index.html");
  }

  @Test
  void aSweepThatIsKilledGoesOnFromItsCheckpoint() throws Exception {
    // A checkpoint at every opportunity, not every ten seconds.
    String[] sweep = {
      "-Dprecept.checkpoint.seconds=0",
      "sweep",
      "--vendor",
      "svm",
      "--instruction",
      "rdtsc",
      "--states",
      "400",
      "--threads",
      "1",
      "--checkpoint",
      "C"
    };
    Jar.Ended undisturbed = jar.run(sweep);
    assertThat(undisturbed.status()).as(undisturbed.output()).isEqualTo(ExitStatus.HOLDS);
    byte[] expected = Files.readAllBytes(directory.resolve("C"));
    Files.delete(directory.resolve("C"));

    killAt(directory.resolve("C"), 1, sweep);
    if (Files.exists(directory.resolve("C"))) {
      byte[] first = Files.readAllBytes(directory.resolve("C"));
      kill(undisturbed.nanos() / 2, sweep);
      assertThat(Files.size(directory.resolve("C"))).isGreaterThanOrEqualTo(first.length);
    }

    Jar.Ended again = jar.run(sweep);
    assertThat(again.status()).as(again.output()).isEqualTo(ExitStatus.HOLDS);
    assertThat(directory.resolve("C")).hasBinaryContent(expected);
    assertThat(Jar.files(directory)).doesNotContainKey("C.new");
  }

  private static List<Result> untimed(Run run) {
    return run.results().stream().map(Result::untimed).toList();
  }

  /** Every file under its final name can be read to its end. */
  private void whole(Path folder) throws Exception {
    for (Map.Entry<String, byte[]> file : Jar.files(folder).entrySet()) {
      String name = file.getKey();
      String text = new String(file.getValue(), StandardCharsets.UTF_8);
      if (name.endsWith(".part") || name.endsWith(".tmp") || name.startsWith("classes")) {
        continue;
      }
      if (name.equals("junit.xml")) {
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(file.getValue()));
      } else if (name.equals("run.json") || name.equals("results.sarif")) {
        assertThat(JSON.readTree(text).isObject()).as(name).isTrue();
      } else if (name.equals("report/index.html")) {
        assertThat(text.strip()).as(name).endsWith("</html>");
      } else if (name.equals("summary.md")) {
        assertThat(text).as(name).endsWith("\n");
      } else if (name.endsWith(".java")) {
        assertThat(text.strip()).as(name).endsWith("}");
      } else if (name.startsWith("results.jsonl")) {
        lines(name, text);
      }
    }
  }

  /** Each line that has an end is whole. */
  private static void lines(String name, String text) throws IOException {
    for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\n")) {
      if (!line.isEmpty()) {
        assertThat(JSON.readTree(line).size()).as("%s: %s", name, line).isEqualTo(1);
      }
    }
  }

  /** A report can be made of what is there, and it does not pass for a run that finished. */
  private void reported(Path folder) throws Exception {
    Path results = folder.resolve("results.jsonl");
    if (!Files.exists(results)) {
      return;
    }
    String text = Files.readString(results, StandardCharsets.ISO_8859_1);
    boolean finished = text.contains("{\"end\":") && text.endsWith("\n");
    long written = text.lines().filter(line -> line.startsWith("{\"case\":")).count();

    Jar.Ended report = jar.run("report", folder.toString(), "--out", "R");

    assertThat(report.status())
        .as(report.output())
        .isEqualTo(finished ? ExitStatus.HOLDS : ExitStatus.SUBJECT);
    if (!finished) {
      assertThat(report.output()).contains("The run did not finish");
    }
    Run read = read(results);
    assertThat(read.results().size()).isBetween((int) written - 1, (int) written);
    assertThat(read.summary().partial()).isEqualTo(!finished);
  }

  private static Run read(Path results) throws IOException {
    try {
      return ResultLog.read(results);
    } catch (MalformedResultsException e) {
      throw new AssertionError("a line in the middle is torn", e);
    }
  }
}

package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.precept.report.ResultLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A disk that is full: one sentence, status 3, and what was there before is still there.
 *
 * <p>Two ways to have one without being root: the shell's limit on the size of a file ({@code
 * ulimit -f}), where a write fails as on a full disk; and a small file system of one's own, in a
 * user namespace, where such a thing is allowed.
 */
class FullDiskIT {
  @TempDir Path directory;
  private Jar jar;

  @BeforeEach
  void jar() {
    jar = new Jar(directory);
  }

  /** The command with no file being able to grow beyond {@code blocks} of 512 bytes. */
  private Jar.Ended limited(int blocks, String... words) throws Exception {
    List<String> command = shell("ulimit -f " + blocks + " && exec \"$@\"");
    command.addAll(Jar.command(words));
    return jar.run(command);
  }

  private static List<String> shell(String script) {
    assumeThat(Path.of("/bin/sh")).as("a POSIX shell").exists();
    return new ArrayList<>(List.of("/bin/sh", "-c", script, "sh"));
  }

  private static void oneSentence(Jar.Ended ended) {
    assertThat(ended.status()).as(ended.output()).isEqualTo(ExitStatus.SUBJECT);
    assertThat(ended.output().lines().filter(line -> line.startsWith("precept: ")))
        .as(ended.output())
        .singleElement()
        .asString()
        .containsAnyOf("File too large", "No space left on device", "error writing");
    assertThat(ended.output()).doesNotContain("\tat ", "Exception");
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 120})
  void aGateSaysSoAndTheFormerResultsAreKept(int blocks) throws Exception {
    String[] gate = {"gate", "--only", "svm/rdtsc/*", "--tries", "0", "--no-cache", "--out", "X"};
    assertThat(jar.run(gate).status()).isEqualTo(ExitStatus.HOLDS);
    Path results = directory.resolve("X/results.jsonl");
    Path former = directory.resolve("X/results.jsonl.previous");
    byte[] before = Files.readAllBytes(results);

    oneSentence(limited(blocks, gate));

    byte[] kept = Files.readAllBytes(Files.exists(former) ? former : results);
    assertThat(kept).isEqualTo(before);
    if (Files.exists(former)) {
      // What was written of the new run is whole lines, and says that it did not finish.
      assertThat(ResultLog.read(results).summary().partial()).isTrue();
      assertThat(Files.readString(results)).matches("(?s)|.*\n");
    }
    assertThat(jar.run(gate).status()).isEqualTo(ExitStatus.HOLDS);
  }

  @Test
  void aReportSaysSoAndTheFormerOneIsKept() throws Exception {
    jar.run("gate", "--only", "svm/rdtsc/*", "--tries", "0", "--out", "X");
    jar.run("report", "X", "--out", "Y");
    Map<String, byte[]> before = Jar.files(directory.resolve("Y"));
    assertThat(before).containsOnlyKeys("index.html");

    oneSentence(limited(40, "report", "X", "--out", "Y"));

    Map<String, byte[]> after = Jar.files(directory.resolve("Y"));
    assertThat(after).containsOnlyKeys("index.html");
    assertThat(after.get("index.html")).isEqualTo(before.get("index.html"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"junit", "vectors"})
  void generatedFilesAreWholeOrAbsent(String format) throws Exception {
    String[] generate = {"generate", "--format", format, "--instruction", "rdtsc", "--out", "G"};
    assertThat(jar.run(generate).status()).isEqualTo(ExitStatus.HOLDS);
    Map<String, byte[]> expected = Jar.files(directory.resolve("G"));
    String largest =
        expected.entrySet().stream()
            .max(Map.Entry.comparingByValue((a, b) -> Integer.compare(a.length, b.length)))
            .orElseThrow()
            .getKey();
    Files.delete(directory.resolve("G").resolve(largest));

    int blocks = expected.get(largest).length / 1024;
    oneSentence(limited(blocks, generate));

    Map<String, byte[]> after = Jar.files(directory.resolve("G"));
    assertThat(after).doesNotContainKey(largest);
    after.forEach((name, bytes) -> assertThat(bytes).as(name).isEqualTo(expected.get(name)));
  }

  @Test
  void aSweepSaysSoAndTheFormerCheckpointIsKept() throws Exception {
    String[] sweep = {
      "sweep", "--vendor", "svm", "--instruction", "rdtsc", "--budget", "500", "--checkpoint", "C"
    };
    assertThat(jar.run(sweep).status()).isEqualTo(ExitStatus.HOLDS);
    Map<String, byte[]> before = Jar.files(directory);

    oneSentence(limited(0, sweep));

    Map<String, byte[]> after = Jar.files(directory);
    assertThat(after.keySet()).isEqualTo(before.keySet());
    assertThat(after.get("C")).isEqualTo(before.get("C"));
  }

  @Test
  void outputThatIsLostIsNotSuccess() throws Exception {
    assumeThat(Path.of("/dev/full")).as("a device that is always full").exists();
    List<String> command = shell("exec \"$@\" > /dev/full");
    command.addAll(Jar.command("tables", "show"));

    Jar.Ended ended = jar.run(command);

    assertThat(ended.status()).isEqualTo(ExitStatus.SUBJECT);
    assertThat(ended.output())
        .isEqualTo("precept: standard output cannot be written: No space left on device\n");
  }

  @Test
  void aFileSystemWithoutSpaceIsToldByItsFile() throws Exception {
    Path small = Files.createDirectory(directory.resolve("small"));
    String mounted = "mount -t tmpfs -o size=160k tmpfs small";
    List<String> probe =
        List.of("unshare", "--user", "--map-root-user", "--mount", "/bin/sh", "-c", mounted);
    assumeThat(canRun(probe)).as("a user may have a file system of their own here").isTrue();
    // Both in one namespace: what lies in it is gone with it.
    List<String> command = new ArrayList<>(probe.subList(0, 5));
    command.addAll(List.of("-c", mounted + " && \"$@\"; s=$?; cp -r small kept; exit $s", "sh"));
    command.addAll(
        Jar.command(
            "gate", "--instruction", "rdtsc", "--tries", "0", "--no-cache", "--out", "small/X"));

    Jar.Ended ended = jar.run(command);

    oneSentence(ended);
    assertThat(small).isEmptyDirectory();
    Path results = directory.resolve("kept/X/results.jsonl");
    if (Files.exists(results)) {
      assertThat(ResultLog.read(results).summary().partial()).isTrue();
    }
  }

  private boolean canRun(List<String> command) throws InterruptedException {
    try {
      return jar.run(command).status() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}

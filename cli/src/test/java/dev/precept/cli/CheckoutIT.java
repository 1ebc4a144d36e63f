package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.tables.load.TableSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The jar of a checkout, as {@code ./precept} runs it: with the checkout's tables. */
class CheckoutIT {
  private static final int LARGEST_FILE = 1 << 22;

  @TempDir private Path directory;
  private Jar jar;

  @BeforeEach
  void checkout() throws IOException {
    jar = new Jar(directory);
    TableSource builtIn = TableSource.builtIn();
    for (String name : builtIn.files()) {
      Path file = directory.resolve("rows").resolve(name);
      Files.createDirectories(file.getParent());
      Files.write(file, builtIn.read(name, LARGEST_FILE));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rdtsc", "lmsw", "lmsw.mem", "vmrun", "insb"})
  void whatWasWrittenAtTheBuildIsWhatTheTablesSay(String name) throws Exception {
    Files.createDirectory(directory.resolve("none"));

    String asked = explained(name, "--tables", "none");

    assertThat(explained(name)).isEqualTo(asked);
    assertThat(explained("-Dprecept.tables=rows", name)).isEqualTo(asked);
  }

  @Test
  void anEditedRowIsInForceWithoutABuild() throws Exception {
    Path file = directory.resolve("rows/svm/instructions/timestamp.csv");
    String right = Files.readString(file);
    String wrong = right.replace("gp.tsd > exit.rdtsc,", "exit.rdtsc > gp.tsd,");
    Files.writeString(file, wrong);
    String before = explained("rdtsc");

    assertThat(explained("-Dprecept.tables=rows", "rdtsc")).isNotEqualTo(before);
    Jar.Ended gate =
        jar.run("-Dprecept.tables=rows", "gate", "--instruction", "rdtsc", "--kind", "pair");
    assertThat(gate.status()).as(gate.output()).isEqualTo(ExitStatus.VIOLATIONS);
    assertThat(gate.output()).contains("svm/rdtsc/").doesNotContain("rows/");
  }

  @Test
  void whatIsReusedAfterAnEditIsWhatANewRunSays() throws Exception {
    Path file = directory.resolve("rows/svm/instructions/timestamp.csv");
    String right = Files.readString(file);
    Matcher ran = Pattern.compile("of (\\d+) instruction forms").matcher(gate("edited"));
    assertThat(ran.find()).isTrue();
    String reused =
        "reused   the results of " + (Integer.parseInt(ran.group(1)) - 1) + " instruction forms";
    // Of RDTSC alone: the case's bytes are others, and all other forms are as they were.
    Files.writeString(file, right.replaceFirst("p66 rex_w", "p66"));
    assertThat(gate("edited")).contains(reused);
    assertThat(gate("new")).doesNotContain("reused");
    sameFiles("new");
    // What was reused once is reused again, beside a form that does not hold: in the pair's case of
    // each mode but real mode, which has no CPL above 0.
    Files.writeString(file, right.replace("gp.tsd > exit.rdtsc,", "exit.rdtsc > gp.tsd,"));
    assertThat(gate("edited")).contains(reused);
    assertThat(gate("newer")).doesNotContain("reused").contains("5 violations");
    sameFiles("newer");
  }

  private void sameFiles(String fresh) {
    for (String name :
        List.of(
            "results.jsonl",
            "junit.xml",
            "results.sarif",
            "summary.md",
            "run.json",
            "report/index.html")) {
      assertThat(directory.resolve("edited").resolve(name))
          .hasSameBinaryContentAs(directory.resolve(fresh).resolve(name));
    }
  }

  private String gate(String out) throws Exception {
    return jar.run(
            "-Dprecept.tables=rows",
            "gate",
            "--vendor",
            "svm",
            "--instruction",
            "rdtsc",
            "--instruction",
            "rdpmc",
            "--instruction",
            "hlt",
            "--tries",
            "20",
            "--out",
            out)
        .output();
  }

  private String explained(String... words) throws Exception {
    String[] command = new String[words.length + 2];
    command[0] = "tables";
    command[1] = "explain";
    System.arraycopy(words, 0, command, 2, words.length);
    Jar.Ended ended = jar.run(command);
    assertThat(ended.status()).as(ended.output()).isZero();
    return ended.output();
  }
}

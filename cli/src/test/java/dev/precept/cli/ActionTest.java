package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script of action.yml, run as GitHub runs it, with a {@code precept} that tells its words. */
class ActionTest {
  private static final Path ACTION = Path.of("../action.yml");

  @TempDir Path directory;

  @BeforeEach
  void bashIsThere() {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(":")).anyMatch(p -> Files.exists(Path.of(p, "bash"))),
        "SKIPPED: action.yml was not tried, because there is no bash");
  }

  @Test
  void inputsBecomeOptionsEachInOneWord() throws Exception {
    List<String> words =
        run(
            0,
            Map.of(
                "SUBJECT", "exec:./my emulator --fast",
                "BASELINE", "ci/known violations.txt",
                "ONLY", "svm/*/gp.tsd>exit",
                "ARGUMENTS", "--tries\n10\n--fail-on-skip\n"));

    assertThat(words)
        .containsExactly(
            "gate",
            "--subject",
            "exec:./my emulator --fast",
            "--out",
            "results",
            "--only",
            "svm/*/gp.tsd>exit",
            "--baseline",
            "ci/known violations.txt",
            "--tries",
            "10",
            "--fail-on-skip");
  }

  @Test
  void anInputIsNeverACommand() throws Exception {
    List<String> words = run(0, Map.of("SUBJECT", "$(touch hacked)`touch hacked`; touch hacked"));

    assertThat(words).contains("$(touch hacked)`touch hacked`; touch hacked");
    assertThat(directory.resolve("hacked")).doesNotExist();
  }

  @Test
  void emptyInputsAreLeftOut() throws Exception {
    assertThat(run(0, Map.of("SUBJECT", "core")))
        .containsExactly("gate", "--subject", "core", "--out", "results");
  }

  @Test
  void theGatesStatusIsTheStepsAndTheOutputsAreThereAllTheSame() throws Exception {
    run(1, Map.of("SUBJECT", "core"));

    assertThat(directory.resolve("github-output"))
        .hasContent("report=results/report/index.html\nresults=results/results.jsonl");
  }

  @Test
  void everyInputThatTheScriptUsesIsDeclared() throws IOException {
    String action = Files.readString(ACTION);
    String inputs = action.substring(action.indexOf("inputs:"), action.indexOf("outputs:"));

    assertThat(
            java.util.regex.Pattern.compile("inputs\\.([a-z]+)")
                .matcher(action)
                .results()
                .map(found -> found.group(1))
                .distinct())
        .allSatisfy(name -> assertThat(inputs).contains("\n  " + name + ":\n"));
  }

  private List<String> run(int status, Map<String, String> inputs) throws Exception {
    Path precept = directory.resolve("precept");
    Files.writeString(
        precept, "#!/bin/sh\nprintf '%s\\n' \"$@\" > \"$WORDS\"\nexit " + status + "\n");
    assertThat(precept.toFile().setExecutable(true)).isTrue();
    Map<String, String> environment = new HashMap<>();
    for (String name : List.of("SUBJECT", "VENDOR", "ONLY", "BASELINE", "TABLES", "ARGUMENTS")) {
      environment.put(name, "");
    }
    environment.put("OUT", "results");
    environment.put("GITHUB_ACTION_PATH", directory.toString());
    environment.put("GITHUB_OUTPUT", directory.resolve("github-output").toString());
    environment.put("WORDS", directory.resolve("words").toString());
    environment.putAll(inputs);
    ProcessBuilder builder =
        new ProcessBuilder("bash", "-c", script())
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile());
    builder.environment().putAll(environment);
    assertThat(builder.start().waitFor())
        .as(Files.readString(directory.resolve("log")))
        .isEqualTo(status);
    return Files.readAllLines(directory.resolve("words"));
  }

  /** The lines of the only {@code run: |}, without their indent. */
  private static String script() throws IOException {
    List<String> lines = Files.readAllLines(ACTION);
    int start = lines.indexOf("      run: |") + 1;
    assertThat(start).as("line of run: |").isPositive();
    return lines.subList(start, lines.size()).stream()
        .takeWhile(line -> line.isEmpty() || line.startsWith("        "))
        .map(line -> line.isEmpty() ? line : line.substring(8))
        .collect(Collectors.joining("\n"));
  }
}

package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.report.ResultLog;
import dev.precept.report.Run;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The finished jar, in a folder of its own and by itself: no sources, no Maven, no checkout. */
class DistributionIT {
  private static final String CASE = "svm/rdtsc/prot32/gp.tsd>exit";

  @TempDir Path directory;
  private Path jar;

  @BeforeEach
  void copyTheJar() throws IOException {
    Path built = Path.of(System.getProperty("precept.jar"));
    assertThat(built).as("the build packages it").exists();
    jar = Files.copy(built, directory.resolve("precept.jar"));
  }

  @Test
  void itTellsItsCommandsInUnderASecond() throws Exception {
    long start = System.nanoTime();
    String out = run(ExitStatus.HOLDS, Map.of(), "--help");
    long millis = (System.nanoTime() - start) / 1_000_000;

    System.out.printf("java -jar precept.jar --help took %d ms%n", millis);
    assertThat(out).contains("gate", "Exit status:");
    // Meant to be well below one second; a machine that is busy may take longer.
    assertThat(millis).isLessThan(5_000);
  }

  @Test
  void forALineOfHelpHardlyAnythingIsLoaded() throws Exception {
    // Time depends on who else is at work; what is loaded, and takes it, does not.
    Map<String, String> told = Map.of("JDK_JAVA_OPTIONS", "-Xlog:class+load");

    String help = run(ExitStatus.HOLDS, told, "gate", "--help");
    String explained = run(ExitStatus.HOLDS, told, "tables", "explain", "rdtsc");

    assertThat(help).contains("--baseline", HelpTexts.class.getName());
    assertThat(explained).contains("VMEXIT_RDTSC", Explanations.class.getName());
    for (String out : List.of(help, explained)) {
      assertThat(out).doesNotContain("picocli.CommandLine ", "dev.precept.tables.Tables ");
    }
  }

  @Test
  void itGatesAndLeavesEveryFile() throws Exception {
    String out = run(ExitStatus.HOLDS, Map.of(), "gate", "--only", CASE, "--out", "X");

    assertThat(out).contains("The documented order holds");
    for (String file :
        List.of(
            "results.jsonl",
            "junit.xml",
            "results.sarif",
            "summary.md",
            "run.json",
            "report/index.html")) {
      assertThat(directory.resolve("X").resolve(file)).isNotEmptyFile();
    }
    try (var left = Files.walk(directory.resolve("X"))) {
      assertThat(left.filter(file -> file.toString().endsWith(".part"))).isEmpty();
    }
  }

  @Test
  void anotherCoreThatDoesTheSameHasTheSameResults() throws Exception {
    String[] gate = {
      "gate", "--instruction", "cpuid", "--instruction", "vmwrite", "--tries", "5", "--out", "X"
    };
    run(ExitStatus.HOLDS, Map.of(), gate);
    byte[] results = Files.readAllBytes(directory.resolve("X/results.jsonl"));
    addToJar("dev/precept/core/Another.class");

    String out = run(ExitStatus.HOLDS, Map.of(), gate);

    assertThat(out).containsPattern("only the core has changed, which does what it did .* states");
    assertThat(directory.resolve("X/results.jsonl")).hasBinaryContent(results);
    assertThat(run(ExitStatus.HOLDS, Map.of(), gate)).contains("neither Precept nor tables");
  }

  @Test
  void whereSomethingElseHasChangedTheCasesRun() throws Exception {
    String[] gate = {"gate", "--only", CASE, "--out", "X"};
    run(ExitStatus.HOLDS, Map.of(), gate);
    addToJar("dev/precept/cases/Another.class");

    assertThat(run(ExitStatus.HOLDS, Map.of(), gate)).doesNotContain("reused");
  }

  private void addToJar(String entry) throws IOException {
    try (FileSystem zip = FileSystems.newFileSystem(jar)) {
      Path file = zip.getPath(entry);
      Files.createDirectories(file.getParent());
      Files.writeString(file, "no class");
    }
  }

  @Test
  void itTellsToRepeatACaseAsItWasCalled() throws Exception {
    WrongOrder.into(directory.resolve("rows"));

    String out =
        run(
            ExitStatus.VIOLATIONS,
            Map.of(),
            "gate",
            "--instruction",
            "rdtsc",
            "--kind",
            "pair",
            "--tables",
            "rows");

    assertThat(out).contains("again  java -jar precept.jar gate --tables rows --only 'svm/rdtsc/");
  }

  @Test
  void theSummaryIsAppendedToTheJobs() throws Exception {
    Path summary = Files.writeString(directory.resolve("job.md"), "before\n");

    run(
        ExitStatus.HOLDS,
        Map.of("GITHUB_STEP_SUMMARY", summary.toString()),
        "gate",
        "--only",
        CASE);

    assertThat(Files.readString(summary))
        .startsWith("before\n# Precept: The documented order holds\n");
  }

  @Test
  void withoutATerminalThereIsNoProgress() throws Exception {
    assertThat(run(ExitStatus.HOLDS, Map.of(), "gate", "--only", CASE))
        .doesNotContain("\r", "\u001b", "planning and compiling");
  }

  @Test
  void aBaselineComesAndGoesWithWhatItExpects() throws Exception {
    WrongOrder.into(directory.resolve("rows"));
    String[] gate = {"gate", "--tables", "rows", "--baseline", "known.txt"};
    List<String> part = List.of("--instruction", "rdtsc", "--kind", "pair");
    Files.writeString(
        directory.resolve("known.txt"),
        "subject core\nsvm/rdtsc/* x5 \"takes gp.tsd before the exit\" wrong on purpose\n");

    String known = run(ExitStatus.HOLDS, Map.of(), with(gate, part));
    assertThat(known).contains("5 known violations by 1 line", "No new violation");
    Files.writeString(
        directory.resolve("known.txt"),
        Files.readString(directory.resolve("known.txt")).replace("x5", "x4"));
    String more = run(ExitStatus.VIOLATIONS, Map.of(), with(gate, part));
    assertThat(more).contains("known.txt:2:13: svm/rdtsc/*: says x4, but 5 happen");
  }

  @Test
  void aRunThatIsEndedEarlyTellsWhatIsKnownAndDoesNotPass() throws Exception {
    // Enough to be at it for a while, and soon planned.
    Process process =
        start(
            Map.of(),
            "gate",
            "--vendor",
            "svm",
            "--instruction",
            "outsb",
            "--instruction",
            "outsw",
            "--instruction",
            "outsd",
            "--tries",
            "0",
            "--out",
            "X");
    Path results = directory.resolve("X/results.jsonl");
    while (process.isAlive() && (!Files.exists(results) || Files.size(results) < 200_000)) {
      assertThat(process.waitFor(50, TimeUnit.MILLISECONDS)).as("ended by itself").isFalse();
    }
    process.destroy();

    assertThat(process.waitFor()).isEqualTo(ExitStatus.SUBJECT);
    assertThat(output()).contains("The run did not finish: it proves nothing");
    assertThat(directory.resolve("X/summary.md")).content().contains("**the run did not finish**");
    Run run = ResultLog.read(results);
    assertThat(run.summary().partial()).isTrue();
    assertThat(run.results()).hasSizeGreaterThan(100);
  }

  @Test
  void whatIsWrongIsOneSentenceWithARemedy() throws Exception {
    assertThat(run(ExitStatus.USAGE, Map.of(), "gate", "--subject", "nothing"))
        .contains("precept: --subject: there is no subject 'nothing'")
        .doesNotContain("Exception", "\tat ");
  }

  private static String[] with(String[] words, List<String> more) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(more);
    return all.toArray(new String[0]);
  }

  private String run(int status, Map<String, String> environment, String... words)
      throws Exception {
    int ended = start(environment, words).waitFor();
    String out = output();
    assertThat(ended).as(out).isEqualTo(status);
    return out;
  }

  private Process start(Map<String, String> environment, String... words) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                jar.getFileName().toString()));
    command.addAll(List.of(words));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output").toFile());
    builder.environment().remove("GITHUB_STEP_SUMMARY");
    builder.environment().putAll(environment);
    return builder.start();
  }

  private String output() throws IOException {
    return Files.readString(directory.resolve("output"));
  }
}

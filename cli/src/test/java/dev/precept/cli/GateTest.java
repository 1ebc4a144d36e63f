package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.precept.report.ResultLog;
import dev.precept.report.Run;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gate on one instruction whose order the manual states plainly. */
class GateTest {
  private static final String CASE = "svm/rdtsc/prot32/gp.tsd>exit";

  @TempDir Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void aCaseThatHoldsPassesAndLeavesEveryFile() {
    assertThat(gate("--only", CASE)).as(out + "\n" + err).isEqualTo(ExitStatus.HOLDS);

    assertThat(directory.resolve("results.jsonl")).isNotEmptyFile();
    assertThat(directory.resolve("junit.xml")).isNotEmptyFile();
    assertThat(directory.resolve("results.sarif")).isNotEmptyFile();
    assertThat(directory.resolve("summary.md")).isNotEmptyFile();
    assertThat(directory.resolve("report/index.html")).isNotEmptyFile();
  }

  @Test
  void theResultsAreThoseOfTheSelectedCaseAndComplete() throws IOException {
    gate("--only", CASE);

    Run run = ResultLog.read(directory.resolve("results.jsonl"));
    assertThat(run.results()).singleElement().satisfies(r -> assertThat(r.id()).isEqualTo(CASE));
    assertThat(run.summary().partial()).isFalse();
  }

  @Test
  void aSelectionThatMatchesNothingIsWrongUsage() {
    assertThat(gate("--only", "svm/rdtsc/*/nothing")).isEqualTo(ExitStatus.USAGE);
    assertThat(err.toString()).contains("no case matches");
  }

  @Test
  void aSelectionThatMatchesNothingLeavesTheFormerReport() throws IOException {
    Path report = directory.resolve("report/index.html");
    Files.createDirectories(report.getParent());
    Files.writeString(report, "former");

    gate("--only", "svm/rdtsc/*/nothing");

    assertThat(report).hasContent("former");
  }

  @Test
  void anUnknownInstructionIsWrongUsageAndTheNearestOneIsNamed() {
    assertThat(gate("--instruction", "rdtcs")).isEqualTo(ExitStatus.USAGE);
    assertThat(err.toString()).contains("did you mean 'rdtsc'?");
  }

  @Test
  void anUnknownKindIsWrongUsage() {
    assertThat(gate("--kind", "pears")).isEqualTo(ExitStatus.USAGE);
    assertThat(err.toString()).contains("there is no kind 'pears'");
  }

  @Test
  void anUnknownSubjectIsWrongUsage() {
    assertThat(gate("--subject", "cray")).isEqualTo(ExitStatus.USAGE);
    assertThat(err.toString()).contains("there is no subject 'cray'");
  }

  @Test
  void aKnownViolationThatNoLongerHappensFails() throws IOException {
    Path baseline = directory.resolve("known.txt");
    Files.writeString(baseline, "subject core\n" + CASE + " mended since\n");

    assertThat(gate("--only", CASE, "--baseline", baseline.toString()))
        .isEqualTo(ExitStatus.VIOLATIONS);
    assertThat(out.toString()).contains("known.txt:2:1: " + CASE + ": holds now: remove the line");
  }

  @Test
  void aBaselineThatIsWrongIsToldWithItsPlaceBeforeAnythingRuns() throws IOException {
    Path baseline = directory.resolve("known.txt");
    Files.writeString(baseline, "subject core\n" + CASE + "\n");

    assertThat(gate("--only", CASE, "--baseline", baseline.toString())).isEqualTo(ExitStatus.USAGE);
    assertThat(err.toString()).contains("known.txt:2:29: gives no reason");
    assertThat(directory.resolve("results.jsonl")).doesNotExist();
  }

  @Test
  void aPartOfTheCasesCannotUpdateTheBaseline() {
    Path baseline = directory.resolve("known.txt");

    assertThat(gate("--only", CASE, "--baseline", baseline.toString(), "--update-baseline"))
        .isEqualTo(ExitStatus.USAGE);
    assertThat(baseline).doesNotExist();
  }

  @Test
  void rerunningWhatFailedNeedsAFormerRun() {
    assertThat(gate("--rerun-failed")).isEqualTo(ExitStatus.USAGE);
    assertThat(err.toString()).contains("no run has left its results");
  }

  @Test
  void whatARunThatDidNotFinishLeftOutIsRerunToo() throws IOException {
    gate("--only", CASE);
    Path results = directory.resolve("results.jsonl");
    String start = Files.readAllLines(results).get(0);
    Files.writeString(results, start + "\n");

    assertThat(gate("--only", CASE, "--rerun-failed")).isEqualTo(ExitStatus.HOLDS);
    assertThat(out.toString()).contains("1 case of 1 instruction form");
  }

  @Test
  void aFileWhereTheFolderShouldGoIsWrongUsage() throws IOException {
    directory = Files.writeString(directory.resolve("file"), "");

    assertThat(gate("--only", CASE)).isEqualTo(ExitStatus.USAGE);
    assertThat(err.toString()).contains("is in the way");
  }

  @Test
  void jsonIsOneObjectAndNothingElse() throws IOException {
    gate("--only", CASE, "--json");

    JsonNode run = new ObjectMapper().readTree(out.toString());
    assertThat(run.get("passes").asBoolean()).isTrue();
    assertThat(run.at("/verdicts/holds").asInt()).isEqualTo(1);
  }

  private int gate(String... options) {
    String[] arguments = new String[options.length + 3];
    arguments[0] = "gate";
    arguments[1] = "--out";
    arguments[2] = directory.toString();
    System.arraycopy(options, 0, arguments, 3, options.length);
    return Main.run(arguments, new PrintWriter(out, true), new PrintWriter(err, true));
  }
}

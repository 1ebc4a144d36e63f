package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.precept.report.ResultLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gate and its files where violations happen, known and not. */
class BaselineGateTest {
  private static final String CASE = "svm/rdtsc/prot32/exit>gp.tsd";

  @TempDir Path directory;
  private Path tables;
  private Path baseline;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void aTableThatIsWrong() throws IOException {
    tables = WrongOrder.into(directory.resolve("my tables"));
    baseline = directory.resolve("known.txt");
  }

  @Test
  void aViolationFails() {
    assertThat(gate("--only", CASE)).as(err.toString()).isEqualTo(ExitStatus.VIOLATIONS);
    assertThat(out.toString())
        .contains("precedence-violation: takes gp.tsd before the exit")
        .contains("1 violation, 1 of the documented order");
  }

  @Test
  void theCommandToRepeatItHasTheTablesInEveryFile() throws IOException {
    gate("--only", CASE);

    String again = "gate --tables '" + tables + "' --only '" + CASE + "'";
    assertThat(out.toString()).contains(again);
    assertThat(output("junit.xml")).contains(again.replace("'", "&#39;").replace(">", "&gt;"));
    assertThat(output("results.sarif")).contains(again);
    assertThat(output("summary.md")).contains(again);
    assertThat(output("run.json")).contains(again);
    assertThat(output("report/index.html").contains("gate --tables '" + tables + "'")).isTrue();
  }

  @Test
  void theCommandToRepeatItIsStillThereInAReportThatIsMadeAgain() throws IOException {
    gate("--only", CASE);
    Path again = directory.resolve("again");

    precept("report", directory + "/results.jsonl", "--out", again.toString());

    String page = Files.readString(again.resolve("index.html"));
    assertThat(page.contains("gate --tables '" + tables + "'")).isTrue();
  }

  @Test
  void sarifPointsAtTheUsersOwnRow() throws IOException {
    gate("--only", CASE);

    JsonNode place =
        new ObjectMapper()
            .readTree(output("results.sarif"))
            .at("/runs/0/results/0/locations/0/physicalLocation");
    assertThat(place.at("/artifactLocation/uri").asText())
        .startsWith("file:///")
        .endsWith("/my%20tables/svm/instructions/timestamp.csv");
    assertThat(place.at("/region/startLine").asInt()).isEqualTo(2);
  }

  @Test
  void aKnownViolationPassesAndIsToldAsSuchEverywhere() throws IOException {
    known(CASE + " https://x.org/7 tried on purpose");

    assertThat(gate("--only", CASE, "--baseline", baseline.toString()))
        .as(out.toString())
        .isEqualTo(ExitStatus.HOLDS);
    assertThat(out.toString())
        .contains("1 known violation by 1 line")
        .contains("No new violation; 1 known one is in the baseline")
        .doesNotContain("1 violation,");
    assertThat(output("junit.xml"))
        .contains("failures=\"0\"")
        .contains("<skipped message=\"known: tried on purpose");
    assertThat(output("summary.md")).contains("No new violation");
    assertThat(output("report/index.html").contains("tried on purpose")).isTrue();
    JsonNode result = new ObjectMapper().readTree(output("results.sarif")).at("/runs/0/results/0");
    assertThat(result.at("/level").asText()).isEqualTo("note");
    assertThat(result.at("/suppressions/0/justification").asText()).isEqualTo("tried on purpose");
  }

  @Test
  void aReportThatIsMadeAgainKnowsTheBaseline() throws IOException {
    known(CASE + " tried on purpose");
    gate("--only", CASE, "--baseline", baseline.toString());

    int status = precept("report", directory + "/results.jsonl", "--out", directory + "/again");

    assertThat(status).isEqualTo(ExitStatus.HOLDS);
    assertThat(ResultLog.read(directory.resolve("results.jsonl")).summary().known()).isEqualTo(1);
  }

  @Test
  void anExpiredLineFails() throws IOException {
    known(CASE + " until 2001-01-01 tried on purpose");

    assertThat(gate("--only", CASE, "--baseline", baseline.toString()))
        .isEqualTo(ExitStatus.VIOLATIONS);
    assertThat(out.toString()).contains("known.txt:2:36: " + CASE + ": expired on 2001-01-01");
  }

  @Test
  void aBaselineForOtherSubjectsOnlyIsPointedOut() throws IOException {
    Files.writeString(baseline, "subject qemu\n" + CASE + " known\n");

    assertThat(gate("--only", CASE, "--baseline", baseline.toString()))
        .isEqualTo(ExitStatus.VIOLATIONS);
    assertThat(out.toString()).contains("has no section 'subject core', only for qemu");
  }

  private void known(String line) throws IOException {
    Files.writeString(baseline, "subject core\n" + line + "\n");
  }

  private String output(String name) throws IOException {
    return Files.readString(directory.resolve(name));
  }

  private int gate(String... options) {
    List<String> arguments =
        new ArrayList<>(
            List.of("gate", "--out", directory.toString(), "--tables", tables.toString()));
    arguments.addAll(List.of(options));
    return precept(arguments.toArray(new String[0]));
  }

  private int precept(String... arguments) {
    return Main.run(arguments, new PrintWriter(out, true), new PrintWriter(err, true));
  }
}

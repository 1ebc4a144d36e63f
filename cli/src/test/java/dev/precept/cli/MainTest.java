package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
  @TempDir Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void helpIsNotAnError() {
    assertThat(precept("--help")).isZero();
    assertThat(out.toString()).contains("gate").contains("Exit status:");
  }

  @Test
  void anUnknownCommandIsWrongUsageAndTheNearestOneIsNamed() {
    assertThat(precept("tabels")).isEqualTo(ExitStatus.USAGE);
    assertThat(err.toString()).contains("tables");
  }

  @Test
  void anUnknownVendorIsWrongUsage() {
    assertThat(precept("tables", "check", "--vendor", "cyrix")).isEqualTo(ExitStatus.USAGE);
    assertThat(err.toString()).contains("cyrix");
  }

  @Test
  void aMissingTablesFolderIsWrongUsage() {
    assertThat(precept("tables", "check", "--tables", directory + "/none"))
        .isEqualTo(ExitStatus.USAGE);
  }

  @Test
  void wrongTablesAreToldWithTheirPlace() throws IOException {
    Path checks = directory.resolve("common/checks.csv");
    Files.createDirectories(checks.getParent());
    Files.writeString(
        checks,
        """
        check,result,condition,writes,meaning,source,provenance,note
        gp.broken,#GP(0),cpl ==,,broken,APM2 15.9,manual,
        """);

    assertThat(precept("tables", "check", "--tables", directory.toString()))
        .isEqualTo(ExitStatus.USAGE);
    assertThat(out.toString()).contains("checks.csv:2:");
  }

  @Test
  void anUnknownInstructionIsWrongUsageAndTheNearestOneIsNamed() {
    assertThat(precept("tables", "explain", "rdtcs")).isEqualTo(ExitStatus.USAGE);
    assertThat(err.toString()).contains("did you mean 'rdtsc'?");
  }

  @Test
  void explainTellsTheChecksInOrder() {
    assertThat(precept("tables", "explain", "rdtsc")).isZero();
    assertThat(out.toString()).contains("VMEXIT_RDTSC").contains("APM2");
  }

  @Test
  void missingResultsAreWrongUsage() {
    assertThat(precept("report", directory + "/none.jsonl")).isEqualTo(ExitStatus.USAGE);
    assertThat(err.toString()).contains("there are no results at");
  }

  @Test
  void aFileThatHoldsSomethingElseIsWrongUsage() throws IOException {
    Path file = directory.resolve("results.jsonl");
    Files.writeString(file, "not json\nat all\n");

    assertThat(precept("report", file.toString())).isEqualTo(ExitStatus.USAGE);
    assertThat(err.toString()).contains("results.jsonl:1");
  }

  private int precept(String... arguments) {
    return Main.run(arguments, new PrintWriter(out, true), new PrintWriter(err, true));
  }
}

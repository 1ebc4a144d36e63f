package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code precept tables explain} tells of an instruction. */
class ExplainTest {
  @TempDir Path directory;

  @Test
  void theChecksComeInOrderWithTheirConditionsAndPlacesInTheManual() {
    assertThat(explain("rdtsc"))
        .containsSubsequence("gp.tsd", "#GP(0)", "cr4.tsd", "[APM2", "exit.rdtsc", "VMEXIT_RDTSC");
  }

  @Test
  void itTellsHowManyTestsThatGives() {
    // RDTSC has four checks, so six pairs, in each of six modes.
    assertThat(explain("rdtsc"))
        .containsPattern("Tests\n  [0-9]+ cases: ")
        .containsPattern("pairs of checks, in every mode: .* = 36\n");
  }

  @Test
  void oneFormGivesFewerTestsThanTheInstruction() {
    assertThat(cases(explain("lmsw.mem"))).isPositive().isLessThan(cases(explain("lmsw")));
  }

  @Test
  void oneVendorAloneIsNotCompared() {
    assertThat(explain("rdtsc", "--vendor", "svm")).doesNotContain("AMD SVM and");
  }

  @Test
  void twoVendorsOrdersStandNextToEachOtherWithWhatDiffersMarked() throws IOException {
    String tables = SecondVendor.into(directory).toString();

    assertThat(explain("rdtsc", "--tables", tables))
        .contains("RDTSC  AMD SVM and XYZ Made Up")
        .containsPattern("exit\\.rdtsc *< moved\n")
        .contains("gp.tsd and exit.rdtsc: AMD SVM gp.tsd first, XYZ Made Up exit.rdtsc first");
  }

  private static int cases(String explained) {
    return Integer.parseInt(
        explained.replaceFirst("(?s).*Tests\n  ([0-9,]+) cases: .*", "$1").replace(",", ""));
  }

  private static String explain(String... options) {
    StringWriter out = new StringWriter();
    List<String> arguments = new ArrayList<>(List.of("tables", "explain"));
    arguments.addAll(List.of(options));
    int status =
        Main.run(
            arguments.toArray(new String[0]),
            new PrintWriter(out, true),
            new PrintWriter(out, true));
    assertThat(status).as(out.toString()).isZero();
    return out.toString();
  }
}

package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import dev.precept.tables.load.TableSource;
import dev.precept.tables.text.Style;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code precept tables explain} tells of an instruction. */
class ExplainTest {
  private static final Style BRACKETS =
      new Style() {
        @Override
        public String strong(String text) {
          return "<b>" + text + "</b>";
        }

        @Override
        public String dim(String text) {
          return "<i>" + text + "</i>";
        }

        @Override
        public String open(String text) {
          return "<o>" + text + "</o>";
        }
      };

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

  @Test
  void theBuildWritesItDownForColoursAndNone() throws IOException {
    List<String> vendors = TableLoader.vendors(List.of(TableSource.builtIn()));
    for (Style style : List.of(Style.PLAIN, BRACKETS)) {
      // Checks of CPUID.INJECT's order are open; both vendors have it.
      for (String name : List.of("rdtsc", "lmsw.mem", "cpuid.inject")) {
        Optional<String> written =
            Explanations.of(TableSource.builtIn(), vendors, name, style, Terminal.USUAL_WIDTH);

        assertThat(written).contains(worked(vendors, name, style));
      }
    }
  }

  @Test
  void whatTheBuildWroteIsNotSaidOfOtherTablesOrForAnotherWidth() throws IOException {
    List<String> vendors = List.of("svm");
    TableSource builtIn = TableSource.builtIn();
    for (String name : builtIn.files()) {
      Path file = directory.resolve(name);
      Files.createDirectories(file.getParent());
      Files.write(file, builtIn.read(name, Integer.MAX_VALUE));
    }
    TableSource same = TableSource.builtIn(directory);
    int width = Terminal.USUAL_WIDTH;
    assertThat(Explanations.of(same, vendors, "rdtsc", Style.PLAIN, width)).isPresent();
    assertThat(Explanations.of(same, vendors, "rdtsc", Style.PLAIN, width - 1)).isEmpty();
    assertThat(Explanations.of(same, vendors, "../tables.crc32", Style.PLAIN, width)).isEmpty();

    Path row = directory.resolve("svm/instructions/timestamp.csv");
    Files.writeString(row, Files.readString(row) + "# A word.\n");

    assertThat(Explanations.of(same, vendors, "rdtsc", Style.PLAIN, width)).isEmpty();
  }

  @Test
  void whatAnEarlierBuildSaidOfAFormThatIsGoneIsNotKept() throws Exception {
    Path gone = directory.resolve("explained/svm/gone");
    Files.createDirectories(gone.getParent());
    Files.writeString(gone, "of other tables");

    Explanations.main(new String[] {directory.toString()});

    assertThat(gone).doesNotExist();
    assertThat(directory.resolve("explained/svm/rdtsc")).isNotEmptyFile();
  }

  private static String worked(List<String> vendors, String name, Style style) {
    Explanation explanation = new Explanation(style, Terminal.USUAL_WIDTH);
    List<Tables> tables =
        vendors.stream().map(vendor -> TableLoader.load(vendor).orThrow()).toList();
    return tables.stream().map(vendor -> explanation.of(vendor, name)).collect(Collectors.joining())
        + explanation.compared(tables, name);
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

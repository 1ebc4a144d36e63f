package dev.precept.tables.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precept.tables.Tables;
import dev.precept.tables.load.MemorySource;
import dev.precept.tables.load.TableLoader;
import dev.precept.tables.load.TableSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The tables against the second reading of the manuals (docs/readings): every form has an order
 * there too, and where the two differ a ruling says what the text settles.
 */
class SecondReadingTest {
  private static final Path READINGS = Path.of("..", "docs", "readings");

  @ParameterizedTest
  @ValueSource(strings = {"svm", "vmx"})
  void everyDifferenceBetweenTablesAndReadingIsSettled(String vendor) throws IOException {
    ReadingComparison comparison = compare(vendor);
    assertThat(comparison.unsettled())
        .as("the text settles it: correct the table, or add a row to docs/readings/rulings.csv")
        .isEmpty();
    assertThat(comparison.unread())
        .as(() -> ReadingComparison.howToRead(vendor, comparison.unread().get(0)))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"svm", "vmx"})
  void everyRulingSettlesADifferenceThatThereIs(String vendor) throws IOException {
    assertThat(compare(vendor).stale()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"svm", "vmx"})
  void everyExitOfTheReadingIsOneThatTheTablesTakeThere(String vendor) throws IOException {
    assertThat(compare(vendor).untakenExits()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"svm", "vmx"})
  void everyLineAndTokenOfTheReadingIsKnown(String vendor) throws IOException {
    SecondReading reading = SecondReading.load(READINGS, vendor);
    assertThat(reading.unknownLines()).isEmpty();
    assertThat(reading.unknownTokens()).isEmpty();
  }

  /** A comparison that places next to nothing would find nothing. */
  @ParameterizedTest
  @CsvSource({"svm, 1700", "vmx, 2700"})
  void theReadingPlacesMostPairsOfChecks(String vendor, int pairs) throws IOException {
    ReadingComparison comparison = compare(vendor);
    assertThat(comparison.compared()).isGreaterThan(pairs);
    assertThat(comparison.silent()).isLessThan(comparison.compared() / 4);
  }

  @ParameterizedTest
  @CsvSource({
    "svm/instructions/timestamp.csv, 'gp.tsd > exit.rdtsc,', 'exit.rdtsc > gp.tsd,', svm rdtsc",
    "svm/instructions/xsetbv.csv, exit.xsetbv > {gp.cpl, {exit.xsetbv gp.cpl, svm xsetbv",
    "vmx/instructions/vmx.csv, exit.vmclear > gp.cpl, gp.cpl > exit.vmclear, vmx vmclear",
    "vmx/instructions/io.csv, > exit.io_bitmap > gp.mem_null, > gp.mem_null > exit.io_bitmap,"
        + " vmx insb",
  })
  void aTableWithTwoChecksSwappedDiffers(String file, String old, String by, String said)
      throws IOException {
    String vendor = file.substring(0, 3);
    TableSource builtIn = TableSource.builtIn();
    String text = new String(builtIn.read(file, 1 << 23), StandardCharsets.UTF_8);
    assertThat(text).contains(old);
    String swapped = text.replace(old, by);
    Tables tables =
        TableLoader.load(
                vendor,
                List.of(
                    builtIn,
                    MemorySource.empty().with(file, swapped.getBytes(StandardCharsets.UTF_8))))
            .orThrow();
    assertThat(new ReadingComparison(tables, SecondReading.load(READINGS, vendor)).unsettled())
        .anySatisfy(difference -> assertThat(difference).startsWith(said + ": the table"));
  }

  @Test
  void aFormOfAUsersOwnIsNamedAsUnreadAndIsNoDifference() throws IOException {
    MemorySource own =
        MemorySource.empty()
            .with(
                "svm/instructions/own.csv",
                "instruction,form,mnemonic,encoding,modes,gate,operand,checks,vary,effects,fixed,"
                    + "source,provenance,note",
                "rdnew,,RDNEW,0F 04,all,,,ud.lock > gp.tsd > exit.rdtsc,,rax := ?; rdx := ?,,"
                    + MemorySource.CITED);
    Tables tables = TableLoader.load("svm", List.of(TableSource.builtIn(), own)).orThrow();
    ReadingComparison comparison =
        new ReadingComparison(tables, SecondReading.load(READINGS, "svm"));
    assertThat(comparison.unread()).containsExactly("rdnew");
    assertThat(comparison.unsettled()).noneMatch(difference -> difference.contains("rdnew"));
    assertThat(ReadingComparison.howToRead("svm", "rdnew"))
        .contains("svm rdnew: no second reading", "later-svm.txt", "forms.csv");
  }

  @Test
  void aLineOrdersWhatStandsBeforeAndBehindAndNothingInsideBraces() {
    ReadingLine line = ReadingLine.parse("x | X | all | A > {B C(d e)} > D ; E > A | source |");
    assertThat(line.tokens()).containsExactlyInAnyOrder("A", "B", "C(d e)", "D", "E");
    assertThat(line.pairs())
        .contains(new ReadingLine.Pair("A", "B"), new ReadingLine.Pair("E", "D"))
        .doesNotContain(new ReadingLine.Pair("B", "C(d e)"), new ReadingLine.Pair("C(d e)", "B"));
  }

  @Test
  void aLineWithAnEmptyStepIsRefused() {
    assertThatThrownBy(() -> ReadingLine.parse("x | X | all | A > > B | source |"))
        .hasMessageContaining("nothing before or behind");
  }

  private static ReadingComparison compare(String vendor) throws IOException {
    return new ReadingComparison(
        TableLoader.load(vendor).orThrow(), SecondReading.load(READINGS, vendor));
  }
}

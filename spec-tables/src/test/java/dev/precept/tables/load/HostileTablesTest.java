package dev.precept.tables.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a file holds, loading ends soon and says what is wrong. */
class HostileTablesTest {
  private static final String CHECKS = "common/checks.csv";
  private static final String HEADER =
      "check,result,condition,writes,meaning,source,provenance,note\n";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "=cmd|' /C calc'!A0",
        "${jndi:ldap://example.invalid/a}",
        "#{1+1}",
        "<#assign x=1>",
        "'; DROP TABLE checks; --",
        "\u202Egp.tsd",
        "\uD83D\uDE00",
        "../../../etc/passwd",
        "%s%s%n",
        "((((",
      })
  void textThatIsCodeElsewhereIsOnlyAWrongCellHere(String text) {
    assertThat(
            MemorySource.rdtsc()
                .replacing(CHECKS, "user && cr4.tsd", "\"" + text + "\"")
                .load()
                .errors())
        .singleElement()
        .satisfies(problem -> assertThat(problem.origin().line()).isEqualTo(2));
  }

  @Test
  void invisibleCharactersAreShownByTheirNumber() {
    assertThat(
            MemorySource.rdtsc()
                .replacing("svm/instructions/tsc.csv", "gp.tsd >", "gp.\u200Btsd >")
                .problems())
        .anySatisfy(line -> assertThat(line).contains("no check 'gp.<U+200B>tsd'"));
  }

  @Test
  void bytesThatAreNotUtf8AreToldWithTheirLine() {
    byte[] bytes = (HEADER + "gp.tsd,\u00FF").getBytes(StandardCharsets.ISO_8859_1);
    assertThat(MemorySource.rdtsc().with(CHECKS, bytes).problems())
        .containsExactly("common/checks.csv:2:8: byte FFh is not UTF-8");
  }

  @Test
  void aTruncatedCharacterAtTheEndIsNotUtf8() {
    byte[] bytes = (HEADER + "gp.tsd,\u00C3").getBytes(StandardCharsets.ISO_8859_1);
    assertThat(MemorySource.rdtsc().with(CHECKS, bytes).problems())
        .containsExactly("common/checks.csv:2:8: byte C3h is not UTF-8");
  }

  @Test
  void binaryFilesAreToldAsSuch() {
    assertThat(MemorySource.rdtsc().with(CHECKS, new byte[1000]).problems())
        .containsExactly("common/checks.csv:1:1: control character U+0000; is this a text file?");
  }

  @Test
  void randomBytesNeverThrow() {
    Random random = new Random(64);
    for (int i = 0; i < 500; i++) {
      byte[] bytes = new byte[random.nextInt(400)];
      String alphabet = "\"\"\",,,\n\n\r#{}()<>=!&| abcx019.?:-";
      for (int b = 0; b < bytes.length; b++) {
        bytes[b] = (byte) alphabet.charAt(random.nextInt(alphabet.length()));
      }
      byte[] file = concat(HEADER.getBytes(StandardCharsets.UTF_8), bytes);
      assertThat(MemorySource.rdtsc().with(CHECKS, file).load()).isNotNull();
    }
  }

  @Test
  void randomCellsNeverThrow() {
    Random random = new Random(65);
    String alphabet = "a1 .>{}()[]:=;/?#!&|<-*~,x";
    for (int i = 0; i < 2_000; i++) {
      StringBuilder row = new StringBuilder();
      for (int column = 0; column < 14; column++) {
        row.append(column == 0 ? "\"" : ",\"");
        for (int c = random.nextInt(8); c > 0; c--) {
          row.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        row.append('"');
      }
      assertThat(MemorySource.rdtsc().plus("svm/instructions/tsc.csv", row.toString()).load().ok())
          .isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u009B31m", "\u007F", "\u202E", "\u2066", "\u200F"})
  void whatDoesSomethingToATerminalIsRefusedInAnyCell(String text) {
    assertThat(
            MemorySource.rdtsc()
                .replacing(CHECKS, "RDTSC is privileged", "RDTSC is " + text)
                .problems())
        .singleElement()
        .asString()
        .startsWith("common/checks.csv:2:41: character U+")
        .doesNotContain(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "</script><script>alert(1)</script>",
        "*/ static { System.exit(1); } /*",
        "\\u002a/ class X {}",
        "$\u200B{7*7} ${7*7} <#assign x='freemarker.template.utility.Execute'?new()>",
        "=HYPERLINK(A1)",
      })
  void textForPeopleMayHoldAnything(String text) {
    assertThat(
            MemorySource.rdtsc()
                .replacing(CHECKS, "RDTSC is privileged", '"' + text + '"')
                .load()
                .ok())
        .isTrue();
  }

  @Test
  void definitionsThatDoubleOneAnotherAreToldAndNotExpanded() {
    StringBuilder rows = new StringBuilder("name,expression,meaning,source,provenance,note\n");
    rows.append("user,d0 != 0,not privileged," + MemorySource.CITED + "\n");
    for (int i = 0; i < 40; i++) {
      rows.append("d%d,d%d && d%d,twice,%s%n".formatted(i, i + 1, i + 1, MemorySource.CITED));
    }
    rows.append("d40,cpl,once," + MemorySource.CITED + "\n");

    assertThat(bounded(MemorySource.rdtsc().with("common/definitions.csv", rows.toString())))
        .anySatisfy(line -> assertThat(line).contains("too large an expression"));
  }

  @Test
  void aChainOfDefinitionsIsToldAndNotFollowedToItsEnd() {
    StringBuilder rows = new StringBuilder("name,expression,meaning,source,provenance,note\n");
    rows.append("user,d0 != 0,not privileged," + MemorySource.CITED + "\n");
    for (int i = 0; i < 50_000; i++) {
      rows.append("d%d,d%d,the next,%s%n".formatted(i, i + 1, MemorySource.CITED));
    }
    rows.append("d50000,cpl,the last," + MemorySource.CITED + "\n");

    assertThat(bounded(MemorySource.rdtsc().with("common/definitions.csv", rows.toString())))
        .anySatisfy(line -> assertThat(line).contains("more than 50 deep"));
  }

  @Test
  void aFileOfWrongNamesIsToldInBoundedTime() {
    StringBuilder rows = new StringBuilder(HEADER);
    for (int i = 0; i < 15_000; i++) {
      rows.append("gp.c%d,#GP(0),usr%d,,wrong,%s%n".formatted(i, i, MemorySource.CITED));
    }

    assertThat(bounded(MemorySource.rdtsc().with(CHECKS, rows.toString())))
        .hasSizeGreaterThan(15_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"(", "!", "-", "~", "cpl ? ", "cpl -> ", "cpl in {(", "bits("})
  void whatNestsWithoutEndIsAWrongCell(String opening) {
    assertThat(
            bounded(
                MemorySource.rdtsc()
                    .replacing(CHECKS, "user && cr4.tsd", '"' + opening.repeat(2_000) + '"')))
        .singleElement()
        .asString()
        .startsWith("common/checks.csv:2:");
  }

  /** The problems of {@code source}, which come soon whatever it is. */
  private static List<String> bounded(MemorySource source) {
    return assertTimeoutPreemptively(Duration.ofSeconds(60), source::problems);
  }

  @Test
  void anEndlessQuoteIsToldWhereItBegins() {
    assertThat(
            MemorySource.rdtsc()
                .replacing(CHECKS, "user && cr4.tsd", "\"user && cr4.tsd")
                .problems())
        .containsExactly("common/checks.csv:2:15: the quote that begins this cell is never closed");
  }

  @Test
  void aStrayQuoteIsToldWhereItIs() {
    assertThat(MemorySource.rdtsc().replacing(CHECKS, "user &&", "user \"&&").problems())
        .containsExactly(
            "common/checks.csv:2:20: quote in a cell that does not begin with one; quote the whole"
                + " cell, double it");
  }

  @Test
  void cellsAreBounded() {
    assertThat(
            MemorySource.rdtsc()
                .replacing(CHECKS, "RDTSC is privileged", "x".repeat(20_000))
                .problems())
        .containsExactly("common/checks.csv:2:32: cell is longer than 16384 characters");
  }

  @Test
  void filesAreBounded() {
    assertThat(MemorySource.rdtsc().with(CHECKS, new byte[(8 << 20) + 1]).problems())
        .containsExactly("common/checks.csv:1:1: file is larger than 8 MiB");
  }

  @Test
  void rowsAreBounded() {
    assertThat(MemorySource.rdtsc().with(CHECKS, HEADER + "a\n".repeat(100_001)).problems())
        .singleElement()
        .asString()
        .contains("file has more than 100000 rows");
  }

  @Test
  void aRowOfCommasIsBounded() {
    assertThat(MemorySource.rdtsc().with(CHECKS, HEADER + ",".repeat(1_000_000)).problems())
        .singleElement()
        .asString()
        .contains("row has more than 256 cells");
  }

  @Test
  void aCommaThatNeedsQuotesIsGuessed() {
    assertThat(
            MemorySource.rdtsc()
                .replacing(CHECKS, "RDTSC is privileged", "RDTSC, is privileged")
                .problems())
        .singleElement()
        .asString()
        .contains("row has 9 cells, the header has 8; a cell with a comma needs quotes");
  }

  @Test
  void aFileWithoutAHeaderIsToldAsSuch() {
    assertThat(MemorySource.rdtsc().with(CHECKS, "# nothing").problems())
        .containsExactly("common/checks.csv:1:1: file has no header row");
  }

  @Test
  void aFileOfAnUnknownNameIsToldAsSuch() {
    assertThat(MemorySource.rdtsc().with("svm/chekcs.csv", "a,b").problems())
        .containsExactly("svm/chekcs.csv:1:1: no table of this name is known; see docs/tables.md");
  }

  private static byte[] concat(byte[] one, byte[] other) {
    byte[] all = new byte[one.length + other.length];
    System.arraycopy(one, 0, all, 0, one.length);
    System.arraycopy(other, 0, all, one.length, other.length);
    return all;
  }
}

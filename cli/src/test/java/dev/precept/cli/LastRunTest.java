package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the results of the last run are told again, and when not. */
class LastRunTest {
  private static final List<String> OPTIONS = List.of("gate", "--only", "svm/*");
  private static final String TABLES = "checksum-of-the-tables";
  private static final SortedMap<String, String> FORMS =
      new TreeMap<>(Map.of("svm/hlt", "a0", "svm/lmsw.mem", "b1"));

  @TempDir private Path folder;
  private Path jar;
  private Path results;
  private Path report;

  @BeforeEach
  void run() throws IOException {
    jar = folder.resolve("precept.jar");
    writeJar("core as it was", "planner as it was");
    results = Files.writeString(folder.resolve("results.jsonl"), "{}\n");
    report = folder.resolve("index.html");
    last().remember(FORMS);
  }

  private void writeJar(String core, String planner) throws IOException {
    writeJar(core, planner, "rows as they were");
  }

  private void writeJar(String core, String planner, String rows) throws IOException {
    try (OutputStream file = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(file)) {
      zip.putNextEntry(new ZipEntry("dev/precept/core/Cpu.class"));
      zip.write(core.getBytes(StandardCharsets.UTF_8));
      zip.putNextEntry(new ZipEntry("dev/precept/generator/plan/Planner.class"));
      zip.write(planner.getBytes(StandardCharsets.UTF_8));
      zip.putNextEntry(new ZipEntry("tables/svm/instructions/halt-and-wait.csv"));
      zip.write(rows.getBytes(StandardCharsets.UTF_8));
      zip.putNextEntry(new ZipEntry("explained/svm/hlt"));
      zip.write(rows.getBytes(StandardCharsets.UTF_8));
    }
  }

  private LastRun last() throws IOException {
    return last(OPTIONS, TABLES);
  }

  private LastRun last(List<String> options, String tables) throws IOException {
    return LastRun.of(jar, folder, List.of(results, report), options, tables);
  }

  @Test
  void nothingHasChanged() throws IOException {
    assertThat(last().holds()).isTrue();
    assertThat(last().sameCore()).isTrue();
  }

  @Test
  void theSameProgramBuiltAgainIsTheSame() throws IOException {
    writeJar("core as it was", "planner as it was");
    Files.setLastModifiedTime(jar, FileTime.fromMillis(1));

    assertThat(last().holds()).isTrue();
    assertThat(last().sameCore()).isTrue();
  }

  @Test
  void rowsInTheJarAreNotTheProgram() throws IOException {
    writeJar("core as it was", "planner as it was", "rows as they are");

    assertThat(last(OPTIONS, "another-checksum").holds()).isFalse();
    assertThat(last(OPTIONS, "another-checksum").forms()).isEqualTo(FORMS);
  }

  @Test
  void ofAnotherCoreTheResultsAreWorthALook() throws IOException {
    writeJar("core as it is", "planner as it was");

    assertThat(last().holds()).isTrue();
    assertThat(last().forms()).isEqualTo(FORMS);
    assertThat(last().sameCore()).isFalse();
  }

  @Test
  void whateverElseOfTheProgramIsAnotherMakesAnotherRun() throws IOException {
    writeJar("core as it was", "planner as it is");

    assertThat(last().holds()).isFalse();
    assertThat(last().forms()).isEmpty();
    assertThat(last().sameCore()).isFalse();
  }

  @Test
  void otherOptionsAreAnotherRun() throws IOException {
    for (List<String> other : List.of(List.of("gate"), List.of("gate--only", "svm/*"))) {
      assertThat(last(other, TABLES).holds()).isFalse();
      assertThat(last(other, TABLES).forms()).isEmpty();
    }
  }

  @Test
  void ofOtherTablesOnlyTheFormsAreWorthALook() throws IOException {
    LastRun last = last(OPTIONS, "checksum-of-others");

    assertThat(last.holds()).isFalse();
    assertThat(last.forms()).isEqualTo(FORMS);
  }

  @Test
  void resultsThatSomebodyTouchedAreNotToldAgain() throws IOException {
    Files.setLastModifiedTime(results, FileTime.fromMillis(1));

    assertThat(last().holds()).isFalse();
    assertThat(last().forms()).isEmpty();
  }

  @Test
  void aFileThatIsGoneOrNewMakesAnotherRun() throws IOException {
    Files.writeString(report, "page");

    assertThat(last().holds()).isFalse();
    assertThat(last().forms()).isEmpty();
  }

  @Test
  void aRunThatBeganForgetsTheLast() throws IOException {
    LastRun.forget(folder);

    assertThat(last().holds()).isFalse();
    assertThat(last().forms()).isEmpty();
  }
}

package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the results of the last run are told again, and when not. */
class LastRunTest {
  private static final List<String> INPUTS = List.of("gate", "hash of the tables");

  @TempDir private Path folder;
  private Path jar;
  private Path results;
  private Path report;

  @BeforeEach
  void run() throws IOException {
    jar = folder.resolve("precept.jar");
    writeJar("core as it was");
    results = Files.writeString(folder.resolve("results.jsonl"), "{}\n");
    report = folder.resolve("index.html");
    last(INPUTS).remember();
  }

  private void writeJar(String core) throws IOException {
    try (OutputStream file = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(file)) {
      zip.putNextEntry(new ZipEntry("dev/precept/core/Cpu.class"));
      zip.write(core.getBytes(StandardCharsets.UTF_8));
    }
  }

  private LastRun last(List<String> inputs) throws IOException {
    return LastRun.of(jar, folder, List.of(results, report), inputs);
  }

  @Test
  void nothingHasChanged() throws IOException {
    assertThat(last(INPUTS).holds()).isTrue();
  }

  @Test
  void theSameProgramBuiltAgainIsTheSame() throws IOException {
    writeJar("core as it was");
    Files.setLastModifiedTime(jar, FileTime.fromMillis(1));

    assertThat(last(INPUTS).holds()).isTrue();
  }

  @Test
  void anotherCoreIsAnotherRun() throws IOException {
    writeJar("core as it is");

    assertThat(last(INPUTS).holds()).isFalse();
  }

  @Test
  void otherTablesOrOptionsAreAnotherRun() throws IOException {
    assertThat(last(List.of("gate", "hash of other tables")).holds()).isFalse();
    assertThat(last(List.of("gate")).holds()).isFalse();
    assertThat(last(List.of("gatehash", " of the tables")).holds()).isFalse();
  }

  @Test
  void resultsThatSomebodyTouchedAreNotToldAgain() throws IOException {
    Files.setLastModifiedTime(results, FileTime.fromMillis(1));

    assertThat(last(INPUTS).holds()).isFalse();
  }

  @Test
  void aFileThatIsGoneOrNewMakesAnotherRun() throws IOException {
    Files.writeString(report, "page");

    assertThat(last(INPUTS).holds()).isFalse();
  }

  @Test
  void aRunThatBeganForgetsTheLast() throws IOException {
    LastRun.forget(folder);

    assertThat(last(INPUTS).holds()).isFalse();
  }
}

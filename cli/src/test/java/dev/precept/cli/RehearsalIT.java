package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ./precept} has the JVM keep is what the runs that people wait for need. */
class RehearsalIT {
  @TempDir private Path directory;
  private Jar jar;

  @BeforeEach
  void setUp() {
    jar = new Jar(directory);
  }

  @Test
  void classesOfAnEditedRowAreKeptAtEveryBuild() throws Exception {
    Path first = rehearse("first.jsa");
    assumeTrue(Files.exists(first), "skipped: this JVM keeps no classes");
    // A checkout that is built again has the folder of the build before.
    Path second = rehearse("second.jsa");

    for (Path archive : List.of(first, second)) {
      String kept = new String(Files.readAllBytes(archive), StandardCharsets.ISO_8859_1);
      assertThat(
              List.of(
                  "com/sun/tools/javac/comp/Attr",
                  "dev/precept/generator/plan/Planner",
                  "dev/precept/report/KeptReading",
                  "dev/precept/report/ReportData"))
          .as(archive.getFileName().toString())
          .allSatisfy(type -> assertThat(kept.contains(type)).as(type).isTrue());
    }
  }

  private Path rehearse(String name) throws IOException, InterruptedException {
    Path archive = directory.resolve(name);
    List<String> command = new ArrayList<>(Jar.command());
    String built = command.remove(command.size() - 1);
    command.remove("-jar");
    command.addAll(
        List.of(
            "-XX:ArchiveClassesAtExit=" + archive,
            "-Xlog:disable",
            "-cp",
            built,
            Rehearsal.class.getName(),
            directory.resolve("rehearsal").toString()));
    Jar.Ended ended = jar.run(command);
    assertThat(ended.status()).as(ended.output()).isZero();
    return archive;
  }
}

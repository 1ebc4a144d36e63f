package dev.precept.fuzz.messages;

import dev.precept.report.JUnitXml;
import dev.precept.report.MalformedResultsException;
import dev.precept.report.ResultLog;
import dev.precept.report.Run;
import dev.precept.report.RunJson;
import dev.precept.report.Sarif;
import dev.precept.report.SummaryMarkdown;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Any bytes as a results file: it is told which line is none, or every file can be made of what it
 * says; without its end line it is never a run that finished.
 */
public final class ResultsTarget {
  private static final Path FOLDER = folder();

  private ResultsTarget() {}

  /**
   * Runs one input.
   *
   * @throws AssertionError if what must hold of it does not
   */
  public static void fuzzerTestOneInput(byte[] bytes) {
    try {
      Path file = FOLDER.resolve("results.jsonl");
      Files.write(file, bytes);
      Run run;
      try {
        run = ResultLog.read(file);
      } catch (MalformedResultsException wrong) {
        return;
      }
      if (!run.summary().partial() && !holds(bytes, "\"end\"")) {
        throw new AssertionError("finished, without an end");
      }
      if (run.summary().cases() != run.results().size()) {
        throw new AssertionError("other counts than results");
      }
      SummaryMarkdown.write(FOLDER.resolve("summary.md"), run);
      JUnitXml.write(FOLDER.resolve("junit.xml"), run);
      RunJson.write(FOLDER.resolve("run.json"), run);
      Sarif.write(FOLDER.resolve("results.sarif"), run, row -> row);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean holds(byte[] bytes, String text) {
    return new String(bytes, StandardCharsets.ISO_8859_1).contains(text);
  }

  private static Path folder() {
    try {
      Path folder = Files.createTempDirectory("precept-fuzz");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException e) {
      // It is in the folder for temporary files; somebody will.
    }
  }
}

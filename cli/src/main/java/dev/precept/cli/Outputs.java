package dev.precept.cli;

import dev.precept.report.HtmlReport;
import dev.precept.report.JUnitXml;
import dev.precept.report.KeptResults;
import dev.precept.report.OutputFile;
import dev.precept.report.Run;
import dev.precept.report.RunJson;
import dev.precept.report.Sarif;
import dev.precept.report.SummaryMarkdown;
import dev.precept.tables.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The files a run leaves in its folder.
 *
 * @param folder the folder, {@code target/precept} unless told otherwise
 * @param tables folders of the user's own rows, of which places are shown as they are
 */
record Outputs(Path folder, List<Path> tables) {
  private static final String TABLES_ROOT = "spec-tables/src/main/resources/tables";

  Path results() {
    return folder.resolve("results.jsonl");
  }

  /** What the next run reads instead of the results file. */
  Path kept() {
    return folder.resolve("results.kept");
  }

  Path report() {
    return folder.resolve("report").resolve("index.html");
  }

  Path summary() {
    return folder.resolve("summary.md");
  }

  Path json() {
    return folder.resolve("run.json");
  }

  /** Everything that a run leaves for people and programs, and for the next run. */
  List<Path> all() {
    return List.of(
        results(),
        kept(),
        folder.resolve("junit.xml"),
        folder.resolve("results.sarif"),
        summary(),
        json(),
        report());
  }

  /** Removes what an earlier run said, so that a run that dies cannot be taken for that one. */
  void clear() throws IOException {
    LastRun.forget(folder);
    for (String name :
        List.of("junit.xml", "results.sarif", "summary.md", "run.json", "results.kept")) {
      Files.deleteIfExists(folder.resolve(name));
    }
    Files.deleteIfExists(report());
    OutputFile.removeLeftovers(folder);
    OutputFile.removeLeftovers(report().getParent());
  }

  /**
   * Writes everything but the results, which are written as they come.
   *
   * @param kept what the next run is to have
   */
  void write(Run run, List<Tables> vendors, Optional<KeptResults> kept) throws IOException {
    List<Writing> files = new ArrayList<>();
    files.add(() -> HtmlReport.write(report(), List.of(run), vendors));
    files.add(() -> JUnitXml.write(folder.resolve("junit.xml"), run));
    kept.ifPresent(results -> files.add(() -> results.write(kept())));
    files.add(() -> Sarif.write(folder.resolve("results.sarif"), run, this::place));
    files.add(() -> SummaryMarkdown.write(summary(), run));
    files.add(() -> RunJson.write(json(), run));
    // Side by side, because the two large ones take seconds each.
    List<IOException> failures =
        files.parallelStream().flatMap(file -> failure(file).stream()).toList();
    if (!failures.isEmpty()) {
      throw failures.get(0);
    }
  }

  /** Writes a file. */
  private interface Writing {
    void write() throws IOException;
  }

  private static Optional<IOException> failure(Writing file) {
    try {
      file.write();
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e);
    }
  }

  private String place(String file) {
    boolean own =
        tables.stream().anyMatch(dir -> file.startsWith(dir.toString().replace('\\', '/') + "/"));
    return own ? file : TABLES_ROOT + "/" + file;
  }
}

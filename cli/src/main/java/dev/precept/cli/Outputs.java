package dev.precept.cli;

import dev.precept.report.EarlierPieces;
import dev.precept.report.FilePieces;
import dev.precept.report.HtmlReport;
import dev.precept.report.JUnitXml;
import dev.precept.report.KeptPieces;
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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

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

  /** Where the next run finds what the report and the JUnit XML say of each form. */
  Path pieces() {
    return folder.resolve("pieces.kept");
  }

  Path junit() {
    return folder.resolve("junit.xml");
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
        pieces(),
        junit(),
        folder.resolve("results.sarif"),
        summary(),
        json(),
        report());
  }

  /** Removes what an earlier run said, so that a run that dies cannot be taken for that one. */
  void clear() throws IOException {
    LastRun.forget(folder);
    for (String name :
        List.of(
            "junit.xml",
            "results.sarif",
            "summary.md",
            "run.json",
            "results.kept",
            "pieces.kept")) {
      Files.deleteIfExists(folder.resolve(name));
    }
    Files.deleteIfExists(report());
    OutputFile.removeLeftovers(folder);
    OutputFile.removeLeftovers(report().getParent());
  }

  /**
   * What files of an earlier run say of forms.
   *
   * @param report of the report
   * @param junit of the JUnit XML
   */
  record Earlier(EarlierPieces report, EarlierPieces junit) {
    static final Earlier NONE = new Earlier(EarlierPieces.NONE, EarlierPieces.NONE);
  }

  /** What the files that are there now say of {@code forms}, whose results are still the same. */
  Earlier earlier(Set<String> forms) {
    if (forms.isEmpty()) {
      return Earlier.NONE;
    }
    try {
      KeptPieces pieces = KeptPieces.read(pieces());
      return new Earlier(
          EarlierPieces.of(report(), pieces.report(), forms),
          EarlierPieces.of(junit(), pieces.junit(), forms));
    } catch (IOException e) {
      // Then everything is said again.
      return Earlier.NONE;
    }
  }

  /** Writes everything but the results, which are written as they come. */
  void write(Run run, List<Tables> vendors) throws IOException {
    write(run, vendors, Earlier.NONE, Optional.empty());
  }

  /**
   * As {@link #write(Run, List)}.
   *
   * @param earlier what need not be said again
   * @param kept what the next run is to have
   */
  void write(Run run, List<Tables> vendors, Earlier earlier, Optional<KeptResults> kept)
      throws IOException {
    List<Writing> files = new ArrayList<>();
    AtomicReference<FilePieces> report = new AtomicReference<>(FilePieces.NONE);
    AtomicReference<FilePieces> junit = new AtomicReference<>(FilePieces.NONE);
    files.add(() -> junit.set(JUnitXml.write(junit(), run, earlier.junit())));
    kept.ifPresent(results -> files.add(() -> results.write(kept())));
    files.add(() -> Sarif.write(folder.resolve("results.sarif"), run, this::place));
    files.add(() -> SummaryMarkdown.write(summary(), run));
    files.add(() -> RunJson.write(json(), run));
    // Side by side, the page beside all others: it takes longest.
    CompletableFuture<Optional<IOException>> page =
        CompletableFuture.supplyAsync(
            () ->
                failure(
                    () ->
                        report.set(
                            HtmlReport.write(report(), List.of(run), vendors, earlier.report()))));
    List<IOException> failures =
        new ArrayList<>(files.parallelStream().flatMap(file -> failure(file).stream()).toList());
    page.join().ifPresent(failures::add);
    if (!failures.isEmpty()) {
      throw failures.get(0);
    }
    if (kept.isPresent()) {
      new KeptPieces(report.get(), junit.get()).write(pieces());
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

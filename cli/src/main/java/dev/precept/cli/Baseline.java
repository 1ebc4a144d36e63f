package dev.precept.cli;

import dev.precept.report.Result;
import dev.precept.report.ResultLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Violations that are known and expected for now. A new one still fails the gate, and so does an
 * expected one that no longer happens: its line has to go.
 *
 * @param ids case ids
 */
record Baseline(Set<String> ids) {
  /**
   * Reads a list of case ids, one a line, {@code #} starting a comment; or an earlier run's {@code
   * results.jsonl}, of which the violations count.
   *
   * @throws IOException if it cannot be read
   */
  static Baseline read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw UserException.usage("--baseline: there is no file " + file);
    }
    Set<String> ids = new LinkedHashSet<>();
    if (file.toString().endsWith(".jsonl")) {
      for (Result result : ResultLog.read(file).results()) {
        if (result.verdict().violates()) {
          ids.add(result.id());
        }
      }
    } else {
      for (String line : Files.readAllLines(file)) {
        String id = line.replaceFirst("(^|\\s)#.*", "").strip();
        if (!id.isEmpty()) {
          ids.add(id);
        }
      }
    }
    return new Baseline(ids);
  }

  /** Violations among {@code results} that the baseline does not have. */
  List<Result> unexpected(List<Result> results) {
    return results.stream()
        .filter(result -> result.verdict().violates() && !ids.contains(result.id()))
        .toList();
  }

  /** Results of cases that the baseline expects to violate, and that do not. */
  List<Result> mended(List<Result> results) {
    return results.stream()
        .filter(result -> result.verdict().holds() && ids.contains(result.id()))
        .toList();
  }
}

package dev.precept.cli;

import dev.precept.junit.KnownForms;
import dev.precept.report.ResultLog;
import dev.precept.report.Run;
import dev.precept.tables.FormKeys;
import dev.precept.tables.Tables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;

/** The results of the last run, for those forms of which the tables say the same as then. */
final class EarlierResults {
  private final SortedMap<String, String> forms;
  private final CompletableFuture<Run> run;

  private EarlierResults(SortedMap<String, String> forms, CompletableFuture<Run> run) {
    this.forms = forms;
    this.run = run;
  }

  /**
   * Those of {@code last}, which are read while the tables are; none where they are no use.
   *
   * @param results the file they are in
   */
  static Optional<EarlierResults> of(LastRun last, Path results) throws IOException {
    SortedMap<String, String> forms = last.forms();
    return forms.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new EarlierResults(forms, CompletableFuture.supplyAsync(() -> read(results))));
  }

  private static Run read(Path results) {
    try {
      return ResultLog.read(results);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What is known of the forms of {@code all}.
   *
   * @param core forms that the core does the same with as then
   */
  KnownForms of(List<Tables> all, Set<String> core) {
    List<String> same =
        keys(all).entrySet().stream()
            .filter(form -> core.contains(form.getKey()))
            .filter(form -> form.getValue().equals(forms.get(form.getKey())))
            .map(Map.Entry::getKey)
            .toList();
    if (same.isEmpty()) {
      return KnownForms.NONE;
    }
    try {
      return KnownForms.of(run.join(), same);
    } catch (CompletionException unreadable) {
      // Then everything is run.
      return KnownForms.NONE;
    }
  }

  /** What the cases of each form come from that {@code run} has results of, by the form's name. */
  static SortedMap<String, String> keys(List<Tables> all, Run run) {
    SortedMap<String, String> keys = keys(all);
    keys.keySet()
        .retainAll(
            run.results().stream()
                .map(result -> KnownForms.nameIn(result.id()))
                .collect(Collectors.toSet()));
    return keys;
  }

  /** What the cases of each form of {@code all} come from, by the form's name. */
  private static SortedMap<String, String> keys(List<Tables> all) {
    SortedMap<String, String> keys = new TreeMap<>();
    for (Tables tables : all) {
      FormKeys.of(tables)
          .forEach((form, key) -> keys.put(KnownForms.name(tables.vendor(), form), key));
    }
    return keys;
  }
}

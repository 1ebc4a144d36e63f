package dev.precept.cli;

import dev.precept.junit.KnownForms;
import dev.precept.report.EarlierLines;
import dev.precept.report.KeptResults;
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

/** The results of the last run, for those forms of which the tables say the same as then. */
final class EarlierResults {
  private final SortedMap<String, String> forms;
  private final CompletableFuture<KeptResults> run;

  private EarlierResults(SortedMap<String, String> forms, CompletableFuture<KeptResults> run) {
    this.forms = forms;
    this.run = run;
  }

  /**
   * Those of {@code last}, which are read while the tables are; none where they are no use.
   *
   * @param results the file they are kept in
   */
  static Optional<EarlierResults> of(LastRun last, Path results) throws IOException {
    SortedMap<String, String> forms = last.forms();
    return forms.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new EarlierResults(forms, CompletableFuture.supplyAsync(() -> read(results))));
  }

  private static KeptResults read(Path results) {
    try {
      return KeptResults.read(results);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What is known of forms.
   *
   * @param keys what their cases come from now, as {@link #keys(List)} says
   * @param core forms that the core does the same with as then
   */
  KnownForms of(SortedMap<String, String> keys, Set<String> core) {
    List<String> same =
        keys.entrySet().stream()
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

  /**
   * The lines of {@code earlier} in the results file it was read beside; none where there is
   * nothing.
   *
   * @throws IOException if the file cannot be read
   */
  static EarlierLines lines(Optional<EarlierResults> earlier, Path file) throws IOException {
    return earlier.isPresent() ? EarlierLines.of(file, kept(earlier)) : EarlierLines.NONE;
  }

  /** All that {@code earlier} kept; nothing where there is nothing. */
  static KeptResults kept(Optional<EarlierResults> earlier) {
    return earlier.map(results -> results.run.join()).orElse(KeptResults.NONE);
  }

  /** Those of {@code keys} that are of forms that {@code run} has results of. */
  static SortedMap<String, String> ofThoseIn(Run run, SortedMap<String, String> keys) {
    SortedMap<String, String> ran = new TreeMap<>(keys);
    ran.keySet().retainAll(KnownForms.namesIn(run.results()));
    return ran;
  }

  /** What the cases of each form of {@code all} come from, by the form's name. */
  static SortedMap<String, String> keys(List<Tables> all) {
    SortedMap<String, String> keys = new TreeMap<>();
    List<SortedMap<String, String>> each = all.parallelStream().map(FormKeys::of).toList();
    for (int i = 0; i < each.size(); i++) {
      String vendor = all.get(i).vendor();
      each.get(i).forEach((form, key) -> keys.put(KnownForms.name(vendor, form), key));
    }
    return keys;
  }
}

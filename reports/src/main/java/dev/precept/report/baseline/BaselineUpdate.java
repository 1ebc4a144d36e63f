package dev.precept.report.baseline;

import dev.precept.report.Cause;
import dev.precept.report.Narrative;
import dev.precept.report.Result;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Brings a file of known violations up to date with a run. */
public final class BaselineUpdate {
  /** So many new violations of one cause make one line rather than one each. */
  private static final int FAMILY = 4;

  private BaselineUpdate() {}

  /**
   * The file that expects exactly what {@code results} of {@code subject} violate. Lines that still
   * happen stay, with their reasons, links, dates and comments; those that do not are gone; counts
   * are put right; new violations get lines whose reason nobody has written yet. Cases that gave no
   * outcome keep their lines.
   *
   * @param complete vendors of which every planned case ran; lines of others stay as they are
   */
  public static BaselineFile update(
      BaselineFile file, String subject, List<Result> results, Set<String> complete) {
    List<Entry> known = file.entries(subject);
    List<Entry> entries = new ArrayList<>(known);
    entries.addAll(added(known, results));
    Map<Entry, List<String>> covered = BaselineJudge.assign(entries, results);
    List<String> lost = BaselineJudge.unjudged(results, covered);
    Set<String> unjudged = new HashSet<>();
    for (Result result : results) {
      if (!result.verdict().violates() && !result.verdict().holds()) {
        unjudged.add(result.id());
      }
    }
    List<Entry> kept = new ArrayList<>();
    for (Entry entry : entries) {
      int happen = covered.get(entry).size();
      if (!BaselineJudge.ran(entry, results, complete)) {
        Count before = entry.count().orElse(Count.exactly(1));
        kept.add(before.most() < happen ? entry.withCount(before.with(happen)) : entry);
      } else if (!entry.isGlob()) {
        if (happen > 0 || unjudged.contains(entry.pattern())) {
          kept.add(entry);
        }
      } else {
        long most = happen + lost.stream().filter(entry::matches).count();
        Count before = entry.count().orElse(Count.exactly(0));
        Count now = before.with((int) Math.max(happen, Math.min(before.most(), most)));
        if (now.most() > 0) {
          kept.add(entry.withCount(now));
        }
      }
    }
    return file.with(subject, kept);
  }

  /**
   * Lines for the violations that no known line covers. What gave no outcome may do better next
   * time: a line for it is written by hand.
   */
  private static List<Entry> added(List<Entry> known, List<Result> results) {
    Set<String> covered = new HashSet<>();
    BaselineJudge.assign(known, results).values().forEach(covered::addAll);
    List<Result> fresh =
        results.stream()
            .filter(result -> result.verdict().violates() && !covered.contains(result.id()))
            .toList();
    List<Entry> entries = new ArrayList<>();
    for (Cause cause : Cause.of(fresh)) {
      if (cause.results().size() >= FAMILY) {
        entries.add(family(cause));
      } else {
        cause.results().forEach(result -> entries.add(single(result)));
      }
    }
    return entries;
  }

  private static Entry single(Result result) {
    return entry(result.id(), Optional.empty(), "", Narrative.headline(result));
  }

  private static Entry family(Cause cause) {
    Set<String> forms = cause.modesByForm().keySet();
    Set<String> instructions =
        cause.results().stream().map(Result::instruction).collect(Collectors.toSet());
    String within =
        forms.size() == 1
            ? forms.iterator().next() + "/*"
            : instructions.size() == 1 ? instructions.iterator().next() + ".*" : "*";
    Result example = cause.example();
    return entry(
        cause.vendor() + "/" + within,
        Optional.of(Count.exactly(cause.results().size())),
        cause.sentence(),
        "such as " + example.id() + ": " + Narrative.headline(example));
  }

  private static Entry entry(String pattern, Optional<Count> count, String cause, String what) {
    return new Entry(
        pattern,
        count,
        cause,
        Optional.empty(),
        "",
        Entry.UNEXPLAINED + " " + what.replaceAll("\\s+", " ").strip(),
        Entry.Place.NONE,
        List.of());
  }
}

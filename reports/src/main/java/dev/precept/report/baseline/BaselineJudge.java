package dev.precept.report.baseline;

import dev.precept.report.Baseline;
import dev.precept.report.Result;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a file of known violations says of a run. */
public final class BaselineJudge {
  /** How the id of a form's random states ends. */
  private static final String RANDOM = "/any/random";

  private BaselineJudge() {}

  /**
   * Judges {@code results} of {@code subject} by {@code file}.
   *
   * @param shown the file's name, as reports show it
   * @param complete vendors of which every case ran: only of those can be said that a violation
   *     that is not there no longer happens
   * @param today the day on which lines expire or not
   */
  public static Baseline judge(
      BaselineFile file,
      String shown,
      String subject,
      List<Result> results,
      Set<String> complete,
      LocalDate today) {
    List<Entry> entries = file.entries(subject);
    Map<Entry, List<String>> covered = assign(entries, results);
    List<String> unjudged = unjudged(results, covered);
    Map<String, Result> byId = new HashMap<>();
    results.forEach(result -> byId.put(result.id(), result));
    List<Baseline.Line> lines = new ArrayList<>();
    List<Baseline.Complaint> complaints = new ArrayList<>();
    for (Entry entry : entries) {
      List<String> cases = covered.get(entry);
      if (!cases.isEmpty()) {
        lines.add(line(entry, cases));
      }
      int before = complaints.size();
      boolean all = ran(entry, results, complete);
      if (entry.isGlob()) {
        long open = unjudged.stream().filter(entry::matches).count();
        family(entry, cases.size(), all, open, complaints);
      } else if (cases.isEmpty()) {
        mended(entry, byId, all, complaints);
      }
      boolean goes = cases.isEmpty() && complaints.size() > before;
      if (entry.until().isPresent() && entry.until().get().isBefore(today) && !goes) {
        complaints.add(
            complaint(
                entry,
                entry.place().untilColumn(),
                "expired on "
                    + entry.until().get()
                    + ": mend the violation, or give the line another day"));
      }
    }
    complaints.sort(Comparator.comparingInt(Baseline.Complaint::line));
    return new Baseline(shown, lines, complaints);
  }

  /**
   * The violations, and cases without an outcome, that each entry covers; each belongs to the most
   * specific entry.
   */
  static Map<Entry, List<String>> assign(List<Entry> entries, List<Result> results) {
    Map<Entry, List<String>> covered = new LinkedHashMap<>();
    List<Entry> globs = new ArrayList<>();
    Map<String, Entry> exact = new HashMap<>();
    for (Entry entry : entries.stream().sorted(Entry.MOST_SPECIFIC).toList()) {
      covered.put(entry, new ArrayList<>());
      if (entry.isGlob()) {
        globs.add(entry);
      } else {
        exact.put(entry.pattern(), entry);
      }
    }
    for (Result result : results) {
      if (!result.verdict().violates() && !result.verdict().lost()) {
        continue;
      }
      Entry named = exact.get(result.id());
      if (named != null && named.covers(result)) {
        covered.get(named).add(result.id());
      } else {
        globs.stream()
            .filter(glob -> glob.covers(result))
            .findFirst()
            .ifPresent(glob -> covered.get(glob).add(result.id()));
      }
    }
    return covered;
  }

  /**
   * Ids of the cases that are lost this time and that no line expects: a glob may be about them. A
   * case that cannot be run at all is not what a line of this subject is about.
   */
  static List<String> unjudged(List<Result> results, Map<Entry, List<String>> covered) {
    Set<String> expected = new HashSet<>();
    covered.values().forEach(expected::addAll);
    return results.stream()
        .filter(result -> result.verdict().lost() && !expected.contains(result.id()))
        .map(Result::id)
        .toList();
  }

  /**
   * Whether all that {@code entry} can be about ran. A run without random states says nothing of
   * those.
   */
  static boolean ran(Entry entry, List<Result> results, Set<String> complete) {
    String pattern = entry.pattern();
    return complete.contains(pattern.substring(0, Math.max(0, pattern.indexOf('/'))))
        && (!pattern.endsWith(RANDOM)
            || results.stream().anyMatch(result -> result.id().endsWith(RANDOM)));
  }

  private static void mended(
      Entry entry, Map<String, Result> byId, boolean all, List<Baseline.Complaint> complaints) {
    Result result = byId.get(entry.pattern());
    if (result == null && all) {
      complaints.add(complaint(entry, 1, "there is no such case any more: remove the line"));
    } else if (result != null && result.verdict().holds()) {
      complaints.add(complaint(entry, 1, "holds now: remove the line"));
    }
  }

  private static void family(
      Entry entry, int happen, boolean all, long unjudged, List<Baseline.Complaint> complaints) {
    Count count = entry.count().orElse(Count.exactly(0));
    if (happen > count.most()) {
      complaints.add(
          complaint(
              entry,
              entry.place().countColumn(),
              "says "
                  + count
                  + ", but "
                  + happen
                  + " happen: mend what is new, or write "
                  + count.with(happen)));
    } else if (all && happen + unjudged < count.least()) {
      complaints.add(
          happen == 0
              ? complaint(entry, 1, "none of its " + count + " happens any more: remove the line")
              : complaint(
                  entry,
                  entry.place().countColumn(),
                  "says "
                      + count
                      + ", but only "
                      + happen
                      + " happen: write "
                      + count.with(happen)));
    }
  }

  private static Baseline.Line line(Entry entry, List<String> cases) {
    return new Baseline.Line(
        entry.place().line(),
        entry.pattern(),
        entry.cause(),
        entry.until().map(LocalDate::toString).orElse(""),
        entry.link(),
        entry.reason(),
        cases);
  }

  private static Baseline.Complaint complaint(Entry entry, int column, String message) {
    return new Baseline.Complaint(entry.place().line(), column, entry.pattern(), message);
  }
}

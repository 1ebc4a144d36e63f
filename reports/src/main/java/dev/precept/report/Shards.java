package dev.precept.report;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Puts the parts of a run together again. */
public final class Shards {
  private Shards() {}

  /** Parts that are not one run's; the message says why, for people. */
  public static final class MismatchException extends RuntimeException {
    private static final long serialVersionUID = 1;

    MismatchException(String message) {
      super(message);
    }
  }

  /** Whether every one of {@code runs} is a part of a run. */
  public static boolean areParts(List<Run> runs) {
    return !runs.isEmpty() && runs.stream().allMatch(run -> run.shard().isPart());
  }

  /**
   * The run that {@code parts} are of. Results and pairs are in its order, whatever order the parts
   * are given in. If parts are missing or did not finish, neither did the run.
   *
   * @throws MismatchException if they are not parts of one run, or one is there twice
   */
  public static Run merge(List<Run> parts) {
    Run first = parts.get(0);
    RunInfo info = first.summary().info();
    Set<Integer> indices = new HashSet<>();
    SortedMap<Integer, Result> results = new TreeMap<>();
    SortedMap<Integer, PairRecord> pairs = new TreeMap<>();
    String started = info.started();
    long millis = 0;
    int planned = 0;
    boolean partial = false;
    for (Run part : parts) {
      requireSame(first, part);
      if (!indices.add(part.shard().index())) {
        throw new MismatchException(
            "part " + part.shard().index() + " of " + part.shard().count() + " is there twice");
      }
      put(results, part.shard().positions(), part.results());
      put(pairs, part.shard().pairs(), part.pairs());
      RunInfo own = part.summary().info();
      started = own.started().compareTo(started) < 0 ? own.started() : started;
      millis = Math.max(millis, part.summary().millis());
      planned += own.planned();
      partial |= part.summary().partial();
    }
    partial |= indices.size() < first.shard().count();
    RunInfo whole =
        new RunInfo(
            info.subject(),
            info.version(),
            info.command().replaceAll(" --shard[ =][0-9]+/[0-9]+", ""),
            info.vendors(),
            info.tablesHash(),
            started,
            planned,
            info.rerun(),
            info.implementation());
    List<Result> allResults = List.copyOf(results.values());
    List<PairRecord> allPairs = List.copyOf(pairs.values());
    RunSummary summary = RunSummary.of(whole, allResults, allPairs, millis, partial);
    return new Run(summary, allResults, allPairs, first.gaps(), first.clauses());
  }

  /** Numbers of the parts that {@code parts} leave out, ascending. */
  public static List<Integer> missing(List<Run> parts) {
    List<Integer> missing = new ArrayList<>();
    for (int index = 1; index <= parts.get(0).shard().count(); index++) {
      int wanted = index;
      if (parts.stream().noneMatch(part -> part.shard().index() == wanted)) {
        missing.add(index);
      }
    }
    return missing;
  }

  private static <T> void put(SortedMap<Integer, T> into, List<Integer> places, List<T> things) {
    for (int i = 0; i < things.size() && i < places.size(); i++) {
      into.put(places.get(i), things.get(i));
    }
  }

  private static void requireSame(Run one, Run other) {
    RunInfo a = one.summary().info();
    RunInfo b = other.summary().info();
    String differs =
        one.shard().count() != other.shard().count()
            ? "number of parts"
            : !a.subject().equals(b.subject())
                ? "subject"
                : !a.implementation().equals(b.implementation())
                    ? "version of the subject"
                    : !a.version().equals(b.version())
                        ? "version of Precept"
                        : !a.tablesHash().equals(b.tablesHash()) ? "tables" : "";
    if (!differs.isEmpty()) {
      throw new MismatchException("these are not parts of one run: they differ in the " + differs);
    }
    if (other.baseline().used()) {
      throw new MismatchException(
          "parts that were judged by a baseline cannot be put together; run them without, and give"
              + " the baseline to a gate of the whole");
    }
  }
}

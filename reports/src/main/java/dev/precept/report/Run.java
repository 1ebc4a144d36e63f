package dev.precept.report;

import dev.precept.cases.Verdict;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A run, read back or just ended.
 *
 * @param summary its counts
 * @param results its results, in the order they came
 * @param pairs what became of every pair
 * @param gaps rows that no case covers
 * @param clauses what became of every variable of every condition
 * @param baseline what its baseline said of it; {@link Baseline#NONE} where it had none
 * @param shard which part of a run it is; {@link ShardRecord#NONE} where it is a whole one
 */
public record Run(
    RunSummary summary,
    List<Result> results,
    List<PairRecord> pairs,
    List<CoverageGap> gaps,
    List<ClauseRecord> clauses,
    Baseline baseline,
    ShardRecord shard) {
  public Run {
    results = List.copyOf(results);
    pairs = List.copyOf(pairs);
    gaps = List.copyOf(gaps);
    clauses = List.copyOf(clauses);
  }

  /** A whole run without a baseline. */
  public Run(
      RunSummary summary,
      List<Result> results,
      List<PairRecord> pairs,
      List<CoverageGap> gaps,
      List<ClauseRecord> clauses) {
    this(summary, results, pairs, gaps, clauses, Baseline.NONE, ShardRecord.NONE);
  }

  /** A whole run without a baseline, of whose conditions nothing is known. */
  public Run(
      RunSummary summary, List<Result> results, List<PairRecord> pairs, List<CoverageGap> gaps) {
    this(summary, results, pairs, gaps, List.of());
  }

  /** The same run under {@code other}, counts included. */
  public Run with(Baseline other) {
    return new Run(summary.with(other, results), results, pairs, gaps, clauses, other, shard);
  }

  /** How many instruction forms its results are of. */
  public int forms() {
    Set<String> forms = new HashSet<>();
    FormNames names = new FormNames("/");
    String last = "";
    for (Result result : results) {
      String name = names.of(result);
      if (!name.equals(last)) {
        forms.add(name);
        last = name;
      }
    }
    return forms.size();
  }

  /** Results that a gate does not pass and no baseline expects, in the order they came. */
  public List<Result> unexpected() {
    Set<String> known = baseline.byCase().keySet();
    return failing().stream().filter(result -> !known.contains(result.id())).toList();
  }

  /** Results that a gate does not pass, in the order they came. */
  List<Result> failing() {
    // The counts know without a look at a hundred thousand results that there are none.
    boolean any =
        Arrays.stream(Verdict.values())
            .anyMatch(verdict -> !verdict.passes() && summary.count(verdict) > 0);
    return any ? results.stream().filter(result -> !result.verdict().passes()).toList() : List.of();
  }
}

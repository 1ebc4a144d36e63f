package dev.precept.report;

import java.util.List;

/**
 * A run, read back or just ended.
 *
 * @param summary its counts
 * @param results its results, in the order they came
 * @param pairs what became of every pair
 * @param gaps rows that no case covers
 */
public record Run(
    RunSummary summary, List<Result> results, List<PairRecord> pairs, List<CoverageGap> gaps) {
  public Run {
    results = List.copyOf(results);
    pairs = List.copyOf(pairs);
    gaps = List.copyOf(gaps);
  }
}

package dev.precept.report;

import dev.precept.cases.Verdict;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A run's counts.
 *
 * @param info what the run set out to do
 * @param verdicts how many cases ended with each verdict; every verdict is present
 * @param pairs how many pairs have each status; every status is present
 * @param known how many of the violations the run's baseline expects
 * @param complaints how many lines of the baseline no longer fit
 * @param millis wall-clock duration in milliseconds
 * @param partial whether the run ended before all of its cases did: such a run never passes
 */
public record RunSummary(
    RunInfo info,
    Map<Verdict, Integer> verdicts,
    Map<PairRecord.Status, Integer> pairs,
    int known,
    int complaints,
    long millis,
    boolean partial) {

  public RunSummary {
    info = info == null ? RunInfo.UNKNOWN : info;
    EnumMap<Verdict, Integer> allVerdicts = new EnumMap<>(Verdict.class);
    for (Verdict verdict : Verdict.values()) {
      allVerdicts.put(verdict, verdicts == null ? 0 : verdicts.getOrDefault(verdict, 0));
    }
    verdicts = Collections.unmodifiableMap(allVerdicts);
    EnumMap<PairRecord.Status, Integer> allPairs = new EnumMap<>(PairRecord.Status.class);
    for (PairRecord.Status status : PairRecord.Status.values()) {
      allPairs.put(status, pairs == null ? 0 : pairs.getOrDefault(status, 0));
    }
    pairs = Collections.unmodifiableMap(allPairs);
  }

  /** Counts {@code results} and {@code pairs}. */
  public static RunSummary of(
      RunInfo info, List<Result> results, List<PairRecord> pairs, long millis, boolean partial) {
    EnumMap<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);
    results.forEach(result -> verdicts.merge(result.verdict(), 1, Integer::sum));
    EnumMap<PairRecord.Status, Integer> statuses = new EnumMap<>(PairRecord.Status.class);
    pairs.forEach(pair -> statuses.merge(pair.status(), 1, Integer::sum));
    return new RunSummary(info, verdicts, statuses, 0, 0, millis, partial);
  }

  /** The same counts under {@code baseline}. */
  public RunSummary with(Baseline baseline) {
    return new RunSummary(
        info, verdicts, pairs, baseline.known(), baseline.complaints().size(), millis, partial);
  }

  /** Number of cases with {@code verdict}. */
  public int count(Verdict verdict) {
    return verdicts.get(verdict);
  }

  /** Number of pairs with {@code status}. */
  public int count(PairRecord.Status status) {
    return pairs.get(status);
  }

  /** Number of cases that ended, whatever their verdict. */
  public int cases() {
    return verdicts.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Number of pairs, whatever their status. */
  public int pairTotal() {
    return pairs.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Number of violations, of the order or otherwise, known ones included. */
  public int violations() {
    return count(Verdict.VIOLATION) + count(Verdict.PRECEDENCE_VIOLATION);
  }

  /** Number of violations that no baseline expects. */
  public int newViolations() {
    return violations() - known;
  }

  /** Number of cases that gave no outcome to judge: no answer, or a crash. */
  public int lost() {
    return count(Verdict.NO_ANSWER) + count(Verdict.CRASH);
  }

  /** Number of cases whose outcome was judged. */
  public int judged() {
    return count(Verdict.HOLDS) + count(Verdict.OPEN_HOLDS) + violations();
  }
}

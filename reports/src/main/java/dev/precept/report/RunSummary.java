package dev.precept.report;

import dev.precept.cases.Verdict;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A run's counts.
 *
 * @param info what the run set out to do
 * @param verdicts how many cases ended with each verdict; every verdict is present
 * @param pairs how many pairs have each status; every status is present
 * @param known how many of the violations the run's baseline expects
 * @param knownLost how many of the cases without an outcome it expects
 * @param complaints how many lines of the baseline no longer fit
 * @param millis wall-clock duration in milliseconds
 * @param partial whether the run ended before all of its cases did: such a run never passes
 */
public record RunSummary(
    RunInfo info,
    Map<Verdict, Integer> verdicts,
    Map<PairRecord.Status, Integer> pairs,
    int known,
    int knownLost,
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
    return new RunSummary(info, verdicts, statuses, 0, 0, 0, millis, partial);
  }

  /** The same counts of {@code results} under {@code baseline}. */
  public RunSummary with(Baseline baseline, List<Result> results) {
    Set<String> covered = baseline.byCase().keySet();
    int violating = 0;
    int without = 0;
    for (Result result : results) {
      if (covered.contains(result.id())) {
        violating += result.verdict().violates() ? 1 : 0;
        without += result.verdict().lost() ? 1 : 0;
      }
    }
    int old = baseline.complaints().size();
    return new RunSummary(info, verdicts, pairs, violating, without, old, millis, partial);
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

  /** Number of cases that gave no outcome and that no baseline expects to give none. */
  public int newlyLost() {
    return lost() - knownLost;
  }

  /** Number of cases whose outcome was judged. */
  public int judged() {
    return count(Verdict.HOLDS) + count(Verdict.OPEN_HOLDS) + violations();
  }
}

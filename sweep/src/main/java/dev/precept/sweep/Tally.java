package dev.precept.sweep;

import dev.precept.cases.Verdict;
import java.util.ArrayList;
import java.util.List;

/**
 * How far a stratum is in a layer, and what came of it so far.
 *
 * @param position paths behind it, taken or not
 * @param taken paths that were taken
 * @param impossible paths of those with which no lawful state agrees
 * @param unbuildable states that no case realises
 * @param verdicts cases by the ordinal of their verdict
 * @param findings the first things that do not hold
 */
record Tally(
    long position,
    long taken,
    long impossible,
    long unbuildable,
    List<Long> verdicts,
    List<Finding> findings) {
  static final Tally NOTHING =
      new Tally(0, 0, 0, 0, java.util.Collections.nCopies(Verdict.values().length, 0L), List.of());

  Tally {
    verdicts = List.copyOf(verdicts);
    findings = List.copyOf(findings);
  }

  long cases() {
    return verdicts.stream().mapToLong(Long::longValue).sum();
  }

  /** Both, of one stratum in two layers. */
  Tally plus(Tally other) {
    List<Long> sums = new ArrayList<>();
    for (int i = 0; i < verdicts.size(); i++) {
      sums.add(verdicts.get(i) + other.verdicts.get(i));
    }
    List<Finding> both = new ArrayList<>(findings);
    both.addAll(other.findings);
    return new Tally(
        Math.max(position, other.position),
        taken + other.taken,
        impossible + other.impossible,
        unbuildable + other.unbuildable,
        sums,
        both);
  }
}

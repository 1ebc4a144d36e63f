package dev.precept.sweep;

import dev.precept.cases.Verdict;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/**
 * What a sweep covered and what came of it.
 *
 * @param vendors each vendor's share
 * @param findings the first things that do not hold, a few of each stratum
 * @param finished whether everything was run that the budget allows; an interrupted run is not
 * @param resumed cases of all these that an earlier run of the checkpoint had run
 * @param seconds time that this run took
 */
public record SweepReport(
    List<VendorShare> vendors,
    List<Finding> findings,
    boolean finished,
    long resumed,
    double seconds) {
  /**
   * One vendor's part of a sweep.
   *
   * @param vendor the vendor
   * @param strata forms in a mode
   * @param whole strata of which every path was taken (by this shard: of its part)
   * @param product combinations of classes of the variables that the forms speak of
   * @param paths parts of the lawful ones of these in each of which the same checks win
   * @param assigned paths of those that belong to this shard
   * @param taken paths of those that were run
   * @param impossible paths of those that no lawful state agrees with
   * @param unbuildable states that no case realises
   * @param verdicts cases by verdict
   * @param thinnest the stratum of which the smallest share was taken, with its share; empty where
   *     all are whole
   */
  public record VendorShare(
      String vendor,
      int strata,
      int whole,
      BigInteger product,
      long paths,
      long assigned,
      long taken,
      long impossible,
      long unbuildable,
      Map<Verdict, Long> verdicts,
      String thinnest) {
    /** Cases that were run. */
    public long cases() {
      return verdicts.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  /** Cases that were run, earlier ones of the checkpoint included. */
  public long cases() {
    return vendors.stream().mapToLong(VendorShare::cases).sum();
  }

  /** Cases with this verdict. */
  public long count(Verdict verdict) {
    return vendors.stream().mapToLong(share -> share.verdicts().getOrDefault(verdict, 0L)).sum();
  }
}

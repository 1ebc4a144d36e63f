package dev.precept.sweep;

import dev.precept.cases.Verdict;
import java.math.BigInteger;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** Adds up one vendor's strata. */
final class VendorTotals {
  private final String vendor;
  private final int shard;
  private final int shards;
  private int strata;
  private int whole;
  private BigInteger product = BigInteger.ZERO;
  private long paths;
  private long assigned;
  private long taken;
  private long impossible;
  private long unbuildable;
  private final Map<Verdict, Long> verdicts = new EnumMap<>(Verdict.class);
  private double thinnest = 1;
  private String thinnestId = "";

  VendorTotals(String vendor, int shard, int shards) {
    this.vendor = vendor;
    this.shard = shard;
    this.shards = shards;
  }

  void add(Stratum stratum, Tally sum) {
    long own = 0;
    for (long path = 0; path < stratum.paths(); path++) {
      own += Layer.belongs(path, shard, shards) ? 1 : 0;
    }
    strata++;
    whole += sum.taken() == own ? 1 : 0;
    product = product.add(stratum.product());
    paths += stratum.paths();
    assigned += own;
    taken += sum.taken();
    impossible += sum.impossible();
    unbuildable += sum.unbuildable();
    for (Verdict verdict : Verdict.values()) {
      verdicts.merge(verdict, sum.verdicts().get(verdict.ordinal()), Long::sum);
    }
    double share = own == 0 ? 1 : (double) sum.taken() / own;
    if (share < thinnest) {
      thinnest = share;
      thinnestId = stratum.id();
    }
  }

  SweepReport.VendorShare share() {
    String text =
        thinnestId.isEmpty()
            ? ""
            : String.format(Locale.ENGLISH, "%.3g %% of %s", 100 * thinnest, thinnestId);
    return new SweepReport.VendorShare(
        vendor,
        strata,
        whole,
        product,
        paths,
        assigned,
        taken,
        impossible,
        unbuildable,
        verdicts,
        text);
  }
}

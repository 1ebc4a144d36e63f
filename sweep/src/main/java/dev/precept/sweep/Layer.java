package dev.precept.sweep;

import java.util.List;

/**
 * A sample of each stratum's paths: those whose number scrambles to something between two
 * thresholds. A stratum with no more paths than the quota is taken whole, so that small strata are
 * covered completely before the large ones take all the time.
 *
 * @param from paths that an earlier layer took from each stratum, at most; 0: there is none
 * @param quota paths taken from each stratum by the end of this layer, on average; {@link
 *     Long#MAX_VALUE}: all
 */
record Layer(long from, long quota) {
  private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

  /** Scrambled numbers have 53 bits, which a double holds exactly. */
  private static final double NUMBERS = 0x1p53;

  /**
   * The layers of a run that time may end at any moment: each holds a sample of what the next one
   * completes.
   */
  static final List<Layer> GROWING =
      List.of(
          new Layer(0, 1_000),
          new Layer(1_000, 10_000),
          new Layer(10_000, 100_000),
          new Layer(100_000, Long.MAX_VALUE));

  /** Everything. */
  static final Layer WHOLE = new Layer(0, Long.MAX_VALUE);

  /** The largest layer that takes no more than {@code budget} paths of strata with so many. */
  static Layer within(List<Long> paths, long budget) {
    long low = 0;
    long high = paths.stream().mapToLong(Long::longValue).max().orElse(0);
    if (total(paths, high) <= budget) {
      return WHOLE;
    }
    while (high - low > 1) {
      long middle = (low + high) / 2;
      if (total(paths, middle) <= budget) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return new Layer(0, low);
  }

  private static long total(List<Long> paths, long quota) {
    return paths.stream().mapToLong(each -> Math.min(each, quota)).sum();
  }

  /** Whether the layer takes path number {@code path} of a stratum of {@code paths}. */
  boolean takes(long path, long paths) {
    long scrambled = scramble(path) >>> 11;
    return scrambled >= share(from, paths) * NUMBERS && scrambled < share(quota, paths) * NUMBERS;
  }

  /** Whether nothing of a stratum of {@code paths} is left for this layer. */
  boolean passes(long paths) {
    return from >= paths;
  }

  /** Paths that the layer takes of a stratum of {@code paths}, on average. */
  long expected(long paths) {
    return Math.min(quota, paths) - Math.min(from, paths);
  }

  /** Whether path number {@code path} belongs to part {@code shard} of {@code shards}. */
  static boolean belongs(long path, int shard, int shards) {
    return Long.remainderUnsigned(scramble(~path), shards) == shard - 1;
  }

  private static double share(long quota, long paths) {
    return quota >= paths ? 1 : (double) quota / paths;
  }

  /** The finalizer of SplitMix64, a permutation of the numbers without a pattern. */
  private static long scramble(long path) {
    long mixed = (path + 1) * GOLDEN;
    mixed = (mixed ^ mixed >>> 30) * 0xBF58_476D_1CE4_E5B9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94D0_49BB_1331_11EBL;
    return mixed ^ mixed >>> 31;
  }
}

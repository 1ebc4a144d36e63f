package dev.precept.mutation;

/** Where the core has been since the last {@link #take}; instrumented classes call it. */
public final class Probes {
  private static boolean[] hit = {};
  private static int[] hits = {};
  private static int count;

  private Probes() {}

  /** Makes room for {@code probes} probes, none of them hit. */
  static void reset(int probes) {
    hit = new boolean[probes];
    hits = new int[probes];
    count = 0;
  }

  /** The core has come to {@code probe}. */
  public static void hit(int probe) {
    if (!hit[probe]) {
      hit[probe] = true;
      hits[count++] = probe;
    }
  }

  /** Which probes were hit since the last call. */
  static int[] take() {
    int[] taken = java.util.Arrays.copyOf(hits, count);
    for (int probe : taken) {
      hit[probe] = false;
    }
    count = 0;
    return taken;
  }
}

package dev.precept.report;

import java.util.List;

/**
 * Which part of a run a results file holds.
 *
 * @param index from 1 to {@code count}
 * @param count number of parts; 0: it is no part but a run
 * @param positions place of each of its results in the whole run, ascending, from 0
 * @param pairs place of each of its pairs in the whole run, ascending, from 0; empty where the part
 *     did not come to its end
 */
public record ShardRecord(int index, int count, List<Integer> positions, List<Integer> pairs) {
  /** Not a part. */
  public static final ShardRecord NONE = new ShardRecord(0, 0, List.of(), List.of());

  /** Copies the lists. */
  public ShardRecord {
    positions = positions == null ? List.of() : List.copyOf(positions);
    pairs = pairs == null ? List.of() : List.copyOf(pairs);
  }

  /** Whether the file is a part of a run. */
  public boolean isPart() {
    return count > 0;
  }
}

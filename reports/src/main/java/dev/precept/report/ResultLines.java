package dev.precept.report;

import java.util.List;

/**
 * Where a results file has the lines of its results, one behind the other.
 *
 * @param start bytes before the first
 * @param lengths bytes of each with its line end; empty where that is not known
 */
public record ResultLines(long start, List<Integer> lengths) {
  /** Of a file of which it is not known. */
  public static final ResultLines NONE = new ResultLines(0, List.of());

  public ResultLines {
    lengths = List.copyOf(lengths);
  }
}

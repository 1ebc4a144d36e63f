package dev.precept.mutation;

import dev.precept.junit.PlannedCases;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Which cases come to which line of the core: no other case can notice a mutant of that line. Found
 * by running all of them on a core that says where it has been.
 */
final class Reach {
  /** More probes than the core has lines. */
  private static final int ROOM = 1 << 16;

  private final Map<String, Integer> probes;
  private final int[][] cases;

  /**
   * @param probes numbers of probes, by class and line
   * @param cases for each probe the cases that hit it, as indices, ascending
   */
  private Reach(Map<String, Integer> probes, int[][] cases) {
    this.probes = probes;
    this.cases = cases;
  }

  /**
   * Runs {@code cases} twice. A line that one run comes to more often than the other is a part of
   * what is done once, such as loading a class: what it does wrong, any case may notice.
   *
   * @throws IllegalStateException if a case does not hold
   */
  static Reach of(List<PlannedCases.Ready> cases) throws Throwable {
    Map<String, Integer> probes = new HashMap<>();
    Probes.reset(ROOM);
    MutatedCore core =
        new MutatedCore(
            (name, bytes) ->
                name.startsWith("dev.precept.core.")
                    ? ProbedClass.of(bytes, line -> probe(probes, name, line))
                    : bytes);
    int[] once = new int[ROOM];
    for (PlannedCases.Ready one : cases) {
      Arrays.stream(hits(core, one)).forEach(probe -> once[probe]++);
    }
    int[] again = new int[ROOM];
    List<int[]> hits = new ArrayList<>();
    for (PlannedCases.Ready one : cases) {
      int[] hit = hits(core, one);
      Arrays.stream(hit).forEach(probe -> again[probe]++);
      hits.add(hit);
    }
    int[][] reached = new int[probes.size()][];
    for (int probe = 0; probe < reached.length; probe++) {
      reached[probe] =
          once[probe] == again[probe]
              ? new int[again[probe]]
              : IntStream.range(0, cases.size()).toArray();
    }
    int[] filled = new int[reached.length];
    for (int i = 0; i < hits.size(); i++) {
      for (int probe : hits.get(i)) {
        if (once[probe] == again[probe]) {
          reached[probe][filled[probe]++] = i;
        }
      }
    }
    return new Reach(probes, reached);
  }

  private static int probe(Map<String, Integer> probes, String name, int line) {
    return probes.computeIfAbsent(name + ":" + line, unused -> probes.size());
  }

  private static int[] hits(MutatedCore core, PlannedCases.Ready one) throws Throwable {
    if (!one.holds(core.run(one.testCase()))) {
      throw new IllegalStateException("without any mutation: " + one.testCase().id());
    }
    return Probes.take();
  }

  /** Indices of the cases that come to {@code line} of the class, ascending; none if none does. */
  int[] cases(String name, int line) {
    Integer probe = probes.get(name + ":" + line);
    return probe == null ? new int[0] : cases[probe].clone();
  }
}

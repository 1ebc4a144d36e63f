package dev.precept.subject.metal;

import dev.precept.cases.Case;
import dev.precept.cases.Register;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/**
 * What cases that ended their machine among others had in common. Cases like them run alone from
 * then on, which spares a machine each. A guess about speed, nothing else.
 */
final class Deaths {
  /** Machines that cases of one sort may end before all of the sort run alone. */
  private static final int ENOUGH = 2;

  private final Map<String, Integer> counts = new HashMap<>();

  /** {@code testCase} ended the machine. */
  void crashed(Case testCase) {
    counts.merge(state(testCase), 1, Integer::sum);
  }

  /** The machine did not come back from {@code testCase}. */
  void hung(Case testCase) {
    counts.merge(code(testCase), 1, Integer::sum);
  }

  /** Whether cases of its sort have ended enough machines. */
  boolean expectedOf(Case testCase) {
    return enough(state(testCase)) || enough(code(testCase));
  }

  private boolean enough(String sort) {
    return counts.getOrDefault(sort, 0) >= ENOUGH;
  }

  /** Emulators end over what they meet in a mode, where an exception is delivered above all. */
  private static String state(Case testCase) {
    return place(testCase) + Sight.of(testCase) + testCase.state().get(Register.CPL);
  }

  private static String code(Case testCase) {
    return place(testCase) + HexFormat.of().formatHex(testCase.code().bytes());
  }

  private static String place(Case testCase) {
    return testCase.base().name() + testCase.context();
  }
}

package dev.precept.subject.metal;

import dev.precept.cases.Case;
import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;

/** The processor shut down and took everything with it: nothing but that is seen. */
final class Shutdown {
  private Shutdown() {}

  static Observation observation(Case testCase) {
    return new Observation(
        testCase.id(),
        OutcomeKind.SHUTDOWN,
        -1,
        -1,
        testCase.state(),
        new byte[0],
        Collections.emptySortedMap(),
        EnumSet.allOf(Register.class),
        List.of(),
        "");
  }
}

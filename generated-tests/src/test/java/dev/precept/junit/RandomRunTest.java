package dev.precept.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Verdict;
import dev.precept.report.Reproducer;
import dev.precept.report.Result;
import java.util.List;
import org.junit.jupiter.api.Test;

class RandomRunTest {
  private static final String SIMPLE = "mode=long64", LONG = "mode=long64 cpl=3 cr4.tsd=1";

  private final RandomRun run = new RandomRun();

  private void add(Verdict verdict, String assignment) {
    run.add(verdict, () -> result(verdict, assignment));
  }

  private static Result result(Verdict verdict, String assignment) {
    return new Result(
        "svm/rdtsc/any/random",
        "",
        "svm",
        "rdtsc",
        "",
        "",
        ClaimText.RANDOM,
        "",
        verdict,
        "",
        "",
        "",
        "",
        "",
        "",
        List.of(),
        assignment,
        Reproducer.NONE,
        "",
        "",
        "",
        "",
        0);
  }

  private Verdict verdict() {
    return run.result().orElseThrow().verdict();
  }

  @Test
  void theSimplestFailureIsTheResult() {
    add(Verdict.VIOLATION, LONG);
    add(Verdict.VIOLATION, SIMPLE);
    add(Verdict.VIOLATION, LONG);
    add(Verdict.HOLDS, SIMPLE);

    assertThat(run.result().orElseThrow().assignment()).isEqualTo(SIMPLE);
  }

  @Test
  void aStateThatCannotBeRunHidesNoViolationHoweverSimpleItIs() {
    add(Verdict.NOT_APPLICABLE, SIMPLE);
    add(Verdict.VIOLATION, LONG);
    add(Verdict.NOT_APPLICABLE, SIMPLE);

    assertThat(verdict()).isEqualTo(Verdict.VIOLATION);
  }

  @Test
  void statesOfWhichOneCannotBeRunAreNoPass() {
    add(Verdict.NOT_APPLICABLE, LONG);
    add(Verdict.HOLDS, SIMPLE);

    assertThat(verdict()).isEqualTo(Verdict.NOT_APPLICABLE);
  }

  @Test
  void anAbandonedRunHasNoResultThoughStatesHeld() {
    add(Verdict.HOLDS, SIMPLE);
    run.abandon();

    assertThat(run.result()).isEmpty();
  }

  @Test
  void anAbandonedRunKeepsItsFailure() {
    add(Verdict.VIOLATION, LONG);
    run.abandon();

    assertThat(verdict()).isEqualTo(Verdict.VIOLATION);
  }
}

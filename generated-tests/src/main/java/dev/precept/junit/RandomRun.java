package dev.precept.junit;

import dev.precept.cases.Verdict;
import dev.precept.report.Result;
import java.util.Optional;
import java.util.function.Supplier;

/** The random states one form was run in: how many, and the simplest that broke an expectation. */
final class RandomRun {
  private Supplier<Result> last;
  private Result simplestFailure;
  private int tried;
  private boolean abandoned;

  /** A state that the subject cannot run, if there was one: no failure, and it hides none. */
  private Optional<Supplier<Result>> notApplicable = Optional.empty();

  /**
   * Takes what came of a state.
   *
   * @param result made only for failures and for the last state: nobody sees the others
   */
  synchronized void add(Verdict verdict, Supplier<Result> result) {
    tried++;
    last = result;
    if (verdict == Verdict.NOT_APPLICABLE) {
      notApplicable = Optional.of(result);
    } else if (!verdict.holds()) {
      Result failure = result.get();
      if (simplestFailure == null
          || words(failure.assignment()) <= words(simplestFailure.assignment())) {
        simplestFailure = failure;
      }
    }
  }

  private static int words(String assignment) {
    return assignment.split(" ").length;
  }

  /** Says that some state was not run to its end, and that none will come. */
  synchronized void abandon() {
    abandoned = true;
  }

  /** What the run came to; nothing where states are missing and none of the others failed. */
  synchronized Optional<Result> result() {
    if (simplestFailure == null && (abandoned || last == null)) {
      return Optional.empty();
    }
    Result result = simplestFailure == null ? notApplicable.orElse(last).get() : simplestFailure;
    return Optional.of(Results.withRemark(result, tried + " random states"));
  }
}

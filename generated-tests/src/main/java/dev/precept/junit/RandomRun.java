package dev.precept.junit;

import dev.precept.report.Result;

/** The random states one form was run in: how many, and the simplest that broke an expectation. */
final class RandomRun {
  private Result last;
  private Result simplestFailure;
  private int tried;

  synchronized void add(Result result) {
    tried++;
    last = result;
    boolean fails = !result.verdict().holds();
    if (fails
        && (simplestFailure == null
            || words(result.assignment()) <= words(simplestFailure.assignment()))) {
      simplestFailure = result;
    }
  }

  private static int words(String assignment) {
    return assignment.split(" ").length;
  }

  synchronized Result result() {
    return Results.withRemark(
        simplestFailure == null ? last : simplestFailure, tried + " random states");
  }
}

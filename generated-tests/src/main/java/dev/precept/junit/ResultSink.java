package dev.precept.junit;

import dev.precept.report.Result;

/** Takes results as they come. */
@FunctionalInterface
public interface ResultSink {
  /** Nobody listens. */
  ResultSink NONE = result -> {};

  /** Takes a result; calls do not overlap. */
  void accept(Result result);
}

package dev.precept.junit;

import dev.precept.report.Result;
import java.util.List;

/** Takes results as they come. */
@FunctionalInterface
public interface ResultSink {
  /** Nobody listens. */
  ResultSink NONE = result -> {};

  /** Takes a result; calls do not overlap. */
  void accept(Result result);

  /** Takes several that are there at once, one after the other. */
  default void acceptAll(List<Result> results) {
    results.forEach(this::accept);
  }
}

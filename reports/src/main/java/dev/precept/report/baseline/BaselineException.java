package dev.precept.report.baseline;

import java.util.List;

/** A baseline cannot be used because lines of it are wrong. */
public final class BaselineException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final List<String> problems;

  BaselineException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /** All that is wrong, each as {@code FILE:LINE:COLUMN: what}. */
  public List<String> problems() {
    return problems;
  }
}

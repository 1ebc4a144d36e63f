package dev.precept.tables.load;

import java.util.List;
import java.util.stream.Collectors;

/** Tables that cannot be used; the message lists every error, one a line. */
public final class TablesException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  /**
   * @param problems the errors, at least one
   */
  public TablesException(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** Every error. */
  public List<Problem> problems() {
    return problems;
  }
}

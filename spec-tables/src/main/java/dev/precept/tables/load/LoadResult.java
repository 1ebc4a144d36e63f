package dev.precept.tables.load;

import dev.precept.tables.Tables;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * What came of loading tables.
 *
 * @param tables the tables, empty if there are errors
 * @param problems errors and warnings, by file, line and column
 */
public record LoadResult(Optional<Tables> tables, List<Problem> problems) {
  /** Whether the tables can be used. */
  public boolean ok() {
    return tables.isPresent();
  }

  /** The problems that keep the tables from being used. */
  public List<Problem> errors() {
    return of(Problem.Severity.ERROR);
  }

  /** The problems that do not. */
  public List<Problem> warnings() {
    return of(Problem.Severity.WARNING);
  }

  /**
   * The tables.
   *
   * @throws TablesException listing every error, if there are any
   */
  public Tables orThrow() throws TablesException {
    if (!errors().isEmpty()) {
      throw new TablesException(errors());
    }
    return tables.orElseThrow(() -> new NoSuchElementException("neither tables nor errors"));
  }

  private List<Problem> of(Problem.Severity severity) {
    return problems.stream().filter(problem -> problem.severity() == severity).toList();
  }
}

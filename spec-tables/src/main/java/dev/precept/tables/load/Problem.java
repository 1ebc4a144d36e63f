package dev.precept.tables.load;

import dev.precept.tables.Origin;
import java.util.Optional;

/**
 * Something wrong in a table.
 *
 * @param severity whether the tables can be used nevertheless
 * @param origin the very character where there is one, else the cell or row
 * @param cell the cell's text, shortened; empty if the problem is not in a cell
 * @param message what is wrong, for people
 * @param suggestion the nearest valid name
 */
public record Problem(
    Severity severity, Origin origin, String cell, String message, Optional<String> suggestion) {

  /** How bad a problem is. */
  public enum Severity {
    /** The tables cannot be used. */
    ERROR,
    /** The tables can be used, but do they say what is meant? */
    WARNING
  }

  /** {@code file:line:column: message; did you mean 'x'?}. */
  @Override
  public String toString() {
    return origin
        + ": "
        + (severity == Severity.WARNING ? "warning: " : "")
        + message
        + suggestion.map(name -> "; did you mean '" + name + "'?").orElse("");
  }
}

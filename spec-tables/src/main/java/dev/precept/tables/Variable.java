package dev.precept.tables;

import dev.precept.tables.expr.Expr;
import java.util.List;
import java.util.Optional;

/**
 * A named part of the initial state with a small set of classes.
 *
 * @param name such as {@code cpl}, {@code cr4.tsd}, {@code rax_pa}
 * @param values the classes, in the order the search prefers after {@code quiet}
 * @param quiet index in {@code values} of the class that arms nothing
 * @param place how a class becomes state; see docs/tables.md. {@code builder:NAME} where code does
 *     it
 * @param when the variable may differ from {@code quiet} only where this holds; TRUE if always
 * @param meaning for people
 */
public record Variable(
    String name,
    List<Value> values,
    int quiet,
    String place,
    Expr when,
    String meaning,
    Citation citation,
    Origin origin) {

  /**
   * A class of a variable.
   *
   * @param name word or number as written; {@code 0} and {@code 1} for a flag
   * @param number the number the expression language sees: the literal's value, or the class's
   *     index in the domain for a word
   * @param concrete for {@code word=expr}: the value that goes to the place, over concrete state
   */
  public record Value(String name, long number, Optional<Expr> concrete) {}

  /** Index of the class called {@code name}, or -1. */
  public int indexOf(String name) {
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }
}

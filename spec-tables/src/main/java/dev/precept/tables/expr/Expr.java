package dev.precept.tables.expr;

import java.util.List;

/**
 * An expression of the tables: conditions, values and information fields. Integers are 64 bits,
 * comparisons and {@code < > /} unsigned; false is 0 and true is 1.
 */
public sealed interface Expr {
  /** A number, or a class of an enumerated variable already turned into its number. */
  record Num(long value) implements Expr {}

  /** A variable, definition or piece of concrete state. */
  record Name(String name) implements Expr {}

  /** {@code !}, {@code ~} or {@code -}. */
  record Unary(String operator, Expr operand) implements Expr {}

  /** A binary operator as written, {@code ->} (implies) included. */
  record Binary(String operator, Expr left, Expr right) implements Expr {}

  /** {@code condition ? then : otherwise}. */
  record Choice(Expr condition, Expr then, Expr otherwise) implements Expr {}

  /** {@code operand in {a b c}}. */
  record In(Expr operand, List<Expr> elements) implements Expr {}

  /** {@code bits(x, high, low)}: a field of a number. */
  record Bits(Expr operand, int high, int low) implements Expr {}

  /** {@code ?}: not defined by the manual. */
  record Undefined() implements Expr {}

  Expr TRUE = new Num(1);
  Expr FALSE = new Num(0);
}

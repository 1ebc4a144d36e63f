package dev.precept.tables.expr;

import dev.precept.tables.Definition;
import java.util.Map;
import java.util.OptionalLong;

/** Evaluates expressions where every name has a value. */
public final class Evaluator {
  private Evaluator() {}

  /**
   * The value of {@code expr}.
   *
   * @throws ArithmeticException if it depends on something the manual does not define
   * @throws java.util.NoSuchElementException if {@code names} lacks a name that is needed
   */
  public static long eval(Expr expr, NameLookup names) {
    return value(expr, names)
        .orElseThrow(
            () ->
                new ArithmeticException(
                    "'" + ExprPrinter.print(expr) + "' is not defined by the manual"));
  }

  /** Whether {@code expr} holds: its value is not 0. */
  public static boolean holds(Expr expr, NameLookup names) {
    return eval(expr, names) != 0;
  }

  /**
   * The value of {@code expr}, empty where it depends on {@code ?}. What decides nothing is not
   * looked at: {@code 0 && ?} is 0, and only the branch taken of a choice counts.
   */
  public static OptionalLong value(Expr expr, NameLookup names) {
    if (expr instanceof Expr.Num number) {
      return OptionalLong.of(number.value());
    }
    if (expr instanceof Expr.Name name) {
      return OptionalLong.of(names.value(name.name()));
    }
    if (expr instanceof Expr.Unary unary) {
      OptionalLong operand = value(unary.operand(), names);
      return operand.isEmpty()
          ? operand
          : OptionalLong.of(Operators.apply(unary.operator(), operand.getAsLong()));
    }
    if (expr instanceof Expr.Binary binary) {
      return Operators.isLogical(binary.operator())
          ? logical(binary, names)
          : arithmetic(binary, names);
    }
    if (expr instanceof Expr.Choice choice) {
      OptionalLong condition = value(choice.condition(), names);
      if (condition.isEmpty()) {
        return condition;
      }
      return value(condition.getAsLong() != 0 ? choice.then() : choice.otherwise(), names);
    }
    if (expr instanceof Expr.In in) {
      return membership(in, names);
    }
    if (expr instanceof Expr.Bits bits) {
      OptionalLong operand = value(bits.operand(), names);
      return operand.isEmpty()
          ? operand
          : OptionalLong.of(Operators.bits(operand.getAsLong(), bits.high(), bits.low()));
    }
    return OptionalLong.empty();
  }

  /** {@code names}, and each definition as the value of its expression. */
  public static NameLookup withDefinitions(Map<String, Definition> definitions, NameLookup names) {
    return new NameLookup() {
      @Override
      public long value(String name) {
        Definition definition = definitions.get(name);
        return definition == null ? names.value(name) : eval(definition.expression(), this);
      }
    };
  }

  private static OptionalLong arithmetic(Expr.Binary binary, NameLookup names) {
    OptionalLong left = value(binary.left(), names);
    if (left.isEmpty()) {
      return left;
    }
    OptionalLong right = value(binary.right(), names);
    return right.isEmpty()
        ? right
        : OptionalLong.of(Operators.apply(binary.operator(), left.getAsLong(), right.getAsLong()));
  }

  private static OptionalLong logical(Expr.Binary binary, NameLookup names) {
    OptionalLong left = value(binary.left(), names);
    if (left.isEmpty()) {
      return left;
    }
    boolean holds = left.getAsLong() != 0;
    switch (binary.operator()) {
      case "&&":
        if (!holds) {
          return OptionalLong.of(0);
        }
        break;
      case "||":
        if (holds) {
          return OptionalLong.of(1);
        }
        break;
      default:
        if (!holds) {
          return OptionalLong.of(1);
        }
    }
    OptionalLong right = value(binary.right(), names);
    return right.isEmpty() ? right : OptionalLong.of(right.getAsLong() != 0 ? 1 : 0);
  }

  private static OptionalLong membership(Expr.In in, NameLookup names) {
    OptionalLong operand = value(in.operand(), names);
    if (operand.isEmpty()) {
      return operand;
    }
    for (Expr element : in.elements()) {
      OptionalLong member = value(element, names);
      if (member.isEmpty() || member.getAsLong() == operand.getAsLong()) {
        return member.isEmpty() ? member : OptionalLong.of(1);
      }
    }
    return OptionalLong.of(0);
  }
}

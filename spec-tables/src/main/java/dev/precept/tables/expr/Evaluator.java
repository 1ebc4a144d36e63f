package dev.precept.tables.expr;

import dev.precept.tables.Definition;
import java.util.Map;
import java.util.OptionalLong;

/** Evaluates expressions where every name has a value. */
public final class Evaluator {
  private static final PartialValue UNKNOWN_TRUTH = new PartialValue(0, 1);

  private final NameLookup names;

  private Evaluator(NameLookup names) {
    this.names = names;
  }

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

  /** The value of {@code expr}, empty where any of its bits depends on {@code ?}. */
  public static OptionalLong value(Expr expr, NameLookup names) {
    return partial(expr, names).whole();
  }

  /**
   * The value of {@code expr} bit by bit: {@code x | (? & 0xFF)} has eight undefined bits less
   * those that are 1 in {@code x}. What decides nothing is not looked at: {@code 0 && ?} is 0, and
   * only the branch taken of a choice counts.
   *
   * @throws java.util.NoSuchElementException if {@code names} lacks a name that is needed
   */
  public static PartialValue partial(Expr expr, NameLookup names) {
    return new Evaluator(names).partial(expr);
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

  private PartialValue partial(Expr expr) {
    if (expr instanceof Expr.Num number) {
      return PartialValue.of(number.value());
    }
    if (expr instanceof Expr.Name name) {
      return names.partial(name.name());
    }
    if (expr instanceof Expr.Unary unary) {
      PartialValue operand = partial(unary.operand());
      return switch (unary.operator()) {
        case "!" -> not(operand);
        case "~" -> operand.complement();
        case "-" -> operand.negated();
        default -> throw new IllegalArgumentException("no operator " + unary.operator());
      };
    }
    if (expr instanceof Expr.Binary binary) {
      return Operators.isLogical(binary.operator())
          ? logical(binary)
          : arithmetic(binary.operator(), partial(binary.left()), partial(binary.right()));
    }
    if (expr instanceof Expr.Choice choice) {
      PartialValue condition = partial(choice.condition());
      if (condition.isTrue()) {
        return partial(choice.then());
      }
      return condition.isFalse() ? partial(choice.otherwise()) : PartialValue.UNDEFINED;
    }
    if (expr instanceof Expr.In in) {
      return membership(in);
    }
    if (expr instanceof Expr.Bits bits) {
      return partial(bits.operand()).bits(bits.high(), bits.low());
    }
    return PartialValue.UNDEFINED;
  }

  private static PartialValue not(PartialValue operand) {
    if (operand.isTrue() || operand.isFalse()) {
      return PartialValue.truth(operand.isFalse());
    }
    return UNKNOWN_TRUTH;
  }

  private static PartialValue arithmetic(String operator, PartialValue left, PartialValue right) {
    return switch (operator) {
      case "&" -> left.and(right);
      case "|" -> left.or(right);
      case "^" -> left.xor(right);
      case "<<", ">>" -> left.shift(operator, right);
      case "+", "-", "*" -> left.carrying(operator, right);
      default -> left.compared(operator, right);
    };
  }

  private PartialValue logical(Expr.Binary binary) {
    PartialValue left = partial(binary.left());
    if (binary.operator().equals("->")) {
      left = not(left);
    }
    boolean conjunction = binary.operator().equals("&&");
    if (conjunction ? left.isFalse() : left.isTrue()) {
      return PartialValue.truth(!conjunction);
    }
    PartialValue right = partial(binary.right());
    if (conjunction ? right.isFalse() : right.isTrue()) {
      return PartialValue.truth(!conjunction);
    }
    boolean decided =
        conjunction ? left.isTrue() && right.isTrue() : left.isFalse() && right.isFalse();
    return decided ? PartialValue.truth(conjunction) : UNKNOWN_TRUTH;
  }

  private PartialValue membership(Expr.In in) {
    PartialValue operand = partial(in.operand());
    boolean possible = false;
    for (Expr element : in.elements()) {
      PartialValue equal = operand.compared("==", partial(element));
      if (equal.isTrue()) {
        return equal;
      }
      possible |= !equal.isFalse();
    }
    return possible ? UNKNOWN_TRUTH : PartialValue.of(0);
  }
}

package dev.precept.generator.plan;

import dev.precept.tables.Definition;
import dev.precept.tables.expr.Evaluator;
import dev.precept.tables.expr.Expr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Conditions with some variables' classes known: those are put in, definitions are inlined, and
 * what is then constant is folded, so that what is left names only what still decides something.
 */
final class Specializer {
  private final Map<String, Long> known;
  private final Map<String, Definition> definitions;
  private final Map<String, Expr> specialDefinitions = new HashMap<>();

  /**
   * @param known the numbers of variables whose class is fixed
   */
  Specializer(Map<String, Long> known, Map<String, Definition> definitions) {
    this.known = Map.copyOf(known);
    this.definitions = definitions;
  }

  /** {@code condition}, equal in truth to the original wherever the known variables are so. */
  Expr condition(Expr condition) {
    return fold(condition);
  }

  private Expr fold(Expr expr) {
    if (expr instanceof Expr.Name name) {
      Long value = known.get(name.name());
      if (value != null) {
        return new Expr.Num(value);
      }
      Definition definition = definitions.get(name.name());
      return definition == null ? expr : definition(definition);
    }
    if (expr instanceof Expr.Unary unary) {
      Expr operand = fold(unary.operand());
      return settled(new Expr.Unary(unary.operator(), operand), List.of(operand));
    }
    if (expr instanceof Expr.Binary binary) {
      return binary(binary.operator(), fold(binary.left()), fold(binary.right()));
    }
    if (expr instanceof Expr.Choice choice) {
      Expr condition = fold(choice.condition());
      if (condition instanceof Expr.Num number) {
        return fold(number.value() != 0 ? choice.then() : choice.otherwise());
      }
      return new Expr.Choice(condition, fold(choice.then()), fold(choice.otherwise()));
    }
    if (expr instanceof Expr.In in) {
      List<Expr> parts = new ArrayList<>();
      parts.add(fold(in.operand()));
      in.elements().forEach(element -> parts.add(fold(element)));
      return settled(new Expr.In(parts.get(0), parts.subList(1, parts.size())), parts);
    }
    if (expr instanceof Expr.Bits bits) {
      Expr operand = fold(bits.operand());
      return settled(new Expr.Bits(operand, bits.high(), bits.low()), List.of(operand));
    }
    return expr;
  }

  private Expr definition(Definition definition) {
    Expr special = specialDefinitions.get(definition.name());
    if (special == null) {
      special = fold(definition.expression());
      specialDefinitions.put(definition.name(), special);
    }
    return special;
  }

  private static Expr binary(String operator, Expr left, Expr right) {
    return switch (operator) {
      case "&&" -> and(left, right);
      case "||" -> or(left, right);
      case "->" -> implies(left, right);
      default -> settled(new Expr.Binary(operator, left, right), List.of(left, right));
    };
  }

  private static Expr and(Expr left, Expr right) {
    if (isFalse(left) || isFalse(right)) {
      return Expr.FALSE;
    }
    if (left instanceof Expr.Num) {
      return truth(right);
    }
    return right instanceof Expr.Num ? truth(left) : new Expr.Binary("&&", left, right);
  }

  private static Expr or(Expr left, Expr right) {
    if (isTrue(left) || isTrue(right)) {
      return Expr.TRUE;
    }
    if (left instanceof Expr.Num) {
      return truth(right);
    }
    return right instanceof Expr.Num ? truth(left) : new Expr.Binary("||", left, right);
  }

  private static Expr implies(Expr left, Expr right) {
    if (isFalse(left) || isTrue(right)) {
      return Expr.TRUE;
    }
    if (isTrue(left)) {
      return truth(right);
    }
    return isFalse(right) ? new Expr.Unary("!", left) : new Expr.Binary("->", left, right);
  }

  /** {@code expr} as 0 or 1: a logical operator that loses an operand must not lose that. */
  private static Expr truth(Expr expr) {
    if (expr instanceof Expr.Num number) {
      return number.value() != 0 ? Expr.TRUE : Expr.FALSE;
    }
    boolean boolish =
        expr instanceof Expr.In
            || (expr instanceof Expr.Unary unary && unary.operator().equals("!"))
            || (expr instanceof Expr.Binary binary && isTruthValue(binary.operator()));
    return boolish ? expr : new Expr.Binary("!=", expr, Expr.FALSE);
  }

  private static boolean isTruthValue(String operator) {
    return switch (operator) {
      case "&&", "||", "->", "==", "!=", "<", "<=", ">", ">=" -> true;
      default -> false;
    };
  }

  private static boolean isTrue(Expr expr) {
    return expr instanceof Expr.Num number && number.value() != 0;
  }

  private static boolean isFalse(Expr expr) {
    return expr instanceof Expr.Num number && number.value() == 0;
  }

  private static Expr settled(Expr expr, List<Expr> parts) {
    if (!parts.stream().allMatch(Expr.Num.class::isInstance)) {
      return expr;
    }
    return new Expr.Num(
        Evaluator.eval(
            expr,
            name -> {
              throw new IllegalStateException("a constant names '" + name + "'");
            }));
  }
}

package dev.precept.tables.expr;

import dev.precept.tables.Definition;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/** What an expression talks about. */
public final class Names {
  private Names() {}

  /**
   * A comparison of a name with a constant, the name on the left.
   *
   * @param operator {@code == != < <= > >=}
   */
  public record Comparison(String name, String operator, long constant) {}

  /** The names that {@code expr} itself mentions, in its order. */
  public static Set<String> direct(Expr expr) {
    Set<String> names = new LinkedHashSet<>();
    walk(
        expr,
        e -> {
          if (e instanceof Expr.Name name) {
            names.add(name.name());
          }
        });
    return names;
  }

  /**
   * The names that {@code expr} depends on, through definitions to whatever depth; definitions
   * themselves are not among them.
   */
  public static Set<String> referencedNames(Expr expr, Map<String, Definition> definitions) {
    Set<String> names = new LinkedHashSet<>();
    for (String name : reachable(expr, definitions)) {
      if (!definitions.containsKey(name)) {
        names.add(name);
      }
    }
    return names;
  }

  /** As {@link #referencedNames}, with the definitions on the way. */
  public static Set<String> reachable(Expr expr, Map<String, Definition> definitions) {
    Set<String> seen = new LinkedHashSet<>();
    List<Expr> open = new ArrayList<>(List.of(expr));
    while (!open.isEmpty()) {
      for (String name : direct(open.remove(open.size() - 1))) {
        Definition definition = definitions.get(name);
        if (seen.add(name) && definition != null) {
          open.add(definition.expression());
        }
      }
    }
    return seen;
  }

  /**
   * The comparisons in {@code expr} between a name and something without names, the constant side
   * evaluated; sets count as {@code ==} with each member. Definitions are not followed.
   */
  public static List<Comparison> comparisonsWithConstants(Expr expr) {
    List<Comparison> found = new ArrayList<>();
    walk(
        expr,
        e -> {
          if (e instanceof Expr.Binary binary && Operators.isComparison(binary.operator())) {
            compare(binary.left(), binary.operator(), binary.right(), found);
            compare(binary.right(), mirrored(binary.operator()), binary.left(), found);
          } else if (e instanceof Expr.In in) {
            in.elements().forEach(element -> compare(in.operand(), "==", element, found));
          }
        });
    return found;
  }

  /** Calls {@code visitor} for {@code expr} and everything in it, parents first, left to right. */
  public static void walk(Expr expr, Consumer<Expr> visitor) {
    visitor.accept(expr);
    children(expr).forEach(child -> walk(child, visitor));
  }

  /** The direct parts of {@code expr}, left to right. */
  static List<Expr> children(Expr expr) {
    if (expr instanceof Expr.Unary unary) {
      return List.of(unary.operand());
    }
    if (expr instanceof Expr.Binary binary) {
      return List.of(binary.left(), binary.right());
    }
    if (expr instanceof Expr.Choice choice) {
      return List.of(choice.condition(), choice.then(), choice.otherwise());
    }
    if (expr instanceof Expr.In in) {
      List<Expr> all = new ArrayList<>(List.of(in.operand()));
      all.addAll(in.elements());
      return all;
    }
    return expr instanceof Expr.Bits bits ? List.of(bits.operand()) : List.of();
  }

  private static void compare(Expr left, String operator, Expr right, List<Comparison> found) {
    if (left instanceof Expr.Name name && direct(right).isEmpty()) {
      OptionalLong constant = Evaluator.value(right, unused -> 0);
      constant.ifPresent(value -> found.add(new Comparison(name.name(), operator, value)));
    }
  }

  private static String mirrored(String operator) {
    return switch (operator) {
      case "<" -> ">";
      case "<=" -> ">=";
      case ">" -> "<";
      case ">=" -> "<=";
      default -> operator;
    };
  }
}

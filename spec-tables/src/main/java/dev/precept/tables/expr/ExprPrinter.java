package dev.precept.tables.expr;

import java.util.Optional;

/**
 * Prints expressions in the tables' own syntax, with the parentheses that are needed and those that
 * the checker asks for. Parsing what is printed gives an equal expression.
 */
public final class ExprPrinter {
  private final Words words;
  private final StringBuilder out = new StringBuilder();

  private ExprPrinter(Words words) {
    this.words = words;
  }

  /** Gives numbers that stand for classes their words back. */
  public interface Words {
    /** The word for class {@code number} of {@code variable}, or empty if it is just a number. */
    Optional<String> word(String variable, long number);
  }

  /** {@code expr} with numbers as numbers. */
  public static String print(Expr expr) {
    return print(expr, (variable, number) -> Optional.empty());
  }

  /** {@code expr} with the classes of variables as words. */
  public static String print(Expr expr, Words words) {
    ExprPrinter printer = new ExprPrinter(words);
    printer.write(expr, Operators.CHOICE);
    return printer.out.toString();
  }

  /** Writes {@code expr}, in parentheses if it binds less tightly than {@code minimum}. */
  private void write(Expr expr, int minimum) {
    boolean enclose = precedence(expr) < minimum;
    if (enclose) {
      out.append('(');
    }
    if (expr instanceof Expr.Num number) {
      out.append(Numbers.print(number.value()));
    } else if (expr instanceof Expr.Name name) {
      out.append(name.name());
    } else if (expr instanceof Expr.Undefined) {
      out.append('?');
    } else if (expr instanceof Expr.Unary unary) {
      unary(unary);
    } else if (expr instanceof Expr.Binary binary) {
      binary(binary);
    } else if (expr instanceof Expr.In in) {
      membership(in, " in {");
    } else if (expr instanceof Expr.Choice choice) {
      write(choice.condition(), Operators.IMPLIES);
      out.append(" ? ");
      write(choice.then(), Operators.CHOICE);
      out.append(" : ");
      write(choice.otherwise(), Operators.CHOICE);
    } else if (expr instanceof Expr.Bits bits) {
      out.append("bits(");
      write(bits.operand(), Operators.CHOICE);
      out.append(", ").append(bits.high()).append(", ").append(bits.low()).append(')');
    }
    if (enclose) {
      out.append(')');
    }
  }

  private static int precedence(Expr expr) {
    if (expr instanceof Expr.Binary binary) {
      return Operators.precedence(binary.operator());
    }
    if (expr instanceof Expr.In) {
      return Operators.IN;
    }
    if (expr instanceof Expr.Unary unary) {
      return isNotIn(unary) ? Operators.IN : Operators.PREFIX;
    }
    return expr instanceof Expr.Choice ? Operators.CHOICE : Operators.PREFIX + 1;
  }

  private static boolean isNotIn(Expr.Unary unary) {
    return unary.operator().equals("!") && unary.operand() instanceof Expr.In;
  }

  private void unary(Expr.Unary unary) {
    if (unary.operator().equals("!") && unary.operand() instanceof Expr.In in) {
      membership(in, " not in {");
      return;
    }
    out.append(unary.operator());
    write(unary.operand(), Operators.PREFIX);
  }

  private void binary(Expr.Binary binary) {
    int precedence = Operators.precedence(binary.operator());
    int left = precedence;
    int right = precedence + 1;
    if (binary.operator().equals("->")) {
      left = precedence + 1;
      right = precedence;
    } else if (Operators.isComparison(binary.operator())) {
      left = precedence + 1;
    } else if (Operators.isBitwise(binary.operator())) {
      left = isComparison(binary.left()) ? Operators.IN : left;
      right = isComparison(binary.right()) ? Operators.IN : right;
    }
    writeBeside(binary.left(), left, binary.operator(), binary.right());
    out.append(' ').append(binary.operator()).append(' ');
    writeBeside(binary.right(), right, binary.operator(), binary.left());
  }

  private static boolean isComparison(Expr expr) {
    return expr instanceof Expr.Binary binary && Operators.isComparison(binary.operator());
  }

  /**
   * Writes one side of an operator; a number beside {@code == variable} as that variable's word.
   */
  private void writeBeside(Expr expr, int minimum, String operator, Expr other) {
    if (Operators.precedence(operator) == Operators.EQUALITY
        && expr instanceof Expr.Num number
        && other instanceof Expr.Name variable) {
      Optional<String> word = words.word(variable.name(), number.value());
      if (word.isPresent()) {
        out.append(word.get());
        return;
      }
    }
    write(expr, minimum);
  }

  private void membership(Expr.In in, String operator) {
    write(in.operand(), Operators.IN + 1);
    out.append(operator);
    String separator = "";
    for (Expr element : in.elements()) {
      out.append(separator);
      writeBeside(element, Operators.PREFIX, "==", in.operand());
      separator = " ";
    }
    out.append('}');
  }
}

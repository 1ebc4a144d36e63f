package dev.precept.fuzz.tables;

import dev.precept.tables.expr.Evaluator;
import dev.precept.tables.expr.Expr;
import dev.precept.tables.expr.ExprParser;
import dev.precept.tables.expr.ExprPrinter;
import dev.precept.tables.expr.ExprSyntaxException;
import dev.precept.tables.expr.NameLookup;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/**
 * Any text as an expression: it is told where it is wrong, or it means the same when it is printed
 * and read again, and has a value whatever its names are.
 */
public final class ConditionTarget {
  private ConditionTarget() {}

  /**
   * Runs one input.
   *
   * @throws AssertionError if what must hold of it does not
   */
  public static void fuzzerTestOneInput(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    Expr expr;
    try {
      expr = ExprParser.parseFully(text).expr();
    } catch (ExprSyntaxException wrong) {
      if (wrong.offset() < 0 || wrong.offset() > text.length()) {
        throw new AssertionError("wrong outside the text, at " + wrong.offset(), wrong);
      }
      return;
    }
    String printed = ExprPrinter.print(expr);
    try {
      // What nests as deep as may be, or is as long, may be too deep with more parentheses.
      if (!ExprParser.parse(printed).equals(expr)) {
        throw new AssertionError("read again it is another expression: " + printed);
      }
    } catch (ExprSyntaxException wrong) {
      if (!wrong.getMessage().contains("nests deeper")
          && !wrong.getMessage().contains("more than")) {
        throw new AssertionError("cannot be read again: " + printed, wrong);
      }
    }
    value(expr, name -> 0);
    value(expr, name -> -1);
    value(expr, String::hashCode);
  }

  /** Where nothing is undefined, a value must come out; the same one each time. */
  private static void value(Expr expr, NameLookup names) {
    OptionalLong value = Evaluator.value(expr, names);
    if (!value.equals(Evaluator.value(expr, names))) {
      throw new AssertionError("two values of one expression");
    }
  }
}

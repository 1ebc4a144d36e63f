package dev.precept.report;

import dev.precept.tables.Check;
import dev.precept.tables.Tables;
import dev.precept.tables.Variable;
import dev.precept.tables.expr.Expr;
import dev.precept.tables.expr.ExprPrinter;
import java.util.List;
import java.util.Optional;

/** A vendor's checks and expressions as people write them. */
public final class CheckText {
  // APM vol. 2, table 8-1: interrupt-vector source and cause.
  private static final List<String> VECTORS =
      List.of(
          "#DE",
          "#DB",
          "NMI",
          "#BP",
          "#OF",
          "#BR",
          "#UD",
          "#NM",
          "#DF",
          "vector 9",
          "#TS",
          "#NP",
          "#SS",
          "#GP",
          "#PF",
          "vector 15",
          "#MF",
          "#AC",
          "#MC",
          "#XF",
          "#VE",
          "#CP");

  private final Tables tables;

  /** Texts over {@code tables}. */
  public CheckText(Tables tables) {
    this.tables = tables;
  }

  /** {@code #GP(0)}, {@code #UD} or {@code VMEXIT_RDTSC}. */
  public String result(Check check) {
    if (check.result() instanceof Check.Exit exit) {
      return tables.exits().get(exit.exit()).codeName();
    }
    Check.Fault fault = (Check.Fault) check.result();
    String vector =
        fault.vector() < VECTORS.size()
            ? VECTORS.get(fault.vector())
            : switch (fault.vector()) {
              case 28 -> "#HV";
              case 29 -> "#VC";
              case 30 -> "#SX";
              default -> "vector " + fault.vector();
            };
    String code = fault.errorCode().map(value -> "(" + expression(value) + ")").orElse("");
    return vector + code + (fault.trap() ? ", as a trap" : "");
  }

  /** {@code expression} in the tables' own syntax, empty where it is always true. */
  public String condition(Expr expression) {
    return expression.equals(Expr.TRUE) ? "" : expression(expression);
  }

  /** {@code expression} in the tables' own syntax, with the words of classes. */
  public String expression(Expr expression) {
    return ExprPrinter.print(expression, this::word);
  }

  private Optional<String> word(String variable, long number) {
    Variable known = tables.variables().get(variable);
    if (known == null) {
      return Optional.empty();
    }
    return known.values().stream()
        .filter(value -> value.number() == number)
        .map(Variable.Value::name)
        .filter(name -> !Character.isDigit(name.charAt(0)))
        .findFirst();
  }
}

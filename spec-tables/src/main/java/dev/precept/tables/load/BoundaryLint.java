package dev.precept.tables.load;

import dev.precept.tables.Tables;
import dev.precept.tables.Variable;
import dev.precept.tables.expr.Expr;
import dev.precept.tables.expr.Names;
import dev.precept.tables.expr.Names.Comparison;
import dev.precept.tables.expr.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds numeric variables that lack the values just inside and just outside a comparison's
 * boundary: a bound that is off by one shows only there.
 */
final class BoundaryLint {
  private final Tables tables;
  private final Map<TableKind, List<Row>> rows;
  private final Problems problems;

  BoundaryLint(Tables tables, Map<TableKind, List<Row>> rows, Problems problems) {
    this.tables = tables;
    this.rows = rows;
    this.problems = problems;
  }

  void check() {
    Map<String, Set<Long>> needed = new LinkedHashMap<>();
    for (Expr expr : conditions()) {
      for (Comparison comparison : Names.comparisonsWithConstants(expr)) {
        needed
            .computeIfAbsent(comparison.name(), unused -> new LinkedHashSet<>())
            .addAll(boundary(comparison));
      }
    }
    for (Row row : rows.get(TableKind.VARIABLES)) {
      Variable variable = tables.variables().get(row.text("variable"));
      if (Domains.isWords(variable) || Domains.isFlag(variable)) {
        continue;
      }
      List<String> missing = new ArrayList<>();
      for (long value : needed.getOrDefault(variable.name(), Set.of())) {
        if (variable.values().stream().noneMatch(v -> v.number() == value)) {
          missing.add(Numbers.print(value));
        }
      }
      if (!missing.isEmpty()) {
        problems.error(
            row.cell("values"),
            "conditions compare "
                + variable.name()
                + " with a bound; it needs the values beside it: "
                + String.join(" ", missing));
      }
    }
  }

  /** The values that tell the comparison from one that is off by one. */
  private static Set<Long> boundary(Comparison comparison) {
    long bound = comparison.constant();
    Set<Long> values = new LinkedHashSet<>();
    switch (comparison.operator()) {
      case "<", ">=" -> {
        if (bound != 0) {
          values.add(bound - 1);
        }
        values.add(bound);
      }
      case "<=", ">" -> {
        values.add(bound);
        if (bound != -1) {
          values.add(bound + 1);
        }
      }
      default -> values.add(bound);
    }
    return values;
  }

  private List<Expr> conditions() {
    List<Expr> conditions = new ArrayList<>();
    tables.definitions().values().forEach(d -> conditions.add(d.expression()));
    tables.constraints().forEach(c -> conditions.add(c.expression()));
    tables.checks().values().forEach(c -> conditions.add(c.condition()));
    tables.variables().values().forEach(v -> conditions.add(v.when()));
    tables
        .exits()
        .values()
        .forEach(
            exit -> {
              conditions.add(exit.condition());
              conditions.add(exit.gate());
            });
    tables
        .forms()
        .forEach(
            form -> {
              conditions.add(form.gate());
              conditions.addAll(form.fixed());
            });
    return conditions;
  }
}

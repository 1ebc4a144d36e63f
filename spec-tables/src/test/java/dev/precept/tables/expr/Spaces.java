package dev.precept.tables.expr;

import dev.precept.tables.Citation;
import dev.precept.tables.Definition;
import dev.precept.tables.Origin;
import dev.precept.tables.Variable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/** State spaces for tests. */
final class Spaces {
  private static final Citation CITATION = new Citation("APM2", Citation.Provenance.MANUAL, "");
  private static final Origin ORIGIN = new Origin("test.csv", 1, 1);

  private Spaces() {}

  static Variable variable(String name, long... classes) {
    return new Variable(
        name,
        LongStream.of(classes)
            .mapToObj(n -> new Variable.Value(Long.toUnsignedString(n), n, Optional.empty()))
            .toList(),
        0,
        "none",
        Expr.TRUE,
        "",
        CITATION,
        ORIGIN);
  }

  /** Definitions from names and expressions in turn. */
  static Map<String, Definition> definitions(String... namesAndExpressions) throws Exception {
    Map<String, Definition> definitions = new LinkedHashMap<>();
    for (int i = 0; i < namesAndExpressions.length; i += 2) {
      definitions.put(
          namesAndExpressions[i],
          new Definition(
              namesAndExpressions[i],
              ExprParser.parse(namesAndExpressions[i + 1]),
              "",
              CITATION,
              ORIGIN));
    }
    return definitions;
  }

  static StateSpace of(Variable... variables) {
    return StateSpace.of(List.of(variables), Map.of());
  }
}

package dev.precept.generator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.generator.SmallTables;
import dev.precept.tables.Definition;
import dev.precept.tables.expr.Evaluator;
import dev.precept.tables.expr.Expr;
import dev.precept.tables.expr.ExprParser;
import dev.precept.tables.expr.ExprPrinter;
import dev.precept.tables.expr.ExprSyntaxException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpecializerTest {
  private static final Map<String, Definition> NONE = SmallTables.tables().load().definitions();

  private static String specialized(String text) throws ExprSyntaxException {
    return ExprPrinter.print(
        new Specializer(Map.of("mode", 5L, "p", 1L), NONE).condition(ExprParser.parse(text)));
  }

  @ParameterizedTest
  @CsvSource({
    "mode == 5 && a, a != 0",
    "mode == 4 && a, 0",
    "mode == 4 || a, a != 0",
    "mode == 5 -> a, a != 0",
    "mode == 4 -> a, 1",
    "p ? a : b, a",
    "mode in {4 5}, 1",
    "'bits(mode, 0, 0) == 1', 1",
    "a && b, a && b",
  })
  void whatIsKnownIsPutIn(String text, String expected) throws Exception {
    assertThat(specialized(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(mode == 5 && n) + 1",
        "(n || mode == 4) * 3",
        "(mode == 5 -> n) == 1",
        "!(mode == 5 && n)",
        "mode == 5 ? n - 1 : 7",
        "(n & 2) >> p",
      })
  void theValueStaysTheSame(String text) throws Exception {
    Expr original = ExprParser.parse(text);
    Expr special = new Specializer(Map.of("mode", 5L, "p", 1L), NONE).condition(original);
    for (long n = 0; n < 8; n++) {
      Map<String, Long> names = Map.of("mode", 5L, "p", 1L, "n", n);
      assertThat(Evaluator.eval(special, names::get))
          .as("n = " + n)
          .isEqualTo(Evaluator.eval(original, names::get));
    }
  }

  @Test
  void nothingIsLeftOfAConditionOnTheModeAlone() throws Exception {
    assertThat(specialized("!(mode in {1 2 3})")).isEqualTo("1");
  }
}

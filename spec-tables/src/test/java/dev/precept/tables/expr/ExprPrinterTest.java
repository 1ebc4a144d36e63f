package dev.precept.tables.expr;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Printing and parsing are each other's inverse. */
class ExprPrinterTest {
  @Test
  void parsingWhatIsPrintedGivesTheSameExpression() throws Exception {
    RandomExpressions random =
        new RandomExpressions(15, List.of("cpl", "cr4.tsd", "bits", "mem.page"), true);
    for (int i = 0; i < 20_000; i++) {
      Expr expr = random.next(6);
      assertThat(ExprParser.parse(ExprPrinter.print(expr))).isEqualTo(expr);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cpl != 0 && cr4.tsd",
        "a ? b : c ? d : e",
        "a -> b -> c",
        "(a -> b) -> c",
        "a - (b - c)",
        "x not in {1 2 (3 + 4)}",
        "(a == b) & c",
        "!(a && b)",
        "bits(rflags, 13, 12) < cpl",
        "rax | 0x10000"
      })
  void whatNeedsNoChangeIsPrintedAsItWasWritten(String text) throws Exception {
    assertThat(ExprPrinter.print(ExprParser.parse(text))).isEqualTo(text);
  }

  @Test
  void needlessParenthesesGo() throws Exception {
    assertThat(ExprPrinter.print(ExprParser.parse("((a) && ((b && c))) || (d)")))
        .isEqualTo("a && (b && c) || d");
  }

  @Test
  void classesOfVariablesCanBePrintedAsWords() throws Exception {
    ExprPrinter.Words words =
        (variable, number) ->
            variable.equals("mode") && number == 1 ? Optional.of("v86") : Optional.empty();
    assertThat(ExprPrinter.print(ExprParser.parse("mode == 1 || 1 != cpl || mode in {1}"), words))
        .isEqualTo("mode == v86 || 1 != cpl || mode in {v86}");
  }
}

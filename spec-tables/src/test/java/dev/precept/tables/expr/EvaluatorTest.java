package dev.precept.tables.expr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values of expressions: 64 bits, unsigned. */
class EvaluatorTest {
  private static final Map<String, Long> NAMES = Map.of("zero", 0L, "five", 5L, "ones", -1L);

  @ParameterizedTest
  @CsvSource(
      delimiter = '=',
      value = {
        "five + 2 = 7",
        "2 - five = -3",
        "five * five = 25",
        "zero < ones = 1",
        "ones >> 63 = 1",
        "1 << 64 = 0",
        "1 >> 64 = 0",
        "ones >> ones = 0",
        "~zero = -1",
        "!five = 0",
        "-five = -5",
        "five && 2 = 1",
        "zero || five = 1",
        "zero -> zero = 1",
        "five -> zero = 0",
        "five & 4 | 2 = 6",
        "five ^ 1 = 4",
        "five in {1 5} = 1",
        "five not in {1 5} = 0",
        "zero ? 1 : 2 = 2",
        "bits(0xABCD, 11, 4) = 188",
        "bits(ones, 63, 0) = -1",
      })
  void expressionsHaveTheirValue(String text, long value) throws Exception {
    assertThat(Evaluator.eval(ExprParser.parse(text), NAMES::get)).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource({"?", "? + 1", "five & ?", "? ? 1 : 2", "? && five", "five == ?"})
  void whatDependsOnAnUndefinedValueIsEmpty(String text) throws Exception {
    assertThat(Evaluator.value(ExprParser.parse(text), NAMES::get)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"zero && ?, 0", "? && zero, 0", "five || ?, 1", "zero -> ?, 1", "five ? 1 : ?, 1"})
  void whatAnUndefinedValueCannotChangeIsDefined(String text, long value) throws Exception {
    assertThat(Evaluator.value(ExprParser.parse(text), NAMES::get)).hasValue(value);
  }

  @Test
  void undefinedBitsInsideALargerExpressionStayTheOnlyOnes() throws Exception {
    PartialValue value = Evaluator.partial(ExprParser.parse("0x5000 | (? & 0xFF)"), NAMES::get);
    assertThat(value).isEqualTo(new PartialValue(0x5000, 0xFF));
  }

  @Test
  void aSumIsUndefinedFromItsLowestUndefinedBit() throws Exception {
    PartialValue value = Evaluator.partial(ExprParser.parse("3 + (? & 0x10)"), NAMES::get);
    assertThat(value).isEqualTo(new PartialValue(3, -16));
  }

  @Test
  void agreementIsAskedOnlyOfDefinedBits() {
    PartialValue value = new PartialValue(0x5000, 0xFF);
    assertThat(value.agrees(0x50AB)).isTrue();
    assertThat(value.agrees(0x51AB)).isFalse();
  }

  @Test
  void evaluatingSomethingUndefinedFails() throws Exception {
    Expr undefined = ExprParser.parse("? + 1");
    assertThatThrownBy(() -> Evaluator.eval(undefined, NAMES::get))
        .isInstanceOf(ArithmeticException.class)
        .hasMessage("'? + 1' is not defined by the manual");
  }

  @Test
  void definitionsAreFollowed() throws Exception {
    Map<String, dev.precept.tables.Definition> definitions =
        Spaces.definitions("user", "cpl != 0", "slow", "user && tsd");
    NameLookup state =
        name -> {
          if (!name.equals("cpl") && !name.equals("tsd")) {
            throw new NoSuchElementException(name);
          }
          return 1;
        };
    assertThat(
            Evaluator.holds(new Expr.Name("slow"), Evaluator.withDefinitions(definitions, state)))
        .isTrue();
    assertThat(Names.referencedNames(new Expr.Name("slow"), definitions))
        .containsExactlyInAnyOrder("cpl", "tsd");
  }
}

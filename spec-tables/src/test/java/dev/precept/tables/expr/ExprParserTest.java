package dev.precept.tables.expr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The grammar of docs/tables.md. */
class ExprParserTest {
  /**
   * Left: as written; right: the same with every parenthesis, as docs/tables.md ranks operators.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "a || b && c ~ a || (b && c)",
        "a && b || c ~ (a && b) || c",
        "a -> b || c ~ a -> (b || c)",
        "a -> b -> c ~ a -> (b -> c)",
        "a ? b : c ? d : e ~ a ? b : (c ? d : e)",
        "a ? b ? c : d : e ~ a ? (b ? c : d) : e",
        "a -> b ? c : d ~ (a -> b) ? c : d",
        "a | b ^ c & d ~ a | (b ^ (c & d))",
        "a & b == c ~ a & (b == c)",
        "a == b < c ~ a == (b < c)",
        "a < b in {c} ~ a < (b in {c})",
        "a << b in {c} ~ (a << b) in {c}",
        "a << b + c ~ a << (b + c)",
        "a - b - c ~ (a - b) - c",
        "a + b * c ~ a + (b * c)",
        "!a && b ~ (!a) && b",
        "-a * b ~ (-a) * b",
        "!a in {b} ~ (!a) in {b}",
        "a not in {b} && c ~ (!(a in {b})) && c",
      })
  void operatorsBindAsDocumented(String written, String explicit) throws Exception {
    assertThat(ExprParser.parse(written)).isEqualTo(ExprParser.parse(explicit));
  }

  @ParameterizedTest
  @CsvSource({"13, 13", "0x6E, 110", "0b101, 5", "0xFFFFFFFFFFFFFFFF, -1"})
  void numbersAreDecimalHexadecimalOrBinary(String written, long value) throws Exception {
    assertThat(ExprParser.parse(written)).isEqualTo(new Expr.Num(value));
  }

  @Test
  void aNameMayHavePartsWithDots() throws Exception {
    assertThat(ExprParser.parse("rflags.if")).isEqualTo(new Expr.Name("rflags.if"));
  }

  @Test
  void aSetMayHoldParenthesizedMembers() throws Exception {
    assertThat(ExprParser.parse("a in {b (c + 1)}"))
        .isEqualTo(
            new Expr.In(
                new Expr.Name("a"),
                List.of(
                    new Expr.Name("b"),
                    new Expr.Binary("+", new Expr.Name("c"), new Expr.Num(1)))));
  }

  @Test
  void aQuestionMarkAloneIsUndefined() throws Exception {
    assertThat(ExprParser.parse("a ? ? : 1"))
        .isEqualTo(new Expr.Choice(new Expr.Name("a"), new Expr.Undefined(), new Expr.Num(1)));
  }

  /** Columns count from 0, as offsets do. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "'' ~ 0 ~ expression expected",
        "a && ~ 4 ~ number, name or '(' expected, found the end",
        "a b ~ 2 ~ operator or end of expression expected, found 'b'",
        "(a ~ 2 ~ ')' expected to close '(', found the end",
        "a = b ~ 2 ~ '=' is not an operator; equality is '=='",
        "a / 2 ~ 2 ~ there is no division; use '>>' or bits(x, high, low)",
        "a < b < c ~ 6 ~ comparisons do not chain; write a < b && b < c",
        "a == b == c ~ 7 ~ comparisons do not chain; write a < b && b < c",
        "a in {b, c} ~ 7 ~ the members of a set are separated by spaces",
        "a in {} ~ 6 ~ the set has no members",
        "a in {b ~ 7 ~ number, name or '(' expected, found the end",
        "a not b ~ 6 ~ 'in' expected after 'not', found 'b'",
        "bits(a, 0, 3) ~ 8 ~ bits(x, high, low) takes the high bit first",
        "bits(a, 64, 3) ~ 8 ~ bit number from 0 to 63 expected, found '64'",
        "min(a, b) ~ 0 ~ there is no function 'min'; the only one is bits(x, high, low)",
        "Cpl ~ 0 ~ names are written in lower case, found 'C'",
        "a. ~ 0 ~ 'a.' is not a name: every part starts with a letter",
        "a ? b ~ 5 ~ ':' expected between the two results of '?', found the end",
        "72h ~ 0 ~ '72h' is not a number; write 13, 0x6E or 0b101, here 0x72",
        "0x ~ 0 ~ '0x' is not a number; write 13, 0x6E or 0b101",
        "0x10000000000000000 ~ 0 ~ '0x10000000000000000' does not fit in 64 bits",
        "dr6[13] ~ 3 ~ '[' does not belong in an expression; a field of a number is bits(x, high, low)",
        "a \u00e9 ~ 2 ~ unexpected character U+00E9",
        "${a} ~ 0 ~ unexpected character '$'",
      })
  void errorsTellWhereAndWhat(String text, int offset, String message) {
    ExprSyntaxException error =
        catchThrowableOfType(ExprSyntaxException.class, () -> ExprParser.parse(text));
    assertThat(error).hasMessage(message);
    assertThat(error.offset()).isEqualTo(offset);
  }

  @ParameterizedTest
  @ValueSource(strings = {"(", "!", "a -> ", "a ? ", "1 ? 1 : ", "-", "bits(", "a in {(", "~"})
  void deepNestingIsAnErrorAndNotAStackOverflow(String opening) {
    assertThatThrownBy(() -> ExprParser.parse(opening.repeat(300) + "a"))
        .isInstanceOf(ExprSyntaxException.class)
        .hasMessage("expression nests deeper than 100 levels");
  }

  @Test
  void lengthIsBounded() {
    assertThatThrownBy(() -> ExprParser.parse("a + ".repeat(100_000) + "a"))
        .isInstanceOf(ExprSyntaxException.class)
        .hasMessageStartingWith("expression has more than 2000 words and signs");
  }

  @Test
  void aComparisonBesideABitwiseOperatorIsRemarkedOn() throws Exception {
    assertThat(ExprParser.parseFully("a & 4 == 4").remarks())
        .singleElement()
        .satisfies(remark -> assertThat(remark.offset()).isEqualTo(4));
  }

  @Test
  void aComparisonInParenthesesIsNotRemarkedOn() throws Exception {
    assertThat(ExprParser.parseFully("a & (4 == 4)").remarks()).isEmpty();
  }

  @Test
  void namesComeInTheOrderOfTheText() throws Exception {
    assertThat(ExprParser.parseFully("b in {c} ? a : b").names())
        .containsExactly(
            new ExprParser.NameUse("b", 0),
            new ExprParser.NameUse("c", 6),
            new ExprParser.NameUse("a", 11),
            new ExprParser.NameUse("b", 15));
  }
}

package dev.precept.tables.expr;

import java.util.ArrayList;
import java.util.List;

/**
 * Parses expressions by recursive descent; the grammar is in docs/tables.md. Nesting and length are
 * bounded, so that no input can exhaust the stack of this parser or of anything that walks its
 * results.
 */
public final class ExprParser {
  /** Words and signs in one expression. */
  public static final int MAX_TOKENS = 2000;

  /** Parentheses, prefixes and choices inside one another. */
  public static final int MAX_DEPTH = 100;

  private final List<Token> tokens;
  private final List<NameUse> names = new ArrayList<>();
  private final List<Remark> remarks = new ArrayList<>();
  private int at;
  private int depth;

  private ExprParser(List<Token> tokens) {
    this.tokens = tokens;
  }

  /**
   * A parsed expression.
   *
   * @param names every name in it, in the order of the text, which is the order of a left-to-right
   *     walk of {@code expr}
   * @param remarks what is legal but easily misread
   */
  public record Parsed(Expr expr, List<NameUse> names, List<Remark> remarks) {}

  /**
   * A name in the text.
   *
   * @param offset characters from 0
   */
  public record NameUse(String name, int offset) {}

  /**
   * A remark about a place in the text.
   *
   * @param offset characters from 0
   */
  public record Remark(int offset, String message) {}

  /**
   * The expression {@code text}.
   *
   * @throws ExprSyntaxException at the first thing that does not fit
   */
  public static Expr parse(String text) throws ExprSyntaxException {
    return parseFully(text).expr();
  }

  /**
   * The expression {@code text} with what a checker wants to know of it.
   *
   * @throws ExprSyntaxException at the first thing that does not fit
   */
  public static Parsed parseFully(String text) throws ExprSyntaxException {
    ExprParser parser = new ExprParser(Lexer.tokens(text));
    if (parser.peek().kind() == Token.Kind.END) {
      throw new ExprSyntaxException(0, "expression expected");
    }
    Expr expr = parser.choice().expr();
    Token rest = parser.peek();
    if (rest.kind() != Token.Kind.END) {
      throw new ExprSyntaxException(
          rest.offset(), "operator or end of expression expected, found " + rest.shown());
    }
    return new Parsed(expr, List.copyOf(parser.names), List.copyOf(parser.remarks));
  }

  /** An operand as written: whether parentheses already make its extent plain, and where it is. */
  private record Operand(Expr expr, boolean enclosed, int offset) {}

  private Operand choice() throws ExprSyntaxException {
    enter();
    int start = peek().offset();
    Operand condition = binary(Operators.IMPLIES);
    if (!peek().is("?")) {
      depth--;
      return condition;
    }
    at++;
    Operand then = choice();
    expect(":", "between the two results of '?'");
    Operand otherwise = choice();
    depth--;
    return new Operand(
        new Expr.Choice(condition.expr(), then.expr(), otherwise.expr()), false, start);
  }

  /** Operators that bind at least as tightly as {@code minimum}, by precedence climbing. */
  private Operand binary(int minimum) throws ExprSyntaxException {
    Operand left = prefix();
    int chained = 0;
    while (true) {
      Token token = peek();
      if (token.isWord("in") || token.isWord("not")) {
        if (Operators.IN < minimum) {
          return left;
        }
        if (chained == Operators.IN) {
          throw new ExprSyntaxException(token.offset(), "put the first 'in' in parentheses");
        }
        left = membership(left);
        chained = Operators.IN;
        continue;
      }
      int precedence = token.kind() == Token.Kind.SYMBOL ? Operators.precedence(token.text()) : 0;
      if (precedence < minimum || precedence == 0) {
        return left;
      }
      if (chained == Operators.IN && precedence > Operators.IN) {
        throw new ExprSyntaxException(token.offset(), "put the 'in' before this in parentheses");
      }
      boolean comparison = Operators.isComparison(token.text());
      if (comparison && chained == precedence) {
        throw new ExprSyntaxException(
            token.offset(), "comparisons do not chain; write a < b && b < c");
      }
      at++;
      Operand right = operandRightOf(token.text(), precedence);
      remarkOnMixture(token, left, right);
      left =
          new Operand(
              new Expr.Binary(token.text(), left.expr(), right.expr()), false, left.offset());
      chained = precedence;
    }
  }

  private Operand operandRightOf(String operator, int precedence) throws ExprSyntaxException {
    if (operator.equals("->")) {
      enter();
      Operand right = binary(precedence);
      depth--;
      return right;
    }
    return binary(precedence + 1);
  }

  private void remarkOnMixture(Token operator, Operand left, Operand right) {
    if (!Operators.isBitwise(operator.text())) {
      return;
    }
    for (Operand side : List.of(left, right)) {
      if (!side.enclosed()
          && side.expr() instanceof Expr.Binary inner
          && Operators.isComparison(inner.operator())) {
        remarks.add(
            new Remark(
                side.offset(),
                "'"
                    + operator.text()
                    + "' takes the whole comparison '"
                    + ExprPrinter.print(inner)
                    + "' as its operand, unlike in mathematics; write parentheses"));
      }
    }
  }

  private Operand membership(Operand left) throws ExprSyntaxException {
    boolean negated = peek().isWord("not");
    if (negated) {
      at++;
      if (!peek().isWord("in")) {
        throw new ExprSyntaxException(
            peek().offset(), "'in' expected after 'not', found " + peek().shown());
      }
    }
    at++;
    expect("{", "after 'in'");
    List<Expr> elements = new ArrayList<>();
    while (!peek().is("}")) {
      if (peek().is(",")) {
        throw new ExprSyntaxException(
            peek().offset(), "the members of a set are separated by spaces");
      }
      elements.add(prefix().expr());
    }
    if (elements.isEmpty()) {
      throw new ExprSyntaxException(peek().offset(), "the set has no members");
    }
    at++;
    Expr in = new Expr.In(left.expr(), List.copyOf(elements));
    return new Operand(negated ? new Expr.Unary("!", in) : in, false, left.offset());
  }

  private Operand prefix() throws ExprSyntaxException {
    Token token = peek();
    if (token.is("!") || token.is("~") || token.is("-")) {
      enter();
      at++;
      Operand operand = prefix();
      depth--;
      return new Operand(new Expr.Unary(token.text(), operand.expr()), true, token.offset());
    }
    return primary();
  }

  private Operand primary() throws ExprSyntaxException {
    Token token = peek();
    at++;
    if (token.kind() == Token.Kind.NUMBER) {
      return new Operand(new Expr.Num(token.value()), true, token.offset());
    }
    if (token.is("?")) {
      return new Operand(new Expr.Undefined(), true, token.offset());
    }
    if (token.is("(")) {
      Expr inner = choice().expr();
      expect(")", "to close '('");
      return new Operand(inner, true, token.offset());
    }
    if (token.kind() == Token.Kind.NAME && !token.isWord("in") && !token.isWord("not")) {
      // Beside one another, or else the set {a (b + c)} would call a function.
      if (peek().is("(") && peek().offset() == token.offset() + token.text().length()) {
        return new Operand(bits(token), true, token.offset());
      }
      names.add(new NameUse(token.text(), token.offset()));
      return new Operand(new Expr.Name(token.text()), true, token.offset());
    }
    at--;
    throw new ExprSyntaxException(
        token.offset(), "number, name or '(' expected, found " + token.shown());
  }

  private Expr bits(Token function) throws ExprSyntaxException {
    if (!function.isWord("bits")) {
      throw new ExprSyntaxException(
          function.offset(),
          "there is no function '" + function.text() + "'; the only one is bits(x, high, low)");
    }
    expect("(", "after 'bits'");
    Expr operand = choice().expr();
    expect(",", "before the high bit of bits(x, high, low)");
    Token highToken = peek();
    int high = bitNumber();
    expect(",", "before the low bit of bits(x, high, low)");
    int low = bitNumber();
    expect(")", "to close 'bits('");
    if (low > high) {
      throw new ExprSyntaxException(
          highToken.offset(), "bits(x, high, low) takes the high bit first");
    }
    return new Expr.Bits(operand, high, low);
  }

  private int bitNumber() throws ExprSyntaxException {
    Token token = peek();
    if (token.kind() != Token.Kind.NUMBER || token.value() < 0 || token.value() > 63) {
      throw new ExprSyntaxException(
          token.offset(), "bit number from 0 to 63 expected, found " + token.shown());
    }
    at++;
    return (int) token.value();
  }

  private void expect(String symbol, String why) throws ExprSyntaxException {
    if (!peek().is(symbol)) {
      throw new ExprSyntaxException(
          peek().offset(), "'" + symbol + "' expected " + why + ", found " + peek().shown());
    }
    at++;
  }

  private Token peek() {
    return tokens.get(at);
  }

  private void enter() throws ExprSyntaxException {
    if (++depth > MAX_DEPTH) {
      throw new ExprSyntaxException(
          peek().offset(), "expression nests deeper than " + MAX_DEPTH + " levels");
    }
  }
}

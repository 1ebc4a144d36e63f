package dev.precept.tables.expr;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Splits an expression into tokens. */
final class Lexer {
  /** Longest first, so that {@code <=} is not read as {@code <}. */
  private static final List<String> SYMBOLS =
      List.of(
          "->", "||", "&&", "==", "!=", "<=", ">=", "<<", ">>", "?", ":", "|", "^", "&", "<", ">",
          "+", "-", "*", "!", "~", "(", ")", "{", "}", ",");

  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int at;

  private Lexer(String text) {
    this.text = text;
  }

  static List<Token> tokens(String text) throws ExprSyntaxException {
    Lexer lexer = new Lexer(text);
    lexer.run();
    return lexer.tokens;
  }

  private void run() throws ExprSyntaxException {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        at++;
      } else if (c >= '0' && c <= '9') {
        number();
      } else if (c >= 'a' && c <= 'z') {
        name();
      } else {
        symbol(c);
      }
      if (tokens.size() > ExprParser.MAX_TOKENS) {
        throw new ExprSyntaxException(
            tokens.get(ExprParser.MAX_TOKENS).offset(),
            "expression has more than "
                + ExprParser.MAX_TOKENS
                + " words and signs; give parts of it names in definitions.csv");
      }
    }
    tokens.add(new Token(Token.Kind.END, "", 0, text.length()));
  }

  private void symbol(char c) throws ExprSyntaxException {
    for (String symbol : SYMBOLS) {
      if (text.startsWith(symbol, at)) {
        tokens.add(new Token(Token.Kind.SYMBOL, symbol, 0, at));
        at += symbol.length();
        return;
      }
    }
    throw new ExprSyntaxException(at, unexpected(c));
  }

  private static String unexpected(char c) {
    if (c >= 'A' && c <= 'Z') {
      return "names are written in lower case, found '" + c + "'";
    }
    if (c == '=') {
      return "'=' is not an operator; equality is '=='";
    }
    if (c == '/' || c == '%') {
      return "there is no division; use '>>' or bits(x, high, low)";
    }
    if (c == '[') {
      return "'[' does not belong in an expression; a field of a number is bits(x, high, low)";
    }
    return c > ' ' && c < 0x7F
        ? "unexpected character '" + c + "'"
        : String.format(Locale.ROOT, "unexpected character U+%04X", (int) c);
  }

  private void name() throws ExprSyntaxException {
    int start = at;
    while (at < text.length() && isNamePart(text.charAt(at))) {
      at++;
    }
    String name = text.substring(start, at);
    for (String part : name.split("\\.", -1)) {
      if (part.isEmpty() || part.charAt(0) < 'a' || part.charAt(0) > 'z') {
        throw new ExprSyntaxException(
            start, "'" + name + "' is not a name: every part starts with a letter");
      }
    }
    tokens.add(new Token(Token.Kind.NAME, name, 0, start));
  }

  private static boolean isNamePart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  }

  private void number() throws ExprSyntaxException {
    int start = at;
    while (at < text.length()
        && (isNamePart(text.charAt(at)) || (text.charAt(at) >= 'A' && text.charAt(at) <= 'Z'))) {
      at++;
    }
    String written = text.substring(start, at);
    tokens.add(new Token(Token.Kind.NUMBER, written, value(written, start), start));
  }

  private static long value(String written, int start) throws ExprSyntaxException {
    try {
      return Numbers.parse(written);
    } catch (NumberFormatException e) {
      throw new ExprSyntaxException(start, e.getMessage());
    }
  }
}

package dev.precept.tables.expr;

/**
 * A lexical element of an expression.
 *
 * @param text as written; empty for the end
 * @param value of a number
 * @param offset of its first character in the expression
 */
record Token(Kind kind, String text, long value, int offset) {
  enum Kind {
    NUMBER,
    NAME,
    SYMBOL,
    END
  }

  boolean is(String symbol) {
    return kind == Kind.SYMBOL && text.equals(symbol);
  }

  boolean isWord(String word) {
    return kind == Kind.NAME && text.equals(word);
  }

  /** The token as an error message names it. */
  String shown() {
    return kind == Kind.END ? "the end" : "'" + text + "'";
  }
}

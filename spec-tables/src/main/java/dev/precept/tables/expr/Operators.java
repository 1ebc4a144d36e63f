package dev.precept.tables.expr;

import java.util.Map;

/** The binary operators, their binding strength and meaning. */
final class Operators {
  static final int CHOICE = 1;
  static final int IMPLIES = 2;
  static final int OR = 3;
  static final int AND = 4;
  static final int BIT_OR = 5;
  static final int BIT_AND = 7;
  static final int EQUALITY = 8;
  static final int RELATION = 9;
  static final int IN = 10;
  static final int SHIFT = 11;
  static final int SUM = 12;
  static final int PRODUCT = 13;
  static final int PREFIX = 14;

  private static final Map<String, Integer> PRECEDENCE =
      Map.ofEntries(
          Map.entry("->", IMPLIES),
          Map.entry("||", OR),
          Map.entry("&&", AND),
          Map.entry("|", BIT_OR),
          Map.entry("^", BIT_OR + 1),
          Map.entry("&", BIT_AND),
          Map.entry("==", EQUALITY),
          Map.entry("!=", EQUALITY),
          Map.entry("<", RELATION),
          Map.entry("<=", RELATION),
          Map.entry(">", RELATION),
          Map.entry(">=", RELATION),
          Map.entry("<<", SHIFT),
          Map.entry(">>", SHIFT),
          Map.entry("+", SUM),
          Map.entry("-", SUM),
          Map.entry("*", PRODUCT));

  private Operators() {}

  /** Binding strength of a binary operator, 0 if it is none. */
  static int precedence(String operator) {
    return PRECEDENCE.getOrDefault(operator, 0);
  }

  static boolean isComparison(String operator) {
    int precedence = precedence(operator);
    return precedence == EQUALITY || precedence == RELATION;
  }

  /** {@code & ^ |}, which C programmers expect on the other side of comparisons. */
  static boolean isBitwise(String operator) {
    int precedence = precedence(operator);
    return precedence >= BIT_OR && precedence <= BIT_AND;
  }

  /** The operators that take and give truth values. */
  static boolean isLogical(String operator) {
    int precedence = precedence(operator);
    return precedence >= IMPLIES && precedence <= AND;
  }

  /**
   * {@code left operator right}, for every operator but the logical ones, whose right side may not
   * need a value.
   */
  static long apply(String operator, long left, long right) {
    return switch (operator) {
      case "|" -> left | right;
      case "^" -> left ^ right;
      case "&" -> left & right;
      case "==" -> left == right ? 1 : 0;
      case "!=" -> left != right ? 1 : 0;
      case "<" -> Long.compareUnsigned(left, right) < 0 ? 1 : 0;
      case "<=" -> Long.compareUnsigned(left, right) <= 0 ? 1 : 0;
      case ">" -> Long.compareUnsigned(left, right) > 0 ? 1 : 0;
      case ">=" -> Long.compareUnsigned(left, right) >= 0 ? 1 : 0;
      case "<<" -> shiftLeft(left, right);
      case ">>" -> shiftRight(left, right);
      case "+" -> left + right;
      case "-" -> left - right;
      case "*" -> left * right;
      default -> throw new IllegalArgumentException("no operator " + operator);
    };
  }

  /** Unlike Java's, a shift by 64 or more leaves nothing. */
  static long shiftLeft(long value, long count) {
    return Long.compareUnsigned(count, 64) < 0 ? value << count : 0;
  }

  static long shiftRight(long value, long count) {
    return Long.compareUnsigned(count, 64) < 0 ? value >>> count : 0;
  }

  static long bits(long value, int high, int low) {
    int width = high - low + 1;
    long shifted = value >>> low;
    return width == 64 ? shifted : shifted & ((1L << width) - 1);
  }
}

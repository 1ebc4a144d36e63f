package dev.precept.tables.expr;

import java.util.Locale;

/** Numbers as tables write them: {@code 13}, {@code 0x6E}, {@code 0b101}; 64 bits, unsigned. */
public final class Numbers {
  private Numbers() {}

  /**
   * The value of {@code written}.
   *
   * @throws NumberFormatException with a message for people if it is not a number of 64 bits
   */
  public static long parse(String written) {
    String digits = written;
    int radix = 10;
    if (written.startsWith("0x")) {
      digits = written.substring(2);
      radix = 16;
    } else if (written.startsWith("0b")) {
      digits = written.substring(2);
      radix = 2;
    }
    boolean plain = !digits.isEmpty();
    for (int i = 0; plain && i < digits.length(); i++) {
      plain = digits.charAt(i) < 0x80 && Character.digit(digits.charAt(i), radix) >= 0;
    }
    if (!plain) {
      throw new NumberFormatException(
          "'" + written + "' is not a number; write 13, 0x6E or 0b101" + hint(written));
    }
    try {
      return Long.parseUnsignedLong(digits, radix);
    } catch (NumberFormatException tooLong) {
      throw new NumberFormatException("'" + written + "' does not fit in 64 bits");
    }
  }

  private static String hint(String written) {
    String lower = written.toLowerCase(Locale.ROOT);
    return lower.length() > 1 && lower.endsWith("h")
        ? ", here 0x" + written.substring(0, written.length() - 1)
        : "";
  }

  /** Decimal below 100, else hexadecimal as manuals write numbers of that size. */
  public static String print(long value) {
    return value >= 0 && value < 100
        ? Long.toString(value)
        : "0x" + Long.toHexString(value).toUpperCase(Locale.ROOT);
  }
}

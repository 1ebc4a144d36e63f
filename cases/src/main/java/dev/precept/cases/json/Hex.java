package dev.precept.cases.json;

import java.util.HexFormat;

/** Numbers and bytes as messages have them. */
final class Hex {
  private static final HexFormat BYTES = HexFormat.of();

  private Hex() {}

  /** {@code value} as an unsigned number: {@code 0x1f}. */
  static String number(long value) {
    return "0x" + Long.toHexString(value);
  }

  /** Bytes as two digits each, first byte first. */
  static String bytes(byte[] bytes) {
    return BYTES.formatHex(bytes);
  }

  /**
   * The number {@code text}.
   *
   * @param bits largest width the number may have, 1 to 64
   */
  static long parseNumber(String path, String text, int bits) throws MalformedMessageException {
    boolean digits = text.length() > 2 && text.length() <= 18 && text.startsWith("0x");
    for (int i = 2; digits && i < text.length(); i++) {
      digits = HexFormat.isHexDigit(text.charAt(i));
    }
    if (!digits) {
      throw new MalformedMessageException(
          path, Members.shown(text) + " is no number; a number looks like \"0x1f\"");
    }
    long value = Long.parseUnsignedLong(text.substring(2), 16);
    if (bits < 64 && value >>> bits != 0) {
      throw new MalformedMessageException(
          path, text + " does not fit " + bits + (bits == 1 ? " bit" : " bits"));
    }
    return value;
  }

  /** The bytes {@code text}, at least one. */
  static byte[] parseBytes(String path, String text) throws MalformedMessageException {
    boolean digits = !text.isEmpty() && text.length() % 2 == 0;
    for (int i = 0; digits && i < text.length(); i++) {
      digits = HexFormat.isHexDigit(text.charAt(i));
    }
    if (!digits) {
      throw new MalformedMessageException(
          path, Members.shown(text) + " is no bytes; bytes are two hex digits each");
    }
    return BYTES.parseHex(text);
  }
}

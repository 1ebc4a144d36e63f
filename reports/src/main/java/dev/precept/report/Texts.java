package dev.precept.report;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;

/** Result texts as other notations need them. */
final class Texts {
  private Texts() {}

  /** {@code text}, or nothing where a file had none. */
  static String orEmpty(String text) {
    return text == null ? "" : text;
  }

  /**
   * {@code text} for an XML attribute or element. Characters that XML 1.0 cannot hold at all (most
   * control characters, lone surrogates) become visible {@code \}{@code u001b} notation.
   */
  static String xml(String text) {
    int plain = 0;
    while (plain < text.length() && isPlain(text.charAt(plain))) {
      plain++;
    }
    if (plain == text.length()) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length() + 16).append(text, 0, plain);
    for (int i = plain; i < text.length(); ) {
      int c = text.codePointAt(i);
      appendXml(out, c);
      i += Character.charCount(c);
    }
    return out.toString();
  }

  private static boolean isPlain(char c) {
    return switch (c) {
      case '<', '>', '&', '"', '\'' -> false;
      default -> c >= ' ' && c <= '~';
    };
  }

  private static void appendXml(StringBuilder out, int c) {
    switch (c) {
      case '<' -> out.append("&lt;");
      case '>' -> out.append("&gt;");
      case '&' -> out.append("&amp;");
      case '"' -> out.append("&quot;");
      case '\'' -> out.append("&#39;");
      case '\n', '\t', '\r' -> out.append("&#").append(c).append(';');
      default -> {
        boolean allowed =
            (c >= 0x20 && c < 0xD800)
                || (c >= 0xE000 && c < 0xFFFE)
                || (c >= 0x10000 && c <= 0x10FFFF);
        if (allowed) {
          out.appendCodePoint(c);
        } else {
          out.append(String.format("\\u%04x", c));
        }
      }
    }
  }

  /** {@code text} within a Markdown table cell or line, showing as it is. */
  static String markdown(String text) {
    return text.codePoints()
        .mapToObj(
            c ->
                switch (c) {
                  case '\n', '\r', '\t' -> " ";
                  case '<' -> "&lt;";
                  case '>' -> "&gt;";
                  case '&' -> "&amp;";
                  case '\\', '`', '*', '_', '[', ']', '|', '#', '~' -> "\\" + (char) c;
                  default -> c < 0x20 ? String.format("&#92;u%04x", c) : Character.toString(c);
                })
        .collect(Collectors.joining());
  }

  /** {@code text} as one word of a POSIX shell command. */
  static String shell(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  /** {@code text} as a value in the part of an address behind {@code #}, slashes kept readable. */
  static String fragment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8)
        .replace("+", "%20")
        .replace("%2F", "/")
        .replace("%3A", ":");
  }

  /** {@code count} with its thousands set apart. */
  static String number(long count) {
    return String.format(Locale.ENGLISH, "%,d", count);
  }

  /** {@code count noun}, with an {@code s} unless there is one. */
  static String count(long count, String noun) {
    return number(count) + " " + noun + (count == 1 ? "" : "s");
  }

  /** The first {@code most} of {@code words}, separated by commas, and how many more there are. */
  static String some(Collection<String> words, int most) {
    String shown = words.stream().limit(most).collect(Collectors.joining(", "));
    return words.size() > most ? shown + " and " + number(words.size() - most) + " more" : shown;
  }
}

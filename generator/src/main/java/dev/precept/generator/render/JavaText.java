package dev.precept.generator.render;

import java.util.Locale;
import javax.lang.model.SourceVersion;

/** Text from tables as parts of Java sources: it stays text, whatever it contains. */
final class JavaText {
  private JavaText() {}

  /** A string literal with {@code text} in it, quotes included; plain ASCII. */
  static String literal(String text) {
    StringBuilder literal = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> literal.append("\\\"");
        case '\\' -> literal.append("\\\\");
        case '\n' -> literal.append("\\n");
        case '\r' -> literal.append("\\r");
        case '\t' -> literal.append("\\t");
        default -> {
          if (c >= ' ' && c <= '~') {
            literal.append(c);
          } else {
            literal.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          }
        }
      }
    }
    return literal.append('"').toString();
  }

  /**
   * {@code text} for a Javadoc comment: one line, no markup, no way out of the comment. A backslash
   * becomes an entity because the compiler reads Unicode escapes in comments too.
   */
  static String javadoc(String text) {
    StringBuilder escaped = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> escaped.append("&amp;");
        case '<' -> escaped.append("&lt;");
        case '@' -> escaped.append("&#64;");
        case '\\' -> escaped.append("&#92;");
        case '{' -> escaped.append("&#123;");
        case '}' -> escaped.append("&#125;");
        case '/' -> escaped.append(i > 0 && text.charAt(i - 1) == '*' ? "&#47;" : "/");
        default -> {
          if (c >= ' ' && c <= '~') {
            escaped.append(c);
          } else if (Character.isWhitespace(c) || Character.isISOControl(c)) {
            escaped.append(' ');
          } else {
            escaped.append("&#").append((int) c).append(';');
          }
        }
      }
    }
    return escaped.toString().strip();
  }

  /** {@code text} as an identifier that begins with a small letter: {@code gp.tsd} is gpTsd. */
  static String lowerCamel(String text) {
    String upper = upperCamel(text);
    String name =
        Character.isLetter(upper.charAt(0))
            ? upper.substring(0, 1).toLowerCase(Locale.ROOT) + upper.substring(1)
            : upper;
    return SourceVersion.isKeyword(name) ? name + "_" : name;
  }

  /** {@code text} as an identifier that begins with a capital: {@code lmsw.mem} is LmswMem. */
  static String upperCamel(String text) {
    StringBuilder name = new StringBuilder();
    boolean capital = true;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      boolean digit = c >= '0' && c <= '9';
      if (!letter && !digit) {
        capital = true;
        continue;
      }
      if (digit && name.isEmpty()) {
        name.append('_');
      }
      name.append(capital ? Character.toUpperCase(c) : c);
      capital = false;
    }
    return name.isEmpty() ? "_" + hash(text) : name.toString();
  }

  /** Six hexadecimal digits that tell {@code text} from others, the same in every run. */
  static String hash(String text) {
    return String.format(Locale.ROOT, "%06x", text.hashCode() & 0xFFFFFF);
  }
}

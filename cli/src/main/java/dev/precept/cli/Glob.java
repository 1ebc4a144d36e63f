package dev.precept.cli;

import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Patterns over case ids: {@code *} is any text, slashes included, {@code ?} any one character;
 * everything else, {@code >} and brackets included, is itself.
 */
final class Glob implements Predicate<String> {
  private final Pattern pattern;

  Glob(String glob) {
    StringBuilder regex = new StringBuilder();
    for (char c : glob.toCharArray()) {
      switch (c) {
        case '*' -> regex.append(".*");
        case '?' -> regex.append('.');
        default -> regex.append(Pattern.quote(Character.toString(c)));
      }
    }
    pattern = Pattern.compile(regex.toString(), Pattern.DOTALL);
  }

  @Override
  public boolean test(String id) {
    return pattern.matcher(id).matches();
  }
}

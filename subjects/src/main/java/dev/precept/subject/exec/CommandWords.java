package dev.precept.subject.exec;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits a command into words like a shell, without being one: white space separates; {@code '...'}
 * keeps everything; {@code "..."} keeps everything but {@code \"} and {@code \\}, which are a quote
 * and a backslash; outside quotes a backslash keeps the character behind it. Nothing is expanded.
 */
final class CommandWords {
  private CommandWords() {}

  /**
   * The words of {@code command}.
   *
   * @throws IllegalArgumentException if it has none, or a quote or backslash that nothing ends
   */
  static List<String> of(String command) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean inWord = false;
    char quote = 0;
    for (int i = 0; i < command.length(); i++) {
      char c = command.charAt(i);
      boolean escapes = c == '\\' && quote != '\'';
      if (escapes && i + 1 == command.length()) {
        throw new IllegalArgumentException("there is nothing behind the \\ at the end");
      }
      if (escapes && (quote == 0 || "\"\\".indexOf(command.charAt(i + 1)) >= 0)) {
        word.append(command.charAt(++i));
        inWord = true;
      } else if (quote != 0 ? c == quote : c == '\'' || c == '"') {
        quote = quote == 0 ? c : 0;
        inWord = true;
      } else if (quote == 0 && Character.isWhitespace(c)) {
        if (inWord) {
          words.add(word.toString());
        }
        word.setLength(0);
        inWord = false;
      } else {
        word.append(c);
        inWord = true;
      }
    }
    if (quote != 0) {
      throw new IllegalArgumentException("nothing ends the " + quote);
    }
    if (inWord) {
      words.add(word.toString());
    }
    if (words.isEmpty()) {
      throw new IllegalArgumentException("there is no command");
    }
    return List.copyOf(words);
  }
}

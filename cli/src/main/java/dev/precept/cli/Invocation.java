package dev.precept.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** How this program was called, so that it can tell how to call it again. */
final class Invocation {
  /** Set by the {@code precept} script to its own name, as it was typed. */
  private static final String COMMAND = "precept.command";

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  private Invocation() {}

  /** {@code ./precept}, or {@code java -jar precept.jar}. */
  static String command() {
    String script = System.getProperty(COMMAND, "");
    if (!script.isEmpty()) {
      return word(script);
    }
    // Of a program that was started with -jar, the class path is the jar as it was typed.
    String jar = System.getProperty("java.class.path", "");
    return jar.endsWith(".jar") && jar.indexOf(java.io.File.pathSeparatorChar) < 0
        ? "java -jar " + word(jar)
        : "./precept";
  }

  /**
   * The gate on the same subject and tables, for a selection to follow.
   *
   * @param subjectOption the subject, empty where it is the usual one
   */
  static String gate(String subjectOption, List<Path> tables) {
    StringBuilder command = new StringBuilder(command()).append(" gate");
    if (!subjectOption.isEmpty()) {
      command.append(" --subject ").append(word(subjectOption));
    }
    tables.forEach(folder -> command.append(" --tables ").append(word(folder.toString())));
    return command.toString();
  }

  /** The sweep over the same tables, for options to follow. */
  static String sweep(List<Path> tables) {
    StringBuilder command = new StringBuilder(command()).append(" sweep");
    tables.forEach(folder -> command.append(" --tables ").append(word(folder.toString())));
    return command.toString();
  }

  /** {@code text} as one word of a POSIX shell command. */
  static String word(String text) {
    return PLAIN.matcher(text).matches() ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}

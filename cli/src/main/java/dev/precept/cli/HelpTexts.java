package dev.precept.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/**
 * What {@code --help} says, written when Precept is built: for a page of text neither commands nor
 * the library that reads their options need be loaded.
 *
 * <p>On the class path below {@value #FOLDER}: a folder for each width, in it a file for each
 * command, with colours.
 */
final class HelpTexts {
  /** Where they are. */
  static final String FOLDER = "help";

  /** Columns that there are texts for, ascending. */
  static final List<Integer> WIDTHS = List.of(80, 100);

  private static final String PROGRAM = "precept";
  private static final char ESCAPE = '\u001b';

  private HelpTexts() {}

  /**
   * Writes them.
   *
   * @param classes the folder of the class path
   */
  static void write(Path classes) throws IOException {
    for (int width : WIDTHS) {
      Path folder = Files.createDirectories(classes.resolve(FOLDER).resolve("" + width));
      for (CommandLine command : commands(Commands.all())) {
        command.setUsageHelpWidth(width);
        Files.writeString(folder.resolve(name(command)), command.getUsageMessage(Ansi.ON));
      }
    }
  }

  /** {@code command} and all below it. */
  static List<CommandLine> commands(CommandLine command) {
    List<CommandLine> all = new ArrayList<>(List.of(command));
    command.getSubcommands().values().forEach(one -> all.addAll(commands(one)));
    return all;
  }

  /** The file's name: the command's words but for the program's, or that. */
  static String name(CommandLine command) {
    String words = command.getCommandSpec().qualifiedName(".");
    return words.equals(PROGRAM) ? PROGRAM : words.substring(PROGRAM.length() + 1);
  }

  /**
   * The name of the file that is all that {@code arguments} ask for: with an option of that meaning
   * alone behind a command's words. Whether there is one is another question.
   */
  static Optional<String> asked(String[] arguments) {
    int words = arguments.length - 1;
    if (words < 0) {
      return Optional.of(PROGRAM);
    }
    if (!arguments[words].equals("--help") && !arguments[words].equals("-h")) {
      return Optional.empty();
    }
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < words; i++) {
      for (int at = 0; at < arguments[i].length(); at++) {
        if (arguments[i].charAt(at) < 'a' || arguments[i].charAt(at) > 'z') {
          return Optional.empty();
        }
      }
      name.append(i == 0 ? "" : ".").append(arguments[i]);
    }
    return Optional.of(words == 0 ? PROGRAM : name.toString());
  }

  /**
   * The text called {@code name} as wide as {@code width} columns; empty where there is none.
   *
   * @param colours whether it has any
   */
  static Optional<String> of(String name, int width, boolean colours) throws IOException {
    String file = FOLDER + "/" + width + "/" + name;
    try (InputStream in = HelpTexts.class.getClassLoader().getResourceAsStream(file)) {
      if (in == null) {
        return Optional.empty();
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Optional.of(colours ? text : plain(text));
    }
  }

  /** {@code text} without its escape sequences, each of which ends with an {@code m}. */
  private static String plain(String text) {
    StringBuilder plain = new StringBuilder();
    int from = 0;
    for (int at = text.indexOf(ESCAPE); at >= 0; at = text.indexOf(ESCAPE, from)) {
      plain.append(text, from, at);
      from = text.indexOf('m', at) + 1;
    }
    return plain.append(text, from, text.length()).toString();
  }
}

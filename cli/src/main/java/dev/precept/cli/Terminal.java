package dev.precept.cli;

import dev.precept.tables.Tables;
import dev.precept.tables.text.Style;
import dev.precept.tables.text.TablesText;
import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import picocli.CommandLine.Help.Ansi;

/** What the terminal can show: its width, and whether colours are wanted ({@code NO_COLOR}). */
final class Terminal {
  /** Columns where nobody says how many there are. */
  static final int USUAL_WIDTH = 100;

  private static final int NARROWEST = 40;

  /** What the library that lays help out takes at least. */
  private static final int NARROWEST_HELP = 55;

  private static final Style COLOURS =
      new Style() {
        @Override
        public String strong(String text) {
          return "\u001b[1m" + text + "\u001b[0m";
        }

        @Override
        public String dim(String text) {
          return "\u001b[2m" + text + "\u001b[0m";
        }

        @Override
        public String open(String text) {
          return "\u001b[36m" + text + "\u001b[0m";
        }
      };

  private Terminal() {}

  /** Colours on a terminal, unless {@code NO_COLOR} is set; none elsewhere. */
  static Style style() {
    return colours() ? COLOURS : Style.PLAIN;
  }

  /** Whether there are colours. */
  static boolean colours() {
    return Ansi.AUTO.enabled();
  }

  /** {@code tables} as text for this terminal. */
  static TablesText text(Tables tables) {
    return new TablesText(tables, style(), width());
  }

  /** Whether standard input and output are a terminal. */
  static boolean attached() {
    return Optional.ofNullable(System.console()).filter(Terminal::isTerminal).isPresent();
  }

  /** From Java 22 on there may be a console without a terminal, and a method that tells. */
  private static boolean isTerminal(Console console) {
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Console.isTerminal cannot be asked", e);
    }
  }

  /**
   * Columns of a command's help: of the widths that there are texts for the largest that the
   * terminal has room for, else as many as it has; the smallest where there is no terminal.
   */
  static int helpWidth() {
    int room = room();
    int width = Math.min(room, HelpTexts.WIDTHS.get(0));
    for (int each : HelpTexts.WIDTHS) {
      width = each <= room ? each : width;
    }
    return Math.max(NARROWEST_HELP, width);
  }

  private static int room() {
    if (System.getenv("COLUMNS") != null) {
      return width();
    }
    if (!attached()) {
      return HelpTexts.WIDTHS.get(0);
    }
    try {
      Process asked =
          new ProcessBuilder("stty", "size").redirectInput(new File("/dev/tty")).start();
      String[] size =
          new String(asked.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
              .strip()
              .split(" ", -1);
      int columns = size.length == 2 ? Integer.parseInt(size[1]) : 0;
      return columns > 0 ? columns : HelpTexts.WIDTHS.get(0);
    } catch (IOException | NumberFormatException e) {
      // No such program, or no terminal of its kind.
      return HelpTexts.WIDTHS.get(0);
    }
  }

  /** Columns of the terminal, as {@code COLUMNS} has them. */
  static int width() {
    String columns = System.getenv("COLUMNS");
    boolean known = columns != null && columns.matches("[0-9]{2,4}");
    return known ? Math.max(NARROWEST, Integer.parseInt(columns)) : USUAL_WIDTH;
  }
}

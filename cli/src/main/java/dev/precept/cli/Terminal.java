package dev.precept.cli;

import dev.precept.tables.Tables;
import dev.precept.tables.text.Style;
import dev.precept.tables.text.TablesText;
import java.io.Console;
import java.util.Optional;
import picocli.CommandLine.Help.Ansi;

/** What the terminal can show: its width, and whether colours are wanted ({@code NO_COLOR}). */
final class Terminal {
  /** Columns where nobody says how many there are. */
  static final int USUAL_WIDTH = 100;

  private static final int NARROWEST = 40;

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
    return Ansi.AUTO.enabled() ? COLOURS : Style.PLAIN;
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

  /** Columns of the terminal, as {@code COLUMNS} has them. */
  static int width() {
    String columns = System.getenv("COLUMNS");
    boolean known = columns != null && columns.matches("[0-9]{2,4}");
    return known ? Math.max(NARROWEST, Integer.parseInt(columns)) : USUAL_WIDTH;
  }
}

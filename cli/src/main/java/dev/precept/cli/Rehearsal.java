package dev.precept.cli;

import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;

/**
 * Runs the commands that people wait for, once and small: {@code ./precept} has the JVM keep the
 * classes that this needs, so that later runs start with them.
 */
final class Rehearsal {
  private Rehearsal() {}

  /**
   * Entry point.
   *
   * @param arguments the folder to write to
   */
  public static void main(String[] arguments) {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    String out = Path.of(arguments[0]).toString();
    Main.run(new String[] {"--help"}, nowhere, nowhere);
    Main.run(new String[] {"tables", "explain", "rdtsc"}, nowhere, nowhere);
    // The second run finds what the first one left.
    for (int i = 0; i < 2; i++) {
      String[] gate = {"gate", "--instruction", "rdtsc", "--tries", "1", "--out", out};
      Main.run(gate, nowhere, nowhere);
    }
  }
}

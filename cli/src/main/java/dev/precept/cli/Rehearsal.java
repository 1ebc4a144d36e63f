package dev.precept.cli;

import dev.precept.tables.load.TableSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Runs the commands that people wait for, once and small: {@code ./precept} has the JVM keep the
 * classes that this needs, so that later runs start with them.
 */
final class Rehearsal {
  /** The table whose instruction is run and edited. */
  private static final String TABLE = "svm/instructions/timestamp.csv";

  private static final int LARGEST_TABLE = 1 << 20;

  private Rehearsal() {}

  /**
   * Entry point.
   *
   * @param arguments the folder to write to; what is in it is removed first, because tests that are
   *     compiled already need no compiler
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    remove(folder);
    Path table = folder.resolve("tables").resolve(TABLE);
    Files.createDirectories(table.getParent());
    Files.write(table, TableSource.builtIn().read(TABLE, LARGEST_TABLE));
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    Main.run(new String[] {"--help"}, nowhere, nowhere);
    Main.run(new String[] {"tables", "explain", "rdtsc"}, nowhere, nowhere);
    gate(folder, nowhere);
    // Another table, of which no form is another: the results so far are read and taken over.
    Files.writeString(table, "# edited\n", StandardOpenOption.APPEND);
    gate(folder, nowhere);
    // And nothing edited.
    gate(folder, nowhere);
  }

  private static void gate(Path folder, PrintWriter nowhere) {
    String tables = folder.resolve("tables").toString();
    String out = folder.resolve("out").toString();
    String[] gate = {
      "gate", "--instruction", "rdtsc", "--tries", "1", "--tables", tables, "--out", out
    };
    Main.run(gate, nowhere, nowhere);
  }

  /** What cannot be removed, somebody else's perhaps, stays: then later runs start more slowly. */
  private static void remove(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> below = Files.walk(folder)) {
      for (Path path : below.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | UncheckedIOException e) {
      // Another may be removing the same.
    }
  }
}

package dev.precept.mutation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.pitest.mutationtest.engine.MutationDetails;

/** What noticed the mutants in an earlier list: tried first, it saves most of the time. */
final class LastTime {
  private static final int FIELDS = 7;

  /** By mutant; of several that read the same, in the order of the list. */
  private final Map<String, Queue<String>> noticed = new HashMap<>();

  private LastTime() {}

  /**
   * Reads a list.
   *
   * @param list as {@link CoreMutants} writes it; none if empty
   * @throws IOException if it cannot be read, or a line of it is none of a mutant
   */
  static LastTime of(String list) throws IOException {
    LastTime last = new LastTime();
    for (String line : list.isEmpty() ? "".lines().toList() : Files.readAllLines(Path.of(list))) {
      String[] fields = line.split("\t", -1);
      if (fields.length != FIELDS) {
        throw new IOException(list + ": not a list of mutants: " + line);
      }
      last.noticed
          .computeIfAbsent(
              key(fields[1], fields[2], fields[3], fields[4]), unused -> new ArrayDeque<>())
          .add(fields[6]);
    }
    return last;
  }

  /**
   * The case that noticed {@code mutant}, or how else it was noticed; empty if nothing did. Each is
   * told once.
   */
  String by(MutationDetails mutant) {
    Queue<String> those =
        noticed.get(
            key(
                mutant.getClassName().asJavaName(),
                mutant.getMethod(),
                String.valueOf(mutant.getLineNumber()),
                mutant.getDescription()));
    return those == null || those.isEmpty() ? "" : those.remove();
  }

  private static String key(String name, String method, String line, String change) {
    return String.join("\t", name, method, line, change);
  }
}

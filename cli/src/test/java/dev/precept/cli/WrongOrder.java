package dev.precept.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/**
 * Tables that claim the wrong order of one instruction's checks, so that a subject that is right
 * violates them: RDTSC's intercept before its privilege check, against APM vol. 2, 15.9.
 */
final class WrongOrder {
  private static final String FILE = "svm/instructions/timestamp.csv";
  private static final String RIGHT = "gp.tsd > exit.rdtsc,";
  private static final String WRONG = "exit.rdtsc > gp.tsd,";

  private WrongOrder() {}

  /** Writes the row into {@code folder}, which {@code --tables} can name. */
  static Path into(Path folder) throws IOException {
    String rows;
    try (InputStream in = WrongOrder.class.getResourceAsStream("/tables/" + FILE)) {
      rows = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    String kept =
        rows.lines()
            .filter(row -> row.startsWith("instruction,") || row.contains(RIGHT))
            .map(row -> row.replace(RIGHT, WRONG))
            .collect(Collectors.joining("\n", "", "\n"));
    if (!kept.contains(WRONG)) {
      throw new IllegalStateException("RDTSC's row no longer has " + RIGHT);
    }
    Path file = folder.resolve(FILE);
    Files.createDirectories(file.getParent());
    Files.writeString(file, kept);
    return folder;
  }
}

package dev.precept.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** The page that GitHub shows of a job's step: whatever is appended to a file that it names. */
final class StepSummary {
  private static final String FILE = "GITHUB_STEP_SUMMARY";

  private StepSummary() {}

  /**
   * Appends {@code summary} where {@code environment} names such a file.
   *
   * @throws IOException if it cannot be written
   */
  static void append(Map<String, String> environment, Path summary) throws IOException {
    String file = environment.getOrDefault(FILE, "");
    if (!file.isEmpty()) {
      Files.writeString(
          Path.of(file),
          Files.readString(summary, StandardCharsets.UTF_8) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
  }
}

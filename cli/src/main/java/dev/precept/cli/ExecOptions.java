package dev.precept.cli;

import dev.precept.subject.exec.ExecLimits;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How long a program under test ({@code --subject exec:COMMAND}) may take. */
final class ExecOptions {
  @Option(
      names = "--case-timeout",
      paramLabel = "SECONDS",
      description =
          "With exec: how long the program may say nothing while it has cases. Default: "
              + "${DEFAULT-VALUE}.")
  private int forCase = (int) ExecLimits.USUAL.silence().toSeconds();

  @Option(
      names = "--batch-timeout",
      paramLabel = "SECONDS",
      description = "With exec: how long it may take for a batch. Default: ${DEFAULT-VALUE}.")
  private int forBatch = (int) ExecLimits.USUAL.batch().toSeconds();

  ExecLimits limits() {
    return ExecLimits.USUAL.withTimes(
        Duration.ofSeconds(positive("--case-timeout", forCase)),
        Duration.ofSeconds(positive("--batch-timeout", forBatch)));
  }

  private static int positive(String option, int seconds) {
    if (seconds < 1) {
      throw UserException.usage(option + ": " + seconds + " is less than 1");
    }
    return seconds;
  }
}

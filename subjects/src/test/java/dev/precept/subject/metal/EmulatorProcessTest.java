package dev.precept.subject.metal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is made of a process's end and of its last words. */
@Timeout(60)
class EmulatorProcessTest {
  private static final String LAST_WORDS = "Triple fault";

  @Test
  void aShutdownIsNotMissedWhereTheProcessEndsWhileItsLogIsRead(@TempDir Path folder)
      throws IOException {
    String script =
        "echo $$ > part; mv part pid; until [ -e go ]; do sleep 0.01; done; echo Triple fault > log";
    // Whoever reads the log has it from before the last words, and is slow: the process ends then.
    Predicate<String> slow =
        text -> {
          if (!text.contains(LAST_WORDS)) {
            endOf(folder);
          }
          return text.contains(LAST_WORDS);
        };
    Path log = folder.resolve("log");
    try (EmulatorProcess process =
        EmulatorProcess.start(List.of("sh", "-c", script), folder, log, slow)) {
      Optional<Machine.Ending> ending = process.ending();
      while (ending.isEmpty()) {
        ending = process.ending();
      }

      assertThat(ending.get().tripleFault()).isTrue();
    }
  }

  /** Lets the process end, and waits until it has. */
  private static void endOf(Path folder) {
    try {
      Path pid = folder.resolve("pid");
      while (!Files.exists(pid)) {
        Thread.onSpinWait();
      }
      Files.write(folder.resolve("go"), new byte[0]);
      ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
          .ifPresent(process -> process.onExit().join());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

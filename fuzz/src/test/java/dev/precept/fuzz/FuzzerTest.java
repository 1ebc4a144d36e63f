package dev.precept.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fuzzer that finds nothing says something only if it would have found it. */
class FuzzerTest {
  @TempDir Path directory;

  @Test
  void coverageLeadsTheFuzzerToAMistakeThatChanceWouldNotFind() throws Exception {
    Path corpus = Files.createDirectory(directory.resolve("corpus"));

    Fuzzer.Outcome outcome =
        Fuzzer.brief(directory.resolve("work"), 200_000).run(PlantedTarget.class, List.of(corpus));

    assertThat(outcome.found()).as(outcome.told()).isTrue();
    assertThat(outcome.log()).contains("planted");
  }
}

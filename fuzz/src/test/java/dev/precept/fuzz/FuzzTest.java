package dev.precept.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Looks for inputs that do harm: a few thousand of them, the same every time; or, with {@code -P
 * fuzz}, for as long as one likes, other ones every time (docs/fuzzing.md).
 */
class FuzzTest {
  private static final int INPUTS = 1_500;

  private static final long SECONDS = Long.getLong("fuzz.seconds", 0);
  private static final Path WORK = Path.of(System.getProperty("fuzz.work", "target/fuzz"));
  private static final Path CORPUS = Path.of(System.getProperty("fuzz.corpus", "target/corpus"));

  static boolean forLong() {
    return SECONDS > 0;
  }

  static boolean briefly() {
    return SECONDS == 0;
  }

  static Stream<Target> targets() {
    String only = System.getProperty("fuzz.target", "");
    return Arrays.stream(Target.values())
        .filter(target -> only.isEmpty() || target.word().equals(only));
  }

  @Test
  @EnabledIf(value = "briefly", disabledReason = "each target runs for fuzz.seconds")
  void noneOfTheFirstInputsDoesHarm() throws IOException, InterruptedException {
    Path work = Files.createDirectories(WORK.resolve("any").toAbsolutePath());
    Path seeds = Files.createTempDirectory(work, "seeds");
    for (int i = 0; i < AnyTarget.TARGETS.size(); i++) {
      Target target = AnyTarget.TARGETS.get(i);
      for (Path seed : Seeds.of(target)) {
        byte[] bytes = Files.readAllBytes(seed);
        byte[] numbered = new byte[bytes.length + 1];
        numbered[0] = (byte) i;
        System.arraycopy(bytes, 0, numbered, 1, bytes.length);
        Files.write(seeds.resolve(target.word() + "-" + seed.getFileName()), numbered);
      }
    }

    Fuzzer.Outcome outcome = Fuzzer.brief(work, INPUTS).run(AnyTarget.class, List.of(seeds));

    harmless(outcome, work);
    assertThat(outcome.inputs()).isGreaterThanOrEqualTo(INPUTS);
  }

  @ParameterizedTest
  @EnabledIf(value = "forLong", disabledReason = "only with -P fuzz")
  @MethodSource("targets")
  void noInputDoesHarm(Target target) throws IOException, InterruptedException {
    Path work = WORK.resolve(target.word()).toAbsolutePath();
    Path corpus = Files.createDirectories(CORPUS.resolve(target.word()).toAbsolutePath());

    Fuzzer.Outcome outcome =
        Fuzzer.lasting(work, SECONDS, Seeds.words(target))
            .run(target.holder(), List.of(corpus, Seeds.folder(target)));

    System.out.printf("%s: %d inputs%n", target.word(), outcome.inputs());
    harmless(outcome, work);
    assertThat(outcome.inputs()).isPositive();
  }

  private static void harmless(Fuzzer.Outcome outcome, Path work) {
    assertThat(outcome.found())
        .as(
            "an input does harm; it is in %s, docs/fuzzing.md says what to do%n%s",
            work, outcome.told())
        .isFalse();
  }
}

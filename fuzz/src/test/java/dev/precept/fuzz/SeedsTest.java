package dev.precept.fuzz;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every input that is kept, by itself: what once was found stays repaired. */
class SeedsTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  static Stream<Arguments> seeds() {
    return Arrays.stream(Target.values())
        .flatMap(
            target ->
                Seeds.of(target).stream()
                    .map(seed -> Arguments.of(target, seed.getFileName().toString(), seed)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("seeds")
  void aSeedDoesNoHarm(Target target, String name, Path seed) throws IOException {
    byte[] input = Files.readAllBytes(seed);

    Assertions.assertTimeoutPreemptively(LONG, () -> target.run(input));
  }

  @ParameterizedTest
  @EnumSource
  void nothingAtAllDoesNoHarm(Target target) {
    assertThatCode(() -> target.run(new byte[0])).doesNotThrowAnyException();
  }
}

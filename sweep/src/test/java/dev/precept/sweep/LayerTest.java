package dev.precept.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayerTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 999, 1_001, 250_000})
  void growingLayersTakeEveryPathOnce(long paths) {
    assertThat(LongStream.range(0, paths))
        .allSatisfy(
            path ->
                assertThat(Layer.GROWING.stream().filter(layer -> layer.takes(path, paths)).count())
                    .isEqualTo(1));
  }

  @Test
  void aStratumSmallerThanTheQuotaIsTakenWhole() {
    Layer layer = Layer.within(List.of(10L, 1_000_000L), 1_000);

    assertThat(LongStream.range(0, 10).filter(path -> layer.takes(path, 10))).hasSize(10);
  }

  @Test
  void aSampleIsAsLargeAsTheBudgetAllowsAndNoPatternOfThePaths() {
    Layer layer = Layer.within(List.of(1_000_000L), 100_000);

    long[] taken =
        LongStream.range(0, 1_000_000).filter(path -> layer.takes(path, 1_000_000)).toArray();

    assertThat(taken.length).isBetween(99_000, 101_000);
    // Half of the paths are odd, and so is half of the sample, whatever power of two one looks at.
    for (long power = 1; power <= 1024; power *= 2) {
      long bit = power;
      long set = LongStream.of(taken).filter(path -> (path & bit) != 0).count();
      assertThat(set)
          .as("bit %d", bit)
          .isBetween(taken.length * 48L / 100, taken.length * 52L / 100);
    }
  }

  @Test
  void everyPathBelongsToOneShardAndShardsAreAlikeInSize() {
    int[] sizes = new int[7];
    for (long path = 0; path < 70_000; path++) {
      int owners = 0;
      for (int shard = 1; shard <= 7; shard++) {
        if (Layer.belongs(path, shard, 7)) {
          owners++;
          sizes[shard - 1]++;
        }
      }
      assertThat(owners).isEqualTo(1);
    }
    for (int size : sizes) {
      assertThat(size).isBetween(9_500, 10_500);
    }
  }
}

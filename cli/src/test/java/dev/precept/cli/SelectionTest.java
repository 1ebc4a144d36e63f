package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class SelectionTest {
  @Test
  void everyCaseIsInExactlyOneShard() {
    List<String> ids = IntStream.range(0, 500).mapToObj(n -> "svm/insn" + n + "/real").toList();

    assertThat(ids)
        .allMatch(
            id -> IntStream.rangeClosed(1, 3).filter(i -> new Shard(i, 3).test(id)).count() == 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0/3", "4/3", "1", "1/", "a/b", "1/0", "-1/2", "1/2/3"})
  void aShardThatCannotBeIsRefused(String text) {
    assertThatThrownBy(() -> new Shard.Converter().convert(text))
        .isInstanceOf(TypeConversionException.class);
  }
}

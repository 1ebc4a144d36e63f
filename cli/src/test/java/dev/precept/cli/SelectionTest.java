package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class SelectionTest {
  @ParameterizedTest
  @ValueSource(strings = {"0/3", "4/3", "1", "1/", "a/b", "1/0", "-1/2", "1/2/3"})
  void aShardThatCannotBeIsRefused(String text) {
    assertThatThrownBy(() -> new Shard.Converter().convert(text))
        .isInstanceOf(TypeConversionException.class);
  }
}

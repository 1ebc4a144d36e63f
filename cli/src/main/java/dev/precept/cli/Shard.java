package dev.precept.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Which of several parts of the work to do.
 *
 * @param index from 1 to {@code count}
 * @param count number of shards
 */
record Shard(int index, int count) {
  /** Reads {@code I/N}. */
  static final class Converter implements ITypeConverter<Shard> {
    @Override
    public Shard convert(String text) {
      String[] parts = text.split("/", -1);
      if (parts.length == 2 && parts[0].matches("[0-9]{1,6}") && parts[1].matches("[0-9]{1,6}")) {
        Shard shard = new Shard(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
        if (shard.index() >= 1 && shard.index() <= shard.count()) {
          return shard;
        }
      }
      throw new TypeConversionException(
          "'" + text + "' is not I/N with I from 1 to N, such as 1/4");
    }
  }
}

package dev.precept.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Inputs that are kept: what a fuzzer begins with, and what once showed a mistake (their names
 * begin with {@code found-}).
 */
final class Seeds {
  private Seeds() {}

  /** The folder with those of {@code target}. */
  static Path folder(Target target) {
    URL folder = Seeds.class.getResource("seeds/" + target.word());
    if (folder == null) {
      throw new AssertionError("there are no seeds for " + target.word());
    }
    try {
      return Path.of(folder.toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  static List<Path> of(Target target) {
    try (Stream<Path> files = Files.list(folder(target))) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

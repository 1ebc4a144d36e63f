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
    return resource("seeds/" + target.word());
  }

  static List<Path> of(Target target) {
    try (Stream<Path> files = Files.list(folder(target))) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The file of words that inputs of {@code target} are made of: libFuzzer's dictionary. */
  static Path words(Target target) {
    return resource("words/" + target.word() + ".dict");
  }

  private static Path resource(String name) {
    URL resource = Seeds.class.getResource(name);
    if (resource == null) {
      throw new AssertionError("there is no " + name);
    }
    try {
      return Path.of(resource.toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}

package dev.precept.generator.vectors;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A folder that files are written into: each whole or not at all, and not touched where it is as it
 * should be. Thread-safe.
 */
final class OutputFolder {
  private static final String DRAFT = ".draft.tmp";

  private final Path root;
  private final Set<Path> kept = new HashSet<>();
  private int written;
  private int unchanged;

  OutputFolder(Path root) {
    this.root = root;
  }

  /** Makes {@code name} hold {@code text}. */
  synchronized void put(String name, String text) throws IOException {
    Path file = root.resolve(name);
    kept.add(file);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (Files.exists(file) && Arrays.equals(Files.readAllBytes(file), bytes)) {
      unchanged++;
      return;
    }
    Files.createDirectories(file.getParent());
    // One name for all: what a run leaves that is killed, the next one takes.
    Path draft = root.resolve(DRAFT);
    try {
      Files.write(draft, bytes);
      Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(draft);
      throw new FileSystemException(file.toString(), null, e.getMessage());
    }
    written++;
  }

  /** Removes other JSON files below the folder {@code name}; returns how many there were. */
  int removeOthers(String name) throws IOException {
    Files.deleteIfExists(root.resolve(DRAFT));
    Path folder = root.resolve(name);
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    List<Path> stale;
    try (Stream<Path> files = Files.walk(folder)) {
      stale =
          files.filter(file -> file.toString().endsWith(".json") && !kept.contains(file)).toList();
    }
    for (Path file : stale) {
      Files.delete(file);
    }
    return stale.size();
  }

  int written() {
    return written;
  }

  int unchanged() {
    return unchanged;
  }
}

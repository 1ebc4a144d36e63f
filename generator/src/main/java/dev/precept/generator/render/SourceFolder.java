package dev.precept.generator.render;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Stream;

/**
 * A folder of generated sources, kept equal to what was rendered last: files are written whole or
 * not at all, those that are as they should be are not touched, those that should not be there go.
 */
public final class SourceFolder {
  private final Path root;

  /** The source root {@code root}; it need not exist. */
  public SourceFolder(Path root) {
    this.root = root;
  }

  /**
   * What {@link #update} did, as paths relative to the root.
   *
   * @param unchanged number of files that were not touched
   */
  public record Changes(List<String> written, List<String> removed, int unchanged) {}

  /**
   * Makes the folder hold {@code sources}.
   *
   * @param sources by path relative to the root, with forward slashes
   * @param onlyThese whether other Java files in the same packages are stale
   */
  public Changes update(SortedMap<String, String> sources, boolean onlyThese) throws IOException {
    return update(sources, onlyThese, Set.of());
  }

  /**
   * As {@link #update(SortedMap, boolean)}.
   *
   * @param kept sources that stay as they are although they are not among {@code sources}
   */
  public Changes update(SortedMap<String, String> sources, boolean onlyThese, Set<String> kept)
      throws IOException {
    List<String> written = new ArrayList<>();
    for (var source : sources.entrySet()) {
      Path file = root.resolve(source.getKey());
      byte[] bytes = source.getValue().getBytes(StandardCharsets.UTF_8);
      if (Files.exists(file) && Arrays.equals(Files.readAllBytes(file), bytes)) {
        continue;
      }
      Files.createDirectories(file.getParent());
      // One name for all: what a run leaves that is killed, the next one takes.
      Path draft = root.resolve(".draft.tmp");
      try {
        Files.write(draft, bytes);
        Files.move(
            draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        Files.deleteIfExists(draft);
        throw new FileSystemException(file.toString(), null, e.getMessage());
      }
      written.add(source.getKey());
    }
    Files.deleteIfExists(root.resolve(".draft.tmp"));
    List<String> removed = onlyThese ? removeOthers(sources, kept) : List.of();
    return new Changes(List.copyOf(written), removed, sources.size() - written.size());
  }

  private List<String> removeOthers(SortedMap<String, String> sources, Set<String> kept)
      throws IOException {
    Set<String> these = new HashSet<>(sources.keySet());
    these.addAll(kept);
    List<Path> folders =
        these.stream().map(name -> root.resolve(name).getParent()).distinct().sorted().toList();
    List<String> removed = new ArrayList<>();
    for (Path folder : folders) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.sorted().toList()) {
          String name = root.relativize(file).toString().replace('\\', '/');
          if (name.endsWith(".java") && !these.contains(name)) {
            Files.delete(file);
            removed.add(name);
          }
        }
      }
    }
    return List.copyOf(removed);
  }
}

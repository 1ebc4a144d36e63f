package dev.precept.generator.render;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
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
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;

/**
 * A folder of generated sources, kept equal to what was rendered last: files are written whole or
 * not at all, those that are as they should be are not touched, those that should not be there go.
 */
public final class SourceFolder {
  /** How the names begin of files that are not whole yet; they are in the root. */
  private static final String DRAFT = ".draft.";

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
    Update update = begin();
    try {
      sources.forEach(update::put);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return update.finish(onlyThese, kept);
  }

  /** Begins to make the folder hold sources that come one by one. */
  public Update begin() {
    return new Update();
  }

  /** Sources that come one by one, by several threads. */
  public final class Update {
    /** By name, whether it was written. */
    private final ConcurrentSkipListMap<String, Boolean> sources = new ConcurrentSkipListMap<>();

    private Update() {}

    /**
     * Makes the folder hold {@code source}.
     *
     * @param name its path relative to the root, with forward slashes
     * @throws UncheckedIOException if it cannot be written
     */
    public void put(String name, String source) {
      try {
        sources.put(name, write(name, source.getBytes(StandardCharsets.UTF_8)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /**
     * All have come.
     *
     * @param onlyThese whether other Java files in the same packages are stale
     * @param kept sources that stay as they are although they did not come
     */
    public Changes finish(boolean onlyThese, Set<String> kept) throws IOException {
      removeDrafts();
      List<String> written = sources.keySet().stream().filter(sources::get).toList();
      List<String> removed = onlyThese ? removeOthers(sources.keySet(), kept) : List.of();
      return new Changes(written, removed, sources.size() - written.size());
    }
  }

  /** Writes a file that is not as it should be, and says whether it did. */
  private boolean write(String name, byte[] bytes) throws IOException {
    Path file = root.resolve(name);
    if (Files.exists(file) && Arrays.equals(Files.readAllBytes(file), bytes)) {
      return false;
    }
    Files.createDirectories(file.getParent());
    Path draft = root.resolve(DRAFT + name.replace('/', '.'));
    try {
      Files.write(draft, bytes);
      Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(draft);
      throw new FileSystemException(file.toString(), null, e.getMessage());
    }
    return true;
  }

  /** Removes what a run that was killed has left. */
  private void removeDrafts() throws IOException {
    if (Files.isDirectory(root)) {
      try (DirectoryStream<Path> drafts = Files.newDirectoryStream(root, DRAFT + "*")) {
        for (Path draft : drafts) {
          Files.delete(draft);
        }
      }
    }
  }

  private List<String> removeOthers(Set<String> sources, Set<String> kept) throws IOException {
    Set<String> these = new HashSet<>(sources);
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

package dev.precept.tables.load;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Tables in a folder. */
final class FolderSource implements TableSource {
  /** Tables lie at most this deep: vendor, {@code instructions}, file. */
  private static final int DEEPEST = 3;

  private final Path folder;
  private final UnaryOperator<String> shown;

  /**
   * @param shown how messages name a file of the folder
   */
  FolderSource(Path folder, UnaryOperator<String> shown) {
    this.folder = folder;
    this.shown = shown;
  }

  @Override
  public List<String> files() throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new NotDirectoryException(folder.toString());
    }
    try (Stream<Path> found = Files.walk(folder, DEEPEST)) {
      return found
          .filter(path -> path.getFileName().toString().endsWith(".csv"))
          .filter(Files::isRegularFile)
          .map(path -> folder.relativize(path).toString().replace('\\', '/'))
          .sorted()
          .toList();
    }
  }

  @Override
  public byte[] read(String file, int limit) throws IOException {
    try (InputStream in = Files.newInputStream(folder.resolve(file))) {
      return in.readNBytes(limit);
    }
  }

  @Override
  public String shown(String file) {
    return shown.apply(file);
  }
}

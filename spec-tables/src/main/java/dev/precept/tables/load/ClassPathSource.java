package dev.precept.tables.load;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.List;

/**
 * Tables on the class path, listed in the resource {@code index.txt}: a jar's folders cannot be
 * listed portably.
 */
final class ClassPathSource implements TableSource {
  private static final int LARGEST_INDEX = 1 << 20;

  private final String root;

  ClassPathSource(String root) {
    this.root = root;
  }

  @Override
  public List<String> files() throws IOException {
    String index = new String(read("index.txt", LARGEST_INDEX), StandardCharsets.UTF_8);
    return index.lines().map(String::strip).filter(line -> line.endsWith(".csv")).sorted().toList();
  }

  @Override
  public byte[] read(String file, int limit) throws IOException {
    try (InputStream in = ClassPathSource.class.getClassLoader().getResourceAsStream(root + file)) {
      if (in == null) {
        throw new NoSuchFileException(root + file);
      }
      return in.readNBytes(limit);
    }
  }

  @Override
  public String shown(String file) {
    return file;
  }
}

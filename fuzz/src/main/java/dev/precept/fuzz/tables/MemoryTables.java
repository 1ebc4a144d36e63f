package dev.precept.fuzz.tables;

import dev.precept.tables.load.TableSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Table files in memory. */
final class MemoryTables implements TableSource {
  private static final int LARGEST = 8 << 20;

  private final SortedMap<String, byte[]> contents;

  private MemoryTables(SortedMap<String, byte[]> contents) {
    this.contents = contents;
  }

  /** The tables that come with Precept. */
  static MemoryTables builtIn() {
    TableSource source = TableSource.builtIn();
    TreeMap<String, byte[]> files = new TreeMap<>();
    try {
      for (String file : source.files()) {
        files.put(file, source.read(file, LARGEST));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new MemoryTables(files);
  }

  /**
   * A small sound set, for both vendors: one resource, in which a line {@code === NAME} begins a
   * file.
   */
  static MemoryTables small() {
    String text;
    try (InputStream in = MemoryTables.class.getResourceAsStream("small-tables.txt")) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    TreeMap<String, byte[]> files = new TreeMap<>();
    for (String part : text.substring("=== ".length()).split("\n=== ")) {
      int end = part.indexOf('\n');
      byte[] bytes = (part.substring(end + 1) + "\n").getBytes(StandardCharsets.UTF_8);
      files.put(part.substring(0, end), bytes);
    }
    return new MemoryTables(files);
  }

  /** These, with {@code bytes} as the content of {@code file}. */
  MemoryTables with(String file, byte[] bytes) {
    TreeMap<String, byte[]> other = new TreeMap<>(contents);
    other.put(file, bytes);
    return new MemoryTables(other);
  }

  @Override
  public List<String> files() {
    return List.copyOf(contents.keySet());
  }

  @Override
  public byte[] read(String file, int limit) throws IOException {
    byte[] bytes = contents.get(file);
    if (bytes == null) {
      throw new NoSuchFileException(file);
    }
    return bytes.length <= limit ? bytes : Arrays.copyOf(bytes, limit);
  }

  @Override
  public String shown(String file) {
    return file;
  }
}

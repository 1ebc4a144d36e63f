package dev.precept.tables.load;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Where table files come from. */
public interface TableSource {
  /** Every CSV file, relative to the tables' root, with forward slashes, sorted. */
  List<String> files() throws IOException;

  /**
   * The bytes of {@code file}, at most {@code limit} of them.
   *
   * @throws IOException if it cannot be read
   */
  byte[] read(String file, int limit) throws IOException;

  /** How messages name {@code file}: such that a person finds it. */
  String shown(String file);

  /** The tables that come with Precept. */
  static TableSource builtIn() {
    return new ClassPathSource("tables/");
  }

  /** The tables in the folder {@code folder}, laid out as docs/tables.md says. */
  static TableSource folder(Path folder) {
    return new FolderSource(folder);
  }
}

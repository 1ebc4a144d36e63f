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

  /**
   * The tables that come with Precept, from the folder of a checkout that they are built from: an
   * edit of them takes effect without a build. Messages and results name their files as {@link
   * #builtIn()} does.
   */
  static TableSource builtIn(Path folder) {
    return new FolderSource(folder, file -> file);
  }

  /** The tables in the folder {@code folder}, laid out as docs/tables.md says. */
  static TableSource folder(Path folder) {
    return new FolderSource(folder, file -> folder.resolve(file).toString().replace('\\', '/'));
  }
}

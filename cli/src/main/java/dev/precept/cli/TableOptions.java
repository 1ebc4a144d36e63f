package dev.precept.cli;

import dev.precept.tables.Tables;
import dev.precept.tables.load.LoadResult;
import dev.precept.tables.load.TableLoader;
import dev.precept.tables.load.TableSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Which tables a command works on. */
final class TableOptions {
  /**
   * Names the folder that the built-in tables were built from: {@code ./precept} sets it, so that
   * an edit of them needs no build.
   */
  static final String CHECKOUT = "precept.tables";

  private static final int LARGEST_FILE = 64 << 20;

  @Option(
      names = "--tables",
      paramLabel = "DIR",
      description =
          "Add the tables in DIR to the built-in ones; a row with the same key replaces theirs. "
              + "Repeatable.")
  private List<Path> folders = new ArrayList<>();

  @Option(
      names = "--vendor",
      paramLabel = "VENDOR",
      description = "Only this vendor's tables: svm or vmx. Default: every vendor there is.")
  private String vendor = "";

  private String hash = "";

  /** The built-in tables and the folders asked for, in this order. */
  List<TableSource> sources() {
    List<TableSource> sources = new ArrayList<>();
    sources.add(builtIn());
    for (Path folder : folders) {
      if (!Files.isDirectory(folder)) {
        throw UserException.usage("--tables: there is no folder " + folder);
      }
      sources.add(TableSource.folder(folder));
    }
    return sources;
  }

  /** The tables that come with Precept, in a checkout as they are there now. */
  static TableSource builtIn() {
    String checkout = System.getProperty(CHECKOUT, "");
    return checkout.isEmpty() ? TableSource.builtIn() : TableSource.builtIn(Path.of(checkout));
  }

  /** Folders asked for with {@code --tables}. */
  List<Path> folders() {
    return List.copyOf(folders);
  }

  /** The vendors asked for. */
  List<String> vendors() throws IOException {
    List<String> all = TableLoader.vendors(sources());
    if (all.isEmpty()) {
      throw UserException.usage("there are no tables: no folder has a vendor.csv");
    }
    if (vendor.isEmpty()) {
      return all;
    }
    if (!all.contains(vendor)) {
      throw UserException.usage(
          "--vendor: there are no tables for '" + vendor + "', only for " + String.join(", ", all));
    }
    return List.of(vendor);
  }

  /** What came of loading each vendor's tables, by vendor. */
  Map<String, LoadResult> load() throws IOException {
    List<String> names = vendors();
    List<TableSource> all = sources();
    // Half of the time of a short command: vendors do not wait for each other.
    List<LoadResult> loaded =
        names.parallelStream().map(name -> TableLoader.load(name, all)).toList();
    Map<String, LoadResult> results = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      results.put(names.get(i), loaded.get(i));
    }
    return results;
  }

  /**
   * The tables of each vendor.
   *
   * @throws dev.precept.tables.load.TablesException if any have errors
   */
  List<Tables> tables() throws IOException {
    List<Tables> tables = new ArrayList<>();
    for (LoadResult result : load().values()) {
      tables.add(result.orThrow());
    }
    return tables;
  }

  /** SHA-256 over the names and contents of all table files, in hex, when first asked for. */
  String hash() throws IOException {
    if (hash.isEmpty()) {
      hash = computedHash();
    }
    return hash;
  }

  private String computedHash() throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (TableSource source : sources()) {
        for (String file : source.files()) {
          digest.update(file.getBytes(StandardCharsets.UTF_8));
          digest.update((byte) 0);
          digest.update(source.read(file, LARGEST_FILE));
          digest.update((byte) 0);
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}

package dev.precept.cli;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Whether the results in a folder are those that a run would give again: the same program, core
 * included, the same tables and options have made them, and nobody has touched the files since.
 *
 * <p>The file {@code last-run} holds the checksum of all that went in, and size and time of each
 * file that came out.
 */
final class LastRun {
  private static final String FILE = "last-run";

  private final Path folder;
  private final List<Path> files;
  private final String inputs;

  private LastRun(Path folder, List<Path> files, String inputs) {
    this.folder = folder;
    this.files = files;
    this.inputs = inputs;
  }

  /**
   * The last run into {@code folder}; empty where it cannot be told what program runs, which is
   * when it does not run from its jar.
   *
   * @param files what a run leaves
   * @param inputs everything that decides what a run gives, beside the program itself
   */
  static Optional<LastRun> of(Path folder, List<Path> files, List<String> inputs)
      throws IOException {
    Optional<Path> jar = jar();
    return jar.isEmpty() ? Optional.empty() : Optional.of(of(jar.get(), folder, files, inputs));
  }

  /** The last run of {@code jar}. */
  static LastRun of(Path jar, Path folder, List<Path> files, List<String> inputs)
      throws IOException {
    return new LastRun(folder, files, checksum(jar, inputs));
  }

  private static Optional<Path> jar() {
    CodeSource source = LastRun.class.getProtectionDomain().getCodeSource();
    if (source == null || source.getLocation() == null) {
      return Optional.empty();
    }
    try {
      Path path = Path.of(source.getLocation().toURI());
      return Files.isRegularFile(path) ? Optional.of(path) : Optional.empty();
    } catch (URISyntaxException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Over the directory of {@code jar}, which has each entry's size and CRC-32, and the inputs. */
  private static String checksum(Path jar, List<String> inputs) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (ZipEntry entry : Collections.list(zip.entries())) {
        add(digest, entry.getName() + " " + entry.getSize() + " " + entry.getCrc());
      }
      add(digest, System.getProperty("java.vm.version"));
      inputs.forEach(input -> add(digest, input));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static void add(MessageDigest digest, String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }

  /** Whether its results are those that a run would give again. */
  boolean holds() throws IOException {
    Path file = folder.resolve(FILE);
    return Files.isRegularFile(file) && Files.readString(file).equals(text());
  }

  /** Remembers that a run has just ended, completely. */
  void remember() throws IOException {
    Files.writeString(folder.resolve(FILE), text());
  }

  /** Forgets it: another run begins. */
  static void forget(Path folder) throws IOException {
    Files.deleteIfExists(folder.resolve(FILE));
  }

  private String text() throws IOException {
    StringBuilder text = new StringBuilder(inputs).append('\n');
    for (Path file : files) {
      text.append(state(file)).append(' ').append(file).append('\n');
    }
    return text.toString();
  }

  private static String state(Path file) throws IOException {
    try {
      return Files.size(file) + " " + Files.getLastModifiedTime(file);
    } catch (NoSuchFileException e) {
      return "absent";
    }
  }
}

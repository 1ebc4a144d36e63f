package dev.precept.report;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Files that are either wholly there or not at all: written beside their place, then moved into it.
 */
public final class OutputFile {
  private static final String PART = ".part";

  private OutputFile() {}

  /** What is written. */
  @FunctionalInterface
  public interface Body {
    /** Writes everything to {@code out}, which the caller closes. */
    void writeTo(PieceWriter out) throws IOException;
  }

  /**
   * Writes {@code file} in UTF-8. Whatever goes wrong, a former file stays as it was and nothing
   * half-written takes its place.
   *
   * @throws IOException if the file cannot be written, which it names, or as {@code body} throws
   */
  public static void write(Path file, Body body) throws IOException {
    Path target = file.toAbsolutePath();
    Path directory = target.getParent();
    Files.createDirectories(directory);
    Path beside = Files.createTempFile(directory, "." + target.getFileName(), PART);
    try {
      try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE);
          PieceWriter out = new PieceWriter(Channels.newOutputStream(channel))) {
        body.writeTo(out);
        out.flush();
        channel.force(true);
      }
      makeReadable(beside);
      Files.move(
          beside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      // Writing to a channel does not tell the file.
      FileSystemException named = new FileSystemException(file.toString(), null, e.getMessage());
      named.initCause(e);
      throw named;
    } finally {
      Files.deleteIfExists(beside);
    }
  }

  /** Removes what writers that were killed have left in {@code directory}, if it is there. */
  public static void removeLeftovers(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, ".*" + PART)) {
      for (Path file : left) {
        Files.deleteIfExists(file);
      }
    }
  }

  // Temporary files are made for their owner alone; a report is for whoever may enter its folder.
  private static void makeReadable(Path file) throws IOException {
    if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }
  }
}

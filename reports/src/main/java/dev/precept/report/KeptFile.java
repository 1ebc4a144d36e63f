package dev.precept.report;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.CRC32;

/** Files for the next run alone: what was put into bytes, and its CRC-32 behind it. */
final class KeptFile {
  /** Bytes of the checksum. */
  private static final int CHECK = 4;

  private KeptFile() {}

  /**
   * Writes {@code what} to {@code file}.
   *
   * @throws IOException if it cannot be written
   */
  static void write(Path file, KeptWriting what) throws IOException {
    ByteBuffer all = what.toRead();
    ByteBuffer check = ByteBuffer.allocate(CHECK).putInt(crc(all)).flip();
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      for (ByteBuffer part : List.of(all, check)) {
        while (part.hasRemaining()) {
          channel.write(part);
        }
      }
    }
  }

  /**
   * All bytes of {@code file}, the checksum behind those that were written.
   *
   * @throws IOException if it cannot be read, or is not as it was written
   */
  static byte[] read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int end = bytes.length - CHECK;
    if (end < 0 || ByteBuffer.wrap(bytes).getInt(end) != crc(ByteBuffer.wrap(bytes, 0, end))) {
      throw new EOFException(file + " is not as it was written");
    }
    return bytes;
  }

  private static int crc(ByteBuffer bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }
}

package dev.precept.subject.exec;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * What programs say on standard error: the beginning in a file, the end in memory. Thread-safe.
 *
 * <p>A log that cannot be written is no reason to stop: what it would say is not what is tested.
 */
final class ProgramLog {
  private static final int KEPT = 2048, SHOWN = 200;

  private final Path file;
  private final long limit;
  private long size;
  private boolean broken;
  private byte[] end = new byte[0];

  /**
   * A log in {@code file}, which need not exist and is not made before there is something to say.
   *
   * @param limit most bytes in the file
   */
  ProgramLog(Path file, long limit) {
    this.file = file;
    this.limit = limit;
  }

  /** Begins with another program: the last words of the one before are not its own. */
  synchronized void restart() {
    end = new byte[0];
  }

  /** Takes all of {@code in}, to its end. */
  void drain(InputStream in) {
    byte[] buffer = new byte[8192];
    try {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        add(Arrays.copyOf(buffer, n));
      }
    } catch (IOException e) {
      // The program is gone, and so is what it had to say.
    }
  }

  private synchronized void add(byte[] bytes) {
    byte[] all = Arrays.copyOf(end, end.length + bytes.length);
    System.arraycopy(bytes, 0, all, end.length, bytes.length);
    end = Arrays.copyOfRange(all, Math.max(0, all.length - KEPT), all.length);
    int room = (int) Math.min(bytes.length, limit - size);
    if (room > 0) {
      write(Arrays.copyOf(bytes, room));
      if (size >= limit) {
        write("\n(more was said than is kept)\n".getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private void write(byte[] bytes) {
    if (broken) {
      return;
    }
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      StandardOpenOption how =
          size == 0 ? StandardOpenOption.TRUNCATE_EXISTING : StandardOpenOption.APPEND;
      try (OutputStream out =
          Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, how)) {
        out.write(bytes);
      }
      size += bytes.length;
    } catch (IOException e) {
      broken = true;
    }
  }

  /** The last line of the program that is not blank, cut to a length for remarks; or nothing. */
  synchronized String lastWords() {
    String text = new String(end, StandardCharsets.UTF_8).strip();
    String line = text.substring(text.lastIndexOf('\n') + 1).strip();
    String cut = line.length() > SHOWN ? "..." + line.substring(line.length() - SHOWN) : line;
    return cut.replaceAll("\\p{Cntrl}", "?");
  }
}

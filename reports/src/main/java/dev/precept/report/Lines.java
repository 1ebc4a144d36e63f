package dev.precept.report;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The lines of a results file, which ends where a run was killed: within a line, even within a
 * character of it.
 */
final class Lines implements Closeable {
  /** Bytes in a line: far more than any of ours has. */
  private static final int LONGEST = 64 << 20;

  private final Path file;
  private final InputStream in;
  private final byte[] buffer = new byte[1 << 16];
  private int at;
  private int filled;
  private int number;

  Lines(Path file) throws IOException {
    this.file = file;
    in = Files.newInputStream(file);
  }

  /**
   * A line without its end.
   *
   * @param number from 1
   * @param whole whether it has an end
   */
  record Line(int number, byte[] bytes, boolean whole) {
    /** What it says; nothing if it is not UTF-8. */
    Optional<String> text() {
      try {
        return Optional.of(
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
      } catch (CharacterCodingException e) {
        return Optional.empty();
      }
    }

    /** Whether nothing but white space is in it. */
    boolean isBlank() {
      for (byte one : bytes) {
        if (one != ' ' && one != '\t' && one != '\r') {
          return false;
        }
      }
      return true;
    }
  }

  /**
   * The next line; nothing behind the last.
   *
   * @throws MalformedResultsException if it is longer than any line can be
   */
  Optional<Line> next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(1 << 10);
    while (at < filled || fill()) {
      int end = at;
      while (end < filled && buffer[end] != '\n') {
        end++;
      }
      line.write(buffer, at, end - at);
      boolean whole = end < filled;
      at = whole ? end + 1 : end;
      if (whole) {
        return Optional.of(new Line(++number, line.toByteArray(), true));
      }
      if (line.size() > LONGEST) {
        throw new MalformedResultsException(
            file, number + 1, "line is longer than " + (LONGEST >> 20) + " MiB");
      }
    }
    return line.size() == 0
        ? Optional.empty()
        : Optional.of(new Line(++number, line.toByteArray(), false));
  }

  private boolean fill() throws IOException {
    at = 0;
    filled = Math.max(0, in.read(buffer));
    return filled > 0;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}

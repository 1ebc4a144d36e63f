package dev.precept.report;

import java.io.BufferedWriter;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * Writes text in UTF-8, takes text that is in UTF-8 already, and knows at which byte it is. What no
 * UTF-8 can say, half of a character that takes two, becomes a question mark.
 */
public final class PieceWriter extends Writer {
  private static final int BUFFER = 1 << 16;

  private final Counting bytes;
  private final Writer text;

  /** Writes to {@code out}, which is closed with it. */
  PieceWriter(OutputStream out) {
    bytes = new Counting(out);
    text = new BufferedWriter(new OutputStreamWriter(bytes, StandardCharsets.UTF_8), BUFFER);
  }

  /** Bytes that all text so far takes. */
  long position() throws IOException {
    text.flush();
    return bytes.count;
  }

  /** CRC-32 of all text so far. */
  long check() throws IOException {
    text.flush();
    return bytes.crc.getValue();
  }

  /** Writes {@code length} bytes of {@code from}, which are text in UTF-8. */
  void copy(byte[] from, int start, int length) throws IOException {
    text.flush();
    bytes.write(from, start, length);
  }

  @Override
  public void write(char[] characters, int start, int length) throws IOException {
    text.write(characters, start, length);
  }

  @Override
  public void write(String string, int start, int length) throws IOException {
    text.write(string, start, length);
  }

  @Override
  public void write(int character) throws IOException {
    text.write(character);
  }

  @Override
  public void flush() throws IOException {
    text.flush();
  }

  @Override
  public void close() throws IOException {
    text.close();
  }

  private static final class Counting extends FilterOutputStream {
    private final CRC32 crc = new CRC32();
    private long count;

    Counting(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int one) throws IOException {
      out.write(one);
      crc.update(one);
      count++;
    }

    @Override
    public void write(byte[] from, int start, int length) throws IOException {
      out.write(from, start, length);
      crc.update(from, start, length);
      count += length;
    }
  }
}

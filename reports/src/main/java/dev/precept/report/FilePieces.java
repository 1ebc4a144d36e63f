package dev.precept.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Where a file has what it says of each form.
 *
 * @param check CRC-32 of the whole file
 * @param byForm by the form's name
 */
public record FilePieces(long check, Map<String, Span> byForm) {
  /** Of no file. */
  public static final FilePieces NONE = new FilePieces(0, Map.of());

  public FilePieces {
    byForm = Map.copyOf(byForm);
  }

  /** Writes a file, and says where its pieces are. */
  @FunctionalInterface
  interface Body {
    Map<String, Span> writeTo(PieceWriter out) throws IOException;
  }

  /**
   * Writes {@code file}.
   *
   * @throws IOException if it cannot be written
   */
  static FilePieces written(Path file, Body body) throws IOException {
    Map<String, Span> pieces = new HashMap<>();
    long[] check = new long[1];
    OutputFile.write(
        file,
        out -> {
          pieces.putAll(body.writeTo(out));
          check[0] = out.check();
        });
    return new FilePieces(check[0], pieces);
  }
}

package dev.precept.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * Pieces of a file of an earlier run, each of which says of one form what this run has to say of it
 * as well: to copy one costs much less than to say it again.
 */
public final class EarlierPieces {
  /** No pieces, of no file. */
  public static final EarlierPieces NONE = new EarlierPieces(new byte[0], Map.of());

  private final byte[] file;
  private final Map<String, Span> pieces;

  private EarlierPieces(byte[] file, Map<String, Span> pieces) {
    this.file = file;
    this.pieces = pieces;
  }

  /**
   * Pieces of {@code file}, which is read now.
   *
   * @param pieces where each form's piece is, if it is still the file that was written then
   * @param forms those of which the results are the same as then
   * @throws IOException if it cannot be read, or is another
   */
  public static EarlierPieces of(Path file, FilePieces pieces, Set<String> forms)
      throws IOException {
    Map<String, Span> same = new HashMap<>(pieces.byForm());
    same.keySet().retainAll(forms);
    byte[] bytes = Files.readAllBytes(file);
    CRC32 crc = new CRC32();
    crc.update(bytes);
    if (crc.getValue() != pieces.check()) {
      throw new IOException(file + " is not the one that was written");
    }
    return new EarlierPieces(bytes, same);
  }

  /** Whether there is a piece of {@code form}. */
  boolean has(String form) {
    return pieces.containsKey(form);
  }

  /** Writes the piece of {@code form}, which there is. */
  void copy(String form, PieceWriter to) throws IOException {
    Span piece = pieces.get(form);
    to.copy(file, (int) piece.start(), piece.length());
  }
}

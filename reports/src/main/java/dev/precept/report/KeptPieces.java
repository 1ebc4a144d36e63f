package dev.precept.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where two files have what they say of each form, for the next run of the same Precept. Forms of
 * which not everything holds are not among them: what is said of those depends on all others.
 *
 * @param report of {@link HtmlReport}
 * @param junit of {@link JUnitXml}
 */
public record KeptPieces(FilePieces report, FilePieces junit) {
  /**
   * Writes it.
   *
   * @throws IOException if the file cannot be written
   */
  public void write(Path file) throws IOException {
    KeptWriting to = new KeptWriting();
    for (FilePieces pieces : List.of(report, junit)) {
      to.number(pieces.check());
      to.number(pieces.byForm().size());
      new TreeMap<>(pieces.byForm())
          .forEach(
              (form, piece) -> {
                to.text(form);
                to.number(piece.start());
                to.number(piece.length());
              });
    }
    KeptFile.write(file, to);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IOException if the file cannot be read, or is not as it was written
   */
  public static KeptPieces read(Path file) throws IOException {
    KeptReading from = new KeptReading(KeptFile.read(file), 0);
    return new KeptPieces(pieces(from), pieces(from));
  }

  private static FilePieces pieces(KeptReading from) {
    long check = from.number();
    Map<String, Span> pieces = new TreeMap<>();
    for (long left = from.number(); left > 0; left--) {
      pieces.put(from.text(), new Span(from.number(), (int) from.number()));
    }
    return new FilePieces(check, pieces);
  }
}

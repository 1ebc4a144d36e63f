package dev.precept.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.Function;

/**
 * What a results file says of cases, pairs and rows, for the next run of the same Precept, which
 * reads it in a tenth of the time. Nobody else is to read it, so it has no versions: its reader
 * knows that the program that wrote it is the same.
 *
 * <p>Each list is cut into pieces, one for each stretch of the same form. A text is there once in a
 * piece, and a piece refers to no other: what one run has of another is copied and not said again.
 */
public final class KeptResults {
  /** Of no run. */
  public static final KeptResults NONE =
      new KeptResults(
          List.of(), List.of(), List.of(), List.of(), ResultLines.NONE, new Pieces(new byte[0]));

  private final List<Result> results;
  private final List<PairRecord> pairs;
  private final List<CoverageGap> gaps;
  private final List<ClauseRecord> clauses;
  private final ResultLines lines;
  private final Pieces pieces;

  private KeptResults(
      List<Result> results,
      List<PairRecord> pairs,
      List<CoverageGap> gaps,
      List<ClauseRecord> clauses,
      ResultLines lines,
      Pieces pieces) {
    this.results = List.copyOf(results);
    this.pairs = List.copyOf(pairs);
    this.gaps = List.copyOf(gaps);
    this.clauses = List.copyOf(clauses);
    this.lines = lines;
    this.pieces = pieces;
  }

  /**
   * What {@code run} came to, which is in a results file as {@code lines} says.
   *
   * @param earlier what some of it was read from, {@link #NONE} where all is new
   */
  public static KeptResults of(Run run, ResultLines lines, KeptResults earlier) {
    return new KeptResults(
        run.results(), run.pairs(), run.gaps(), run.clauses(), lines, earlier.pieces);
  }

  /** Those of all cases, in the results file's order. */
  public List<Result> results() {
    return results;
  }

  /** What became of every pair. */
  public List<PairRecord> pairs() {
    return pairs;
  }

  /** Rows that no case covers. */
  public List<CoverageGap> gaps() {
    return gaps;
  }

  /** What became of every variable of every condition. */
  public List<ClauseRecord> clauses() {
    return clauses;
  }

  /** Where the results file has the results. */
  public ResultLines lines() {
    return lines;
  }

  /**
   * Writes it.
   *
   * @throws IOException if the file cannot be written
   */
  public void write(Path file) throws IOException {
    KeptWriting to = new KeptWriting();
    pieces.write(to, results, KeptResults::sameForm, KeptWriting::result);
    pieces.write(to, pairs, KeptResults::sameForm, KeptWriting::pair);
    pieces.write(to, gaps, (one, other) -> true, KeptWriting::gap);
    pieces.write(to, clauses, KeptResults::sameForm, KeptWriting::clause);
    to.number(lines.start());
    to.all(lines.lengths(), length -> to.number(length));
    KeptFile.write(file, to);
  }

  private static boolean sameForm(Result one, Result other) {
    return one.form().equals(other.form())
        && one.instruction().equals(other.instruction())
        && one.vendor().equals(other.vendor());
  }

  private static boolean sameForm(PairRecord one, PairRecord other) {
    return one.form().equals(other.form()) && one.vendor().equals(other.vendor());
  }

  private static boolean sameForm(ClauseRecord one, ClauseRecord other) {
    return one.form().equals(other.form()) && one.vendor().equals(other.vendor());
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IOException if the file cannot be read, or is not as it was written
   */
  public static KeptResults read(Path file) throws IOException {
    byte[] bytes = KeptFile.read(file);
    KeptReading from = new KeptReading(bytes, 0);
    Pieces pieces = new Pieces(bytes);
    return new KeptResults(
        pieces.read(from, KeptReading::result),
        pieces.read(from, KeptReading::pair),
        pieces.read(from, KeptReading::gap),
        pieces.read(from, KeptReading::clause),
        new ResultLines(from.number(), from.all(() -> (int) from.number())),
        pieces);
  }

  /** Stretches of lists, and the bytes that say them. */
  private static final class Pieces {
    /**
     * A stretch, and where it is said.
     *
     * @param start the first byte
     * @param length how many there are
     */
    private record Piece(List<?> stretch, int start, int length) {}

    private final byte[] bytes;

    /**
     * By what is first in it, and that by identity: what is in both runs is the same object, and a
     * checksum of all that a result says costs as much as writing it.
     */
    private final IdentityHashMap<Object, Piece> byFirst = new IdentityHashMap<>();

    Pieces(byte[] bytes) {
      this.bytes = bytes;
    }

    /** Reads a list, and remembers its pieces. */
    <T> List<T> read(KeptReading from, Function<KeptReading, T> one) {
      List<T> all = new ArrayList<>();
      for (long left = from.number(); left > 0; left--) {
        int length = (int) from.number();
        int start = from.at();
        KeptReading piece = new KeptReading(bytes, start);
        List<T> stretch = piece.all(() -> one.apply(piece));
        from.skip(length);
        byFirst.put(stretch.get(0), new Piece(stretch, start, length));
        all.addAll(stretch);
      }
      return all;
    }

    /** Writes a list, in stretches of which {@code same} holds, known ones by their bytes. */
    <T> void write(
        KeptWriting to, List<T> all, BiPredicate<T, T> same, BiConsumer<KeptWriting, T> one) {
      List<List<T>> stretches = stretches(all, same);
      to.number(stretches.size());
      KeptWriting piece = new KeptWriting();
      for (List<T> stretch : stretches) {
        Piece known = byFirst.get(stretch.get(0));
        if (known != null && identical(known.stretch(), stretch)) {
          to.piece(bytes, known.start(), known.length());
        } else {
          piece.clear();
          piece.all(stretch, each -> one.accept(piece, each));
          to.piece(piece);
        }
      }
    }

    private static <T> List<List<T>> stretches(List<T> all, BiPredicate<T, T> same) {
      List<List<T>> stretches = new ArrayList<>();
      int from = 0;
      for (int i = 1; i <= all.size(); i++) {
        if (i == all.size() || !same.test(all.get(i - 1), all.get(i))) {
          stretches.add(all.subList(from, i));
          from = i;
        }
      }
      return stretches;
    }

    private static boolean identical(List<?> one, List<?> other) {
      boolean same = one.size() == other.size();
      for (int i = 0; same && i < one.size(); i++) {
        same = one.get(i) == other.get(i);
      }
      return same;
    }
  }
}

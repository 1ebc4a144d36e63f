package dev.precept.report;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;

/**
 * Lines of an earlier results file, which stand for the very results that were kept of that run: to
 * copy one costs much less than to say it again. Whoever asks knows that the file is still the one
 * that was written then.
 */
public final class EarlierLines implements Closeable {
  /** Where a line is. */
  private record Span(long start, int length) {
    long end() {
      return start + length;
    }
  }

  /** No lines, of no file. */
  public static final EarlierLines NONE =
      new EarlierLines(Optional.empty(), new IdentityHashMap<>());

  private final Optional<FileChannel> file;
  private final IdentityHashMap<Result, Span> spans;

  private EarlierLines(Optional<FileChannel> file, IdentityHashMap<Result, Span> spans) {
    this.file = file;
    this.spans = spans;
  }

  /**
   * The lines of {@code kept} in {@code file}.
   *
   * @throws IOException if the file cannot be read
   */
  public static EarlierLines of(Path file, KeptResults kept) throws IOException {
    List<Integer> lengths = kept.lines().lengths();
    // By identity: a checksum of all that a result says costs as much as writing it.
    IdentityHashMap<Result, Span> spans = new IdentityHashMap<>(kept.results().size());
    if (lengths.size() == kept.results().size()) {
      long start = kept.lines().start();
      for (int i = 0; i < lengths.size(); i++) {
        Span span = new Span(start, lengths.get(i));
        spans.put(kept.results().get(i), span);
        start = span.end();
      }
    }
    return new EarlierLines(Optional.of(FileChannel.open(file, StandardOpenOption.READ)), spans);
  }

  /** Whether {@code result} has a line here. */
  boolean has(Result result) {
    return spans.containsKey(result);
  }

  /** Bytes of the line of {@code result}, which has one. */
  int length(Result result) {
    return spans.get(result).length();
  }

  /**
   * Copies the lines of {@code results}, each of which has one, to {@code to}.
   *
   * @throws IOException if the file cannot be read, or ends before them
   */
  void copy(List<Result> results, ByteBuffer to) throws IOException {
    for (int from = 0; from < results.size(); ) {
      long start = spans.get(results.get(from)).start();
      long end = start;
      while (from < results.size() && spans.get(results.get(from)).start() == end) {
        end = spans.get(results.get(from)).end();
        from++;
      }
      ByteBuffer part = to.slice(to.position(), (int) (end - start));
      while (part.hasRemaining()) {
        if (file.orElseThrow().read(part, start + part.position()) < 0) {
          throw new EOFException("the earlier results file has lost its end");
        }
      }
      to.position(to.position() + (int) (end - start));
    }
  }

  @Override
  public void close() throws IOException {
    if (file.isPresent()) {
      file.get().close();
    }
  }
}

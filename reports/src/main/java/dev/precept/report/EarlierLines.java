package dev.precept.report;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;

/**
 * Lines of an earlier results file, which stand for the very results that were kept of that run: to
 * copy one costs much less than to say it again. Whoever asks knows that the file is still the one
 * that was written then.
 */
public final class EarlierLines implements Closeable {
  /** No lines, of no file. */
  public static final EarlierLines NONE =
      new EarlierLines(Optional.empty(), List.of(), 0, List.of());

  private final Optional<FileChannel> file;

  /** What has lines, in the file's order. */
  private final List<Result> results;

  /** Where the line of each begins, and where the last one ends. */
  private final long[] starts;

  /**
   * Places in {@link #results} of the first of each form, by identity: a checksum of all that a
   * result says costs as much as writing it. Others come behind those that are before them here.
   */
  private final IdentityHashMap<Result, Integer> firsts = new IdentityHashMap<>();

  /** Behind the place that was asked for last. */
  private int next;

  private EarlierLines(
      Optional<FileChannel> file, List<Result> results, long start, List<Integer> lengths) {
    this.file = file;
    this.results = results;
    this.starts = new long[results.size() + 1];
    starts[0] = start;
    FormNames names = new FormNames("/");
    String last = "";
    for (int i = 0; i < results.size(); i++) {
      starts[i + 1] = starts[i] + lengths.get(i);
      String name = names.of(results.get(i));
      if (!name.equals(last)) {
        firsts.put(results.get(i), i);
        last = name;
      }
    }
  }

  /**
   * The lines of {@code kept} in {@code file}.
   *
   * @throws IOException if the file cannot be read
   */
  public static EarlierLines of(Path file, KeptResults kept) throws IOException {
    List<Integer> lengths = kept.lines().lengths();
    return new EarlierLines(
        Optional.of(FileChannel.open(file, StandardOpenOption.READ)),
        lengths.size() == kept.results().size() ? kept.results() : List.of(),
        kept.lines().start(),
        lengths);
  }

  /** Places of {@code asked} here; below 0 where one has no line, or none that is found at once. */
  synchronized int[] places(List<Result> asked) {
    int[] places = new int[asked.size()];
    for (int i = 0; i < places.length; i++) {
      places[i] = place(asked.get(i));
      // One that has none most likely stands for the one that was there.
      next = (places[i] < 0 ? next : places[i]) + 1;
    }
    return places;
  }

  /**
   * The lines at {@code places}, one behind the other.
   *
   * @throws IOException if the file cannot be read, or ends before them
   */
  Copied copy(int[] places) throws IOException {
    List<Integer> lengths =
        Arrays.stream(places).mapToObj(place -> (int) (starts[place + 1] - starts[place])).toList();
    ByteBuffer to = ByteBuffer.allocate(lengths.stream().mapToInt(length -> length).sum());
    for (int from = 0; from < places.length; ) {
      int behind = from + 1;
      while (behind < places.length && places[behind] == places[behind - 1] + 1) {
        behind++;
      }
      read(starts[places[from]], starts[places[behind - 1] + 1], to);
      from = behind;
    }
    return new Copied(to.flip(), lengths);
  }

  /**
   * Lines.
   *
   * @param lengths bytes of each
   */
  record Copied(ByteBuffer lines, List<Integer> lengths) {}

  private int place(Result result) {
    return next < results.size() && identical(results.get(next), result)
        ? next
        : firsts.getOrDefault(result, -1);
  }

  private static boolean identical(Object one, Object other) {
    return one == other;
  }

  private void read(long start, long end, ByteBuffer to) throws IOException {
    ByteBuffer part = to.slice(to.position(), (int) (end - start));
    while (part.hasRemaining()) {
      if (file.orElseThrow().read(part, start + part.position()) < 0) {
        throw new EOFException("the earlier results file has lost its end");
      }
    }
    to.position(to.position() + (int) (end - start));
  }

  @Override
  public void close() throws IOException {
    if (file.isPresent()) {
      file.get().close();
    }
  }
}

package dev.precept.report;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.deser.std.StringDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import dev.precept.cases.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * The results file: JSON lines, written as the results come.
 *
 * <p>Each line is an object with one member that says what it is: {@code start} ({@link RunInfo}),
 * {@code case} ({@link Result}), {@code pair} ({@link PairRecord}), {@code gap} ({@link
 * CoverageGap}), {@code clause} ({@link ClauseRecord}), {@code baseline} ({@link Baseline}, where
 * the run had one), {@code shard} ({@link ShardRecord}, where it is part of a run; the last one
 * counts) or, last, {@code end} ({@link RunSummary}). A file without {@code end} is a run that did
 * not finish, and reads as partial. A line, or several, are written with one call, so that a run
 * that is killed tears at most the last one.
 *
 * <p>Thread-safe.
 */
public final class ResultLog implements Closeable {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .addMixIn(Verdict.class, VerdictWords.class)
          .build();

  /** How files write verdicts: cases, where they are at home, know nothing of JSON. */
  private interface VerdictWords {
    @JsonValue
    String word();

    @JsonCreator
    static Verdict of(String word) {
      return Verdict.of(word);
    }
  }

  /** The mapper for results, and for whatever else holds verdicts. */
  static ObjectMapper json() {
    return JSON;
  }

  /** More than the last line has: its command line is the longest of it. */
  private static final int END_BYTES = 1 << 20;

  /** Lines that are written with one call, where so many are there. */
  private static final int GROUP = 1024;

  private final Path file;
  private final FileChannel channel;

  /** Lines of an earlier run, for results that are its own. */
  private EarlierLines earlier = EarlierLines.NONE;

  /** Bytes of each result's line. */
  private final List<Integer> lengths = new ArrayList<>();

  /** Where the first of them begins and the last one ends. */
  private long first, end;

  /** Whether there are other lines between them. */
  private boolean scattered;

  /** The file's way to the disk, once it is finished. */
  private Optional<FutureTask<Void>> onDisk = Optional.empty();

  /** Why a line could not be written, if one could not. */
  private Optional<String> failure = Optional.empty();

  private ResultLog(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Starts a results file. One that is already there is kept beside it as {@code NAME.previous}.
   *
   * @throws IOException if the file cannot be written
   */
  public static ResultLog create(Path file, RunInfo info) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    Files.createDirectories(directory);
    if (Files.exists(file)) {
      Files.move(
          file,
          file.resolveSibling(file.getFileName() + ".previous"),
          StandardCopyOption.REPLACE_EXISTING);
    }
    ResultLog log =
        new ResultLog(
            file,
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE));
    try {
      log.line("start", info);
      return log;
    } catch (IOException e) {
      log.close();
      throw e;
    }
  }

  /**
   * From now on copies the lines of results that {@code lines} has. Whoever gave them closes them,
   * later than this log.
   */
  public synchronized void reuse(EarlierLines lines) {
    earlier = lines;
  }

  /** Appends a case's result. */
  public void result(Result result) throws IOException {
    results(List.of(result));
  }

  /** Appends results, many with one call: of a run that is killed the last line may be torn. */
  public void results(List<Result> results) throws IOException {
    int[] places = earlier.places(results);
    for (int from = 0; from < places.length; ) {
      // As many as there are of one sort.
      boolean known = places[from] >= 0;
      int to = from + 1;
      while (to < places.length && to - from < GROUP && places[to] >= 0 == known) {
        to++;
      }
      if (known) {
        EarlierLines.Copied copied = earlier.copy(Arrays.copyOfRange(places, from, to));
        append(copied.lines(), copied.lengths());
      } else {
        byte[][] lines = said("case", results.subList(from, to));
        append(joined(lines), Arrays.stream(lines).map(line -> line.length).toList());
      }
      from = to;
    }
  }

  private static <T> List<List<T>> groups(List<T> all) {
    List<List<T>> groups = new ArrayList<>();
    for (int from = 0; from < all.size(); from += GROUP) {
      groups.add(all.subList(from, Math.min(from + GROUP, all.size())));
    }
    return groups;
  }

  /** A line for each of {@code group}. */
  private static byte[][] said(String what, List<?> group) {
    return group.parallelStream().map(one -> bytes(what, one)).toArray(byte[][]::new);
  }

  private static ByteBuffer joined(byte[][] lines) {
    ByteBuffer all = ByteBuffer.allocate(Arrays.stream(lines).mapToInt(line -> line.length).sum());
    Arrays.stream(lines).forEach(all::put);
    return all.flip();
  }

  /** Where the lines of the results are, if nothing else is between them. */
  public synchronized ResultLines lines() {
    return lengths.isEmpty() || scattered ? ResultLines.NONE : new ResultLines(first, lengths);
  }

  /** Appends what became of pairs. */
  public void pairs(List<PairRecord> pairs) throws IOException {
    lines("pair", pairs);
  }

  /** Appends rows that no case covers. */
  public void gaps(List<CoverageGap> gaps) throws IOException {
    lines("gap", gaps);
  }

  /** Appends what became of variables of conditions. */
  public void clauses(List<ClauseRecord> clauses) throws IOException {
    lines("clause", clauses);
  }

  /** Appends what the run's baseline said of it. */
  public void baseline(Baseline baseline) throws IOException {
    line("baseline", baseline);
  }

  /** Appends which part of a run this is. */
  public void shard(ShardRecord shard) throws IOException {
    line("shard", shard);
  }

  /** Writes all of {@code run}, as a run of its own leaves it. */
  public static void write(Path file, Run run) throws IOException {
    try (ResultLog log = create(file, run.summary().info())) {
      log.results(run.results());
      log.pairs(run.pairs());
      log.gaps(run.gaps());
      log.clauses(run.clauses());
      log.finish(run.summary());
    }
  }

  /**
   * Appends the counts: the run has ended. The file goes to the disk while the caller does other
   * things, and is there when {@link #close} returns.
   */
  public synchronized void finish(RunSummary summary) throws IOException {
    line("end", summary);
    FutureTask<Void> forced =
        new FutureTask<>(
            () -> {
              channel.force(false);
              return null;
            });
    new Thread(forced, "results to the disk").start();
    onDisk = Optional.of(forced);
  }

  private void lines(String what, List<?> values) throws IOException {
    for (List<?> group : groups(values)) {
      append(joined(said(what, group)), List.of());
    }
  }

  private void line(String what, Object value) throws IOException {
    append(ByteBuffer.wrap(bytes(what, value)), List.of());
  }

  /** The line that says {@code value}. */
  private static byte[] bytes(String what, Object value) {
    try {
      ByteArrayOutputStream line = new ByteArrayOutputStream(1 << 10);
      line.writeBytes(("{\"" + what + "\":").getBytes(StandardCharsets.UTF_8));
      JSON.writeValue(line, value);
      line.writeBytes("}\n".getBytes(StandardCharsets.UTF_8));
      return line.toByteArray();
    } catch (IOException e) {
      throw new IllegalStateException("memory can be written to", e);
    }
  }

  /**
   * Writes lines, or nothing of them: what cannot be written whole is taken back, and then nothing
   * more is, lest a line be missing that nobody misses.
   *
   * @param results bytes of each line that is a result's
   */
  private synchronized void append(ByteBuffer bytes, List<Integer> results) throws IOException {
    if (failure.isPresent()) {
      throw new FileSystemException(file.toString(), null, failure.get());
    }
    long start = channel.position();
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      failure = Optional.of(String.valueOf(e.getMessage()));
      channel.truncate(start);
      throw named(e);
    }
    if (!results.isEmpty()) {
      first = lengths.isEmpty() ? start : first;
      scattered |= !lengths.isEmpty() && start != end;
      end = channel.position();
      lengths.addAll(results);
    }
  }

  /** {@code e} with the file's name, which writing to a channel does not tell. */
  private IOException named(IOException e) {
    FileSystemException named = new FileSystemException(file.toString(), null, e.getMessage());
    named.initCause(e);
    return named;
  }

  /**
   * Closes the file.
   *
   * @throws IOException if it was finished and could not be brought to the disk
   */
  @Override
  public void close() throws IOException {
    try (channel) {
      if (onDisk.isPresent()) {
        onDisk.get().get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failed) {
        throw named(failed);
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClosedByInterruptException();
    }
  }

  /**
   * Reads a results file. A torn last line is left out, and the run is then partial.
   *
   * @throws IOException if the file cannot be read
   * @throws MalformedResultsException if a line before the last is not one of ours
   */
  public static Run read(Path file) throws IOException {
    RunInfo info = RunInfo.UNKNOWN;
    List<Result> results = new ArrayList<>();
    List<PairRecord> pairs = new ArrayList<>();
    List<CoverageGap> gaps = new ArrayList<>();
    List<ClauseRecord> clauses = new ArrayList<>();
    Baseline baseline = Baseline.NONE;
    ShardRecord shard = ShardRecord.NONE;
    RunSummary end = null;
    for (Object said : LineReader.read(file, sharing())) {
      if (said instanceof Result result) {
        results.add(result);
      } else if (said instanceof PairRecord pair) {
        pairs.add(pair);
      } else if (said instanceof CoverageGap gap) {
        gaps.add(gap);
      } else if (said instanceof ClauseRecord clause) {
        clauses.add(clause);
      } else if (said instanceof Baseline known) {
        baseline = known;
      } else if (said instanceof ShardRecord part) {
        shard = part;
      } else if (said instanceof RunInfo start) {
        info = start;
      } else if (said instanceof RunSummary summary) {
        end = summary;
      }
    }
    RunSummary counted =
        RunSummary.of(
            end == null ? info : end.info(),
            results,
            pairs,
            end == null ? 0 : end.millis(),
            end == null || end.partial() || end.cases() != results.size());
    return new Run(counted.with(baseline, results), results, pairs, gaps, clauses, baseline, shard);
  }

  /**
   * Reads only the counts that a finished run ends with, in the time that takes.
   *
   * @throws IOException if the file cannot be read
   * @throws MalformedResultsException if it does not end with the counts
   */
  public static RunSummary readEnd(Path file) throws IOException {
    try (FileChannel from = FileChannel.open(file, StandardOpenOption.READ)) {
      long start = Math.max(0, from.size() - END_BYTES);
      ByteBuffer bytes = ByteBuffer.allocate((int) (from.size() - start));
      while (bytes.hasRemaining() && from.read(bytes, start + bytes.position()) >= 0) {
        // Reads on.
      }
      String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8).strip();
      JsonNode last = JSON.readTree(text.substring(text.lastIndexOf('\n') + 1));
      if (!last.has("end")) {
        throw new MalformedResultsException(file, 0, "no counts at its end");
      }
      return JSON.treeToValue(last.get("end"), RunSummary.class);
    }
  }

  /** The mapper with each text once: most of a run's texts are the same many times over. */
  private static ObjectMapper sharing() {
    Map<String, String> texts = new ConcurrentHashMap<>();
    SimpleModule module = new SimpleModule();
    module.addDeserializer(
        String.class,
        new StdScalarDeserializer<String>(String.class) {
          private static final long serialVersionUID = 1L;

          @Override
          public String deserialize(JsonParser parser, DeserializationContext context)
              throws IOException {
            String text = StringDeserializer.instance.deserialize(parser, context);
            if (text == null) {
              return null;
            }
            String first = texts.putIfAbsent(text, text);
            return first == null ? text : first;
          }
        });
    return JSON.copy().registerModule(module);
  }
}

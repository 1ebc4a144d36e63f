package dev.precept.report;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Reads what the lines of a results file say. Groups of lines are read side by side, and a few of
 * them at a time, so that a file needs little more memory than what it says.
 */
final class LineReader {
  private static final int GROUP = 2048;

  /** Groups that are read, or wait for it, at a time. */
  private static final int AHEAD = 2 * Runtime.getRuntime().availableProcessors();

  /** What a line can say, by the name of its member. */
  private static final Map<String, Class<?>> KINDS =
      Map.of(
          "start", RunInfo.class,
          "case", Result.class,
          "pair", PairRecord.class,
          "gap", CoverageGap.class,
          "clause", ClauseRecord.class,
          "baseline", Baseline.class,
          "shard", ShardRecord.class,
          "end", RunSummary.class);

  private final Path file;
  private final ObjectMapper mapper;

  private LineReader(Path file, ObjectMapper mapper) {
    this.file = file;
    this.mapper = mapper;
  }

  /**
   * What all lines of {@code file} say, in order. A torn last line says nothing.
   *
   * @throws IOException if the file cannot be read
   * @throws MalformedResultsException if a line before the last is not one of ours
   */
  static List<Object> read(Path file, ObjectMapper mapper) throws IOException {
    LineReader reader = new LineReader(file, mapper);
    List<Object> said = new ArrayList<>();
    Deque<CompletableFuture<List<Object>>> groups = new ArrayDeque<>();
    try (Lines lines = new Lines(file)) {
      Optional<Lines.Line> next = lines.next();
      while (next.isPresent()) {
        List<Lines.Line> group = new ArrayList<>(GROUP);
        while (next.isPresent() && group.size() < GROUP) {
          group.add(next.get());
          next = lines.next();
        }
        boolean last = next.isEmpty();
        groups.add(CompletableFuture.supplyAsync(() -> reader.group(group, last)));
        if (groups.size() > AHEAD) {
          said.addAll(joined(groups.remove()));
        }
      }
    }
    for (CompletableFuture<List<Object>> group : groups) {
      said.addAll(joined(group));
    }
    return said;
  }

  private static List<Object> joined(CompletableFuture<List<Object>> group) throws IOException {
    try {
      return group.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof UncheckedIOException wrong) {
        throw wrong.getCause();
      }
      throw e;
    }
  }

  private List<Object> group(List<Lines.Line> lines, boolean last) {
    List<Object> said = new ArrayList<>(lines.size());
    for (int i = 0; i < lines.size(); i++) {
      try {
        line(lines.get(i)).ifPresent(said::add);
      } catch (JsonProcessingException | CharConversionException e) {
        if (!(last && i == lines.size() - 1)) {
          throw new UncheckedIOException(
              new MalformedResultsException(file, lines.get(i).number(), told(lines.get(i), e)));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return said;
  }

  private static String told(Lines.Line line, IOException wrong) {
    return line.text().isPresent() && wrong instanceof JsonProcessingException json
        ? json.getOriginalMessage()
        : "a byte that is not UTF-8";
  }

  /** What {@code line} says; nothing if it is blank. */
  private Optional<Object> line(Lines.Line line) throws IOException {
    if (line.isBlank()) {
      return Optional.empty();
    }
    Optional<Object> said = Optional.empty();
    try (JsonParser parser = mapper.createParser(line.bytes())) {
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String name = parser.getCurrentName();
          Class<?> kind = KINDS.get(name);
          boolean nothing = parser.nextToken() == JsonToken.VALUE_NULL;
          if (kind == null || said.isPresent()) {
            parser.skipChildren();
          } else if (nothing) {
            throw new JsonMappingException(null, "'" + name + "' says nothing");
          } else {
            said = Optional.of(mapper.readValue(parser, kind));
          }
        }
      }
    }
    if (said.isEmpty()) {
      throw new MalformedResultsException(file, line.number(), "not a line of a results file");
    }
    return said;
  }
}

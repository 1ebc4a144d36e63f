package dev.precept.cli;

import dev.precept.report.Result;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a run says of time and place. Where SOURCE_DATE_EPOCH is set, nothing that differs between
 * two equal runs: the time it names, no durations, no folders.
 */
final class RunClock {
  static final String EPOCH = "SOURCE_DATE_EPOCH";

  /** Options that say where and how fast, not what. */
  private static final List<String> PLACES = List.of("--out", "--threads", "--workers", "--shard");

  private final Optional<Instant> fixed;
  private final long start = System.nanoTime();

  private RunClock(Optional<Instant> fixed) {
    this.fixed = fixed;
  }

  /** By the environment of the process. */
  static RunClock of(Map<String, String> environment) {
    String epoch = environment.getOrDefault(EPOCH, "");
    if (epoch.isEmpty()) {
      return new RunClock(Optional.empty());
    }
    try {
      return new RunClock(Optional.of(Instant.ofEpochSecond(Long.parseLong(epoch))));
    } catch (NumberFormatException | DateTimeException e) {
      throw UserException.usage(EPOCH + ": '" + epoch + "' is no number of seconds since 1970");
    }
  }

  /** When the run started, ISO 8601 in UTC. */
  String started() {
    return fixed.orElseGet(() -> Instant.now().truncatedTo(ChronoUnit.SECONDS)).toString();
  }

  /** Milliseconds since. */
  long millis() {
    return fixed.isPresent() ? 0 : (System.nanoTime() - start) / 1_000_000;
  }

  /** {@code result} as it is to be recorded. */
  Result recorded(Result result) {
    return fixed.isPresent() ? result.untimed() : result;
  }

  /** The command line as it is to be recorded. */
  String command(List<String> words) {
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      String option = word.split("=", 2)[0];
      if (fixed.isEmpty() || !PLACES.contains(option)) {
        kept.add(word);
      } else if (word.equals(option)) {
        i++;
      }
    }
    return "precept " + String.join(" ", kept);
  }
}

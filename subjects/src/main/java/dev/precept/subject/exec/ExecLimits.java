package dev.precept.subject.exec;

import java.time.Duration;

/**
 * How long and how much a program may talk.
 *
 * @param start time until it has said hello
 * @param silence time it may take for a case: until the end of a batch of one, or between two
 *     answers in a larger one
 * @param batch time it may take for a batch of any size
 * @param cases most cases in a batch
 * @param line longest line in bytes, without its end
 * @param log most bytes of its standard error that are kept
 */
public record ExecLimits(
    Duration start, Duration silence, Duration batch, int cases, int line, int log) {

  /** What holds where nobody says otherwise. */
  public static final ExecLimits USUAL =
      new ExecLimits(
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          Duration.ofSeconds(120),
          256,
          1 << 20,
          1 << 20);

  /** The same with other times for a case and a batch. */
  public ExecLimits withTimes(Duration forCase, Duration forBatch) {
    return new ExecLimits(start, forCase, forBatch, cases, line, log);
  }
}

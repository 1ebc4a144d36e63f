package dev.precept.mutation;

import dev.precept.junit.PlannedCases;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;

/** Runs cases on one mutant, until one notices it. */
final class Hunt {
  private static final ThreadMXBean CLOCKS = ManagementFactory.getThreadMXBean();

  private static final int LOOK_MILLIS = 100;

  /** Processor time that cases take on average at most: many times what they do on a core. */
  private static final long AVERAGE_NANOS = 5_000_000L;

  private final List<PlannedCases.Ready> cases;
  private final int[] those;
  private final String mutated;
  private final byte[] bytes;

  /** How many cases have begun. */
  private volatile int begun;

  private volatile String by = "";

  /**
   * @param those which of {@code cases}
   * @param mutated name of the class
   * @param bytes what it is instead
   */
  Hunt(List<PlannedCases.Ready> cases, int[] those, String mutated, byte[] bytes) {
    this.cases = cases;
    this.those = those.clone();
    this.mutated = mutated;
    this.bytes = bytes.clone();
  }

  /**
   * What notices the mutant: the first case that does not hold, an error, or {@code time}, which
   * one case or all of them take too much of; empty if nothing does.
   *
   * @param longest processor time that a case may take, in nanoseconds
   */
  String by(long longest) throws InterruptedException {
    Thread thread = new Thread(this::run);
    thread.setDaemon(true);
    thread.start();
    int at = 0;
    long since = 0;
    while (true) {
      thread.join(LOOK_MILLIS);
      if (!thread.isAlive()) {
        return by;
      }
      long now = CLOCKS.getThreadCpuTime(thread.getId());
      if (at != begun) {
        at = begun;
        since = now;
      }
      // A mutant may be slow in each case and endless in none: a loop that counts down to below 0.
      if (now - since > longest || now > longest + at * AVERAGE_NANOS) {
        stop(thread);
        return "time";
      }
    }
  }

  @SuppressWarnings({"deprecation", "removal"})
  private static void stop(Thread thread) {
    // Nothing else ends a loop that a mutation has made endless.
    thread.stop();
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // only this thread counts, the other looks
  private void run() {
    try {
      MutatedCore core =
          new MutatedCore((name, original) -> name.equals(mutated) ? bytes : original);
      for (int each : those) {
        begun++;
        PlannedCases.Ready one = cases.get(each);
        if (!one.holds(core.run(one.testCase()))) {
          by = one.testCase().id();
          return;
        }
      }
    } catch (Throwable broken) {
      by = broken.getClass().getSimpleName();
    }
  }
}

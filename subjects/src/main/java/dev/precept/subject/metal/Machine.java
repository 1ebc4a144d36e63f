package dev.precept.subject.metal;

import java.time.Duration;
import java.util.Optional;

/** A running machine. */
interface Machine extends AutoCloseable {
  /** How it came to its end; nothing while it runs. */
  Optional<Ending> ending();

  /**
   * It has done what it was told to: whatever it said of its end was not its end.
   *
   * @return whether it said since then that its processor shut down
   */
  default boolean goesOn() {
    return false;
  }

  /**
   * How a machine ended by itself.
   *
   * @param tripleFault whether its processor shut down, as far as is known
   * @param words what it said, for a person
   */
  record Ending(boolean tripleFault, String words) {}

  /** Processor time that it has taken of this computer; zero if that is not known. */
  default Duration processorTime() {
    return Duration.ZERO;
  }

  /** Ends it if it still runs. */
  @Override
  void close();
}

package dev.precept.cli;

import java.util.function.IntSupplier;

/**
 * What is still said when someone ends the process early, with Ctrl-C or a time limit. {@link
 * #close} when there is nothing to say any more.
 */
final class Interruption implements AutoCloseable {
  private final Thread hook;

  private Interruption(Thread hook) {
    this.hook = hook;
  }

  /** Has {@code last} run if the process is ended; what it returns becomes the exit status. */
  static Interruption tell(IntSupplier last) {
    Thread hook =
        new Thread(
            () -> {
              int status = ExitStatus.SUBJECT;
              try {
                status = last.getAsInt();
              } finally {
                Runtime.getRuntime().halt(status);
              }
            },
            "interrupted");
    Runtime.getRuntime().addShutdownHook(hook);
    return new Interruption(hook);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      // The process is being ended, and the hook has the last word.
      try {
        hook.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

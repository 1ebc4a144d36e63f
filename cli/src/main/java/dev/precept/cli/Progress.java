package dev.precept.cli;

import java.io.PrintStream;
import java.util.Locale;

/**
 * One line that tells how far a run is, on a terminal; nothing elsewhere, so that logs stay short.
 */
final class Progress implements AutoCloseable {
  private static final long EVERY_NANOS = 100_000_000;

  private final PrintStream terminal;
  private final boolean shown;
  private final long start = System.nanoTime();
  private long last;

  private Progress(PrintStream terminal, boolean shown) {
    this.terminal = terminal;
    this.shown = shown;
  }

  /** On standard error, if it and standard output are a terminal. */
  static Progress onTerminal() {
    return new Progress(System.err, Terminal.attached() && !"dumb".equals(System.getenv("TERM")));
  }

  /** Tells what is going on. */
  synchronized void say(String what) {
    if (shown) {
      terminal.print("\r\u001b[K" + what);
      terminal.flush();
    }
  }

  /** Tells that {@code done} of {@code total} cases have ended. */
  synchronized void at(int done, int total) {
    long now = System.nanoTime();
    if (shown && (now - last > EVERY_NANOS || done == total)) {
      last = now;
      say(
          String.format(
              Locale.ENGLISH, "%,d of %,d cases, %.0f s", done, total, (now - start) / 1e9));
    }
  }

  /** Leaves an empty line for what follows. */
  @Override
  public synchronized void close() {
    say("");
  }
}

package dev.precept.subject.exec;

import java.util.Optional;

/**
 * How often in a row a command may fail, over all its programs, before nobody asks any more. One
 * that has never answered is given up early. Thread-safe.
 */
final class Patience {
  private static final int WITHOUT_ANY_ANSWER = 8, AFTER_ANSWERS = 200;

  private boolean everAnswered;
  private int failures;
  private Optional<Failure> last = Optional.empty();
  private boolean over;

  synchronized void answered() {
    everAnswered = true;
    failures = 0;
  }

  synchronized void failed(Failure failure) {
    failures++;
    last = Optional.of(failure);
    over |= failure.hopeless() || failures >= (everAnswered ? AFTER_ANSWERS : WITHOUT_ANY_ANSWER);
  }

  /** Since when nobody asks any more, if that is so: to stand behind "not sent". */
  synchronized Optional<String> exhausted() {
    return over
        ? last.map(
            failure ->
                failures > 1
                    ? "after " + failures + " failures in a row, the last: " + failure.reason()
                    : "because " + failure.reason())
        : Optional.empty();
  }
}

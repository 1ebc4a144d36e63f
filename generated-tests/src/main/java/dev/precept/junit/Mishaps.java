package dev.precept.junit;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/** Remembers what kept tests from coming to a result, so that their results can say it. */
final class Mishaps implements TestExecutionListener {
  private final Map<String, String> byName = new ConcurrentHashMap<>();

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    result
        .getThrowable()
        .filter(thrown -> !(thrown instanceof AssertionError))
        .ifPresent(thrown -> add(test.getDisplayName(), thrown));
  }

  /** Remembers what kept the test {@code name} from its result. */
  void add(String name, Throwable thrown) {
    byName.put(name, describe(thrown));
  }

  private static String describe(Throwable thrown) {
    StackTraceElement[] trace = thrown.getStackTrace();
    return thrown + (trace.length == 0 ? "" : " at " + trace[0]);
  }

  /** Why the test {@code id} or all of a class came to nothing. */
  String of(String id) {
    String own = byName.get(id);
    if (own != null) {
      return own;
    }
    return byName.isEmpty()
        ? "the test did not run to its end"
        : "the test did not run; " + byName.values().stream().sorted().findFirst().orElse("");
  }
}

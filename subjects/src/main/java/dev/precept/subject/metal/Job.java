package dev.precept.subject.metal;

import dev.precept.cases.Case;
import dev.precept.cases.Context;
import java.util.Set;
import java.util.TreeSet;

/**
 * A case on its way through the runner, and how to run it.
 *
 * @param watched lines of memory to watch beside those of {@link Watches}
 * @param checked whether all memory is compared right behind it
 * @param alarmTicks when the alarm ends its waiting, in the timer's ticks of 0.84 microseconds
 * @param attempts how often it has been run
 */
record Job(Case testCase, Set<Long> watched, boolean checked, int alarmTicks, int attempts) {
  private static final int FIRST_ALARM = 2000, LAST_ALARM = 60_000;

  static Job of(Case testCase) {
    // On the way into a case outside any guest nothing holds an early alarm back.
    boolean guest = testCase.context() == Context.GUEST;
    return new Job(testCase, Set.of(), false, guest ? FIRST_ALARM : LAST_ALARM, 0);
  }

  /** The same once more. */
  Job again() {
    return new Job(testCase, watched, checked, alarmTicks, attempts + 1);
  }

  /** Once more with these lines watched. */
  Job watching(Set<Long> lines) {
    Set<Long> all = new TreeSet<>(watched);
    all.addAll(lines);
    return new Job(testCase, all, checked, alarmTicks, attempts + 1);
  }

  /** Once more with all memory compared. */
  Job checkedByItself() {
    return new Job(testCase, watched, true, alarmTicks, attempts + 1);
  }

  /** Once more with more time before the alarm. */
  Job patient() {
    return new Job(testCase, watched, checked, LAST_ALARM, attempts + 1);
  }

  boolean isPatient() {
    return alarmTicks == LAST_ALARM;
  }
}

package dev.precept.cases;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Compares an outcome with an expectation: everything the outcome carries, not only who won.
 *
 * <p>The time-stamp counter is never compared; it has its own time.
 */
public final class Judge {
  private Judge() {}

  /**
   * Judges one case.
   *
   * @param testCase the case, for the memory it began with
   * @param expectation what is allowed; at least one outcome
   * @param outcome what the subject did
   * @throws IllegalArgumentException if the expectation allows nothing
   */
  public static Judgement judge(Case testCase, Expectation expectation, Outcome outcome) {
    if (expectation.allowed().isEmpty()) {
      throw new IllegalArgumentException("nothing is allowed for " + testCase.id());
    }
    Verdict unanswered = unanswered(outcome.kind());
    if (unanswered != Verdict.HOLDS) {
      Expected first = expectation.allowed().get(0);
      return new Judgement(unanswered, first, "", List.of(headline(first.outcome(), outcome)));
    }
    Expected nearest = expectation.allowed().get(0);
    List<Difference> fewest = null;
    for (Expected allowed : expectation.allowed()) {
      List<Difference> differences = differences(testCase, allowed, outcome);
      if (differences.isEmpty()) {
        Verdict verdict = expectation.allowed().size() > 1 ? Verdict.OPEN_HOLDS : Verdict.HOLDS;
        return new Judgement(verdict, allowed, "", List.of());
      }
      boolean nearer =
          fewest == null
              || (sameEnd(allowed.outcome(), outcome) && !sameEnd(nearest.outcome(), outcome))
              || (sameEnd(allowed.outcome(), outcome) == sameEnd(nearest.outcome(), outcome)
                  && differences.size() < fewest.size());
      if (nearer) {
        nearest = allowed;
        fewest = differences;
      }
    }
    if (!sameEnd(nearest.outcome(), outcome)) {
      for (Expected outranked : expectation.outranked()) {
        if (sameEnd(outranked.outcome(), outcome)) {
          return new Judgement(Verdict.PRECEDENCE_VIOLATION, nearest, outranked.check(), fewest);
        }
      }
    }
    return new Judgement(Verdict.VIOLATION, nearest, "", fewest);
  }

  private static Verdict unanswered(OutcomeKind kind) {
    return switch (kind) {
      case NOT_APPLICABLE -> Verdict.NOT_APPLICABLE;
      case NO_ANSWER -> Verdict.NO_ANSWER;
      case CRASH -> Verdict.CRASH;
      case EXIT, DELIVERED, RETIRED, HALTED, SHUTDOWN -> Verdict.HOLDS;
    };
  }

  /** Whether two outcomes are the same event: kind, and exit code or vector. */
  private static boolean sameEnd(Outcome one, Outcome other) {
    return one.kind() == other.kind() && one.code() == other.code();
  }

  private static Difference headline(Outcome expected, Outcome actual) {
    return new Difference("outcome", expected.label(), actual.label());
  }

  private static List<Difference> differences(Case testCase, Expected expected, Outcome actual) {
    List<Difference> found = new ArrayList<>();
    if (!sameEnd(expected.outcome(), actual)) {
      found.add(headline(expected.outcome(), actual));
    }
    compareFields(expected, actual, found);
    for (int i = 0; i < Register.COUNT; i++) {
      Register register = Register.at(i);
      long want = expected.outcome().state().get(register);
      long have = actual.state().get(register);
      if (want != have
          && ((want ^ have) & expected.masks().getOrDefault(register.name(), -1L)) != 0
          && register != Register.TSC
          && !expected.unspecified().contains(register)
          && !actual.unseen().contains(register.name())) {
        found.add(new Difference(register.name(), hex(want), hex(have)));
      }
    }
    compareMemory(testCase, expected, actual, found);
    return found;
  }

  private static void compareFields(Expected expected, Outcome actual, List<Difference> found) {
    for (Map.Entry<String, Long> field : expected.outcome().fields().entrySet()) {
      String name = field.getKey();
      if (actual.unseen().contains(name)) {
        continue;
      }
      long mask = expected.masks().getOrDefault(name, -1L);
      Long have = actual.fields().get(name);
      if (have == null) {
        found.add(new Difference(name, hex(field.getValue()), "absent"));
      } else if (((field.getValue() ^ have) & mask) != 0) {
        String bits = mask == -1L ? "" : " (bits " + hex(mask) + ")";
        found.add(new Difference(name, hex(field.getValue() & mask) + bits, hex(have)));
      }
    }
  }

  private static void compareMemory(
      Case testCase, Expected expected, Outcome actual, List<Difference> found) {
    if (expected.outcome().changes().equals(actual.changes())) {
      return;
    }
    NavigableMap<Long, Byte> want = bytes(expected.outcome().changes());
    NavigableMap<Long, Byte> have = bytes(actual.changes());
    for (MemoryPatch open : expected.unspecifiedMemory()) {
      want.subMap(open.address(), open.end()).clear();
      have.subMap(open.address(), open.end()).clear();
    }
    TreeSet<Long> addresses = new TreeSet<>(want.keySet());
    addresses.addAll(have.keySet());
    for (long address : addresses) {
      byte before = testCase.initialByte(address);
      byte wanted = want.getOrDefault(address, before);
      byte held = have.getOrDefault(address, before);
      if (wanted != held) {
        found.add(new Difference("memory " + hex(address), hex(wanted & 0xFF), hex(held & 0xFF)));
      }
    }
  }

  private static NavigableMap<Long, Byte> bytes(List<MemoryPatch> patches) {
    NavigableMap<Long, Byte> bytes = new TreeMap<>();
    for (MemoryPatch patch : patches) {
      for (int i = 0; i < patch.bytes().length; i++) {
        bytes.put(patch.address() + i, patch.bytes()[i]);
      }
    }
    return bytes;
  }

  private static String hex(long value) {
    String digits = Long.toHexString(value).toUpperCase(java.util.Locale.ROOT);
    return digits.length() > 1 || value > 9 ? digits + "h" : digits;
  }
}

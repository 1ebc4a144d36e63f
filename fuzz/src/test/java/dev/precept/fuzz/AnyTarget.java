package dev.precept.fuzz;

import java.util.Arrays;
import java.util.List;

/**
 * Every target that is quick, in one process, since to start a fuzzer takes longer than a build
 * should: the first byte of an input is the target's number in this list, the rest is its input.
 */
public final class AnyTarget {
  /** Without {@link Target#FOLDER}: each of its inputs takes a tenth of a second. */
  static final List<Target> TARGETS =
      Arrays.stream(Target.values()).filter(target -> target != Target.FOLDER).toList();

  private AnyTarget() {}

  /** Runs one input. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    if (bytes.length > 0) {
      Target target = TARGETS.get((bytes[0] & 0xFF) % TARGETS.size());
      target.run(Arrays.copyOfRange(bytes, 1, bytes.length));
    }
  }
}

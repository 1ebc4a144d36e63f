package dev.precept.fuzz;

/** A mistake that chance alone does not find: one in 2^48 inputs shows it. */
public final class PlantedTarget {
  private PlantedTarget() {}

  /** Fails on what begins with one word. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    if (bytes.length >= 6
        && bytes[0] == 'V'
        && bytes[1] == 'M'
        && bytes[2] == 'E'
        && bytes[3] == 'X'
        && bytes[4] == 'I'
        && bytes[5] == 'T') {
      throw new IllegalStateException("planted");
    }
  }
}

package dev.precept.generator.state;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place of variables.csv or a target of effects: a name and the bits of it that are meant.
 *
 * @param name {@code cr4}, {@code src}, {@code mem}, {@code stack}, {@code vmcb.nrip}, {@code
 *     builder:mode}, {@code none}
 * @param high highest bit, or for {@code mem} and {@code stack} the number in brackets
 * @param low lowest bit
 * @param whole whether nothing stands in brackets
 */
public record Place(String name, int high, int low, boolean whole) {
  private static final Pattern BITS = Pattern.compile("([^\\[]+)\\[(\\d+)(?::(\\d+))?\\]");

  /** The place {@code text}. */
  public static Place parse(String text) {
    Matcher matcher = BITS.matcher(text.strip());
    if (!matcher.matches()) {
      return new Place(text.strip(), 63, 0, true);
    }
    int high = Integer.parseInt(matcher.group(2));
    int low = matcher.group(3) == null ? high : Integer.parseInt(matcher.group(3));
    return new Place(matcher.group(1), high, low, false);
  }

  /** Ones at the bits that are meant. */
  public long mask() {
    return high - low == 63 ? -1L : (1L << high - low + 1) - 1 << low;
  }

  /** {@code old} with the bits that are meant taken from {@code value}'s low ones. */
  public long insert(long old, long value) {
    return old & ~mask() | value << low & mask();
  }
}

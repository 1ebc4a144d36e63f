package dev.precept.generator.state;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place of variables.csv or a target of effects: a name and the bits of it that are meant.
 *
 * @param name {@code cr4}, {@code src}, {@code mem}, {@code stack}, {@code vmcb.nrip}, {@code
 *     builder:mode}, {@code none}
 * @param high highest bit; for {@code mem} and {@code stack} the number in brackets, for {@code
 *     phys} the address
 * @param low lowest bit; for {@code phys} the number of bytes
 * @param whole whether nothing stands in brackets
 */
public record Place(String name, int high, int low, boolean whole) {
  private static final Pattern PHYSICAL = Pattern.compile("phys\\[0x([0-9A-Fa-f]+):([1248])\\]");
  private static final Pattern BITS = Pattern.compile("([^\\[]+)\\[(\\d+)(?::(\\d+))?\\]");

  /** The place {@code text}. */
  public static Place parse(String text) {
    Matcher physical = PHYSICAL.matcher(text.strip());
    if (physical.matches()) {
      int address = Integer.parseInt(physical.group(1), 16);
      return new Place("phys", address, Integer.parseInt(physical.group(2)), false);
    }
    Matcher matcher = BITS.matcher(text.strip());
    if (!matcher.matches()) {
      return new Place(text.strip(), 63, 0, true);
    }
    int high = Integer.parseInt(matcher.group(2));
    int low = matcher.group(3) == null ? high : Integer.parseInt(matcher.group(3));
    return new Place(matcher.group(1), high, low, false);
  }

  /** For {@code phys}, the physical address. */
  public long address() {
    return high;
  }

  /** For {@code phys}, the number of bytes there. */
  public int bytes() {
    return low;
  }

  /** Ones at the bits that are meant. */
  public long mask() {
    return high - low == 63 ? -1L : ((1L << (high - low + 1)) - 1) << low;
  }

  /** {@code old} with the bits that are meant taken from {@code value}'s low ones. */
  public long insert(long old, long value) {
    return (old & ~mask()) | (value << low & mask());
  }
}

package dev.precept.report.baseline;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many violations a glob covers: {@code x12}, or {@code x0..12} where the subject shows them or
 * not by what is left over in it from before, so that two runs of the same differ.
 *
 * @param least fewer are told, if everything ran
 * @param most more are told
 */
record Count(int least, int most) {
  private static final Pattern TEXT = Pattern.compile("x([0-9]{1,9})(?:\\.\\.([0-9]{1,9}))?");

  static Count exactly(int number) {
    return new Count(number, number);
  }

  /** The count that {@code word} is, if it is one; a range that ends before it begins is none. */
  static Optional<Count> parse(String word) {
    Matcher matcher = TEXT.matcher(word);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int least = Integer.parseInt(matcher.group(1));
    int most = matcher.group(2) == null ? least : Integer.parseInt(matcher.group(2));
    return least <= most ? Optional.of(new Count(least, most)) : Optional.empty();
  }

  /** Whether runs may differ. */
  boolean isRange() {
    return least != most;
  }

  /** The nearest count that {@code happen} fits: a range becomes as wide as it has to be. */
  Count with(int happen) {
    return isRange() ? new Count(Math.min(least, happen), Math.max(most, happen)) : exactly(happen);
  }

  @Override
  public String toString() {
    return isRange() ? "x" + least + ".." + most : "x" + least;
  }
}

package dev.precept.sweep;

/**
 * How much of the space a sweep may run.
 *
 * @param cases most cases to run, as a sample spread over all strata; 0: no limit
 * @param seconds longest time to run cases for; 0: no limit
 */
public record Budget(long cases, long seconds) {
  /** Everything. */
  public static final Budget UNLIMITED = new Budget(0, 0);

  /** Refuses negative limits. */
  public Budget {
    if (cases < 0 || seconds < 0) {
      throw new IllegalArgumentException("a budget cannot be negative");
    }
  }

  /**
   * Reads {@code 90s}, {@code 10m}, {@code 2h} or a number of cases.
   *
   * @throws IllegalArgumentException if {@code text} is neither
   */
  public static Budget parse(String text) {
    if (!text.matches("[1-9][0-9]{0,14}|[1-9][0-9]{0,5}[smh]")) {
      throw new IllegalArgumentException(
          "'" + text + "' is no time such as 90s, 10m or 2h, and no number of cases");
    }
    int last = text.length() - 1;
    return switch (text.charAt(last)) {
      case 's' -> new Budget(0, Long.parseLong(text.substring(0, last)));
      case 'm' -> new Budget(0, 60 * Long.parseLong(text.substring(0, last)));
      case 'h' -> new Budget(0, 3600 * Long.parseLong(text.substring(0, last)));
      default -> new Budget(Long.parseLong(text), 0);
    };
  }
}

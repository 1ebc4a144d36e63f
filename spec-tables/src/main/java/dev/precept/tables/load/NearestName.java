package dev.precept.tables.load;

import java.util.Collection;
import java.util.Optional;

/** The valid name that a mistyped one was probably meant to be. */
public final class NearestName {
  /** Beyond this length no typo is looked for: the distance costs the product of the lengths. */
  private static final int LONGEST = 100;

  private NearestName() {}

  /** The name of {@code valid} nearest to {@code typed}, if any is near enough to be meant. */
  public static Optional<String> of(String typed, Collection<String> valid) {
    if (typed.length() > LONGEST) {
      return Optional.empty();
    }
    int allowed = Math.max(1, typed.length() / 3);
    String nearest = null;
    int least = allowed + 1;
    for (String name : valid) {
      if (Math.abs(name.length() - typed.length()) >= least) {
        continue;
      }
      int distance = distance(typed, name);
      if (distance < least) {
        least = distance;
        nearest = name;
      }
    }
    return Optional.ofNullable(nearest);
  }

  /**
   * Damerau-Levenshtein distance (optimal string alignment): insertions, deletions, substitutions
   * and swaps of neighbours.
   */
  static int distance(String one, String other) {
    int[][] distances = new int[one.length() + 1][other.length() + 1];
    for (int i = 0; i <= one.length(); i++) {
      distances[i][0] = i;
    }
    for (int j = 0; j <= other.length(); j++) {
      distances[0][j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      for (int j = 1; j <= other.length(); j++) {
        boolean same = one.charAt(i - 1) == other.charAt(j - 1);
        int least = distances[i - 1][j - 1] + (same ? 0 : 1);
        least = Math.min(least, distances[i - 1][j] + 1);
        least = Math.min(least, distances[i][j - 1] + 1);
        boolean swapped =
            i > 1
                && j > 1
                && one.charAt(i - 1) == other.charAt(j - 2)
                && one.charAt(i - 2) == other.charAt(j - 1);
        distances[i][j] = swapped ? Math.min(least, distances[i - 2][j - 2] + 1) : least;
      }
    }
    return distances[one.length()][other.length()];
  }
}

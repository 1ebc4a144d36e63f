package dev.precept.cli;

import dev.precept.tables.load.NearestName;
import java.util.List;
import java.util.Locale;

/** Small turns of phrase that several commands need. */
final class Wording {
  private Wording() {}

  /** {@code 1 error}, {@code 2 errors}, {@code 12,000 cases}. */
  static String count(long count, String noun) {
    return String.format(Locale.ENGLISH, "%,d %s%s", count, noun, count == 1 ? "" : "s");
  }

  /** {@code 12,000}. */
  static String number(long count) {
    return String.format(Locale.ENGLISH, "%,d", count);
  }

  /** {@code ; did you mean 'x'?} for the nearest of {@code names}, or nothing if none is near. */
  static String nearest(String wanted, List<String> names) {
    return NearestName.of(wanted.toLowerCase(Locale.ROOT), names)
        .map(name -> "; did you mean '" + name + "'?")
        .orElse("");
  }
}

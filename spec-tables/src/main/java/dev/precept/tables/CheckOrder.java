package dev.precept.tables;

import java.util.List;
import java.util.Set;

/**
 * An instruction's checks, highest priority first.
 *
 * @param groups each a set of checks whose order among themselves is open; most have one check
 * @param optional checks of which no source settles whether they are made at all: where such a one
 *     comes first, what would happen without it is allowed too
 */
public record CheckOrder(List<List<String>> groups, Set<String> optional) {
  /** An order in which every check is made. */
  public CheckOrder(List<List<String>> groups) {
    this(groups, Set.of());
  }

  /** Every check, in table order. */
  public List<String> checks() {
    return groups.stream().flatMap(List::stream).toList();
  }

  /** Whether {@code check} may be left out. */
  public boolean optional(String check) {
    return optional.contains(check);
  }

  /**
   * Whether it is left open which of two armed checks wins.
   *
   * @param one the one that comes earlier in the table
   */
  public boolean open(String one, String other) {
    return optional(one)
        || groups.stream().anyMatch(group -> group.contains(one) && group.contains(other));
  }

  /** {@code check} as the table writes it: with a question mark if it may be left out. */
  public String written(String check) {
    return optional(check) ? check + "?" : check;
  }
}

package dev.precept.tables;

import java.util.List;

/**
 * An instruction's checks, highest priority first.
 *
 * @param groups each a set of checks whose order among themselves is open; most have one check
 */
public record CheckOrder(List<List<String>> groups) {
  /** Every check, in table order. */
  public List<String> checks() {
    return groups.stream().flatMap(List::stream).toList();
  }

  /** Whether the order of two different checks is left open. */
  public boolean open(String one, String other) {
    return groups.stream().anyMatch(group -> group.contains(one) && group.contains(other));
  }
}

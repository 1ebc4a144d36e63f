package dev.precept.tables.load;

import dev.precept.tables.Variable;

/** What a variable's classes are. */
final class Domains {
  private Domains() {}

  /** Whether the classes are words, which have no number of their own. */
  static boolean isWords(Variable variable) {
    return !variable.values().isEmpty()
        && variable.values().stream().noneMatch(value -> isNumber(value.name()));
  }

  /** Whether the classes are exactly 0 and 1. */
  static boolean isFlag(Variable variable) {
    return variable.values().stream().allMatch(v -> v.number() == 0 || v.number() == 1)
        && !isWords(variable);
  }

  static boolean isNumber(String name) {
    return !name.isEmpty() && name.charAt(0) >= '0' && name.charAt(0) <= '9';
  }
}

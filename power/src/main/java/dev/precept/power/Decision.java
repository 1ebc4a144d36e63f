package dev.precept.power;

/** How a mutant decides which check wins. */
@FunctionalInterface
interface Decision {
  /** No check: the instruction completes. */
  int NONE = -1;

  /** Index of the check that wins in {@code classes}, or {@link #NONE}. */
  int winner(int[] classes);
}

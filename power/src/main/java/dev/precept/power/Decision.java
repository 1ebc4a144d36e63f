package dev.precept.power;

/** How a mutant decides which check wins. */
@FunctionalInterface
interface Decision {
  /** No check: the instruction completes. */
  int NONE = -1;

  /**
   * Index of the check that wins, or {@link #NONE}.
   *
   * @param classes the state; as before when this returns
   * @param armed a bit for each check: whether it is armed in that state
   */
  int winner(int[] classes, long armed);
}

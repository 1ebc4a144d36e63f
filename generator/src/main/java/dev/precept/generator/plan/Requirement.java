package dev.precept.generator.plan;

import dev.precept.tables.expr.CompiledCondition;
import dev.precept.tables.expr.Truth;

/**
 * Something a searched-for assignment must make true, or false.
 *
 * @param condition over the search's state space
 * @param wanted the truth it must have
 * @param swapped index of a variable that this requirement sees in another class than the
 *     assignment has it, or -1; asks what would be if only that variable changed
 * @param swappedClass the class it sees
 */
record Requirement(CompiledCondition condition, boolean wanted, int swapped, int swappedClass) {

  static Requirement holds(CompiledCondition condition) {
    return new Requirement(condition, true, -1, 0);
  }

  static Requirement fails(CompiledCondition condition) {
    return new Requirement(condition, false, -1, 0);
  }

  /** This requirement as if the variable {@code swapped} were in class {@code swappedClass}. */
  Requirement swapping(int swapped, int swappedClass) {
    return new Requirement(condition, wanted, swapped, swappedClass);
  }

  /** Whether it is met (TRUE), broken (FALSE), or not settled by a partial assignment. */
  Truth met(int[] classes) {
    Truth truth;
    if (swapped < 0) {
      truth = condition.evaluate(classes);
    } else {
      int kept = classes[swapped];
      classes[swapped] = swappedClass;
      truth = condition.evaluate(classes);
      classes[swapped] = kept;
    }
    if (truth == Truth.UNKNOWN || wanted) {
      return truth;
    }
    return truth == Truth.TRUE ? Truth.FALSE : Truth.TRUE;
  }

  /**
   * Those classes of {@code domain}, a bit each, with which it is not broken.
   *
   * @param classes class of each variable, -1 unassigned; as before when this returns
   * @param variable index of an unassigned variable, not the swapped one
   */
  long possible(int[] classes, int variable, long domain) {
    if (swapped < 0) {
      return condition.possible(classes, variable, domain, wanted);
    }
    int kept = classes[swapped];
    classes[swapped] = swappedClass;
    long possible = condition.possible(classes, variable, domain, wanted);
    classes[swapped] = kept;
    return possible;
  }
}

package dev.precept.tables.expr;

import java.util.Arrays;

/**
 * A condition over a {@link StateSpace}, ready to be evaluated millions of times: definitions are
 * inlined, names are indices, and parts that depend on few states are tables. Evaluation allocates
 * nothing. Immutable; safe for use by several threads as long as each has its own assignment.
 */
public final class CompiledCondition {
  /** Completions that are tried one by one where three-valued logic does not decide. */
  static final int ENUMERATION_LIMIT = 64;

  private final StateSpace space;
  private final ConditionNode root;
  private final int[] variables;

  CompiledCondition(StateSpace space, ConditionNode root, int[] variables) {
    this.space = space;
    this.root = root;
    this.variables = variables;
  }

  /** Indices of the variables it depends on, ascending. */
  public int[] variables() {
    return variables.clone();
  }

  /** Number of variables it depends on. */
  public int variableCount() {
    return variables.length;
  }

  /** Index of the {@code n}-th variable it depends on, ascending with {@code n}. */
  public int variable(int n) {
    return variables[n];
  }

  /** Whether it depends on the variable with index {@code variable}. */
  public boolean dependsOn(int variable) {
    return Arrays.binarySearch(variables, variable) >= 0;
  }

  /** Whether it holds; every variable it depends on must have a class. */
  public boolean holds(int[] classes) {
    return root.truth(classes) == ConditionNode.TRUE;
  }

  /**
   * What is known of it under a partial assignment. TRUE and FALSE are certain: every completion
   * agrees. UNKNOWN is exact (completions differ) if at most {@value #ENUMERATION_LIMIT}
   * completions of its own variables are left, else it may also be undecided.
   *
   * @param classes class of each variable, -1 unassigned; may be changed during the call, and is as
   *     before when it returns
   */
  public Truth evaluate(int[] classes) {
    int truth = root.truth(classes);
    if (truth == ConditionNode.UNKNOWN && !root.exact()) {
      truth = Completions.join(root, space, variables, classes);
    }
    return truth == ConditionNode.TRUE
        ? Truth.TRUE
        : truth == ConditionNode.FALSE ? Truth.FALSE : Truth.UNKNOWN;
  }

  /**
   * Those classes of a variable with which it is not certain that the condition is otherwise than
   * {@code wanted}.
   *
   * @param classes class of each variable, -1 unassigned; may be changed during the call, and is as
   *     before when it returns
   * @param variable index of an unassigned variable
   * @param domain classes to try, a bit each, lowest for class 0
   */
  public long possible(int[] classes, int variable, long domain, boolean wanted) {
    int excluded = wanted ? ConditionNode.FALSE : ConditionNode.TRUE;
    long possible = root.possible(classes, variable, domain, excluded);
    if (root.exact() || !Completions.few(space, variables, variable, classes)) {
      return possible;
    }
    for (long rest = possible; rest != 0; rest &= rest - 1) {
      int candidate = Long.numberOfTrailingZeros(rest);
      classes[variable] = candidate;
      int truth = root.truth(classes);
      if (truth == ConditionNode.UNKNOWN) {
        truth = Completions.join(root, space, variables, classes);
      }
      if (truth == excluded) {
        possible &= ~(1L << candidate);
      }
    }
    classes[variable] = -1;
    return possible;
  }
}

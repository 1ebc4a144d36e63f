package dev.precept.tables.expr;

/** Decides a condition by trying the completions of a partial assignment, if they are few. */
final class Completions {
  private Completions() {}

  /**
   * What all completions of {@code classes} over {@code variables} agree on, or UNKNOWN if they do
   * not or are too many. Allocates nothing: the completions are made in {@code classes} itself.
   */
  static int join(ConditionNode node, StateSpace space, int[] variables, int[] classes) {
    return few(space, variables, -1, classes)
        ? step(node, space, variables, 0, classes)
        : ConditionNode.UNKNOWN;
  }

  /**
   * Whether the completions of {@code classes} over {@code variables} are few enough to be tried.
   *
   * @param settled index of a variable that is taken to have a class, or -1
   */
  static boolean few(StateSpace space, int[] variables, int settled, int[] classes) {
    int count = 1;
    for (int variable : variables) {
      if (classes[variable] < 0 && variable != settled) {
        count *= space.domainSize(variable);
        if (count > CompiledCondition.ENUMERATION_LIMIT) {
          return false;
        }
      }
    }
    return true;
  }

  private static int step(
      ConditionNode node, StateSpace space, int[] variables, int from, int[] classes) {
    int next = from;
    while (next < variables.length && classes[variables[next]] >= 0) {
      next++;
    }
    if (next == variables.length) {
      return node.truth(classes);
    }
    int variable = variables[next];
    int joined = -1;
    for (int c = space.domainSize(variable) - 1; c >= 0; c--) {
      classes[variable] = c;
      int truth = step(node, space, variables, next + 1, classes);
      joined = joined < 0 || joined == truth ? truth : ConditionNode.UNKNOWN;
      if (joined == ConditionNode.UNKNOWN) {
        break;
      }
    }
    classes[variable] = -1;
    return joined;
  }
}

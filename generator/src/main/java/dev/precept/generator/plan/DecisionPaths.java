package dev.precept.generator.plan;

import dev.precept.tables.expr.StateSpace;
import dev.precept.tables.expr.Truth;
import java.util.ArrayList;
import java.util.List;

/**
 * The whole state space of a form in one mode, cut into parts in each of which the same checks win
 * whatever else the state is.
 *
 * <p>A path assigns just the variables that decide, check by check in the form's order, which of
 * them wins; all states that agree with it are alike but for what the outcome carries. The paths
 * are disjoint and cover every lawful state. They are visited in an order that only the tables
 * decide, and none is kept.
 */
public final class DecisionPaths {
  private final FormSpace space;
  private final StateSpace states;
  private final int[] classes;
  private final List<List<Requirement>> lawsOf = new ArrayList<>();
  private boolean stopped;

  DecisionPaths(FormSpace space) {
    this.space = space;
    this.states = space.space();
    this.classes = states.unassigned();
    classes[states.indexOf("mode")] = space.quiet()[states.indexOf("mode")];
    for (int variable = 0; variable < states.size(); variable++) {
      lawsOf.add(new ArrayList<>());
    }
    for (Requirement law : space.laws()) {
      for (int variable : law.condition().variables()) {
        lawsOf.get(variable).add(law);
      }
    }
  }

  /** Takes paths. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * Takes a path.
     *
     * @param classes class of each variable, -1 where it decides nothing; changes after the call
     * @return whether to go on
     */
    boolean path(int[] classes);
  }

  /** Visits every path once. */
  public void visit(Visitor visitor) {
    stopped = false;
    descend(0, visitor);
  }

  /** Settles the checks from number {@code from} on; those before it are quiet. */
  private void descend(int from, Visitor visitor) {
    int check = from;
    while (check < space.checks().size()) {
      int end = check + 1;
      while (end < space.checks().size() && space.group(end) == space.group(check)) {
        end++;
      }
      boolean armed = false;
      for (int each = check; each < end; each++) {
        Truth truth = space.condition(each).evaluate(classes);
        if (truth == Truth.UNKNOWN) {
          branch(each, check, visitor);
          return;
        }
        armed |= truth == Truth.TRUE && !space.optional(each);
      }
      if (armed) {
        break;
      }
      check = end;
    }
    stopped = !visitor.path(classes);
  }

  /** Goes on with each class of the first variable of a check that has none. */
  private void branch(int check, int from, Visitor visitor) {
    for (int variable : space.condition(check).variables()) {
      if (classes[variable] >= 0) {
        continue;
      }
      for (int value = 0; value < states.domainSize(variable) && !stopped; value++) {
        classes[variable] = value;
        if (lawful(variable)) {
          descend(from, visitor);
        }
      }
      classes[variable] = -1;
      return;
    }
    throw new IllegalStateException(space.checks().get(check).id() + " is settled by no variable");
  }

  private boolean lawful(int variable) {
    for (Requirement law : lawsOf.get(variable)) {
      if (law.met(classes) == Truth.FALSE) {
        return false;
      }
    }
    return true;
  }
}

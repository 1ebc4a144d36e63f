package dev.precept.generator.plan;

import dev.precept.generator.plan.FormCases.About;
import dev.precept.tables.Check;
import dev.precept.tables.Variable;
import dev.precept.tables.expr.CompiledCondition;
import dev.precept.tables.expr.StateSpace;
import java.util.BitSet;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/**
 * Implementations whose check sees a variable in another class than it has: always the same class,
 * the neighbouring value, the conditions of another mode. Each must be told from a right one by
 * some case; where none planned so far does, one is added, or the search proves that no state does.
 */
final class BlindCases {
  private final FormSpace space;
  private final StateSpace states;
  private final Claims claims;
  private final FormCases cases;
  private final int mode;

  BlindCases(FormSpace space, Claims claims, FormCases cases) {
    this.space = space;
    this.states = space.space();
    this.claims = claims;
    this.cases = cases;
    this.mode = states.indexOf("mode");
  }

  void plan() {
    for (int check = 0; check < space.checks().size(); check++) {
      Armed armed = new Armed(space.whole(check));
      for (int variable : armed.condition.variables()) {
        Sight sight = new Sight(check, armed, variable);
        for (int seen = 0; seen < states.domainSize(variable); seen++) {
          always(sight, seen);
        }
        if (variable != mode && states.domainSize(variable) > 2) {
          neighbours(sight);
        }
      }
    }
  }

  /** A check, what arms it and the variable that it sees wrongly. */
  private record Sight(int check, Armed armed, int variable) {}

  /** In which states of the cases so far a condition holds, each asked for once. */
  private final class Armed {
    private final CompiledCondition condition;
    private final BitSet holds = new BitSet();
    private int asked;

    Armed(CompiledCondition condition) {
      this.condition = condition;
    }

    boolean in(int place) {
      for (; asked <= place; asked++) {
        holds.set(asked, condition.holds(cases.states().get(asked)));
      }
      return holds.get(place);
    }
  }

  private void always(Sight sight, int seen) {
    if (sight.variable() == mode) {
      // The mode of the plan stays; what it would be in another is asked for where it is quiet.
      tell(sight, seen, false, "as." + word(sight, seen));
      return;
    }
    if (!told(sight, real -> seen) && !tell(sight, seen, true, "as." + word(sight, seen))) {
      tell(sight, seen, false, "as." + word(sight, seen));
    }
  }

  private void neighbours(Sight sight) {
    Variable variable = states.variable(sight.variable());
    boolean number =
        variable.values().stream().allMatch(value -> Character.isDigit(value.name().charAt(0)));
    if (!number) {
      return;
    }
    neighbours(sight, states.successors(sight.variable()), "up");
    neighbours(sight, states.predecessors(sight.variable()), "down");
  }

  private void neighbours(Sight sight, int[] seen, String name) {
    if (told(sight, real -> seen[real])) {
      return;
    }
    for (int from = 0; from < seen.length; from++) {
      int[] pins = {sight.variable(), from};
      if (seen[from] != from
          && (tell(sight, seen[from], true, name, pins)
              || tell(sight, seen[from], false, name, pins))) {
        return;
      }
    }
  }

  /** Whether a case tells a check that sees {@code seen} from one that sees what there is. */
  private boolean told(Sight sight, IntUnaryOperator seen) {
    for (int i = 0; i < cases.states().size(); i++) {
      int[] classes = cases.states().get(i);
      int real = classes[sight.variable()];
      int instead = seen.applyAsInt(real);
      if (instead != real) {
        classes[sight.variable()] = instead;
        boolean wrong = sight.armed().condition.holds(classes);
        classes[sight.variable()] = real;
        boolean armed = sight.armed().in(i);
        if (armed != wrong && space.decides(sight.check(), armed, classes)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Adds a case that tells, if there is one. */
  private boolean tell(Sight sight, int seen, boolean armed, String name, int... pins) {
    Optional<int[]> telling =
        space.telling(sight.check(), armed, sight.variable(), seen, pins).map(space::classes);
    if (telling.isEmpty() || (armed && space.optional(sight.check()))) {
      return false;
    }
    Check it = space.checks().get(sight.check());
    String variable = states.variable(sight.variable()).name();
    cases.add(
        About.one(
            CaseKind.CLAUSE,
            "mcdc." + cases.slug(sight.check()) + "." + variable + "." + name,
            claims.clause(it, variable),
            it.id(),
            claims.clauseReveals(variable)),
        telling.get());
    return true;
  }

  private String word(Sight sight, int seen) {
    return states.variable(sight.variable()).values().get(seen).name();
  }
}

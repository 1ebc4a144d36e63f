package dev.precept.junit;

import dev.precept.generator.plan.FormSpace;
import dev.precept.tables.Mode;
import dev.precept.tables.Variable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/**
 * Random states of a form, shrinking toward quiet ones: a rank for each variable, 0 being quiet,
 * and the lawful state nearest to what they say.
 */
final class RandomStates {
  /** Modes in the order in which a shrunk state prefers them. */
  static final List<Mode> PREFERRED =
      List.of(Mode.LONG64, Mode.PROT32, Mode.COMPAT, Mode.PROT16, Mode.V86, Mode.REAL);

  /** A variable is quiet in three of five states: armed checks hide each other. */
  private static final int QUIET = 3, OTHER = 2;

  private final Session session;
  private final List<FormSpace> spaces;
  private final List<Variable> variables = new ArrayList<>();

  RandomStates(Session session, String vendor, String formId) {
    this.session = session;
    this.spaces = session.spaces(vendor, formId);
    Set<String> names = new LinkedHashSet<>();
    spaces.forEach(space -> names.addAll(space.variables()));
    names.forEach(name -> variables.add(session.tables(vendor).variables().get(name)));
  }

  /** What jqwik draws from, and shrinks. */
  Arbitrary<RandomState> arbitrary() {
    List<Arbitrary<Integer>> ranks = new ArrayList<>();
    ranks.add(Arbitraries.integers().between(0, spaces.size() - 1).shrinkTowards(0));
    for (Variable variable : variables) {
      ranks.add(rank(last(variable)));
    }
    return Combinators.combine(ranks).as(this::state);
  }

  private static Arbitrary<Integer> rank(int last) {
    if (last == 0) {
      return Arbitraries.just(0);
    }
    return Arbitraries.frequencyOf(
        Tuple.of(QUIET, Arbitraries.just(0)),
        Tuple.of(OTHER, Arbitraries.integers().between(1, last).shrinkTowards(1)));
  }

  /** A state drawn as jqwik draws, without its engine. */
  RandomState draw(Random random) {
    List<Integer> ranks = new ArrayList<>();
    ranks.add(random.nextInt(spaces.size()));
    for (Variable variable : variables) {
      int last = last(variable);
      boolean quiet = last == 0 || random.nextInt(QUIET + OTHER) < QUIET;
      ranks.add(quiet ? 0 : 1 + random.nextInt(last));
    }
    return state(ranks);
  }

  private static int last(Variable variable) {
    return variable.values().size() - 1;
  }

  /**
   * The state that ranks stand for.
   *
   * @param ranks of the mode, then of each variable
   */
  private RandomState state(List<Integer> ranks) {
    FormSpace space = spaces.get(ranks.get(0));
    Map<String, Integer> wish = new HashMap<>();
    for (int i = 0; i < variables.size(); i++) {
      Variable variable = variables.get(i);
      int rank = ranks.get(i + 1);
      int index = rank == 0 ? variable.quiet() : rank <= variable.quiet() ? rank - 1 : rank;
      wish.put(variable.name(), index);
    }
    synchronized (space) {
      return new RandomState(session, space, space.nearest(wish).orElseThrow());
    }
  }
}

package dev.precept.junit;

import dev.precept.generator.plan.FormSpace;
import dev.precept.tables.Mode;
import dev.precept.tables.Variable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;
import net.jqwik.api.providers.ArbitraryProvider;
import net.jqwik.api.providers.TypeUsage;

/**
 * Random states of a form, shrinking toward quiet ones: a rank for each variable, 0 being quiet,
 * and the lawful state nearest to what they say.
 */
public final class RandomStates implements ArbitraryProvider {
  @Override
  public boolean canProvideFor(TypeUsage type) {
    return type.isOfType(RandomState.class) && type.isAnnotated(OfForm.class);
  }

  @Override
  public Set<Arbitrary<?>> provideFor(TypeUsage type, SubtypeProvider subtypes) {
    OfForm form = type.findAnnotation(OfForm.class).orElseThrow();
    return Set.of(states(Session.current(), form.vendor(), form.id()));
  }

  private static Arbitrary<RandomState> states(Session session, String vendor, String formId) {
    List<FormSpace> spaces = session.spaces(vendor, formId);
    Set<String> names = new LinkedHashSet<>();
    spaces.forEach(space -> names.addAll(space.variables()));
    List<Variable> variables = new ArrayList<>();
    List<Arbitrary<Integer>> ranks = new ArrayList<>();
    ranks.add(Arbitraries.integers().between(0, spaces.size() - 1).shrinkTowards(0));
    for (String name : names) {
      Variable variable = session.tables(vendor).variables().get(name);
      variables.add(variable);
      ranks.add(rank(variable));
    }
    return Combinators.combine(ranks)
        .as(drawn -> state(session, spaces.get(drawn.get(0)), variables, drawn));
  }

  /** Quiet in three of five states: with everything armed, only the first check would be seen. */
  private static Arbitrary<Integer> rank(Variable variable) {
    int last = variable.values().size() - 1;
    if (last == 0) {
      return Arbitraries.just(0);
    }
    return Arbitraries.frequencyOf(
        Tuple.of(3, Arbitraries.just(0)),
        Tuple.of(2, Arbitraries.integers().between(1, last).shrinkTowards(1)));
  }

  private static RandomState state(
      Session session, FormSpace space, List<Variable> variables, List<Integer> ranks) {
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

  /** Modes in the order in which a shrunk state prefers them. */
  static final List<Mode> PREFERRED =
      List.of(Mode.LONG64, Mode.PROT32, Mode.COMPAT, Mode.PROT16, Mode.V86, Mode.REAL);
}

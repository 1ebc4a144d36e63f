package dev.precept.generator.plan;

import dev.precept.tables.Check;
import dev.precept.tables.Constraint;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Mode;
import dev.precept.tables.Tables;
import dev.precept.tables.Variable;
import dev.precept.tables.expr.CompiledCondition;
import dev.precept.tables.expr.Expr;
import dev.precept.tables.expr.ExprPrinter;
import dev.precept.tables.expr.StateSpace;
import dev.precept.tables.expr.Truth;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What all forms share in one mode: the laws of the state space and the conditions of the checks,
 * both specialized to the mode. Safe for use by several threads.
 */
final class ModeSpace {
  private final Tables tables;
  private final Mode mode;
  private final StateSpace space;
  private final Specializer specializer;
  private final int[] quiet;
  private final int[] exitBits;
  private final List<Law> laws = new ArrayList<>();

  /** Indices of the laws that speak of it, by variable. */
  private final Map<Integer, List<Integer>> lawsOfVariable = new HashMap<>();

  private final List<Law> unquietLaws = new ArrayList<>();
  private final Map<String, CompiledCondition> checkConditions = new HashMap<>();
  private final Map<String, Optional<String>> exclusions = new ConcurrentHashMap<>();
  private final Map<String, Boolean> changing = new ConcurrentHashMap<>();

  ModeSpace(Tables tables, StateSpace space, Mode mode) {
    this.tables = tables;
    this.space = space;
    this.mode = mode;
    this.exitBits = tables.exitBits().stream().mapToInt(space::indexOf).toArray();
    int modeIndex = space.indexOf("mode");
    int modeClass = space.variable(modeIndex).indexOf(mode.word());
    this.quiet = space.quiet();
    this.quiet[modeIndex] = modeClass;
    this.specializer =
        new Specializer(Map.of("mode", space.number(modeIndex, modeClass)), tables.definitions());
    for (Constraint constraint : tables.constraints()) {
      add(
          constraint.expression(),
          (constraint.reason().isEmpty() ? print(constraint.expression()) : constraint.reason())
              + " ("
              + constraint.origin().file()
              + ":"
              + constraint.origin().line()
              + ")");
    }
    for (Variable variable : tables.variables().values()) {
      if (!variable.when().equals(Expr.TRUE)) {
        Expr isQuiet =
            new Expr.Binary(
                "==",
                new Expr.Name(variable.name()),
                new Expr.Num(variable.values().get(variable.quiet()).number()));
        add(
            new Expr.Binary("||", variable.when(), isQuiet),
            variable.name()
                + " applies only where "
                + print(variable.when())
                + " ("
                + variable.origin().file()
                + ":"
                + variable.origin().line()
                + ")");
      }
    }
  }

  private void add(Expr expression, String reason) {
    CompiledCondition condition = compile(expression);
    Law law = new Law(Requirement.holds(condition), reason);
    if (condition.variableCount() == 0) {
      if (!condition.holds(quiet)) {
        throw new IllegalArgumentException(
            "no state of mode " + mode.word() + " is possible: " + reason);
      }
      return;
    }
    for (int variable : condition.variables()) {
      lawsOfVariable.computeIfAbsent(variable, unused -> new ArrayList<>()).add(laws.size());
    }
    laws.add(law);
    if (!condition.holds(quiet)) {
      unquietLaws.add(law);
    }
  }

  Mode mode() {
    return mode;
  }

  StateSpace space() {
    return space;
  }

  /** Every variable in its quiet class, and the mode. */
  int[] quiet() {
    return quiet.clone();
  }

  /** Indices of the exit controls' bits, in table order; to be read, not written to. */
  int[] exitBits() {
    return exitBits;
  }

  /** Every law of the tables that is not trivial in this mode. */
  List<Law> laws() {
    return Collections.unmodifiableList(laws);
  }

  /** {@code condition} specialized to this mode. */
  synchronized CompiledCondition compile(Expr condition) {
    return space.compile(specializer.condition(condition));
  }

  /** The condition of a form's check; shared between forms unless the form makes the check. */
  synchronized CompiledCondition condition(InstructionForm form, Check check) {
    if (!shared(check)) {
      return compile(check.condition());
    }
    return checkConditions.computeIfAbsent(check.id(), unused -> compile(check.condition()));
  }

  /** Whether the check is the same in every form that makes it. */
  private boolean shared(Check check) {
    return tables.checks().containsKey(check.id()) || check.id().startsWith("exit.");
  }

  /** A set of variables and the laws that bear on them. */
  record Neighbourhood(int[] variables, List<Law> laws) {}

  /**
   * {@code seeds} and every variable that laws tie to them, with those laws; and whatever the quiet
   * state itself needs changed to be a state of this mode.
   *
   * @param extra laws beside those of the tables
   */
  Neighbourhood around(BitSet seeds, List<Law> extra) {
    BitSet variables = new BitSet();
    BitSet taken = new BitSet();
    BitSet open = (BitSet) seeds.clone();
    unquietLaws.forEach(law -> add(law, open));
    extra.forEach(law -> add(law, open));
    for (int variable = open.nextSetBit(0); variable >= 0; variable = open.nextSetBit(0)) {
      variables.set(variable);
      for (int law : lawsOfVariable.getOrDefault(variable, List.of())) {
        if (!taken.get(law)) {
          taken.set(law);
          add(laws.get(law), open);
        }
      }
      open.andNot(variables);
    }
    List<Law> inOrder = new ArrayList<>(extra);
    taken.stream().forEach(law -> inOrder.add(laws.get(law)));
    return new Neighbourhood(variables.stream().toArray(), List.copyOf(inOrder));
  }

  private static void add(Law law, BitSet variables) {
    for (int variable : law.requirement().condition().variables()) {
      variables.set(variable);
    }
  }

  /**
   * Why no state arms both of two checks; empty if some state does. Answers are kept for checks
   * that forms share.
   */
  Optional<String> exclusive(
      String firstId, CompiledCondition first, String secondId, CompiledCondition second) {
    List<Requirement> goals = List.of(Requirement.holds(first), Requirement.holds(second));
    if (firstId.startsWith("ud.mode") || firstId.startsWith("ud.gate")) {
      return contradictionIfAny(goals);
    }
    return exclusions.computeIfAbsent(
        firstId + ">" + secondId, unused -> contradictionIfAny(goals));
  }

  /**
   * Whether some lawful state, of whatever form, makes a condition {@code armed} and the opposite
   * if one variable is seen in another class. Answers are kept for checks that forms share.
   */
  boolean changes(Check check, CompiledCondition condition, boolean armed, int variable, int seen) {
    if (!shared(check)) {
      return true;
    }
    return changing.computeIfAbsent(
        check.id() + " " + armed + " " + variable + " " + seen,
        unused -> changes(condition, armed, variable, seen));
  }

  private boolean changes(CompiledCondition condition, boolean armed, int variable, int seen) {
    int[] one = space.unassigned();
    one[variable] = seen;
    Truth always = condition.evaluate(one);
    if (always == (armed ? Truth.TRUE : Truth.FALSE)) {
      return false;
    }
    Requirement is = armed ? Requirement.holds(condition) : Requirement.fails(condition);
    Requirement sees = armed ? Requirement.fails(condition) : Requirement.holds(condition);
    List<Requirement> goals = List.of(is, sees.swapping(variable, seen));
    BitSet seeds = new BitSet();
    for (int each : condition.variables()) {
      seeds.set(each);
    }
    seeds.clear(space.indexOf("mode"));
    return possible(around(seeds, List.of()), goals);
  }

  private Optional<String> contradictionIfAny(List<Requirement> goals) {
    return possible(around(goals, List.of()), goals)
        ? Optional.empty()
        : Optional.of(contradiction(goals, List.of()));
  }

  /**
   * Why no state meets {@code goals}: the laws without which one would, each of them needed. Ask
   * only where none does.
   *
   * @param extra laws beside those of the tables
   */
  String contradiction(List<Requirement> goals, List<Law> extra) {
    Neighbourhood around = around(goals, extra);
    Search search = new Search(space, around.variables(), List.of());
    List<Law> core = new ArrayList<>(around.laws());
    Set<Requirement> decisive = decisive(search, goals, core);
    for (Law law : around.laws()) {
      core.remove(law);
      if (!decisive.contains(law.requirement())) {
        // What the last proof had no use for is not needed.
        continue;
      }
      if (search.nearest(question(goals, core)).isPresent()) {
        core.add(law);
      } else {
        decisive = search.decisive();
      }
    }
    return core.isEmpty()
        ? "the conditions exclude each other"
        : String.join("; ", core.stream().map(Law::reason).sorted().toList());
  }

  private Set<Requirement> decisive(Search search, List<Requirement> goals, List<Law> laws) {
    if (search.nearest(question(goals, laws)).isPresent()) {
      throw new IllegalArgumentException("some state meets the goals");
    }
    return search.decisive();
  }

  private boolean possible(Neighbourhood around, List<Requirement> goals) {
    List<Requirement> premises = around.laws().stream().map(Law::requirement).toList();
    return new Search(space, around.variables(), premises)
        .nearest(new Search.Question(quiet(), goals))
        .isPresent();
  }

  private Neighbourhood around(List<Requirement> goals, List<Law> extra) {
    BitSet seeds = new BitSet();
    for (Requirement goal : goals) {
      for (int variable : goal.condition().variables()) {
        seeds.set(variable);
      }
    }
    return around(seeds, extra);
  }

  private Search.Question question(List<Requirement> goals, List<Law> premises) {
    List<Requirement> all = new ArrayList<>(goals);
    premises.forEach(law -> all.add(law.requirement()));
    return new Search.Question(quiet(), all);
  }

  private static String print(Expr expression) {
    return ExprPrinter.print(expression);
  }
}

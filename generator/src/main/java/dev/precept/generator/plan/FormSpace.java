package dev.precept.generator.plan;

import dev.precept.generator.Assignment;
import dev.precept.tables.Check;
import dev.precept.tables.ExitControl;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Mode;
import dev.precept.tables.Tables;
import dev.precept.tables.expr.CompiledCondition;
import dev.precept.tables.expr.Expr;
import dev.precept.tables.expr.ExprPrinter;
import dev.precept.tables.expr.StateSpace;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The states one form can be tested in, in one mode: its variables, its laws and its checks. Not
 * safe for use by several threads.
 */
public final class FormSpace {
  private final Tables tables;
  private final InstructionForm form;
  private final ModeSpace modeSpace;
  private final StateSpace space;
  private final List<Check> checks;
  private final CompiledCondition[] conditions;
  private final int[] groups;
  private final List<Law> fixedLaws;
  private final BitSet own;
  private final List<Requirement> lawRequirements;
  private final Search search;
  private Optional<Wide> wide = Optional.empty();

  FormSpace(Tables tables, InstructionForm form, ModeSpace modeSpace) {
    this.tables = tables;
    this.form = form;
    this.modeSpace = modeSpace;
    this.space = modeSpace.space();
    this.checks = form.order().checks().stream().map(id -> tables.check(form, id)).toList();
    this.conditions =
        checks.stream()
            .map(check -> modeSpace.condition(form, check))
            .toArray(CompiledCondition[]::new);
    this.groups = new int[checks.size()];
    int next = 0;
    for (int group = 0; group < form.order().groups().size(); group++) {
      for (int i = 0; i < form.order().groups().get(group).size(); i++) {
        groups[next++] = group;
      }
    }
    this.fixedLaws = fixedLaws();
    this.own = ownVariables();
    ModeSpace.Neighbourhood neighbourhood = modeSpace.around(own, fixedLaws);
    this.lawRequirements = requirements(neighbourhood.laws());
    this.search = new Search(space, neighbourhood.variables());
  }

  private List<Law> fixedLaws() {
    List<Law> laws = new ArrayList<>();
    for (Expr fixed : form.fixed()) {
      laws.add(
          new Law(
              Requirement.holds(modeSpace.compile(fixed)),
              "the form fixes " + ExprPrinter.print(fixed)));
    }
    return laws;
  }

  private BitSet ownVariables() {
    BitSet variables = new BitSet();
    for (CompiledCondition condition : conditions) {
      for (int variable : condition.variables()) {
        variables.set(variable);
      }
    }
    for (String name : form.vary()) {
      variables.set(space.indexOf(name));
    }
    for (int variable : modeSpace.compile(form.operand().size()).variables()) {
      variables.set(variable);
    }
    return variables;
  }

  private static List<Requirement> requirements(List<Law> laws) {
    return laws.stream().map(Law::requirement).toList();
  }

  /** The vendor whose form it is. */
  public String vendor() {
    return tables.vendor();
  }

  /** The form. */
  public InstructionForm form() {
    return form;
  }

  /** The mode. */
  public Mode mode() {
    return modeSpace.mode();
  }

  Tables tables() {
    return tables;
  }

  StateSpace space() {
    return space;
  }

  /** The form's checks, highest priority first. */
  List<Check> checks() {
    return checks;
  }

  CompiledCondition condition(int check) {
    return conditions[check];
  }

  /** Index of the group of checks that {@code check} is in. */
  int group(int check) {
    return groups[check];
  }

  /** Whether the form itself speaks of the variable, beside what laws tie to it. */
  boolean concerns(int variable) {
    return own.get(variable);
  }

  /** Names of the variables that the form itself speaks of. */
  public List<String> variables() {
    return own.stream().mapToObj(variable -> space.variable(variable).name()).toList();
  }

  /** All quiet but the mode; not necessarily a state that the laws allow. */
  int[] quiet() {
    return modeSpace.quiet();
  }

  /** The assignment nearest to {@code preferred} that the laws allow and that meets the goals. */
  Optional<int[]> nearest(int[] preferred, List<Requirement> goals, int... pins) {
    List<Requirement> all = new ArrayList<>(goals);
    all.addAll(lawRequirements);
    return search.nearest(new Search.Question(preferred, all, pins));
  }

  /**
   * As {@link #nearest}, with every exit control's bit among the variables, whether the form speaks
   * of it or not.
   */
  Optional<int[]> nearestWithAllExits(int[] preferred, List<Requirement> goals, int... pins) {
    if (wide.isEmpty()) {
      BitSet seeds = (BitSet) own.clone();
      for (ExitControl exit : tables.exits().values()) {
        seeds.set(space.indexOf(exit.variable()));
      }
      ModeSpace.Neighbourhood around = modeSpace.around(seeds, fixedLaws);
      wide =
          Optional.of(new Wide(new Search(space, around.variables()), requirements(around.laws())));
    }
    List<Requirement> all = new ArrayList<>(goals);
    all.addAll(wide.get().laws());
    return wide.get().search().nearest(new Search.Question(preferred, all, pins));
  }

  /** The search with every exit control's bit among its variables. */
  private record Wide(Search search, List<Requirement> laws) {}

  /** The laws that bear on the form's variables. */
  List<Requirement> laws() {
    return lawRequirements;
  }

  /** Goals that hold exactly where no check, or only those called {@code winners}, are armed. */
  List<Requirement> sameWinners(List<String> winners) {
    List<Requirement> goals = new ArrayList<>();
    for (int check = 0; check < conditions.length; check++) {
      goals.add(
          winners.contains(checks.get(check).id())
              ? Requirement.holds(conditions[check])
              : Requirement.fails(conditions[check]));
    }
    return goals;
  }

  /** Whether {@code classes} is a state that the laws allow. */
  boolean lawful(int[] classes) {
    for (Law law : modeSpace.laws()) {
      if (!law.requirement().condition().holds(classes)) {
        return false;
      }
    }
    return fixedLaws.stream().allMatch(law -> law.requirement().condition().holds(classes));
  }

  /** Whether check number {@code check} is armed. */
  boolean armed(int check, int[] classes) {
    return conditions[check].holds(classes);
  }

  /** Indices of the checks that may win: the armed ones of the first group that has any. */
  List<Integer> winnerIndices(int[] classes) {
    List<Integer> winners = new ArrayList<>();
    for (int check = 0; check < conditions.length; check++) {
      if (!winners.isEmpty() && groups[check] != groups[winners.get(0)]) {
        break;
      }
      if (armed(check, classes)) {
        winners.add(check);
      }
    }
    return winners;
  }

  /** Ids of the checks that may win, or {@link PlannedCase#NONE} alone. */
  List<String> winners(int[] classes) {
    List<Integer> indices = winnerIndices(classes);
    return indices.isEmpty()
        ? List.of(PlannedCase.NONE)
        : indices.stream().map(index -> checks.get(index).id()).toList();
  }

  /**
   * Why no state of the mode arms both checks, whatever the form fixes; empty if some state does.
   */
  Optional<String> exclusive(int first, int second) {
    return modeSpace.exclusive(
        checks.get(first).id(), conditions[first], checks.get(second).id(), conditions[second]);
  }

  /** Why no state meets {@code goals}; ask only where {@link #nearest} finds nothing. */
  String contradiction(List<Requirement> goals) {
    return modeSpace.contradiction(goals, fixedLaws);
  }

  /** {@code classes} as an assignment. */
  Assignment assignment(int[] classes) {
    Map<String, Integer> notable = new HashMap<>();
    for (int variable = 0; variable < classes.length; variable++) {
      if (classes[variable] != space.variable(variable).quiet()) {
        notable.put(space.variable(variable).name(), classes[variable]);
      }
    }
    notable.put("mode", classes[space.indexOf("mode")]);
    return Assignment.of(tables, notable);
  }

  /** {@code assignment} as class indices of the whole space. */
  int[] classes(Assignment assignment) {
    int[] classes = space.quiet();
    assignment.classes().forEach((name, index) -> classes[space.indexOf(name)] = index);
    return classes;
  }

  /**
   * The lawful assignment nearest to {@code wish} in this mode, for random states: whatever a
   * generator comes up with becomes a state that can be.
   *
   * @param wish class indices by variable; those that the form does not speak of in this mode do
   *     not count, and variables not listed are quiet
   */
  public Optional<Assignment> nearest(Map<String, Integer> wish) {
    int[] preferred = quiet();
    wish.forEach(
        (name, index) -> {
          int variable = space.indexOf(name);
          if (own.get(variable)) {
            preferred[variable] = index;
          }
        });
    return nearest(preferred, List.of()).map(this::assignment);
  }

  /** Ids of the checks that may win in {@code assignment}, or {@link PlannedCase#NONE} alone. */
  public List<String> winners(Assignment assignment) {
    return winners(classes(assignment));
  }

  /** Whether the laws of the tables and of the form allow {@code assignment}. */
  public boolean lawful(Assignment assignment) {
    return lawful(classes(assignment));
  }

  /**
   * {@code assignment} with other classes for some variables, if that makes no difference to the
   * checks: the laws allow it, and the same checks are armed.
   *
   * @param other class indices by variable name
   */
  public Optional<Assignment> alike(Assignment assignment, Map<String, Integer> other) {
    int[] before = classes(assignment);
    int[] after = before.clone();
    other.forEach((name, index) -> after[space.indexOf(name)] = index);
    for (int check = 0; check < conditions.length; check++) {
      if (armed(check, before) != armed(check, after)) {
        return Optional.empty();
      }
    }
    return lawful(after) ? Optional.of(assignment(after)) : Optional.empty();
  }
}

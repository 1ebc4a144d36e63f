package dev.precept.generator.plan;

import dev.precept.generator.Assignment;
import dev.precept.tables.Check;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Mode;
import dev.precept.tables.Tables;
import dev.precept.tables.expr.CompiledCondition;
import dev.precept.tables.expr.Expr;
import dev.precept.tables.expr.ExprPrinter;
import dev.precept.tables.expr.StateSpace;
import java.math.BigInteger;
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
  private final CompiledCondition[] wholes;
  private final int[] groups;
  private final List<Law> fixedLaws;
  private final BitSet own;
  private final List<Requirement> lawRequirements;
  private final Search search;

  /** The search with every exit control's bit among its variables, once it is needed. */
  private Optional<Search> allExits = Optional.empty();

  /** By the variables that a question is about. */
  private final Map<BitSet, Search> wides = new HashMap<>();

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
    this.wholes = new CompiledCondition[checks.size()];
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
    this.search = new Search(space, neighbourhood.variables(), lawRequirements);
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

  /** Indices of the exit controls' bits, in table order; to be read, not written to. */
  int[] exitBits() {
    return modeSpace.exitBits();
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

  /** The condition of a check over all modes; {@link #condition} knows which mode it is. */
  CompiledCondition whole(int check) {
    if (wholes[check] == null) {
      wholes[check] = space.compile(checks.get(check).condition());
    }
    return wholes[check];
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
    return search.nearest(new Search.Question(preferred, goals, pins));
  }

  /**
   * As {@link #nearest}, with every exit control's bit among the variables, whether the form speaks
   * of it or not.
   */
  Optional<int[]> nearestWithAllExits(int[] preferred, List<Requirement> goals, int... pins) {
    if (allExits.isEmpty()) {
      BitSet seeds = (BitSet) own.clone();
      for (int bit : modeSpace.exitBits()) {
        seeds.set(bit);
      }
      allExits = Optional.of(wide(seeds));
    }
    return allExits.get().nearest(new Search.Question(preferred, goals, pins));
  }

  /** A search over more variables than the form's own, with the laws that bear on them. */
  private Search wide(BitSet seeds) {
    ModeSpace.Neighbourhood around = modeSpace.around(seeds, fixedLaws);
    return new Search(space, around.variables(), requirements(around.laws()));
  }

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

  /** Whether the laws that bear on the form's variables allow {@code classes}. */
  boolean allows(int[] classes) {
    for (Requirement law : lawRequirements) {
      if (!law.condition().holds(classes)) {
        return false;
      }
    }
    return true;
  }

  /** Whether check number {@code check} is armed. */
  boolean armed(int check, int[] classes) {
    return conditions[check].holds(classes);
  }

  /** Whether no source settles that check number {@code check} is made at all. */
  boolean optional(int check) {
    return form.order().optional(checks.get(check).id());
  }

  /**
   * Ids of the checks that may win: the armed ones of the first group that has any, and where all
   * of those are optional, what would win without them; {@link PlannedCase#NONE} for completing.
   */
  List<String> winners(int[] classes) {
    List<String> winners = new ArrayList<>();
    boolean settled = false;
    int group = 0;
    for (int check = 0; check < conditions.length; check++) {
      if (settled && groups[check] != group) {
        return winners;
      }
      if (armed(check, classes)) {
        winners.add(checks.get(check).id());
        group = groups[check];
        settled |= !optional(check);
      }
    }
    if (!settled) {
      winners.add(PlannedCase.NONE);
    }
    return winners;
  }

  /** Whether check number {@code check} is the one that wins, unless it is not made at all. */
  boolean wins(int check, int[] classes) {
    List<String> winners = winners(classes);
    return winners.get(0).equals(checks.get(check).id())
        && (winners.size() == 1 || optional(check));
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
    int[] quiet = space.quiet();
    for (int variable = 0; variable < classes.length; variable++) {
      if (classes[variable] != quiet[variable]) {
        notable.put(space.variable(variable).name(), classes[variable]);
      }
    }
    notable.put("mode", classes[space.indexOf("mode")]);
    return Assignment.of(tables, notable);
  }

  /** {@code assignment} as class indices of the whole space. */
  public int[] classes(Assignment assignment) {
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

  /**
   * Whether the outcome shows that a check is armed, or that it is not: nothing comes before it,
   * and what comes after it has another outcome.
   */
  boolean decides(int check, boolean armed, int[] classes) {
    if (armed && optional(check)) {
      return false;
    }
    for (int other = 0; other < conditions.length; other++) {
      if (other != check && armed(other, classes)) {
        return groups[other] > groups[check] && !Labels.alike(checks.get(check), checks.get(other));
      }
    }
    return true;
  }

  /**
   * A state that tells an implementation whose check {@code check} sees another class of one
   * variable than there is: everything that comes before it is quiet, and so is what comes after it
   * with the same outcome. Empty if there is none, which is a proof.
   *
   * @param check index of the check in the form's order
   * @param armed whether the check is really armed; the implementation takes the opposite
   * @param variable index of the variable, in the state space of the tables; -1: the implementation
   *     takes the opposite in every state
   * @param seen class that the check sees
   * @param pins variables with a fixed class, as index, class, index, class, ...
   */
  public Optional<Assignment> telling(
      int check, boolean armed, int variable, int seen, int... pins) {
    CompiledCondition whole = whole(check);
    if (variable >= 0 && !modeSpace.changes(checks.get(check), whole, armed, variable, seen)) {
      return Optional.empty();
    }
    List<Requirement> goals = new ArrayList<>();
    goals.add(armed ? Requirement.holds(whole) : Requirement.fails(whole));
    if (variable >= 0) {
      goals.add(
          (armed ? Requirement.fails(whole) : Requirement.holds(whole)).swapping(variable, seen));
    }
    for (int other = 0; other < conditions.length; other++) {
      boolean before = groups[other] <= groups[check];
      if (other != check && (before || Labels.alike(checks.get(check), checks.get(other)))) {
        goals.add(Requirement.fails(conditions[other]));
      }
    }
    BitSet seeds = (BitSet) own.clone();
    for (int each : whole.variables()) {
      seeds.set(each);
    }
    for (int i = 0; i < pins.length; i += 2) {
      seeds.set(pins[i]);
    }
    seeds.clear(space.indexOf("mode"));
    return wides
        .computeIfAbsent(seeds, this::wide)
        .nearest(new Search.Question(quiet(), goals, pins))
        .map(this::assignment);
  }

  /** The form's whole space in this mode, cut by which checks win. */
  public DecisionPaths decisionPaths() {
    return new DecisionPaths(this);
  }

  /** The lawful states of a decision path. */
  public PathStates pathStates() {
    return new PathStates(this);
  }

  /** Number of combinations of classes of the variables that the form itself speaks of. */
  public BigInteger product() {
    return own.stream()
        .filter(variable -> variable != space.indexOf("mode"))
        .mapToObj(variable -> BigInteger.valueOf(space.domainSize(variable)))
        .reduce(BigInteger.ONE, BigInteger::multiply);
  }

  /**
   * A state in which two checks are armed and nothing that comes before the first, if there is one
   * in which their order can be seen and is settled.
   *
   * @param first index of the check that comes earlier
   */
  public Optional<Assignment> arming(int first, int second) {
    boolean seen = !Labels.alike(checks.get(first), checks.get(second)) && !optional(first);
    if (!seen) {
      return Optional.empty();
    }
    List<Requirement> goals =
        new ArrayList<>(
            List.of(Requirement.holds(conditions[first]), Requirement.holds(conditions[second])));
    for (int other = 0; other < conditions.length; other++) {
      if (other != first && groups[other] <= groups[first]) {
        goals.add(Requirement.fails(conditions[other]));
      }
    }
    return nearest(quiet(), goals).map(this::assignment);
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

package dev.precept.generator.plan;

import dev.precept.generator.Assignment;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Mode;
import dev.precept.tables.Tables;
import dev.precept.tables.expr.StateSpace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * Plans the cases of a vendor's forms. The same tables always give the same plan. Safe for use by
 * several threads.
 */
public final class Planner {
  /** The order in which a form's modes are tried where one mode is enough. */
  private static final List<Mode> PRINCIPAL =
      List.of(Mode.LONG64, Mode.PROT32, Mode.COMPAT, Mode.PROT16, Mode.V86, Mode.REAL);

  private final Tables tables;
  private final Map<Mode, ModeSpace> modes = new EnumMap<>(Mode.class);

  /** A planner for {@code tables}. */
  public Planner(Tables tables) {
    this.tables = tables;
    StateSpace space = StateSpace.of(tables);
    for (Mode mode : Mode.values()) {
      modes.put(mode, new ModeSpace(tables, space, mode));
    }
  }

  /** The plan for every form. */
  public Plan plan() {
    return plan(form -> true);
  }

  /** The plan for the forms that {@code wanted} accepts. */
  public Plan plan(Predicate<InstructionForm> wanted) {
    return plan(wanted, (form, cases) -> {});
  }

  /**
   * The plan for the forms that {@code wanted} accepts.
   *
   * @param planned takes the cases of each form as soon as they are planned, of several forms at
   *     the same time and in no order
   */
  public Plan plan(
      Predicate<InstructionForm> wanted, BiConsumer<InstructionForm, List<PlannedCase>> planned) {
    List<FormPlanner.FormPlan> parts =
        EachForm.map(
            tables.forms().stream().filter(wanted).toList(),
            form -> {
              FormPlanner.FormPlan part = form(form);
              planned.accept(form, part.cases());
              return part;
            });
    List<PlannedCase> cases = new ArrayList<>();
    List<PairStatus> pairs = new ArrayList<>();
    List<CheckStatus> checks = new ArrayList<>();
    List<ClauseStatus> clauses = new ArrayList<>();
    for (FormPlanner.FormPlan part : parts) {
      cases.addAll(part.cases());
      pairs.addAll(part.pairs());
      checks.addAll(part.checks());
      clauses.addAll(part.clauses());
    }
    return new Plan(tables, cases, pairs, checks, clauses);
  }

  private FormPlanner.FormPlan form(InstructionForm form) {
    List<PlannedCase> cases = new ArrayList<>();
    List<PairStatus> pairs = new ArrayList<>();
    List<CheckStatus> checks = new ArrayList<>();
    List<ClauseStatus> clauses = new ArrayList<>();
    List<Mode> modesThere = modes(form);
    Mode principal =
        PRINCIPAL.stream()
            .filter(form.modes()::contains)
            .filter(modesThere::contains)
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        form.id() + " (" + form.origin() + "): no state of any mode is lawful"));
    for (Mode mode : modesThere) {
      try {
        FormPlanner.FormPlan part = new FormPlanner(space(form, mode), mode == principal).plan();
        cases.addAll(part.cases());
        pairs.addAll(part.pairs());
        checks.addAll(part.checks());
        clauses.addAll(part.clauses());
      } catch (RuntimeException e) {
        throw new IllegalStateException(
            "planning " + form.id() + " (" + form.origin() + ") in mode " + mode.word(), e);
      }
    }
    return new FormPlanner.FormPlan(cases, pairs, checks, clauses);
  }

  /**
   * The modes {@code form} is tested in: those in which it exists, or of which its checks say that
   * it does not, and in which the laws and what it fixes leave a state at all. Elsewhere the bytes
   * may be another instruction.
   */
  public List<Mode> modes(InstructionForm form) {
    boolean saysWhere = form.order().checks().contains("ud.mode");
    return Arrays.stream(Mode.values())
        .filter(mode -> saysWhere || form.modes().contains(mode))
        .filter(mode -> space(form, mode).nearest(Map.of()).isPresent())
        .toList();
  }

  /** The states {@code form} can be tested in, in {@code mode}. */
  public FormSpace space(InstructionForm form, Mode mode) {
    return new FormSpace(tables, form, modes.get(mode));
  }

  /**
   * For each exit bit that {@code form} does not speak of, the state nearest to {@code assignment}
   * in which it is the only foreign bit that is set and the same checks win. Bits that the laws do
   * not allow on their own are left out.
   *
   * @return assignments by the name of their bit, in table order
   */
  public Map<String, Assignment> oneHot(InstructionForm form, Mode mode, Assignment assignment) {
    FormSpace space = space(form, mode);
    StateSpace states = space.space();
    int[] none = space.classes(assignment);
    List<Integer> foreign = new ArrayList<>();
    for (int bit : space.exitBits()) {
      if (!space.concerns(bit)) {
        foreign.add(bit);
        none[bit] = 0;
      }
    }
    List<Requirement> goals = space.sameWinners(space.winners(assignment));
    Map<String, Assignment> assignments = new LinkedHashMap<>();
    for (int bit : foreign) {
      space
          .nearestWithAllExits(none, goals, bit, 1)
          .ifPresent(
              classes -> assignments.put(states.variable(bit).name(), space.assignment(classes)));
    }
    return Collections.unmodifiableMap(assignments);
  }
}

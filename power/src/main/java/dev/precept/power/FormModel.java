package dev.precept.power;

import dev.precept.tables.Check;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import dev.precept.tables.expr.CompiledCondition;
import dev.precept.tables.expr.StateSpace;
import java.util.List;
import java.util.function.UnaryOperator;

/** A form's checks with their conditions over the whole state space. */
final class FormModel {
  final InstructionForm form;
  final List<Check> checks;
  final StateSpace states;
  private final CompiledCondition[] conditions;
  private final int[] groups;

  FormModel(Tables tables, StateSpace states, InstructionForm form) {
    this.form = form;
    this.states = states;
    this.checks = form.order().checks().stream().map(id -> tables.check(form, id)).toList();
    this.conditions =
        checks.stream()
            .map(check -> states.compile(check.condition()))
            .toArray(CompiledCondition[]::new);
    this.groups = new int[conditions.length];
    int next = 0;
    for (int group = 0; group < form.order().groups().size(); group++) {
      for (int i = 0; i < form.order().groups().get(group).size(); i++) {
        groups[next++] = group;
      }
    }
  }

  int size() {
    return conditions.length;
  }

  CompiledCondition condition(int check) {
    return conditions[check];
  }

  boolean armed(int check, int[] classes) {
    return conditions[check].holds(classes);
  }

  /** Whether the manual says in which order the two are made. */
  boolean ordered(int one, int other) {
    return groups[one] != groups[other];
  }

  /** The first armed check: of an open group the one that the table lists first. */
  int winner(int[] classes) {
    return winner(classes, -1, UnaryOperator.identity());
  }

  /**
   * The first armed check, where one of them sees another state than there is.
   *
   * @param mistaken index of that check
   * @param sees what it sees, from a copy of the state
   */
  int winner(int[] classes, int mistaken, UnaryOperator<int[]> sees) {
    for (int check = 0; check < conditions.length; check++) {
      if (check == mistaken ? armed(check, sees.apply(classes.clone())) : armed(check, classes)) {
        return check;
      }
    }
    return Decision.NONE;
  }

  /** The first armed check, where check {@code moved} is made after the one behind it. */
  int winnerSwapped(int[] classes, int moved) {
    for (int i = 0; i < conditions.length; i++) {
      int check = i == moved ? moved + 1 : i == moved + 1 ? moved : i;
      if (armed(check, classes)) {
        return check;
      }
    }
    return Decision.NONE;
  }

  /** Id of a check, or {@code none}. */
  String id(int check) {
    return check == Decision.NONE ? "none" : checks.get(check).id();
  }
}

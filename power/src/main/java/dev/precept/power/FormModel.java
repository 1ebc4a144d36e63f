package dev.precept.power;

import dev.precept.tables.Check;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import dev.precept.tables.expr.CompiledCondition;
import dev.precept.tables.expr.StateSpace;
import java.util.List;

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
    if (conditions.length > Long.SIZE) {
      throw new IllegalArgumentException(
          form.id() + " (" + form.origin() + ") has more than " + Long.SIZE + " checks");
    }
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

  /** A bit for each check: whether it is armed in the state {@code classes}. */
  long armed(int[] classes) {
    long armed = 0;
    for (int check = 0; check < conditions.length; check++) {
      armed |= armed(check, classes) ? 1L << check : 0;
    }
    return armed;
  }

  /** Whether the manual says in which order the two are made. */
  boolean ordered(int one, int other) {
    return groups[one] != groups[other];
  }

  /** The first of {@code armed} checks: of an open group the one that the table lists first. */
  static int winner(long armed) {
    return armed == 0 ? Decision.NONE : Long.numberOfTrailingZeros(armed);
  }

  /** Whether check {@code check} is reached: nothing before it is armed. */
  static boolean reaches(int check, long armed) {
    return (armed & (1L << check) - 1) == 0;
  }

  /** {@code armed} as it would be if check {@code check} saw {@code variable} as {@code seen}. */
  long armedSeeing(int[] classes, long armed, int check, int variable, int seen) {
    int is = classes[variable];
    classes[variable] = seen;
    boolean wrong = armed(check, classes);
    classes[variable] = is;
    return wrong ? armed | 1L << check : armed & ~(1L << check);
  }

  /** Id of a check, or {@code none}. */
  String id(int check) {
    return check == Decision.NONE ? "none" : checks.get(check).id();
  }
}

package dev.precept.power;

import dev.precept.generator.Assignment;
import dev.precept.generator.plan.FormSpace;
import dev.precept.tables.Check;
import dev.precept.tables.ExitControl;
import dev.precept.tables.ExitControl.ControlBit;
import dev.precept.tables.Mode;
import dev.precept.tables.Tables;
import dev.precept.tables.Variable;
import dev.precept.tables.expr.StateSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Every way in which one form can decide wrongly, in one mode, which check wins. */
final class DecisionMutants {
  private final Tables tables;
  private final FormModel model;
  private final FormSpace space;
  private final StateSpace states;
  private final int mode;
  private final List<DecisionMutant> mutants = new ArrayList<>();

  private DecisionMutants(Tables tables, FormModel model, FormSpace space) {
    this.tables = tables;
    this.model = model;
    this.space = space;
    this.states = model.states;
    this.mode = states.indexOf("mode");
  }

  static List<DecisionMutant> of(Tables tables, FormModel model, FormSpace space) {
    DecisionMutants all = new DecisionMutants(tables, model, space);
    for (int check = 0; check < model.size(); check++) {
      all.swap(check);
      all.drop(check);
      all.otherModes(check);
      all.blind(check);
      all.shift(check);
      all.exitBit(check);
    }
    return List.copyOf(all.mutants);
  }

  private void swap(int check) {
    if (check + 1 == model.size() || !model.ordered(check, check + 1)) {
      return;
    }
    mutants.add(
        new DecisionMutant(
            MutantKind.SWAP,
            check,
            model.id(check + 1) + " before " + model.id(check),
            (classes, armed) -> {
              long both = 3L << check;
              return (armed & both) == both && FormModel.reaches(check, armed)
                  ? check + 1
                  : FormModel.winner(armed);
            },
            () -> space.arming(check, check + 1)));
  }

  private void drop(int check) {
    mutants.add(
        new DecisionMutant(
            MutantKind.DROP,
            check,
            model.id(check) + " is not checked",
            (classes, armed) -> FormModel.winner(armed & ~(1L << check)),
            () -> space.telling(check, true, -1, 0)));
  }

  /** In this mode the check is made as in another one, or as here. */
  private void otherModes(int check) {
    if (!model.condition(check).dependsOn(mode)) {
      return;
    }
    int here = states.variable(mode).indexOf(space.mode().word());
    for (Mode other : Mode.values()) {
      int there = states.variable(mode).indexOf(other.word());
      if (there != here) {
        mutants.add(
            seeing(
                MutantKind.MODE,
                check,
                model.id(check) + " as in mode " + other.word() + " too",
                mode,
                (classes, armed) -> armed ? here : there,
                () -> space.telling(check, false, mode, there)));
      }
    }
  }

  private void blind(int check) {
    for (int variable : model.condition(check).variables()) {
      for (int seen = 0; variable != mode && seen < states.domainSize(variable); seen++) {
        Variable it = states.variable(variable);
        int always = seen;
        mutants.add(
            seeing(
                MutantKind.BLIND,
                check,
                model.id(check) + " takes " + it.name() + " for " + it.values().get(seen).name(),
                variable,
                (classes, armed) -> always,
                () -> {
                  Optional<Assignment> lost = space.telling(check, true, variable, always);
                  return lost.isPresent() ? lost : space.telling(check, false, variable, always);
                }));
      }
    }
  }

  /** Numbers only: the next larger or smaller listed value is seen. */
  private void shift(int check) {
    for (int variable : model.condition(check).variables()) {
      int size = states.domainSize(variable);
      Variable it = states.variable(variable);
      boolean number =
          it.values().stream().allMatch(value -> Character.isDigit(value.name().charAt(0)));
      if (!number || size < 3) {
        continue;
      }
      int[] up = states.successors(variable);
      int[] down = states.predecessors(variable);
      mutants.add(shifted(check, variable, up, "the next larger value"));
      mutants.add(shifted(check, variable, down, "the next smaller value"));
    }
  }

  private DecisionMutant shifted(int check, int variable, int[] seen, String what) {
    return seeing(
        MutantKind.SHIFT,
        check,
        model.id(check) + " sees " + what + " of " + states.variable(variable).name(),
        variable,
        (classes, armed) -> seen[classes[variable]],
        () -> {
          for (int from = 0; from < seen.length; from++) {
            for (boolean armed : new boolean[] {true, false}) {
              Optional<Assignment> telling =
                  space.telling(check, armed, variable, seen[from], variable, from);
              if (telling.isPresent()) {
                return telling;
              }
            }
          }
          return Optional.empty();
        });
  }

  private void exitBit(int check) {
    if (!(model.checks.get(check).result() instanceof Check.Exit exit)) {
      return;
    }
    ExitControl own = tables.exits().get(exit.exit());
    Optional<Integer> variable = own.variable().map(states::indexOf);
    if (variable.isEmpty() || !model.condition(check).dependsOn(variable.get())) {
      return;
    }
    int bit = variable.get();
    for (ExitControl other : tables.exits().values()) {
      if (neighbours(own, other)) {
        wrongBit(check, bit, states.indexOf(other.variable().orElseThrow()), other.id());
      }
    }
    if (tables.variables().containsKey("prior")) {
      stale(check, bit, "all_exits", 1);
      stale(check, bit, "no_exits", 0);
    }
  }

  private static boolean neighbours(ExitControl one, ExitControl other) {
    if (one.control().isEmpty() || other.control().isEmpty()) {
      return false;
    }
    ControlBit own = one.control().get();
    ControlBit its = other.control().get();
    return own.field() == its.field() && Math.abs(own.bit() - its.bit()) == 1;
  }

  private void wrongBit(int check, int bit, int neighbour, String id) {
    mutants.add(
        seeing(
            MutantKind.WRONG_BIT,
            check,
            model.id(check) + " looks at the bit of " + id,
            bit,
            (classes, armed) -> classes[neighbour],
            () -> {
              Optional<Assignment> lost = space.telling(check, true, bit, 0, neighbour, 0);
              return lost.isPresent() ? lost : space.telling(check, false, bit, 1, neighbour, 1);
            }));
  }

  private void stale(int check, int bit, String prior, int left) {
    int variable = states.indexOf("prior");
    int value = states.variable(variable).indexOf(prior);
    mutants.add(
        seeing(
            MutantKind.STALE,
            check,
            model.id(check) + " sees the bit of the guest before, which is " + left,
            bit,
            (classes, armed) -> classes[variable] == value ? left : classes[bit],
            () -> space.telling(check, left == 0, bit, left, variable, value)));
  }

  /** The class that a mistaken check sees of the variable that it is mistaken about. */
  @FunctionalInterface
  private interface Sight {
    /**
     * Index of the class.
     *
     * @param armed whether the check is armed
     */
    int of(int[] classes, boolean armed);
  }

  private DecisionMutant seeing(
      MutantKind kind,
      int check,
      String what,
      int variable,
      Sight sight,
      DecisionMutant.Solver solver) {
    return new DecisionMutant(
        kind,
        check,
        what,
        (classes, armed) -> {
          // Behind a check that wins, what this one sees makes no difference.
          if (!FormModel.reaches(check, armed)) {
            return FormModel.winner(armed);
          }
          int seen = sight.of(classes, (armed >>> check & 1) != 0);
          return FormModel.winner(model.armedSeeing(classes, armed, check, variable, seen));
        },
        solver);
  }
}

package dev.precept.power;

import dev.precept.cases.Expectation;
import dev.precept.cases.Expected;
import dev.precept.cases.Outcome;
import dev.precept.generator.Assignment;
import dev.precept.generator.oracle.Oracle;
import dev.precept.generator.plan.CaseKind;
import dev.precept.generator.plan.FormSpace;
import dev.precept.generator.plan.PlannedCase;
import dev.precept.generator.plan.Planner;
import dev.precept.generator.state.CaseBuilder;
import dev.precept.generator.state.Setup;
import dev.precept.generator.state.UnbuildableException;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Mode;
import dev.precept.tables.Tables;
import dev.precept.tables.expr.StateSpace;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Tries every mutant of one form on the form's planned cases. */
final class FormPower {
  private final Tables tables;
  private final Planner planner;
  private final CaseBuilder builder;
  private final Oracle oracle;
  private final InstructionForm form;
  private final FormModel model;
  private final Predicate<PlannedCase> kept;
  private final List<Fate> fates = new ArrayList<>();

  FormPower(
      Tables tables,
      StateSpace states,
      Planner planner,
      CaseBuilder builder,
      Oracle oracle,
      InstructionForm form,
      Predicate<PlannedCase> kept) {
    this.kept = kept;
    this.tables = tables;
    this.planner = planner;
    this.builder = builder;
    this.oracle = oracle;
    this.form = form;
    this.model = new FormModel(tables, states, form);
  }

  List<Fate> fates() {
    List<Trial> all = new ArrayList<>();
    Map<Mode, List<Trial>> byMode = new LinkedHashMap<>();
    Map<Mode, FormSpace> spaces = new LinkedHashMap<>();
    for (PlannedCase planned : planner.plan(one -> one.equals(form)).cases()) {
      FormSpace space = spaces.computeIfAbsent(planned.mode(), mode -> planner.space(form, mode));
      trial(space, planned)
          .ifPresent(
              trial -> {
                all.add(trial);
                byMode.computeIfAbsent(planned.mode(), mode -> new ArrayList<>()).add(trial);
              });
    }
    byMode.forEach((mode, trials) -> decisions(spaces.get(mode), trials));
    outcomes(all);
    return List.copyOf(fates);
  }

  private Optional<Trial> trial(FormSpace space, PlannedCase planned) {
    // The state that a one-hot case lists is that of completion; its parts add foreign bits.
    if (planned.kind() == CaseKind.EXIT_ONE_HOT || !kept.test(planned)) {
      return Optional.empty();
    }
    Setup setup = builder.setUp(form, planned.assignment(), planned.id());
    return Optional.of(
        new Trial(
            model, planned.id(), space.classes(planned.assignment()), setup, oracle.expect(setup)));
  }

  // ---- which check wins

  private void decisions(FormSpace space, List<Trial> trials) {
    for (DecisionMutant mutant : DecisionMutants.of(tables, model, space)) {
      Optional<Trial> killer =
          trials.stream()
              .filter(trial -> trial.notices(mutant.decision(), model, oracle))
              .findFirst();
      if (killer.isPresent()) {
        fate(mutant, space, Fate.Status.KILLED, killer.get().id());
      } else {
        unnoticed(mutant, space);
      }
    }
  }

  private void unnoticed(DecisionMutant mutant, FormSpace space) {
    Optional<Assignment> telling = mutant.solver().telling();
    if (telling.isEmpty()) {
      fate(mutant, space, Fate.Status.EQUIVALENT, "no state shows it");
      return;
    }
    String state = telling.get().text();
    try {
      String id = tables.vendor() + "/" + form.id() + "/" + space.mode().word() + "/power";
      Setup setup = builder.setUp(form, telling.get(), id);
      Trial trial = new Trial(model, id, space.classes(telling.get()), setup, oracle.expect(setup));
      if (trial.notices(mutant.decision(), model, oracle)) {
        fate(mutant, space, Fate.Status.SURVIVED, state);
      } else {
        fate(mutant, space, Fate.Status.EQUIVALENT, "the manual allows both, as in " + state);
      }
    } catch (UnbuildableException e) {
      fate(mutant, space, Fate.Status.SURVIVED, state + ", which " + e.getMessage());
    }
  }

  private void fate(DecisionMutant mutant, FormSpace space, Fate.Status status, String detail) {
    fates.add(
        new Fate(
            mutant.kind(),
            form.id(),
            Optional.of(space.mode()),
            model.id(mutant.check()),
            mutant.what(),
            status,
            detail));
  }

  // ---- what the outcome carries

  /** A trial with what the right winner brings about. */
  private record Right(Trial trial, Expected expected) {
    Outcome outcome() {
      return expected.outcome();
    }
  }

  private void outcomes(List<Trial> trials) {
    Map<String, List<Right>> byWinner = new LinkedHashMap<>();
    for (Trial trial : trials) {
      String winner = model.id(trial.winner());
      byWinner
          .computeIfAbsent(winner, id -> new ArrayList<>())
          .add(new Right(trial, oracle.outcome(trial.setup(), winner)));
    }
    byWinner.forEach(this::outcomes);
  }

  private void outcomes(String winner, List<Right> trials) {
    OutcomeMutants mutants = new OutcomeMutants();
    for (Right right : trials) {
      mutants.add(right.trial().setup(), right.outcome());
    }
    for (OutcomeMutant mutant : mutants.all()) {
      fates.add(outcome(mutant, winner, trials));
    }
  }

  private Fate outcome(OutcomeMutant mutant, String winner, List<Right> trials) {
    String detail = "the manual does not define it";
    for (Right right : trials) {
      Trial trial = right.trial();
      Outcome wrong = mutant.wrong().of(trial.setup(), right.outcome());
      // What the right outcome alone does not tell from itself, no case does.
      if (trial.violated(new Expectation(List.of(right.expected()), List.of()), wrong)) {
        if (trial.violated(wrong)) {
          return fate(mutant, winner, Fate.Status.KILLED, trial.id());
        }
        detail = "an open order allows the same outcome, as in " + trial.id();
      }
    }
    return fate(mutant, winner, Fate.Status.EQUIVALENT, detail);
  }

  private Fate fate(OutcomeMutant mutant, String winner, Fate.Status status, String detail) {
    return new Fate(
        mutant.kind(), form.id(), Optional.empty(), winner, mutant.what(), status, detail);
  }
}

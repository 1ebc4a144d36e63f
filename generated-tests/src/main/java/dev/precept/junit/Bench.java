package dev.precept.junit;

import dev.precept.cases.Case;
import dev.precept.cases.Expectation;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.Judge;
import dev.precept.cases.Judgement;
import dev.precept.cases.Observation;
import dev.precept.cases.Outcome;
import dev.precept.generator.Assignment;
import dev.precept.generator.Generator;
import dev.precept.generator.oracle.Oracle;
import dev.precept.generator.plan.FormSpace;
import dev.precept.generator.plan.Planner;
import dev.precept.generator.state.CaseBuilder;
import dev.precept.generator.state.Setup;
import dev.precept.generator.vendor.VendorState;
import dev.precept.subject.Subject;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Mode;
import dev.precept.tables.Tables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentHashMap;

/** One vendor's tables and all that makes cases of them and judges what comes back. Thread-safe. */
final class Bench {
  private final Tables tables;
  private final Generator generator;
  private final CaseBuilder builder;
  private final Oracle oracle;
  private final VendorState vendor;
  private final Map<String, InstructionForm> forms = new HashMap<>();

  /** By form and mode; used for questions that change nothing in them. */
  private final Map<String, FormSpace> spaces = new ConcurrentHashMap<>();

  Bench(Tables tables) {
    this.tables = tables;
    this.generator = new Generator(tables);
    this.builder = new CaseBuilder(tables);
    this.oracle = new Oracle(tables);
    this.vendor = VendorState.of(tables);
    tables.forms().forEach(form -> forms.put(form.id(), form));
  }

  /**
   * A case that can be run.
   *
   * @param setup the case and how it came about
   * @param expectation what the tables allow
   */
  record Prepared(Setup setup, Expectation expectation) {
    Case testCase() {
      return setup.testCase();
    }
  }

  /**
   * A case that was run.
   *
   * @param outcome what the subject did
   * @param judgement what to think of it
   * @param remark the subject's own words, for what is not an outcome
   * @param micros how long the subject took
   */
  record Judged(
      Prepared prepared, Outcome outcome, Judgement judgement, String remark, long micros) {}

  Tables tables() {
    return tables;
  }

  Generator generator() {
    return generator;
  }

  Planner planner() {
    return generator.planner();
  }

  /**
   * The form {@code id}.
   *
   * @throws NoSuchElementException if the tables have none
   */
  InstructionForm form(String id) {
    InstructionForm form = forms.get(id);
    if (form == null) {
      throw new NoSuchElementException(
          "the " + tables.vendor() + " tables have no form '" + id + "'; generate the tests anew");
    }
    return form;
  }

  Prepared prepare(InstructionForm form, Assignment assignment, String id) {
    Setup setup = builder.setUp(form, assignment, id);
    return new Prepared(setup, oracle.expect(setup));
  }

  /**
   * As {@link #prepare(InstructionForm, Assignment, String)}, on a processor that has some features
   * otherwise: where that decides none of the form's checks, the case is one of that processor.
   */
  Prepared prepare(InstructionForm form, Assignment assignment, String id, Subject subject) {
    Prepared asPlanned = prepare(form, assignment, id);
    List<FeatureBit> otherwise = subject.otherwise(asPlanned.testCase());
    if (otherwise.isEmpty()) {
      return asPlanned;
    }
    FormSpace space =
        spaces.computeIfAbsent(
            form.id() + asPlanned.setup().mode(),
            unused -> planner().space(form, asPlanned.setup().mode()));
    return builder
        .turned(otherwise)
        .flatMap(classes -> space.alike(assignment, classes))
        .map(alike -> prepare(form, alike, id))
        .orElse(asPlanned);
  }

  Judged judge(Prepared prepared, Observation seen, long micros) {
    Outcome outcome = vendor.decode(prepared.testCase(), seen);
    return new Judged(
        prepared,
        outcome,
        Judge.judge(prepared.testCase(), prepared.expectation(), outcome),
        seen.remark(),
        micros);
  }

  /** The states of {@code form}, for each mode it is tested in, preferred modes first. */
  List<FormSpace> spaces(InstructionForm form) {
    List<Mode> modes = planner().modes(form);
    List<FormSpace> spaces = new ArrayList<>();
    for (Mode mode : RandomStates.PREFERRED) {
      if (modes.contains(mode)) {
        spaces.add(planner().space(form, mode));
      }
    }
    return List.copyOf(spaces);
  }
}

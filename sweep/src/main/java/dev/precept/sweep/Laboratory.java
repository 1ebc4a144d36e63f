package dev.precept.sweep;

import dev.precept.cases.Case;
import dev.precept.cases.Expectation;
import dev.precept.cases.Judge;
import dev.precept.cases.Judgement;
import dev.precept.cases.Observation;
import dev.precept.generator.Assignment;
import dev.precept.generator.oracle.Oracle;
import dev.precept.generator.plan.Planner;
import dev.precept.generator.state.CaseBuilder;
import dev.precept.generator.state.Setup;
import dev.precept.generator.vendor.VendorState;
import dev.precept.subject.Subject;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** Makes one vendor's states into cases, runs and judges them. Thread-safe. */
final class Laboratory {
  private final Tables tables;
  private final Planner planner;
  private final CaseBuilder builder;
  private final Oracle oracle;
  private final VendorState vendor;

  Laboratory(Tables tables) {
    this.tables = tables;
    this.planner = new Planner(tables);
    this.builder = new CaseBuilder(tables);
    this.oracle = new Oracle(tables);
    this.vendor = VendorState.of(tables);
  }

  /**
   * What came of a state.
   *
   * @param remark the subject's own words, where it gave no outcome
   */
  record Trial(Judgement judgement, String remark) {}

  Tables tables() {
    return tables;
  }

  Planner planner() {
    return planner;
  }

  /**
   * Runs {@code form} in {@code state} on {@code subject}.
   *
   * @throws dev.precept.generator.state.UnbuildableException if no case realises the state
   */
  Trial run(InstructionForm form, Assignment state, Subject subject) {
    Setup setup = builder.setUp(form, state, tables.vendor() + "/" + form.id() + "/sweep");
    Expectation expectation = oracle.expect(setup);
    Case testCase = setup.testCase();
    AtomicReference<Observation> answer = new AtomicReference<>();
    subject.run(List.of(testCase), answer::set);
    Observation seen = answer.get();
    if (seen == null) {
      throw new IllegalStateException(subject.name() + " gave no observation");
    }
    Judgement judgement = Judge.judge(testCase, expectation, vendor.decode(testCase, seen));
    return new Trial(judgement, seen.remark());
  }
}

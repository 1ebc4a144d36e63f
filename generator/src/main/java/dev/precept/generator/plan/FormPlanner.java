package dev.precept.generator.plan;

import java.util.List;

/** Plans the cases of one form in one mode. */
final class FormPlanner {
  private final FormSpace space;
  private final boolean principalMode;

  /**
   * @param principalMode whether this is the mode for what one mode is enough for
   */
  FormPlanner(FormSpace space, boolean principalMode) {
    this.space = space;
    this.principalMode = principalMode;
  }

  /** Cases, pairs, checks and clauses of a form in a mode. */
  record FormPlan(
      List<PlannedCase> cases,
      List<PairStatus> pairs,
      List<CheckStatus> checks,
      List<ClauseStatus> clauses) {}

  FormPlan plan() {
    Goals goals = new Goals(space);
    Claims claims = new Claims(space.tables(), space.form());
    FormCases cases = new FormCases(space);
    CheckCases checks = new CheckCases(space, goals, claims, cases);
    PairCases pairs = new PairCases(space, goals, claims, cases, checks);
    // In this order: of cases with the same state, the first one is kept.
    checks.plan();
    pairs.plan();
    new ExitCases(space, goals, claims, cases, checks, principalMode).plan();
    ClauseCases clauses = new ClauseCases(space, goals, claims, cases, checks);
    clauses.plan();
    new ValueCases(space, goals, claims, cases, checks, principalMode).plan();
    new BlindCases(space, claims, cases).plan();
    return new FormPlan(cases.list(), pairs.statuses(), checks.statuses(), clauses.statuses());
  }
}

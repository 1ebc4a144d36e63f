package dev.precept.generator.plan;

import dev.precept.tables.Tables;
import java.util.List;

/**
 * The cases of one vendor's instruction forms.
 *
 * @param tables the tables it was made from
 * @param cases in table order of their forms; ids are unique
 * @param pairs what became of every pair of checks of every form in every mode
 * @param checks what became of every check of every form in every mode
 * @param clauses what became of every variable of every check's condition, likewise
 */
public record Plan(
    Tables tables,
    List<PlannedCase> cases,
    List<PairStatus> pairs,
    List<CheckStatus> checks,
    List<ClauseStatus> clauses) {
  public Plan {
    cases = List.copyOf(cases);
    pairs = List.copyOf(pairs);
    checks = List.copyOf(checks);
    clauses = List.copyOf(clauses);
  }

  /** Number of pairs with {@code status}. */
  public long count(PairStatus.Status status) {
    return pairs.stream().filter(pair -> pair.status() == status).count();
  }
}

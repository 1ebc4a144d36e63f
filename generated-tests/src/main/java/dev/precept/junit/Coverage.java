package dev.precept.junit;

import dev.precept.cases.Verdict;
import dev.precept.generator.plan.CheckStatus;
import dev.precept.generator.plan.ClauseStatus;
import dev.precept.generator.plan.PairStatus;
import dev.precept.generator.plan.Plan;
import dev.precept.report.ClauseRecord;
import dev.precept.report.CoverageGap;
import dev.precept.report.PairRecord;
import dev.precept.tables.Check;
import dev.precept.tables.Tables;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What a run says of pairs and table rows, beside its cases' own results. */
final class Coverage {
  private final List<Plan> plans;
  private final Map<String, Verdict> verdicts;
  private final Set<String> selected;

  Coverage(List<Plan> plans, Map<String, Verdict> verdicts, Set<String> selected) {
    this.plans = plans;
    this.verdicts = verdicts;
    this.selected = selected;
  }

  /** Every pair of the planned forms; those whose case was not selected are left out. */
  List<PairRecord> pairs() {
    List<PairRecord> records = new ArrayList<>();
    for (Plan plan : plans) {
      for (PairStatus pair : plan.pairs()) {
        if (pair.caseId().isEmpty() || selected.contains(pair.caseId())) {
          records.add(
              new PairRecord(
                  plan.tables().vendor(),
                  pair.form(),
                  pair.mode().word(),
                  pair.first(),
                  pair.second(),
                  status(pair),
                  pair.caseId(),
                  pair.reason()));
        }
      }
    }
    return List.copyOf(records);
  }

  /**
   * Places of {@link #pairs} among those of the run of which this is a share, ascending, from 0.
   *
   * @param candidates cases that the whole run has
   */
  List<Integer> pairPositions(Set<String> candidates) {
    List<Integer> positions = new ArrayList<>();
    int position = 0;
    for (Plan plan : plans) {
      for (PairStatus pair : plan.pairs()) {
        if (pair.caseId().isEmpty() || selected.contains(pair.caseId())) {
          positions.add(position++);
        } else if (candidates.contains(pair.caseId())) {
          position++;
        }
      }
    }
    return List.copyOf(positions);
  }

  private PairRecord.Status status(PairStatus pair) {
    return switch (pair.status()) {
      case IMPOSSIBLE -> PairRecord.Status.IMPOSSIBLE;
      case MASKED -> PairRecord.Status.MASKED;
      case TESTED -> ran(pair.caseId(), PairRecord.Status.TESTED);
      case ALIKE_TESTED -> ran(pair.caseId(), PairRecord.Status.INDISTINGUISHABLE);
      case OPEN_TESTED -> ran(pair.caseId(), PairRecord.Status.OPEN);
    };
  }

  private PairRecord.Status ran(String caseId, PairRecord.Status held) {
    Verdict verdict = verdicts.getOrDefault(caseId, Verdict.NO_ANSWER);
    if (verdict.violates()) {
      return PairRecord.Status.VIOLATED;
    }
    return verdict.holds() ? held : PairRecord.Status.NOT_RUN;
  }

  /**
   * Every variable of every condition; those whose cases are not in {@code candidates} are left
   * out.
   *
   * @param candidates ids of the cases that were chosen, before a share of them was
   */
  List<ClauseRecord> clauses(Set<String> candidates) {
    List<ClauseRecord> records = new ArrayList<>();
    for (Plan plan : plans) {
      for (ClauseStatus clause : plan.clauses()) {
        if (!clause.shown()
            || (candidates.contains(clause.on()) && candidates.contains(clause.off()))) {
          records.add(
              new ClauseRecord(
                  plan.tables().vendor(),
                  clause.form(),
                  clause.mode().word(),
                  clause.check(),
                  clause.variable(),
                  clause.on(),
                  clause.off()));
        }
      }
    }
    return List.copyOf(records);
  }

  /** Checks that no case of any planned form shows in any mode, each with why. */
  List<CoverageGap> gaps() {
    List<CoverageGap> gaps = new ArrayList<>();
    for (Plan plan : plans) {
      Set<String> shown = new HashSet<>();
      Map<String, Set<String>> reasons = new LinkedHashMap<>();
      for (CheckStatus status : plan.checks()) {
        String key = key(status.form(), status.check());
        if (status.caseId().isEmpty()) {
          reasons
              .computeIfAbsent(key, unused -> new TreeSet<>())
              .add(status.mode().word() + ": " + status.reason());
        } else {
          shown.add(key);
        }
      }
      plan.tables()
          .forms()
          .forEach(
              form ->
                  form.order()
                      .checks()
                      .forEach(
                          id -> {
                            String key = key(form.id(), id);
                            if (!shown.contains(key) && reasons.containsKey(key)) {
                              gaps.add(
                                  gap(
                                      plan.tables(),
                                      key,
                                      tableCheck(plan, form.id(), id),
                                      reasons.get(key)));
                            }
                          }));
    }
    return List.copyOf(gaps);
  }

  private static Check tableCheck(Plan plan, String formId, String id) {
    return plan.tables().forms().stream()
        .filter(form -> form.id().equals(formId))
        .map(form -> plan.tables().check(form, id))
        .findFirst()
        .orElseThrow();
  }

  private static CoverageGap gap(Tables tables, String key, Check check, Set<String> reasons) {
    return new CoverageGap(
        tables.vendor(),
        check.origin().file() + ":" + check.origin().line(),
        key,
        check.citation().text(),
        String.join("; ", reasons));
  }

  private static String key(String form, String check) {
    return form + " " + check;
  }

  /** Id of the form that {@code gap} is of. */
  static String form(CoverageGap gap) {
    return gap.what().substring(0, gap.what().indexOf(' '));
  }
}

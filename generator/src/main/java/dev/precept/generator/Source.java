package dev.precept.generator;

import dev.precept.generator.plan.PlannedCase;
import dev.precept.tables.Check;
import dev.precept.tables.Citation;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Origin;
import dev.precept.tables.Tables;

/**
 * Where what a test claims stands.
 *
 * @param text the place in the manual, and how well the fact is known if not from there
 * @param row the table row, as {@code FILE:LINE}
 */
public record Source(String text, String row) {
  /** Of a form's own row. */
  public static Source of(InstructionForm form) {
    return of(form.citation(), form.origin());
  }

  /** Of the check that the case is about if it is about one alone; else of the form's row. */
  public static Source of(Tables tables, PlannedCase planned) {
    if (planned.second().isEmpty() && !planned.first().equals(PlannedCase.NONE)) {
      Check check = tables.check(planned.form(), planned.first());
      return of(check.citation(), check.origin());
    }
    return of(planned.form());
  }

  private static Source of(Citation citation, Origin origin) {
    String known =
        switch (citation.provenance()) {
          case MANUAL -> "";
          case CODE -> ", from an implementation";
          case INFERRED -> ", inferred";
          case OPEN -> ", open";
        };
    return new Source(citation.text() + known, origin.file() + ":" + origin.line());
  }

  @Override
  public String toString() {
    return text + " (" + row + ")";
  }
}

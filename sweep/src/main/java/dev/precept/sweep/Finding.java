package dev.precept.sweep;

import dev.precept.cases.Difference;
import dev.precept.cases.Verdict;

/**
 * The first state of a stratum in which a subject does one thing wrong.
 *
 * @param vendor vendor of the tables
 * @param form id of the form
 * @param verdict what is wrong
 * @param state the assignment, as {@code precept sweep --state} reads it
 * @param what what was expected, and what the subject did
 */
public record Finding(String vendor, String form, Verdict verdict, String state, String what) {
  static Finding of(Stratum stratum, String state, Laboratory.Trial trial) {
    StringBuilder what = new StringBuilder();
    if (!trial.judgement().taken().isEmpty()) {
      what.append("took ").append(trial.judgement().taken()).append(" first; ");
    }
    String separator = "";
    for (Difference difference : trial.judgement().differences()) {
      what.append(separator)
          .append(difference.name())
          .append(": expected ")
          .append(difference.expected())
          .append(", was ")
          .append(difference.actual());
      separator = "; ";
    }
    if (!trial.remark().isEmpty()) {
      what.append(" (").append(trial.remark()).append(')');
    }
    return new Finding(
        stratum.vendor(),
        stratum.form().id(),
        trial.judgement().verdict(),
        state,
        what.toString().replaceAll("[\t\r\n]+", " "));
  }
}

package dev.precept.report;

/**
 * A table row that no case covers, and why.
 *
 * @param vendor {@code svm} or {@code vmx}
 * @param row {@code file:line} relative to the tables' root
 * @param what the row's id: a check, an exit or an instruction form
 * @param citation the manual's place that stays untested
 * @param reason why, for a person
 */
public record CoverageGap(String vendor, String row, String what, String citation, String reason) {
  public CoverageGap {
    vendor = Texts.orEmpty(vendor);
    row = Texts.orEmpty(row);
    what = Texts.orEmpty(what);
    citation = Texts.orEmpty(citation);
    reason = Texts.orEmpty(reason);
  }
}

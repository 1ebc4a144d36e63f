package dev.precept.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.precept.cases.Difference;
import dev.precept.cases.Verdict;
import java.util.List;

/**
 * One case's result, complete enough to be understood and repeated without the run that made it.
 *
 * <p>Texts that do not apply are empty, never absent.
 *
 * @param id the case's stable id, such as {@code svm/rdtsc/long64/gp.tsd>exit}
 * @param subject the implementation that was tested, such as {@code core}
 * @param vendor {@code svm} or {@code vmx}
 * @param instruction slug of the instruction, such as {@code lmsw}
 * @param form slug of its form, such as {@code mem}; empty where it has one form
 * @param mode {@code real v86 prot16 prot32 compat long64}
 * @param kind what sort of case, such as {@code alone}, {@code pair}, {@code boundary}
 * @param claim what the case claims, as one sentence
 * @param verdict what became of it
 * @param expected label of the expected outcome, such as {@code #GP(0)}; several joined by {@code
 *     or}
 * @param actual label of the outcome the subject showed
 * @param expectedCheck id of the check that must win, or {@code none} where the instruction
 *     completes
 * @param actualCheck for a precedence violation: the outranked check the subject took; else empty
 * @param firstCheck for a pair: the check that must win
 * @param secondCheck for a pair: the check it outranks
 * @param differences every field that is not as the table says
 * @param assignment the state that arms the checks, as {@code cpl=3 cr4.tsd=1 icpt.rdtsc=1}
 * @param reproducer how to set the case up by hand
 * @param citation what the claim rests on, such as {@code APM2 15.9 table 15-7}
 * @param row the table row, {@code svm/instructions/timestamp.csv:12}, relative to the tables' root
 * @param reveals the mistake in an implementation that a violation points to
 * @param remark the subject's own words for {@code not-applicable}, {@code no-answer}, {@code
 *     crash}
 * @param micros how long the subject took, in microseconds; 0 where not measured
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Result(
    String id,
    String subject,
    String vendor,
    String instruction,
    String form,
    String mode,
    String kind,
    String claim,
    Verdict verdict,
    String expected,
    String actual,
    String expectedCheck,
    String actualCheck,
    String firstCheck,
    String secondCheck,
    List<Difference> differences,
    String assignment,
    Reproducer reproducer,
    String citation,
    String row,
    String reveals,
    String remark,
    long micros) {

  public Result {
    id = Texts.orEmpty(id);
    subject = Texts.orEmpty(subject);
    vendor = Texts.orEmpty(vendor);
    instruction = Texts.orEmpty(instruction);
    form = Texts.orEmpty(form);
    mode = Texts.orEmpty(mode);
    kind = Texts.orEmpty(kind);
    claim = Texts.orEmpty(claim);
    if (verdict == null) {
      throw new IllegalArgumentException("case " + id + " has no verdict");
    }
    expected = Texts.orEmpty(expected);
    actual = Texts.orEmpty(actual);
    expectedCheck = Texts.orEmpty(expectedCheck);
    actualCheck = Texts.orEmpty(actualCheck);
    firstCheck = Texts.orEmpty(firstCheck);
    secondCheck = Texts.orEmpty(secondCheck);
    differences = differences == null ? List.of() : List.copyOf(differences);
    for (Difference difference : differences) {
      if (difference.name() == null
          || difference.expected() == null
          || difference.actual() == null) {
        throw new IllegalArgumentException("case " + id + " has a difference that says too little");
      }
    }
    assignment = Texts.orEmpty(assignment);
    reproducer = reproducer == null ? Reproducer.NONE : reproducer;
    citation = Texts.orEmpty(citation);
    row = Texts.orEmpty(row);
    reveals = Texts.orEmpty(reveals);
    remark = Texts.orEmpty(remark);
  }

  /** The same without the time it took, so that equal runs give equal bytes. */
  public Result untimed() {
    if (micros == 0) {
      return this;
    }
    return new Result(
        id,
        subject,
        vendor,
        instruction,
        form,
        mode,
        kind,
        claim,
        verdict,
        expected,
        actual,
        expectedCheck,
        actualCheck,
        firstCheck,
        secondCheck,
        differences,
        assignment,
        reproducer,
        citation,
        row,
        reveals,
        remark,
        0);
  }

  /** {@code instruction} or {@code instruction.form}, as {@code InstructionForm.id()} has it. */
  public String formId() {
    return form.isEmpty() ? instruction : instruction + "." + form;
  }
}

package dev.precept.report;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * Whether one state variable of a check's condition is shown to decide the check by itself (MC/DC),
 * in one instruction form and mode.
 *
 * @param vendor {@code svm} or {@code vmx}
 * @param form {@code InstructionForm.id()}
 * @param mode mode word
 * @param check id of the check whose condition it is
 * @param variable the state variable
 * @param on the case in which the check is armed; empty where none can show it
 * @param off the case that differs in the variable alone, in which the check is quiet; empty as
 *     {@code on} is: then it is proven that no two lawful states show it
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ClauseRecord(
    String vendor, String form, String mode, String check, String variable, String on, String off) {
  public ClauseRecord {
    vendor = Texts.orEmpty(vendor);
    form = Texts.orEmpty(form);
    mode = Texts.orEmpty(mode);
    check = Texts.orEmpty(check);
    variable = Texts.orEmpty(variable);
    on = Texts.orEmpty(on);
    off = Texts.orEmpty(off);
  }

  /** Whether two cases show it. */
  public boolean shown() {
    return !on.isEmpty();
  }
}

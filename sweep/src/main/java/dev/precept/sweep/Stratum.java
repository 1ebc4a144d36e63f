package dev.precept.sweep;

import dev.precept.generator.plan.FormSpace;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Mode;
import java.math.BigInteger;

/**
 * A form in one mode.
 *
 * @param laboratory makes and judges its cases
 * @param form the form
 * @param mode the mode
 * @param product combinations of classes of the variables that the form speaks of
 * @param paths parts of its states in each of which the same checks win
 */
record Stratum(
    Laboratory laboratory, InstructionForm form, Mode mode, BigInteger product, long paths) {

  /** Counts the paths of {@code form} in {@code mode}. */
  static Stratum of(Laboratory laboratory, InstructionForm form, Mode mode) {
    FormSpace space = laboratory.planner().space(form, mode);
    long[] paths = {0};
    space
        .decisionPaths()
        .visit(
            path -> {
              paths[0]++;
              return true;
            });
    return new Stratum(laboratory, form, mode, space.product(), paths[0]);
  }

  /** Such as {@code svm/rdtsc/long64}. */
  String id() {
    return vendor() + "/" + form.id() + "/" + mode.word();
  }

  String vendor() {
    return laboratory.tables().vendor();
  }

  FormSpace space() {
    return laboratory.planner().space(form, mode);
  }
}

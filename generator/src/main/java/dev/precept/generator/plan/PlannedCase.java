package dev.precept.generator.plan;

import dev.precept.generator.Assignment;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Mode;
import java.util.List;

/**
 * A case the plan asks for, not yet concrete.
 *
 * @param id stable and meaningful, such as {@code svm/rdtsc/long64/gp.tsd>exit}
 * @param claim one sentence, for people
 * @param first id of the check the claim is about; for a pair, the one that must win; {@code none}
 *     where the claim is about completing
 * @param second for a pair, id of the check that is outranked; else empty
 * @param winners ids of the checks that may win, {@code none} for completing; several where the
 *     manual leaves the order open
 * @param reveals the mistake in an implementation that a violation points to
 */
public record PlannedCase(
    String id,
    CaseKind kind,
    InstructionForm form,
    Mode mode,
    Assignment assignment,
    String claim,
    String first,
    String second,
    List<String> winners,
    String reveals) {

  /** The id that {@link #first} and {@link #winners} use for an instruction that completes. */
  public static final String NONE = "none";

  public PlannedCase {
    winners = List.copyOf(winners);
  }
}

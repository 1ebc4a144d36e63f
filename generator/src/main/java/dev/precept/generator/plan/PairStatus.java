package dev.precept.generator.plan;

import dev.precept.tables.Mode;

/**
 * What the plan knows of two checks of a form in one mode.
 *
 * @param form {@code InstructionForm.id()}
 * @param first id of the check that comes earlier in the table
 * @param second id of the other
 * @param caseId the case that arms both; empty where there is none
 * @param reason for {@code IMPOSSIBLE} and {@code MASKED}: why, for a person; for {@code
 *     OPEN_TESTED}: that the manual leaves the order open; else empty
 */
public record PairStatus(
    String form,
    Mode mode,
    String first,
    String second,
    Status status,
    String caseId,
    String reason) {

  /** What is known of a pair. */
  public enum Status {
    /** A case arms both and nothing that comes before the first. */
    TESTED,
    /**
     * As {@link #TESTED}, but both bring about the same: which of them won cannot be seen, only
     * that no third thing happened.
     */
    ALIKE_TESTED,
    /** Proven by exhaustion: no state that satisfies the constraints arms both. */
    IMPOSSIBLE,
    /** A case arms both; the manual leaves the order open, so each may win. */
    OPEN_TESTED,
    /** Proven by exhaustion: whatever arms both arms a third check that comes before them. */
    MASKED
  }
}

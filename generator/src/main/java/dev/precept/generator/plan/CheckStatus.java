package dev.precept.generator.plan;

import dev.precept.tables.Mode;

/**
 * What the plan knows of one check of a form in one mode.
 *
 * @param form {@code InstructionForm.id()}
 * @param caseId the case in which it must win; empty where there is none
 * @param reason for a check that no case can show: why, for a person; else empty
 */
public record CheckStatus(
    String form, Mode mode, String check, Status status, String caseId, String reason) {

  /** What is known of a check. */
  public enum Status {
    /** A case arms it and nothing else. */
    ALONE,
    /** A case arms it, and later checks with it: it cannot be armed without them. */
    WINS,
    /** Proven: no state that the laws allow arms it. */
    IMPOSSIBLE,
    /** Proven: whatever arms it arms an earlier check too. */
    MASKED
  }
}

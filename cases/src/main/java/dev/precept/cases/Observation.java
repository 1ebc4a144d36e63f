package dev.precept.cases;

import java.util.List;

/**
 * What a subject did with a case, undigested.
 *
 * @param caseId id of the case
 * @param kind how it ended
 * @param vector vector of the exception, for {@link OutcomeKind#DELIVERED}; else -1
 * @param errorCode error code that was pushed, or -1 where there was none
 * @param state the CPU's registers at the end: the guest's where it still runs, the host's after an
 *     exit (the guest's saved half is then in {@code controlBlock})
 * @param controlBlock the 4 KiB at the case's control block, after the run
 * @param changes memory that differs from what the case set up, outside the control block and the
 *     host save area; ascending, not adjacent, not empty
 * @param remark for CRASH, NO_ANSWER and NOT_APPLICABLE: why, for a person; else empty
 */
public record Observation(
    String caseId,
    OutcomeKind kind,
    int vector,
    long errorCode,
    MachineState state,
    byte[] controlBlock,
    List<MemoryPatch> changes,
    String remark) {}

package dev.precept.cases;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;

/**
 * What a subject did with a case, undigested.
 *
 * @param caseId id of the case
 * @param kind how it ended
 * @param vector vector of the exception, for {@link OutcomeKind#DELIVERED}; else -1
 * @param errorCode error code that was pushed, or -1 where there was none
 * @param state the CPU's registers at the end: the guest's where it still runs, the host's after an
 *     exit (the guest's saved half is then in {@code controlBlock})
 * @param controlBlock the 4 KiB at the case's control block, after the run; empty where the subject
 *     cannot tell (the guest still runs) or there is none
 * @param fields values of the VMCS fields that the subject could read after the run, by encoding;
 *     empty for a VMCB and where the subject cannot tell
 * @param unseen registers that the subject cannot see at the end; whatever {@code state} holds for
 *     them is not compared
 * @param changes memory that differs from what the case set up, outside control blocks and the host
 *     save area; ascending, not adjacent, not empty
 * @param remark for CRASH, NO_ANSWER and NOT_APPLICABLE: why, for a person; else empty
 */
public record Observation(
    String caseId,
    OutcomeKind kind,
    int vector,
    long errorCode,
    MachineState state,
    byte[] controlBlock,
    SortedMap<Integer, Long> fields,
    Set<Register> unseen,
    List<MemoryPatch> changes,
    String remark) {
  /**
   * Nothing to compare: the subject did not run the case to an end, and {@code remark} says why.
   */
  public static Observation unanswered(String caseId, OutcomeKind kind, String remark) {
    return new Observation(
        caseId,
        kind,
        -1,
        -1,
        new MachineState(),
        new byte[0],
        Collections.emptySortedMap(),
        Set.of(),
        List.of(),
        remark);
  }
}

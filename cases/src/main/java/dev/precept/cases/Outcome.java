package dev.precept.cases;

import java.util.List;
import java.util.Set;
import java.util.SortedMap;

/**
 * An outcome in comparable form: an observation seen through a vendor's control block, or a
 * prediction.
 *
 * @param kind how it ended
 * @param code exit code for EXIT, vector for DELIVERED, else 0
 * @param label for people: {@code VMEXIT_RDTSC}, {@code #GP(0)}, {@code retired}
 * @param fields exit information by the manual's name ({@code EXITINFO1}, {@code nRIP}, ...) or
 *     {@code error code}
 * @param state the guest's registers at the end, saved or live
 * @param changes memory changed, as in {@link Observation#changes}
 * @param unseen names of fields and registers that the subject could not see; not compared
 */
public record Outcome(
    OutcomeKind kind,
    long code,
    String label,
    SortedMap<String, Long> fields,
    MachineState state,
    List<MemoryPatch> changes,
    Set<String> unseen) {

  /** Name of the field that holds a delivered exception's error code. */
  public static final String ERROR_CODE = "error code";

  /** An outcome of which everything is seen, as a prediction is. */
  public Outcome(
      OutcomeKind kind,
      long code,
      String label,
      SortedMap<String, Long> fields,
      MachineState state,
      List<MemoryPatch> changes) {
    this(kind, code, label, fields, state, changes, Set.of());
  }
}

package dev.precept.generator.vendor;

import dev.precept.cases.MachineState;
import dev.precept.generator.Assignment;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A guest that a control block is to be written for.
 *
 * @param address physical address of the control block
 * @param assignment classes of the exit bits
 * @param fields control-block fields by their name in the tables
 * @param state the guest's state at its first instruction
 * @param host the host that enters it
 * @param exits which exit bits are set
 * @param exitAt rIP of a UD2 at which the guest is to begin, and to exit at once; empty: it begins
 *     where {@code state} says
 */
public record Guest(
    long address,
    Assignment assignment,
    Map<String, Long> fields,
    MachineState state,
    MachineState host,
    Exits exits,
    OptionalLong exitAt) {
  /** Which exit bits are set. */
  public enum Exits {
    /** Those that the assignment says. */
    ASSIGNED,
    /** All that may be set at all. */
    ALL,
    /** None but what entry needs. */
    NONE
  }
}

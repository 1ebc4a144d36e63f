package dev.precept.cases;

import java.util.List;
import java.util.Set;
import java.util.SortedMap;

/**
 * An outcome that the tables allow, or one they rule out, with what it must carry.
 *
 * @param check id of the check that brings it about, or {@code none} where the instruction
 *     completes
 * @param outcome the predicted outcome; fields absent from it are undefined by the manual and not
 *     compared
 * @param masks for a field in {@code outcome.fields} or a {@link Register} by its name, the bits
 *     that are compared; absent: all
 * @param unspecified registers whose final value the manual leaves open
 * @param unspecifiedMemory ranges whose final contents are not compared (address, length as bytes)
 */
public record Expected(
    String check,
    Outcome outcome,
    SortedMap<String, Long> masks,
    Set<Register> unspecified,
    List<MemoryPatch> unspecifiedMemory) {}

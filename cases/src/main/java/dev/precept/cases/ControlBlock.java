package dev.precept.cases;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a guest is entered with: a VMCB, or the region of a VMCS with its fields.
 *
 * @param address physical address; 0: there is none
 * @param fields values of VMCS fields by encoding (SDM vol. 3, appendix B), which a subject writes
 *     with VMWRITE because the region's layout is its own; empty for a VMCB, which is in the case's
 *     memory
 */
public record ControlBlock(long address, SortedMap<Integer, Long> fields) {
  /** No control block. */
  public static final ControlBlock NONE = new ControlBlock(0, Map.of());

  /** Copies {@code fields}. */
  public ControlBlock(long address, Map<Integer, Long> fields) {
    this(address, Collections.unmodifiableSortedMap(new TreeMap<>(fields)));
  }

  /** A control block that is memory and nothing else. */
  public static ControlBlock at(long address) {
    return new ControlBlock(address, Map.of());
  }

  /** Whether there is one. */
  public boolean present() {
    return address != 0;
  }
}

package dev.precept.cases;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a guest is entered with: a VMCB, or the region of a VMCS with its fields.
 *
 * <p>A VMCS region begins with the processor's VMCS revision identifier, which no case can know. In
 * the case's memory the first doubleword of a region is what is to be XORed with it: 0 makes a good
 * region, 8000_0000h a shadow VMCS, anything else a region of another revision. The regions are at
 * {@link Layout#CONTROL_BLOCK}, {@link Layout#PRIOR_CONTROL_BLOCK}, {@link
 * Layout#OTHER_CONTROL_BLOCK}, {@link Layout#SHADOW_CONTROL_BLOCK} and {@link Layout#HOST_SAVE}
 * (the VMXON region). What a processor keeps in them besides is not compared.
 *
 * @param address physical address; 0: there is none
 * @param fields values of VMCS fields by encoding (SDM vol. 3, appendix B), which a subject writes
 *     with VMWRITE because the region's layout is its own; empty for a VMCB, which is in the case's
 *     memory
 * @param shadow the shadow VMCS that the link pointer names, whose fields a subject writes while it
 *     is current and then clears; empty: there is none
 */
public record ControlBlock(
    long address, SortedMap<Integer, Long> fields, Optional<ControlBlock> shadow) {
  /** No control block. */
  public static final ControlBlock NONE = new ControlBlock(0, Map.of());

  /** Copies {@code fields}. */
  public ControlBlock(long address, Map<Integer, Long> fields) {
    this(address, fields, Optional.empty());
  }

  /** Copies {@code fields}. */
  public ControlBlock(long address, Map<Integer, Long> fields, Optional<ControlBlock> shadow) {
    this(address, Collections.unmodifiableSortedMap(new TreeMap<>(fields)), shadow);
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

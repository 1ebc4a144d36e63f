package dev.precept.core.vmx;

import dev.precept.core.PhysicalMemory;

/** One VMCS region in memory, for reading and writing its fields in a row. */
final class Vmcs {
  /** VMCS pointer when there is no current VMCS. */
  static final long NONE = -1L;

  /** An empty page until a region is selected. */
  private PhysicalMemory memory = new PhysicalMemory(PhysicalMemory.PAGE_SIZE);

  /** Physical address of the region, or {@link #NONE}. */
  long pointer = NONE;

  void select(PhysicalMemory newMemory, long newPointer) {
    memory = newMemory;
    pointer = newPointer;
  }

  /** Takes over everything that {@code other} holds. */
  void copyFrom(Vmcs other) {
    select(other.memory, other.pointer);
  }

  void deselect() {
    pointer = NONE;
  }

  boolean valid() {
    return pointer != NONE;
  }

  long read(VmcsField field) {
    return VmcsRegion.read(memory, pointer, field);
  }

  int read32(VmcsField field) {
    return (int) VmcsRegion.read(memory, pointer, field);
  }

  void write(VmcsField field, long value) {
    VmcsRegion.write(memory, pointer, field, value);
  }

  boolean shadow() {
    return (VmcsRegion.header(memory, pointer) & VmcsRegion.SHADOW) != 0;
  }

  boolean launched() {
    return VmcsRegion.launched(memory, pointer);
  }

  void setLaunched() {
    VmcsRegion.setLaunched(memory, pointer, true);
  }
}

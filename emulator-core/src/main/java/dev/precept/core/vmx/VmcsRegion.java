package dev.precept.core.vmx;

import dev.precept.core.CpuModel;
import dev.precept.core.PhysicalMemory;
import java.util.Optional;

/**
 * A VMCS region in memory: 4 KiB, of which only the first eight bytes have a format that software
 * may know (revision identifier, VMX-abort indicator). The rest is this core's own: a launch state,
 * then eight bytes for each {@link VmcsField} in the order of the enumeration. All data is always
 * in memory, so that these methods may be used whether or not the VMCS is active.
 *
 * <p>Fields are named by {@link VmcsField} or by their encoding, where bit 0 of a 64-bit field's
 * encoding means its high half, as for VMREAD and VMWRITE. Values are zero-extended from the
 * field's width; what does not fit is dropped.
 *
 * <p>Source: SDM vol. 3C, 24.2, 24.11.2.
 */
public final class VmcsRegion {
  /** Size of a region in bytes. */
  public static final int SIZE = 4096;

  /** Bit 31 of the first doubleword: the region is a shadow VMCS. */
  public static final int SHADOW = 1 << 31;

  private static final int ABORT_INDICATOR = 4;
  private static final int LAUNCH_STATE = 8;
  private static final int DATA = 16;

  private VmcsRegion() {}

  /**
   * Makes a region at physical address {@code pa} that is ready for VMPTRLD: the model's revision
   * identifier, launch state clear, all fields 0 but for a VMCS link pointer of all ones.
   */
  public static void format(PhysicalMemory memory, long pa, CpuModel model) {
    for (int i = 0; i < SIZE; i += 8) {
      memory.write64(pa + i, 0);
    }
    memory.write32(pa, model.vmxCapabilities.revision());
    write(memory, pa, VmcsField.VMCS_LINK_POINTER, -1L);
  }

  /** As {@link #format}, for a shadow VMCS. */
  public static void formatShadow(PhysicalMemory memory, long pa, CpuModel model) {
    format(memory, pa, model);
    memory.write32(pa, model.vmxCapabilities.revision() | SHADOW);
  }

  /** Reads a field. */
  public static long read(PhysicalMemory memory, long pa, VmcsField field) {
    return memory.read(at(pa, field), field.size);
  }

  /** Writes a field. */
  public static void write(PhysicalMemory memory, long pa, VmcsField field, long value) {
    memory.write(at(pa, field), field.size, value);
  }

  /**
   * Reads a field by its encoding.
   *
   * @throws IllegalArgumentException if no field has the encoding
   */
  public static long read(PhysicalMemory memory, long pa, int encoding) {
    VmcsField field = field(encoding);
    return high(encoding) ? memory.read(at(pa, field) + 4, 4) : read(memory, pa, field);
  }

  /**
   * Writes a field by its encoding.
   *
   * @throws IllegalArgumentException if no field has the encoding
   */
  public static void write(PhysicalMemory memory, long pa, int encoding, long value) {
    VmcsField field = field(encoding);
    if (high(encoding)) {
      memory.write(at(pa, field) + 4, 4, value);
    } else {
      write(memory, pa, field, value);
    }
  }

  /** The VMX-abort indicator, 32 bits; 0 if no VMX abort wrote it (SDM vol. 3C, 27.7). */
  public static int abortIndicator(PhysicalMemory memory, long pa) {
    return memory.read32(pa + ABORT_INDICATOR);
  }

  static void setAbortIndicator(PhysicalMemory memory, long pa, int value) {
    memory.write32(pa + ABORT_INDICATOR, value);
  }

  /** Whether the launch state is "launched" and not "clear". */
  public static boolean launched(PhysicalMemory memory, long pa) {
    return memory.read32(pa + LAUNCH_STATE) != 0;
  }

  static void setLaunched(PhysicalMemory memory, long pa, boolean launched) {
    memory.write32(pa + LAUNCH_STATE, launched ? 1 : 0);
  }

  /** First doubleword: revision identifier in bits 30:0, {@link #SHADOW} in bit 31. */
  static int header(PhysicalMemory memory, long pa) {
    return memory.read32(pa);
  }

  private static boolean high(int encoding) {
    return (encoding & 1) != 0;
  }

  private static long at(long pa, VmcsField field) {
    return pa + DATA + 8L * field.ordinal();
  }

  private static VmcsField field(int encoding) {
    Optional<VmcsField> field = VmcsField.of(encoding);
    if (field.isEmpty()) {
      throw new IllegalArgumentException("no VMCS field is encoded %04Xh".formatted(encoding));
    }
    return field.get();
  }
}

package dev.precept.core.vmx;

import dev.precept.core.Segment;

/**
 * Segment access rights as the VMCS has them, and as {@link Segment} has them: bits 7:0 are the
 * same, bits 15:12 of the field are attribute bits 11:8.
 *
 * <p>The core has no bit for an unusable segment: one that is not present was loaded with a null
 * selector, and the VMCS calls it unusable (SDM vol. 3C, table 24-2).
 */
final class AccessRights {
  static final int UNUSABLE = 1 << 16;

  private AccessRights() {}

  static int attributes(int accessRights) {
    return (accessRights & 0xFF) | (accessRights >> 4 & 0xF00);
  }

  static int of(Segment segment) {
    int rights = (segment.attributes & 0xFF) | (segment.attributes & 0xF00) << 4;
    return segment.present() ? rights : rights | UNUSABLE;
  }

  static boolean usable(int accessRights) {
    return (accessRights & UNUSABLE) == 0;
  }
}

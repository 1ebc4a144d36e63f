package dev.precept.generator.state;

import dev.precept.cases.Layout;
import dev.precept.tables.Mode;

/**
 * Segment bases of a case. All are different where the mode allows, so that an operand found
 * through the wrong segment is seen, and none is above {@link Layout#DATA}, so that a 16-bit offset
 * reaches it.
 */
public final class SegmentBases {
  /** Segment registers by their number in instructions. */
  public static final int ES = 0, CS = 1, SS = 2, DS = 3, FS = 4, GS = 5;

  private SegmentBases() {}

  /** Base of segment register {@code segment} in {@code mode}. */
  public static long of(Mode mode, int segment) {
    if (mode == Mode.LONG64 && segment < FS) {
      return 0;
    }
    return Layout.CODE
        + switch (segment) {
          case ES -> 0x800;
          case DS -> 0x1000;
          case FS -> 0x400;
          case GS -> 0xC00;
          default -> 0;
        };
  }
}

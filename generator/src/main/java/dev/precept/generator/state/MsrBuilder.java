package dev.precept.generator.state;

import dev.precept.cases.Layout;
import dev.precept.cases.Register;

/**
 * Builder {@code msr}: ECX, and the MSR permissions map (APM vol. 2, 15.11, table 15-8) or the MSR
 * bitmaps (SDM vol. 3, 24.6.9).
 */
final class MsrBuilder {
  private static final long[] FIRST = {0, 0xC000_0000L, 0xC001_0000L};
  private static final int RANGE = 0x2000;

  private MsrBuilder() {}

  static void build(Draft draft) {
    if (draft.flag("list_bit")) {
      bitmaps(draft.memory, draft.number("list_msr"), draft.flag("msr_write") ? 2 : 1);
    }
    if (!draft.info.relevant().contains("msr")) {
      return;
    }
    long msr = draft.number("msr");
    draft.set(Register.RCX, (draft.get(Register.RCX) & ~0xFFFF_FFFFL) | msr);
    long mask = draft.number("msrpm");
    map(draft.memory, msr, mask);
    map(draft.memory, msr + 1, mask >> 2);
    map(draft.memory, msr - 1, mask >> 4);
    long bits = draft.number("msr_bitmap");
    bitmaps(draft.memory, msr, bits);
    bitmaps(draft.memory, msr + 1, bits >> 2);
    bitmaps(draft.memory, msr - 1, bits >> 4);
  }

  /**
   * Sets {@code msr}'s bits in the MSR bitmaps: read low, read high, write low, write high.
   *
   * @param mask bit 0 read, bit 1 write
   */
  static void bitmaps(Memory memory, long msr, long mask) {
    boolean high = msr >= FIRST[1];
    long index = msr - (high ? FIRST[1] : 0);
    for (int write = 0; write < 2; write++) {
      if ((mask >> write & 1) != 0 && index >= 0 && index < RANGE) {
        memory.setBit(Layout.MSR_BITMAPS + (write * 2L + (high ? 1 : 0)) * 0x400, index, true);
      }
    }
  }

  /** Sets {@code msr}'s two bits from the low two of {@code mask}; nothing outside all ranges. */
  static void map(Memory memory, long msr, long mask) {
    for (int range = 0; range < FIRST.length; range++) {
      long index = msr - FIRST[range];
      if (index >= 0 && index < RANGE) {
        for (int bit = 0; bit < 2; bit++) {
          if ((mask >> bit & 1) != 0) {
            memory.setBit(Layout.MSRPM + 0x800L * range, 2 * index + bit, true);
          }
        }
      }
    }
  }
}

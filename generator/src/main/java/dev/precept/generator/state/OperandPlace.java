package dev.precept.generator.state;

/**
 * Where an instruction's memory operand lies.
 *
 * @param present whether there is one
 * @param segment segment register it goes through, by number; -1 for a physical address
 * @param offset effective address, cut to the address size
 * @param linear linear address, or physical for {@code pa}
 * @param size bytes
 * @param physical guest-physical address of its first byte
 * @param nextPage guest-physical address of the page behind that of its first byte
 */
public record OperandPlace(
    boolean present,
    int segment,
    long offset,
    long linear,
    int size,
    long physical,
    long nextPage) {
  /** No memory operand. */
  public static final OperandPlace NONE = new OperandPlace(false, -1, 0, 0, 0, 0, 0x1000);

  private static final long PAGE = 0x1000;

  /** An operand in pages that are next to each other, from {@code physical} on. */
  static OperandPlace at(int segment, long offset, long linear, int size, long physical) {
    long nextPage = (physical & -PAGE) + PAGE;
    return new OperandPlace(true, segment, offset, linear, size, physical, nextPage);
  }

  /** Guest-physical address of byte {@code i}. */
  public long physical(int i) {
    int first = inFirstPage();
    return i < first ? physical + i : nextPage + (i - first);
  }

  /** The most bytes that an operand can have before its second page begins. */
  public int inFirstPage() {
    return (int) (PAGE - (physical & PAGE - 1));
  }

  /** Its first {@code bytes} bytes, at most 8, as a little-endian number. */
  public long read(Memory memory, int bytes) {
    long value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      value = value << 8 | memory.read8(physical(i));
    }
    return value;
  }
}

package dev.precept.generator.state;

/**
 * Descriptor formats (APM vol. 2, 4.7 and 4.8). Attributes are 12 bits, packed as in the VMCB: type
 * 3:0, S 4, DPL 6:5, P 7, AVL 8, L 9, D/B 10, G 11.
 */
public final class Descriptors {
  /** Attribute bits. */
  public static final int S = 0x10, P = 0x80, L = 0x200, DB = 0x400, G = 0x800;

  /** Accessed writable data, present; add DPL, B and G. */
  public static final int DATA = P | S | 3;

  /** Accessed readable code, present; add DPL, D or L, and G. */
  public static final int CODE = P | S | 0xB;

  /** LDT, present. */
  public static final int LDT = P | 2;

  /** 32-bit or 64-bit TSS, available, present. */
  public static final int TSS_AVAILABLE = P | 9;

  /** 32-bit or 64-bit TSS, busy, present. */
  public static final int TSS_BUSY = P | 0xB;

  /** Task gate, present. */
  public static final int TASK_GATE = P | 5;

  /** 32-bit or 64-bit interrupt gate, present. */
  public static final int INTERRUPT_GATE = P | 0xE;

  private Descriptors() {}

  /** Attribute bits of privilege level {@code level}. */
  public static int dpl(int level) {
    return level << 5;
  }

  /** A segment descriptor, or the low half of a 16-byte one; {@code limit} in bytes. */
  public static long segment(int attributes, long limit, long base) {
    long field = (attributes & G) == 0 ? limit : limit >>> 12;
    return (field & 0xFFFF)
        | (base & 0xFF_FFFFL) << 16
        | (long) (attributes & 0xFF) << 40
        | (field >>> 16 & 0xF) << 48
        | (long) (attributes >> 8 & 0xF) << 52
        | (base >>> 24 & 0xFF) << 56;
  }

  /** A gate, or the low half of a 16-byte one. */
  public static long gate(int attributes, int selector, long offset) {
    return (offset & 0xFFFF)
        | (long) selector << 16
        | (long) (attributes & 0xFF) << 40
        | (offset >>> 16 & 0xFFFF) << 48;
  }
}

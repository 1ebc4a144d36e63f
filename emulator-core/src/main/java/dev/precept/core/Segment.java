package dev.precept.core;

/**
 * A segment register with its hidden part. Mutable; one object a register for the life of the CPU.
 *
 * <p>Attributes are packed as in the VMCB (APM vol. 2, 15.5.1): type 3:0, S 4, DPL 6:5, P 7, AVL 8,
 * L 9, D/B 10, G 11.
 */
public final class Segment {
  /** Number of ES in the Sreg encoding. */
  public static final int ES = 0;

  /** Number of CS in the Sreg encoding. */
  public static final int CS = 1;

  /** Number of SS in the Sreg encoding. */
  public static final int SS = 2;

  /** Number of DS in the Sreg encoding. */
  public static final int DS = 3;

  /** Number of FS in the Sreg encoding. */
  public static final int FS = 4;

  /** Number of GS in the Sreg encoding. */
  public static final int GS = 5;

  /** Attribute bit: system descriptor when 0, code or data when 1. */
  public static final int S = 1 << 4;

  /** Attribute bit: present. */
  public static final int P = 1 << 7;

  /** Attribute bit: 64-bit code segment. */
  public static final int L = 1 << 9;

  /** Attribute bit: default operand size (code) or big (stack, expand-down). */
  public static final int DB = 1 << 10;

  /** Attribute bit: granularity. */
  public static final int G = 1 << 11;

  /** Selector, 16 bits. */
  public int selector;

  /** Attributes, 12 bits, packed as in the VMCB. */
  public int attributes;

  /** Limit in bytes, scaled, 0 to FFFF_FFFFh. */
  public long limit;

  /** Base, 64 bits. */
  public long base;

  /** Type field, 4 bits. */
  public int type() {
    return attributes & 0xF;
  }

  /** Descriptor privilege level. */
  public int dpl() {
    return (attributes >> 5) & 3;
  }

  /** Whether the present bit is set. */
  public boolean present() {
    return (attributes & P) != 0;
  }

  /** Whether the D (code) or B (data) bit is set. */
  public boolean big() {
    return (attributes & DB) != 0;
  }

  /** Whether this is an application (code or data) segment that is executable. */
  public boolean isCode() {
    return (attributes & (S | 8)) == (S | 8);
  }

  /** Copies every field of {@code other}. */
  public void set(Segment other) {
    selector = other.selector;
    attributes = other.attributes;
    limit = other.limit;
    base = other.base;
  }

  /** Whether {@code other} holds the same. */
  public boolean same(Segment other) {
    return selector == other.selector
        && attributes == other.attributes
        && limit == other.limit
        && base == other.base;
  }

  /** Sets every field. */
  public void set(int newSelector, int newAttributes, long newLimit, long newBase) {
    selector = newSelector & 0xFFFF;
    attributes = newAttributes & 0xFFF;
    limit = newLimit & 0xFFFF_FFFFL;
    base = newBase;
  }
}

package dev.precept.generator.oracle;

import dev.precept.cases.Layout;
import dev.precept.cases.Register;
import dev.precept.generator.state.BaseImages;
import dev.precept.generator.state.Setup;

/**
 * Where a gate of a case's IDT leads, and the stack that it brings along, as the case's memory has
 * them (APM vol. 2, 4.8 and 12.2; SDM vol. 3, 6.11 and 7.2).
 *
 * @param selector of the code segment
 * @param type of the gate
 * @param ist stack of long mode that the gate names, 0 for none
 */
record Handler(Setup setup, int selector, int type, long offset, int ist) {
  /** S, code, conforming. */
  private static final int CONFORMING = 0x1C;

  static Handler of(Setup setup, int vector) {
    boolean longMode = BaseImages.longMode(setup.mode());
    long at = Layout.IDT + (longMode ? 16L : 8L) * vector;
    long gate = setup.memory().read(at, 8);
    int type = (int) (gate >>> 40) & 0xF;
    long offset = gate & 0xFFFF;
    if (type >= 0xE) {
      offset |= gate >>> 32 & 0xFFFF_0000L;
    }
    return new Handler(
        setup,
        (int) (gate >>> 16) & 0xFFFF,
        type,
        longMode ? offset | (setup.memory().read(at + 8, 4) << 32) : offset,
        longMode ? (int) (gate >>> 32) & 7 : 0);
  }

  /** Whether the frame has doublewords in legacy mode; else it has words. */
  boolean wide() {
    return type >= 0xE;
  }

  /** Whether RFLAGS.IF stays. */
  boolean trap() {
    return (type & 1) != 0;
  }

  /** The privilege level of the handler, entered from {@code cpl}. */
  int cpl(int cpl) {
    int attributes = Descriptor.of(setup, selector).attributes();
    return (attributes & CONFORMING) == CONFORMING ? cpl : attributes >> 5 & 3;
  }

  /** The stack segment that the TSS of legacy mode has for {@code cpl}. */
  int innerSs(int cpl) {
    return (int) setup.memory().read(wideTss() ? Layout.TSS + 8 + 8L * cpl : tss16(cpl) + 2, 2);
  }

  /** The stack pointer that the TSS of legacy mode has for {@code cpl}. */
  long innerSp(int cpl) {
    return wideTss()
        ? setup.memory().read(Layout.TSS + 4 + 8L * cpl, 4)
        : setup.memory().read(tss16(cpl), 2);
  }

  /** The stack pointer that the gate or the TSS of long mode has for {@code cpl}. */
  long innerSp64(int cpl) {
    return setup.memory().read(Layout.TSS + (ist != 0 ? 0x1C + 8L * ist : 4 + 8L * cpl), 8);
  }

  private boolean wideTss() {
    return (setup.before().get(Register.TR_ATTR) & 8) != 0;
  }

  private static long tss16(int cpl) {
    return Layout.TSS + 2 + 4L * cpl;
  }

  /**
   * A descriptor of the GDT or the LDT.
   *
   * @param address linear address
   * @param attributes packed as the VMCB has them
   * @param limit in bytes
   */
  record Descriptor(long address, int attributes, long limit, long base) {
    private static final int GRANULARITY = 0x800;

    static Descriptor of(Setup setup, int selector) {
      long address = ((selector & 4) != 0 ? Layout.LDT : Layout.GDT) + (selector & ~7);
      long bits = setup.memory().read(address, 8);
      int attributes = (int) ((bits >>> 40 & 0xFF) | (bits >>> 44 & 0xF00));
      long field = (bits & 0xFFFF) | (bits >>> 32 & 0xF_0000);
      return new Descriptor(
          address,
          attributes,
          (attributes & GRANULARITY) != 0 ? field << 12 | 0xFFF : field,
          (bits >>> 16 & 0xFF_FFFF) | (bits >>> 32 & 0xFF00_0000L));
    }
  }
}

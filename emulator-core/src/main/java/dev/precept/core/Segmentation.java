package dev.precept.core;

/**
 * Segment checks on memory accesses, descriptor fetches and segment-register loads (APM vol. 2,
 * chapter 4).
 */
public final class Segmentation {
  /** System descriptor types (APM vol. 2, table 4-5). */
  public static final int TSS16 = 1,
      LDT = 2,
      TSS16_BUSY = 3,
      CALL_GATE16 = 4,
      TASK_GATE = 5,
      INTERRUPT_GATE16 = 6,
      TRAP_GATE16 = 7,
      TSS32 = 9,
      TSS32_BUSY = 11,
      CALL_GATE32 = 12,
      INTERRUPT_GATE32 = 14,
      TRAP_GATE32 = 15;

  private final Cpu cpu;
  private final Segment loaded = new Segment();

  /** Low and (16-byte system descriptors) high quadword of the last descriptor read. */
  public long descriptor, descriptorHigh;

  /** Linear address of the last descriptor read. */
  public long descriptorAddress;

  Segmentation(Cpu cpu) {
    this.cpu = cpu;
  }

  /** See {@link Cpu#linear}. */
  long linear(int segment, long offset, int size, boolean write) {
    CpuState s = cpu.state;
    Segment seg = s.sreg[segment];
    if (s.code64()) {
      long linear = segment >= Segment.FS ? seg.base + offset : offset;
      if (!Mmu.canonical(linear) || !Mmu.canonical(linear + size - 1)) {
        throw violation(segment);
      }
      return linear;
    }
    if (!s.realOrV86()) {
      if (!seg.present() || (seg.attributes & Segment.S) == 0) {
        throw violation(segment);
      }
      // Execute-only code cannot be read; code and read-only data cannot be written.
      boolean allowed =
          (seg.attributes & 8) != 0
              ? !write && (seg.attributes & 2) != 0
              : !write || (seg.attributes & 2) != 0;
      if (!allowed) {
        throw violation(segment);
      }
    }
    offset &= 0xFFFF_FFFFL;
    long last = offset + size - 1;
    if ((seg.attributes & 0xC) == 4) {
      // Expand-down data: valid above the limit (APM vol. 2, 4.12.2).
      if (offset <= seg.limit || last > (seg.big() ? 0xFFFF_FFFFL : 0xFFFF)) {
        throw violation(segment);
      }
    } else if (last > seg.limit) {
      throw violation(segment);
    }
    return (seg.base + offset) & 0xFFFF_FFFFL;
  }

  /**
   * Linear address of segment:offset without any check, as exits report it (APM vol. 2, 15.8.3).
   */
  public long unchecked(int segment, long offset) {
    CpuState s = cpu.state;
    if (s.code64()) {
      // Bases other than those of FS and GS count as zero in 64-bit mode.
      return segment >= Segment.FS ? s.sreg[segment].base + offset : offset;
    }
    return (s.sreg[segment].base + offset) & 0xFFFF_FFFFL;
  }

  private CpuFault violation(int segment) {
    return cpu.fault(segment == Segment.SS ? CpuFault.SS : CpuFault.GP, 0);
  }

  /** Whether {@code selector} is null: index and TI are 0. */
  public static boolean isNull(int selector) {
    return (selector & 0xFFFC) == 0;
  }

  /**
   * Reads the 8-byte descriptor of {@code selector} into {@link #descriptor}.
   *
   * @param vector raised with the selector (and {@code ext}) if it is beyond its table
   */
  public void read(int selector, int vector, int ext) {
    CpuState s = cpu.state;
    long base = s.gdtrBase;
    long limit = s.gdtrLimit & 0xFFFF;
    if ((selector & 4) != 0) {
      if (!s.ldtr.present()) {
        throw cpu.fault(vector, (selector & 0xFFFC) | ext);
      }
      base = s.ldtr.base;
      limit = s.ldtr.limit;
    }
    if ((selector & 0xFFF8) + 7 > limit) {
      throw cpu.fault(vector, (selector & 0xFFFC) | ext);
    }
    descriptorAddress = wrap(base + (selector & 0xFFF8));
    descriptor = cpu.mmu.read(descriptorAddress, 8, Mmu.IMPLICIT);
    descriptorHigh = 0;
  }

  /**
   * Reads the second half of a 16-byte system descriptor (long mode).
   *
   * @param vector raised with the selector if it is beyond the table or its type is not 0
   */
  public void readHigh(int selector, int vector, int ext) {
    CpuState s = cpu.state;
    long limit = (selector & 4) != 0 ? s.ldtr.limit : s.gdtrLimit & 0xFFFF;
    if ((selector & 0xFFF8) + 15 > limit) {
      throw cpu.fault(vector, (selector & 0xFFFC) | ext);
    }
    descriptorHigh = cpu.mmu.read(wrap(descriptorAddress + 8), 8, Mmu.IMPLICIT);
    if ((descriptorHigh >> 40 & 0x1F) != 0) {
      throw cpu.fault(vector, (selector & 0xFFFC) | ext);
    }
  }

  /** Attributes (VMCB packing) of {@link #descriptor}. */
  public int attributes() {
    return (int) ((descriptor >> 40 & 0xFF) | (descriptor >> 44 & 0xF00));
  }

  /** DPL of {@link #descriptor}. */
  public int dpl() {
    return (int) (descriptor >> 45) & 3;
  }

  /** Whether {@link #descriptor} is present. */
  public boolean present() {
    return (descriptor >> 47 & 1) != 0;
  }

  /** Type of {@link #descriptor} with the S bit as bit 4. */
  public int typeAndS() {
    return (int) (descriptor >> 40) & 0x1F;
  }

  /** Whether {@link #descriptor} is a code segment. */
  public boolean isCode() {
    return (typeAndS() & 0x18) == 0x18;
  }

  /** Whether {@link #descriptor}, a code segment, is conforming. */
  public boolean conforming() {
    return (typeAndS() & 4) != 0;
  }

  /** Scaled limit of {@link #descriptor}. */
  public long limit() {
    long limit = (descriptor & 0xFFFF) | (descriptor >> 32 & 0xF0000);
    return (descriptor >> 55 & 1) != 0 ? limit << 12 | 0xFFF : limit;
  }

  /** Base of {@link #descriptor}, with {@link #descriptorHigh} for 16-byte ones. */
  public long base() {
    return (descriptor >>> 16 & 0xFF_FFFF)
        | (descriptor >>> 32 & 0xFF00_0000L)
        | (descriptorHigh & 0xFFFF_FFFFL) << 32;
  }

  /** Puts {@link #descriptor} into {@code segment} with {@code selector}. */
  public void unpack(Segment segment, int selector) {
    segment.set(selector, attributes(), limit(), base());
  }

  /** Sets the accessed bit of the code or data descriptor last read, in memory too. */
  public void markAccessed() {
    if ((descriptor >> 40 & 1) == 0) {
      descriptor |= 1L << 40;
      cpu.mmu.write(wrap(descriptorAddress + 5), 1, descriptor >> 40 & 0xFF, Mmu.IMPLICIT);
    }
  }

  /** Sets or clears the busy bit (bit 1 of the type) of the TSS descriptor at {@code address}. */
  public void markBusy(long address, boolean busy) {
    long old = cpu.mmu.read(wrap(address + 5), 1, Mmu.IMPLICIT);
    cpu.mmu.write(wrap(address + 5), 1, busy ? old | 2 : old & ~2L, Mmu.IMPLICIT);
  }

  /** Linear addresses have 32 bits outside long mode. */
  public long wrap(long linear) {
    return cpu.state.longMode() ? linear : linear & 0xFFFF_FFFFL;
  }

  /** Loads a segment register as MOV, POP, LDS and the like do; any mode. Never CS. */
  public void load(int number, int selector) {
    CpuState s = cpu.state;
    if (s.realOrV86()) {
      loadReal(number, selector);
      return;
    }
    loaded.base = s.sreg[number].base;
    checkLoad(loaded, number, selector, s.cpl, 0, CpuFault.GP);
    s.sreg[number].set(loaded);
  }

  /** Loads a segment register in real or virtual-8086 mode: base is 16 times the selector. */
  public void loadReal(int number, int selector) {
    Segment seg = cpu.state.sreg[number];
    seg.selector = selector & 0xFFFF;
    seg.base = (selector & 0xFFFFL) << 4;
    if (cpu.state.v86()) {
      seg.limit = 0xFFFF;
      seg.attributes = 0xF3;
    }
  }

  /**
   * Makes every protected-mode check of loading data-segment register {@code number} and leaves the
   * result in {@code target}.
   *
   * @param cpl the privilege level to check against
   * @param ext bit 0 of error codes
   * @param vector #GP, or #TS for stack and task switches
   */
  public void checkLoad(Segment target, int number, int selector, int cpl, int ext, int vector) {
    int rpl = selector & 3;
    if (isNull(selector)) {
      // SS may be null only in 64-bit mode below CPL 3, with RPL equal to CPL (4.5.1).
      if (number == Segment.SS && !(cpu.state.code64() && cpl != 3 && rpl == cpl)) {
        throw cpu.fault(vector, ext);
      }
      nullSegment(target, selector);
      return;
    }
    read(selector, vector, ext);
    int code = (selector & 0xFFFC) | ext;
    int type = typeAndS();
    if (number == Segment.SS) {
      if (rpl != cpl || (type & 0x1A) != 0x12 || dpl() != cpl) {
        throw cpu.fault(vector, code);
      }
      if (!present()) {
        throw cpu.fault(CpuFault.SS, code);
      }
    } else {
      boolean readable = (type & 0x10) != 0 && ((type & 8) == 0 || (type & 2) != 0);
      boolean conformingCode = (type & 0xC) == 0xC;
      if (!readable || (!conformingCode && (rpl > dpl() || cpl > dpl()))) {
        throw cpu.fault(vector, code);
      }
      if (!present()) {
        throw cpu.fault(CpuFault.NP, code);
      }
    }
    markAccessed();
    unpack(target, selector);
  }

  /** Makes {@code target} a null segment: unusable, zero base (Fn8000_0021_EAX[6]) and limit. */
  public void nullSegment(Segment target, int selector) {
    long base = cpu.model.nullSelectorClearsBase ? 0 : target.base;
    target.set(selector, 0, 0, base);
  }

  /** Sets CS in real or virtual-8086 mode. */
  public void loadRealCs(int selector) {
    Segment cs = cpu.state.cs;
    cs.selector = selector & 0xFFFF;
    cs.base = (selector & 0xFFFFL) << 4;
    if (cpu.state.v86()) {
      cs.limit = 0xFFFF;
      cs.attributes = 0xF3;
    }
  }

  /** All six segment registers as virtual-8086 mode wants them, CS to GS by selector. */
  public void makeV86(Segment seg, int selector) {
    seg.set(selector, 0xF3, 0xFFFF, (selector & 0xFFFFL) << 4);
  }

  /** On a return to less privilege: data segments that {@code cpl} may not use become null. */
  public void dropPrivilegedData(int cpl) {
    CpuState s = cpu.state;
    dropOne(s.es, cpl);
    dropOne(s.ds, cpl);
    dropOne(s.fs, cpl);
    dropOne(s.gs, cpl);
  }

  private void dropOne(Segment seg, int cpl) {
    boolean conformingCode = (seg.attributes & 0x1C) == 0x1C;
    if (seg.present() && !conformingCode && seg.dpl() < cpl) {
      nullSegment(seg, 0);
    }
  }
}

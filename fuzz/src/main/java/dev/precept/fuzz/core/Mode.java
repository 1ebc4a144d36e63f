package dev.precept.fuzz.core;

import dev.precept.core.CpuState;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.Segment;

/** Modes that code runs in, with memory that lets it run: one to one, a handler for each vector. */
enum Mode {
  REAL,
  V86,
  PROT16,
  PROT32,
  PROT32_USER,
  PROT32_PAGED_USER,
  COMPAT_USER,
  LONG64,
  LONG64_USER;

  private static final Mode[] ALL = values();

  static Mode of(int number) {
    return ALL[number % ALL.length];
  }

  private boolean user() {
    return switch (this) {
      case V86, PROT32_USER, PROT32_PAGED_USER, COMPAT_USER, LONG64_USER -> true;
      case REAL, PROT16, PROT32, LONG64 -> false;
    };
  }

  /** Whether CR0.PG is set. */
  boolean paged() {
    return longMode() || this == PROT32_PAGED_USER || this == V86;
  }

  /** Whether EFER.LMA is set. */
  boolean longMode() {
    return switch (this) {
      case COMPAT_USER, LONG64, LONG64_USER -> true;
      case REAL, V86, PROT16, PROT32, PROT32_USER, PROT32_PAGED_USER -> false;
    };
  }

  /** Loads the state of code in this mode that is about to run at {@link Places#CODE}. */
  void load(CpuState s) {
    s.cr0 = CpuState.CR0_PE | CpuState.CR0_ET | CpuState.CR0_NE;
    s.gdtrBase = Places.GDT;
    s.gdtrLimit = 0xFF;
    s.idtrBase = Places.IDT32;
    s.idtrLimit = 0x7FF;
    s.tr.set(Places.TSS_SELECTOR, 0x8B, 0x1067, Places.TSS32);
    s.cpl = user() ? 3 : 0;
    s.gpr[4] = Places.STACK;
    s.rip = Places.CODE;
    s.rflags = 2;
    int dpl = s.cpl << 5;
    int size = this == PROT16 ? 0x800 : 0xC00;
    segments(s, user() ? Places.USER_DATA_SELECTOR : Places.DATA_SELECTOR, size | 0x93 | dpl);
    s.cs.set(
        user() ? Places.USER_CODE_SELECTOR : Places.CODE_SELECTOR,
        size | 0x9B | dpl,
        0xFFFF_FFFFL,
        0);
    if (longMode()) {
      s.cr0 |= CpuState.CR0_PG | CpuState.CR0_WP;
      s.cr4 |= CpuState.CR4_PAE;
      s.efer |= CpuState.EFER_LME | CpuState.EFER_LMA | CpuState.EFER_NXE | CpuState.EFER_SCE;
      s.cr3 = Places.PAGES64;
      s.idtrBase = Places.IDT64;
      s.idtrLimit = 0xFFF;
      s.tr.set(Places.TSS_SELECTOR, 0x8B, 0x1067, Places.TSS64);
      if (this != COMPAT_USER) {
        s.cs.attributes = 0xA9B | dpl;
      }
    } else if (paged()) {
      s.cr0 |= CpuState.CR0_PG;
      s.cr4 |= CpuState.CR4_PSE | CpuState.CR4_VME;
      s.cr3 = Places.PAGES32;
    }
    if (this == REAL || this == V86) {
      int attributes = this == V86 ? 0xF3 : 0x93;
      segments(s, 0, attributes);
      for (Segment segment : s.sreg) {
        segment.set((int) (Places.DATA >> 4), attributes, 0xFFFF, Places.DATA);
      }
      s.cs.set((int) (Places.CODE >> 4), attributes | (this == V86 ? 0 : 8), 0xFFFF, Places.CODE);
      s.rip = 0;
      s.gpr[4] = 0x8000;
    }
    if (this == REAL) {
      s.cr0 = CpuState.CR0_ET | CpuState.CR0_NE;
      s.idtrBase = Places.IVT;
      s.idtrLimit = 0x3FF;
    } else if (this == V86) {
      s.rflags |= CpuState.VM;
    }
  }

  private static void segments(CpuState s, int selector, int attributes) {
    for (Segment segment : s.sreg) {
      segment.set(selector, attributes, 0xFFFF_FFFFL, 0);
    }
  }

  /** Writes the tables that all modes need. */
  static void tables(PhysicalMemory memory) {
    memory.write64(Places.PAGES64, Places.PAGES64 + 0x1007);
    memory.write64(Places.PAGES64 + 0x1000, Places.PAGES64 + 0x2007);
    memory.write64(Places.PAGES64 + 0x2000, 0x87);
    memory.write32(Places.PAGES32, 0x87);
    memory.write64(Places.NESTED, Places.NESTED + 0x1007);
    memory.write64(Places.NESTED + 0x1000, Places.NESTED + 0x2007);
    memory.write64(Places.NESTED + 0x2000, 0x87);
    memory.write64(Places.EPT, Places.EPT + 0x1007);
    memory.write64(Places.EPT + 0x1000, Places.EPT + 0x2007);
    memory.write64(Places.EPT + 0x2000, 0xB7);
    for (int vector = 0; vector < 256; vector++) {
      long handler = Places.HANDLERS + 16L * vector;
      memory.write16(Places.IVT + 4L * vector, 16 * vector);
      memory.write16(Places.IVT + 4L * vector + 2, (int) (Places.HANDLERS >> 4));
      long gate =
          (handler & 0xFFFF)
              | (long) Places.CODE_SELECTOR << 16
              | 0xEEL << 40
              | handler >> 16 << 48;
      memory.write64(Places.IDT32 + 8L * vector, gate);
      memory.write64(Places.IDT64 + 16L * vector, gate);
      memory.write8(handler, 0xF4);
    }
    memory.write64(Places.GDT + Places.CODE_SELECTOR, 0x00CF_9B00_0000_FFFFL);
    memory.write64(Places.GDT + Places.DATA_SELECTOR, 0x00CF_9300_0000_FFFFL);
    memory.write64(Places.GDT + (Places.USER_CODE_SELECTOR & ~3), 0x00CF_FB00_0000_FFFFL);
    memory.write64(Places.GDT + (Places.USER_DATA_SELECTOR & ~3), 0x00CF_F300_0000_FFFFL);
    memory.write64(
        Places.GDT + Places.TSS_SELECTOR, 0x0000_8B00_0000_1067L | (Places.TSS32 & 0xFFFFFF) << 16);
    memory.write32(Places.TSS32 + 4, (int) Places.STACK - 0x800);
    memory.write32(Places.TSS32 + 8, Places.DATA_SELECTOR);
    memory.write16(Places.TSS32 + 0x66, 0x68);
    memory.write64(Places.TSS64 + 4, Places.STACK - 0x800);
    memory.write16(Places.TSS64 + 0x66, 0x68);
  }

  /** Makes the gates and the code segment at CPL 0 those of long mode. */
  void gates(PhysicalMemory memory) {
    if (longMode()) {
      memory.write64(Places.GDT + Places.CODE_SELECTOR, 0x00AF_9B00_0000_FFFFL);
    }
  }
}

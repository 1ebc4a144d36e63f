package dev.precept.fuzz.core;

/** Where things lie in the 1 MiB of memory that every target's processor has. */
final class Places {
  static final int RAM = 1 << 20;

  /** Host save area; VMXON region. */
  static final long OWN = 0x1000;

  static final long CONTROL_BLOCK = 0x2000;

  /** Three pages: the IOPM, or I/O bitmaps A and B. */
  static final long IO_MAP = 0x3000;

  /** Two pages: the MSRPM, or one of MSR bitmaps. */
  static final long MSR_MAP = 0x6000;

  static final long VIRTUAL_APIC = 0x8000;

  /** VMREAD and VMWRITE bitmaps. */
  static final long BITMAP = 0x9000;

  /** MSR areas and PASID directories. */
  static final long AREA = 0xA000;

  static final long HOST_CODE = 0x1_0000;

  /** Where VMX exits to. */
  static final long HOST_EXIT = 0x1_8000;

  static final long CODE = 0x2_0000;
  static final long IVT = 0x3_0000;
  static final long IDT32 = 0x3_1000;
  static final long IDT64 = 0x3_2000;
  static final long GDT = 0x3_4000;
  static final long TSS32 = 0x3_5000;
  static final long TSS64 = 0x3_7000;
  static final long HANDLERS = 0x3_9000;
  static final long STACK = 0x4_0000;
  static final long DATA = 0x4_2000;

  /** Four-level tables, three pages. */
  static final long PAGES64 = 0x5_0000;

  /** The directory of two-level tables. */
  static final long PAGES32 = 0x5_4000;

  /** Nested tables: three pages. */
  static final long NESTED = 0x6_0000;

  /** EPT tables: three pages. */
  static final long EPT = 0x6_4000;

  /** Pages that an input can change by their place in this list. */
  private static final long[] PAGES = {
    CONTROL_BLOCK,
    DATA,
    STACK,
    STACK - 0x1000,
    CODE,
    HOST_CODE,
    HOST_EXIT,
    GDT,
    IVT,
    IDT32,
    IDT64,
    TSS32,
    TSS32 + 0x1000,
    TSS64,
    TSS64 + 0x1000,
    HANDLERS,
    IO_MAP,
    IO_MAP + 0x1000,
    IO_MAP + 0x2000,
    MSR_MAP,
    MSR_MAP + 0x1000,
    VIRTUAL_APIC,
    BITMAP,
    AREA,
    OWN,
    PAGES64,
    PAGES64 + 0x1000,
    PAGES64 + 0x2000,
    PAGES32,
    NESTED,
    NESTED + 0x1000,
    NESTED + 0x2000,
    EPT,
    EPT + 0x1000,
    EPT + 0x2000
  };

  private Places() {}

  /** A page of some meaning. */
  static long page(int number) {
    return PAGES[number % PAGES.length];
  }

  /** A code segment's descriptor table entries: selectors of what {@link Mode} loads. */
  static final int CODE_SELECTOR = 0x08,
      DATA_SELECTOR = 0x10,
      USER_CODE_SELECTOR = 0x1B,
      USER_DATA_SELECTOR = 0x23,
      TSS_SELECTOR = 0x28;
}

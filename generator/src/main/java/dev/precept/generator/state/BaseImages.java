package dev.precept.generator.state;

import dev.precept.cases.BaseImage;
import dev.precept.cases.Layout;
import dev.precept.tables.Mode;
import java.util.EnumMap;
import java.util.Map;

/**
 * The memory that all cases of a mode share: descriptor tables, handlers, task state, page tables,
 * the host's own tables. Made once a mode. Thread-safe.
 */
public final class BaseImages {
  /** Offset of the I/O permission bitmap in the TSS. */
  public static final int TSS_IO_MAP = 0x68;

  /**
   * Limit of the current TSS: 64 Kbits, a byte for the ports past FFFFh of which bits 3 to 7 are
   * set, and the byte of ones behind the map (APM vol. 2, 12.2.4).
   */
  public static final int TSS_LIMIT = TSS_IO_MAP + 0x2001;

  /** Selector of the host's 64-bit code and data. */
  public static final int HOST_CS = 0x08, HOST_SS = 0x10;

  /** Selector of the host's TSS, whose descriptor has 16 bytes. */
  public static final int HOST_TR = 0x18;

  /** Last byte of the host's GDT. */
  static final int HOST_GDT_LIMIT = 0x27;

  private static final int PRESENT = 1, WRITE = 2, USER = 4, ACCESSED = 0x20, DIRTY = 0x40;
  private static final int TABLE = PRESENT | WRITE | USER | ACCESSED;

  /** Attributes of a page-table entry for an ordinary page. */
  static final int PAGE = TABLE | DIRTY;

  private static final long PAGES = 512;

  /** UD2; then a jump to itself, for subjects that run on. */
  private static final long UD2_AND_STAY = 0xFEEB_0B0FL;

  private final Map<Mode, BaseImage> images = new EnumMap<>(Mode.class);

  /** The image of {@code mode}. */
  public synchronized BaseImage of(Mode mode) {
    return images.computeIfAbsent(mode, BaseImages::make);
  }

  private static BaseImage make(Mode mode) {
    Memory memory = new Memory(new BaseImage("", new byte[(int) (Layout.END - Layout.START)]));
    for (long i = 0; i < 0x2000; i++) {
      memory.write8(Layout.DATA + i, (int) (i * 7 + 3 + (i >> 8)));
    }
    handlers(memory);
    if (mode == Mode.REAL) {
      for (int vector = 0; vector < 256; vector++) {
        long offset = handler(vector) - Layout.HANDLERS;
        memory.write(Layout.IDT + 4L * vector, 2, offset);
        memory.write(Layout.IDT + 4L * vector + 2, 2, Layout.HANDLERS >> 4);
      }
    } else {
      descriptors(mode, memory);
      gates(mode, memory);
    }
    tasks(mode, memory);
    pageTables(memory);
    host(memory);
    extendedPageTables(memory);
    nestedPageTables(memory);
    byte[] bytes = new byte[(int) (Layout.END - Layout.START)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) memory.read8(Layout.START + i);
    }
    return new BaseImage(mode.word(), bytes);
  }

  /** Address of the stub that handles {@code vector}. */
  public static long handler(int vector) {
    return Layout.HANDLERS + 16L * vector;
  }

  /** Whether {@code mode} is long mode. */
  public static boolean longMode(Mode mode) {
    return mode == Mode.COMPAT || mode == Mode.LONG64;
  }

  /** Attributes of a code segment in {@code mode}. */
  public static int codeAttributes(Mode mode, int cpl) {
    return Descriptors.CODE
        | Descriptors.dpl(cpl)
        | switch (mode) {
          case LONG64 -> Descriptors.G | Descriptors.L;
          case COMPAT, PROT32 -> Descriptors.G | Descriptors.DB;
          default -> 0;
        };
  }

  /** Attributes of a data segment in {@code mode}. */
  public static int dataAttributes(Mode mode, int dpl) {
    boolean big = mode != Mode.PROT16 && mode != Mode.REAL && mode != Mode.V86;
    return Descriptors.DATA | Descriptors.dpl(dpl) | (big ? Descriptors.G | Descriptors.DB : 0);
  }

  private static void handlers(Memory memory) {
    memory.write(Layout.SENTINEL, 4, UD2_AND_STAY);
    for (int vector = 0; vector < 256; vector++) {
      memory.write(handler(vector), 4, UD2_AND_STAY);
    }
  }

  private static void descriptors(Mode mode, Memory memory) {
    boolean wide = longMode(mode);
    boolean v86 = mode == Mode.V86;
    Mode code = v86 ? Mode.PROT32 : mode;
    long limit = code == Mode.PROT16 ? 0xFFFF : 0xFFFF_FFFFL;
    for (int cpl = 0; cpl < 4; cpl++) {
      long codeBase = v86 ? 0 : SegmentBases.of(mode, SegmentBases.CS);
      long stackBase = v86 ? 0 : SegmentBases.of(mode, SegmentBases.SS);
      put(memory, Selectors.code(cpl), codeAttributes(code, cpl), limit, codeBase);
      put(memory, Selectors.stack(cpl), dataAttributes(code, cpl), limit, stackBase);
    }
    int handlerCode = codeAttributes(wide ? Mode.LONG64 : Mode.PROT32, 0);
    put(memory, Selectors.HANDLER_CODE, handlerCode, 0xFFFF_FFFFL, 0);
    int data = dataAttributes(code, 3);
    put(memory, Selectors.DS, data, limit, SegmentBases.of(code, SegmentBases.DS));
    put(memory, Selectors.ES, data, limit, SegmentBases.of(code, SegmentBases.ES));
    put(memory, Selectors.FS, data, limit, SegmentBases.of(code, SegmentBases.FS));
    put(memory, Selectors.GS, data, limit, SegmentBases.of(code, SegmentBases.GS));
    put(memory, Selectors.LDT, Descriptors.LDT, 0xFF, Layout.LDT);
    put(memory, Selectors.TSS, Descriptors.TSS_BUSY, TSS_LIMIT, Layout.TSS);
    put(memory, Selectors.OTHER_TSS, Descriptors.TSS_AVAILABLE, 0x67, Layout.OTHER_TSS);
    memory.write(
        Layout.GDT + Selectors.TASK_GATE,
        8,
        wide ? 0 : Descriptors.gate(Descriptors.TASK_GATE | 0x60, Selectors.OTHER_TSS, 0));
  }

  private static void put(Memory memory, int selector, int attributes, long limit, long base) {
    memory.write(Layout.GDT + (selector & ~7), 8, Descriptors.segment(attributes, limit, base));
  }

  private static void gates(Mode mode, Memory memory) {
    for (int vector = 0; vector < 256; vector++) {
      long gate =
          Descriptors.gate(
              Descriptors.INTERRUPT_GATE | Descriptors.dpl(3),
              Selectors.HANDLER_CODE,
              handler(vector));
      if (longMode(mode)) {
        // The 64-bit handler knows no stack-segment base: compatibility mode switches stacks.
        long ist = mode == Mode.COMPAT ? 1L << 32 : 0;
        memory.write(Layout.IDT + 16L * vector, 8, gate | ist);
      } else {
        memory.write(Layout.IDT + 8L * vector, 8, gate);
      }
    }
  }

  private static void tasks(Mode mode, Memory memory) {
    long tss = Layout.TSS;
    if (longMode(mode)) {
      for (int cpl = 0; cpl < 3; cpl++) {
        memory.write(tss + 4 + 8L * cpl, 8, innerStack(cpl));
      }
      memory.write(tss + 0x24, 8, innerStack(0));
    } else {
      for (int cpl = 0; cpl < 3; cpl++) {
        long base = mode == Mode.PROT16 || mode == Mode.PROT32 ? SegmentBases.of(mode, 1) : 0;
        memory.write(tss + 4 + 8L * cpl, 4, innerStack(cpl) - base);
        memory.write(tss + 8 + 8L * cpl, 2, Selectors.stack(cpl));
      }
    }
    memory.write(tss + 0x66, 2, TSS_IO_MAP);
    memory.write8(tss + TSS_IO_MAP + 0x2000, 0xF8);
    memory.write8(tss + TSS_IO_MAP + 0x2001, 0xFF);
  }

  /** Linear address of the top of the stack that the TSS has for {@code cpl}. */
  public static long innerStack(int cpl) {
    return Layout.INNER_STACK + 0x400L * (cpl + 1);
  }

  private static void pageTables(Memory memory) {
    memory.write(Layout.PML4, 8, Layout.PDPT | TABLE);
    memory.write(Layout.PDPT, 8, Layout.PD | TABLE);
    memory.write(Layout.PD, 8, Layout.PT | TABLE);
    memory.write(Layout.PD32, 4, Layout.PT32 | TABLE);
    // PAE's PDPTEs have no other attribute bits than P (APM vol. 2, 5.2.3).
    memory.write(Layout.PAE_PDPT, 8, Layout.PAE_PD | PRESENT);
    memory.write(Layout.PAE_PD, 8, Layout.PAE_PT | TABLE);
    for (long page = 0; page < PAGES; page++) {
      memory.write(Layout.PT + 8 * page, 8, page << 12 | PAGE);
      memory.write(Layout.PAE_PT + 8 * page, 8, page << 12 | PAGE);
      memory.write(Layout.PT32 + 4 * page, 4, page << 12 | PAGE);
    }
  }

  /**
   * EPT that maps every page of the first 2 MiB to itself (SDM vol. 3, 28.2.2), all accessed and
   * dirty.
   */
  private static void extendedPageTables(Memory memory) {
    // Write-back, page-walk length 4.
    memory.write(Layout.EPTP_LIST, 8, Layout.EPT_PML4 | 0x1E);
    memory.write(Layout.EPT_PML4, 8, Layout.EPT_PDPT | ExtendedPagingBuilder.TABLE);
    memory.write(Layout.EPT_PDPT, 8, Layout.EPT_PD | ExtendedPagingBuilder.TABLE);
    memory.write(Layout.EPT_PD, 8, Layout.EPT_PT | ExtendedPagingBuilder.TABLE);
    for (long page = 0; page < PAGES; page++) {
      memory.write(Layout.EPT_PT + 8 * page, 8, page << 12 | ExtendedPagingBuilder.PAGE);
    }
  }

  /**
   * Nested page tables, in the host's paging mode (APM vol. 2, 15.25.3): user pages, all of them.
   */
  private static void nestedPageTables(Memory memory) {
    memory.write(Layout.NPT_PML4, 8, Layout.NPT_PDPT | PAGE);
    memory.write(Layout.NPT_PDPT, 8, Layout.NPT_PD | PAGE);
    memory.write(Layout.NPT_PD, 8, Layout.NPT_PT | PAGE);
    for (long page = 0; page < PAGES; page++) {
      memory.write(Layout.NPT_PT + 8 * page, 8, page << 12 | PAGE);
    }
  }

  private static void host(Memory memory) {
    memory.write(
        Layout.HOST_GDT + HOST_CS,
        8,
        Descriptors.segment(codeAttributes(Mode.LONG64, 0), 0xFFFF_FFFFL, 0));
    memory.write(
        Layout.HOST_GDT + HOST_SS,
        8,
        Descriptors.segment(dataAttributes(Mode.LONG64, 0), 0xFFFF_FFFFL, 0));
    memory.write(
        Layout.HOST_GDT + HOST_TR,
        8,
        Descriptors.segment(Descriptors.TSS_BUSY, 0x67, Layout.HOST_TSS));
    memory.write(Layout.HOST_EXIT, 4, UD2_AND_STAY);
    memory.write(Layout.HOST_PML4, 8, Layout.HOST_PDPT | PRESENT | WRITE | ACCESSED);
    memory.write(Layout.HOST_PDPT, 8, Layout.HOST_PD | PRESENT | WRITE | ACCESSED);
    // One 2 MiB page, identity-mapped.
    memory.write(Layout.HOST_PD, 8, PRESENT | WRITE | ACCESSED | DIRTY | 0x80);
  }
}

package dev.precept.generator.state;

import dev.precept.cases.Layout;
import dev.precept.cases.Register;
import dev.precept.tables.Mode;
import java.util.List;

/**
 * Builder {@code tables}: the guest's own page tables above the last level, and accessed and dirty
 * bits of the entries that an instruction uses (APM vol. 2, 5.3 and 5.4).
 */
final class TablesBuilder {
  private static final long PRESENT = 1, WRITE = 2, USER = 4, ACCESSED = 0x20, DIRTY = 0x40;
  private static final long LARGE = 0x80,
      LARGE_RESERVED = 1 << 13,
      RESERVED = 1L << 51,
      NO_EXECUTE = 1L << 63;

  /** Free pages behind that of {@code pt.map}'s other bytes. */
  private static final long OTHER_PD = 0x27000, OTHER_PT = 0x28000;

  private static final long LARGE_PAT = 1 << 12, LARGE_RESERVED_32 = 1 << 21;
  private static final long ADDRESS = 0xF_F000;
  private static final long TABLE = PRESENT | WRITE | USER | ACCESSED, PAGE = TABLE | DIRTY;

  /** CR4.PSE, without which 32-bit paging has no large pages (APM vol. 2, 5.1.3). */
  private static final long PSE = 1 << 4;

  /** The last GiB below 4 GiB; an address of index 1 at all levels but the last. */
  private static final long LAST_GIB = 3L << 30, FAR = 0x80_4020_0000L;

  private TablesBuilder() {}

  /** Once rIP is behind the instruction, and before it is moved back by its length. */
  static void build(Draft draft) {
    end(draft);
    rights(draft);
    if (draft.flag("mem.page_end")) {
      draft.pageEntry(draft.operand.linear() + draft.operand.size(), 0, PRESENT);
    }
    highTables(draft);
    upper(draft, entry(draft), size(draft));
    if (draft.word("pt.ad").equals("clear")) {
      for (long at : uppers(draft)) {
        change(draft, at, size(draft), 0, ACCESSED);
      }
      for (long page : new long[] {Layout.CODE, Layout.DATA}) {
        draft.pageEntry(page, 0, ACCESSED | DIRTY);
      }
    }
  }

  /** Behind the instruction, whose last byte is the last of its page. */
  private static void end(Draft draft) {
    String end = draft.word("code.end");
    if (end.equals("limit")) {
      draft.set(Register.CS_LIMIT, draft.get(Register.RIP) - 1);
      draft.set(Register.CS_ATTR, draft.get(Register.CS_ATTR) & ~Descriptors.G);
    } else if (!end.isEmpty()) {
      draft.pageClass(Layout.SENTINEL, end);
    }
  }

  /** What {@code pt.map} adds to the operand's linear address. */
  static long alias(Draft draft) {
    boolean wide = draft.longMode() || pae(draft);
    return switch (draft.word("pt.map")) {
      case "low", "large", "large_pat", "large_reserved" -> wide ? 1 << 21 : 1 << 22;
      case "last_gib", "huge" -> LAST_GIB;
      case "far" -> draft.mode == Mode.LONG64 ? FAR : wide ? LAST_GIB | 1 << 21 : LAST_GIB;
      case "high" -> -1L << 47;
      default -> 0;
    };
  }

  /** Makes the page tables map the operand as {@code pt.map} says, and tells where it is then. */
  static OperandPlace map(Draft draft, OperandPlace place) {
    String word = draft.word("pt.map");
    if (word.isEmpty() || word.equals("same")) {
      return place;
    }
    if (word.equals("elsewhere")) {
      return elsewhere(draft, place);
    }
    long linear = place.linear();
    if (word.equals("last_gib")) {
      return lastGib(draft, place);
    }
    if (draft.longMode()) {
      refer(draft, Layout.PML4, linear >>> 39 & 0x1FF, Layout.PDPT | TABLE);
      boolean huge = word.equals("huge");
      refer(draft, Layout.PDPT, linear >>> 30 & 0x1FF, huge ? LARGE | PAGE : Layout.PD | TABLE);
    } else if (pae(draft)) {
      refer(draft, Layout.PAE_PDPT, linear >>> 30, Layout.PAE_PD | PRESENT);
    }
    directory(draft, linear, word);
    long span = draft.longMode() || pae(draft) ? 1 << 21 : 1 << 22;
    return OperandPlace.at(
        place.segment(), place.offset(), linear, place.size(), linear & (span - 1));
  }

  /** Tables of its own, so that another directory pointer leads to another page. */
  private static OperandPlace lastGib(Draft draft, OperandPlace place) {
    long linear = place.linear();
    if (draft.longMode()) {
      refer(draft, Layout.PDPT, linear >>> 30 & 0x1FF, OTHER_PD | TABLE);
    } else {
      refer(draft, Layout.PAE_PDPT, linear >>> 30, OTHER_PD | PRESENT);
    }
    refer(draft, OTHER_PD, linear >>> 21 & 0x1FF, OTHER_PT | TABLE);
    refer(draft, OTHER_PT, linear >>> 12 & 0x1FF, NestedBuilder.ELSEWHERE | PAGE);
    long physical = NestedBuilder.ELSEWHERE | (linear & 0xFFF);
    OperandPlace there =
        OperandPlace.at(place.segment(), place.offset(), linear, place.size(), physical);
    for (int i = 0; i < place.size(); i++) {
      draft.memory.write8(there.physical(i), 0xC0 + i);
    }
    return there;
  }

  /** The entry that refers to a page table, or maps a large page from address 0 on. */
  private static void directory(Draft draft, long linear, String word) {
    boolean wide = draft.longMode() || pae(draft);
    long table = draft.longMode() ? Layout.PT : wide ? Layout.PAE_PT : Layout.PT32;
    boolean extension = wide || (draft.get(Register.CR4) & PSE) != 0;
    long large = extension ? LARGE | PAGE : table | TABLE | LARGE;
    long entry =
        switch (word) {
          case "large" -> large;
          // Bit 12 is PAT's and no part of the base.
          case "large_pat" -> extension ? large | LARGE_PAT : large;
          case "large_reserved" -> large | (wide ? LARGE_RESERVED : LARGE_RESERVED_32);
          default -> table | TABLE;
        };
    if (wide) {
      long directory = draft.longMode() ? Layout.PD : Layout.PAE_PD;
      refer(draft, directory, linear >>> 21 & 0x1FF, entry);
    } else {
      draft.memory.write(Layout.PD32 + 4 * (linear >>> 22), 4, entry);
    }
  }

  private static void refer(Draft draft, long table, long index, long entry) {
    draft.memory.write(table + 8 * index, 8, entry);
  }

  /** Another page, with other bytes; of an operand in two pages the second. */
  private static OperandPlace elsewhere(Draft draft, OperandPlace place) {
    boolean cross = draft.flag("mem.cross");
    long page = cross ? place.nextPage() : place.linear();
    long moved = NestedBuilder.ELSEWHERE;
    draft.pageEntry(page, moved, (page & ADDRESS) & ~moved);
    long physical = cross ? place.physical() : moved | (place.linear() & 0xFFF);
    OperandPlace there =
        new OperandPlace(
            true, place.segment(), place.offset(), place.linear(), place.size(), physical, moved);
    for (int i = 0; i < place.size(); i++) {
      draft.memory.write8(there.physical(i), 0xC0 + i);
    }
    return there;
  }

  /** Puts the tables that the processor itself looks at above 4 GiB. */
  private static void highTables(Draft draft) {
    if (!draft.flag("tables.high")) {
      return;
    }
    refer(draft, Layout.PML4, 0x100, Layout.PDPT | TABLE);
    for (Register base :
        List.of(Register.GDTR_BASE, Register.IDTR_BASE, Register.TR_BASE, Register.LDTR_BASE)) {
      draft.set(base, draft.get(base) | -1L << 47);
    }
  }

  /** Of the last level: no-execute, and whose page it is whatever CPL and CR4 ask for. */
  private static void rights(Draft draft) {
    switch (draft.word("code.page")) {
      case "no_execute" -> draft.pageEntry(Layout.CODE, NO_EXECUTE, 0);
      case "user" -> draft.pageEntry(Layout.CODE, USER, 0);
      case "supervisor" -> draft.pageEntry(Layout.CODE, 0, USER);
      default -> {}
    }
    if (draft.flag("mem.user")) {
      draft.pageEntry(draft.operand.linear(), USER, 0);
    }
    if (draft.flag("mem.nx")) {
      draft.pageEntry(draft.operand.linear(), NO_EXECUTE, 0);
    }
    if (draft.flag("tss.user")) {
      for (long page = Layout.TSS; page < Layout.OTHER_TSS; page += 0x1000) {
        draft.pageEntry(page, USER, 0);
      }
    }
  }

  private static void upper(Draft draft, long at, int size) {
    switch (draft.word("pt.upper")) {
      case "not_present" -> change(draft, at, size, 0, PRESENT);
      case "supervisor" -> change(draft, at, size, 0, USER);
      case "read_only" -> change(draft, at, size, 0, WRITE);
      case "reserved" -> change(draft, at, size, RESERVED, 0);
      // Pages of 2 MiB and 1 GiB from address 0 on.
      case "large" -> change(draft, at, size, LARGE | DIRTY, ADDRESS);
      case "large_reserved" -> change(draft, at, size, LARGE | DIRTY | LARGE_RESERVED, ADDRESS);
      default -> {}
    }
  }

  private static boolean pae(Draft draft) {
    return (draft.get(Register.CR4) & 0x20) != 0;
  }

  private static int size(Draft draft) {
    return draft.longMode() || pae(draft) ? 8 : 4;
  }

  /** Entries above the last level; PAE's page-directory pointers have no such bits. */
  private static long[] uppers(Draft draft) {
    if (draft.longMode()) {
      return new long[] {Layout.PML4, Layout.PDPT, Layout.PD};
    }
    return new long[] {pae(draft) ? Layout.PAE_PD : Layout.PD32};
  }

  private static long entry(Draft draft) {
    long[] uppers = uppers(draft);
    return switch (draft.word("pt.level")) {
      case "top" -> uppers[0];
      case "middle" -> uppers[uppers.length / 2];
      default -> uppers[uppers.length - 1];
    };
  }

  /** Clears bits of an entry and sets others. */
  private static void change(Draft draft, long at, int size, long set, long clear) {
    draft.memory.write(at, size, (draft.memory.read(at, size) & ~clear) | set);
  }
}

package dev.precept.generator.state;

import dev.precept.cases.Layout;
import dev.precept.cases.Register;

/**
 * Builder {@code tables}: the guest's own page tables above the last level, and accessed and dirty
 * bits of the entries that an instruction uses (APM vol. 2, 5.3 and 5.4).
 */
final class TablesBuilder {
  private static final long PRESENT = 1, WRITE = 2, USER = 4, ACCESSED = 0x20, DIRTY = 0x40;
  private static final long LARGE = 0x80, LARGE_RESERVED = 1 << 13, RESERVED = 1L << 51;
  private static final long ADDRESS = 0xF_F000;

  private TablesBuilder() {}

  /** Once rIP is behind the instruction, and before it is moved back by its length. */
  static void build(Draft draft) {
    end(draft);
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

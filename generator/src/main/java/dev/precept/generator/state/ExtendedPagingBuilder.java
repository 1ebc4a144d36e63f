package dev.precept.generator.state;

import dev.precept.cases.Layout;
import dev.precept.cases.Register;
import dev.precept.tables.Mode;
import java.util.List;

/**
 * Builder {@code ept}: what the EPT paging structures have for the pages that an instruction uses
 * (SDM vol. 3, 28.2). EPT maps each page to itself but for what {@code ept.map} says; whether it is
 * on is variable {@code ept}.
 */
final class ExtendedPagingBuilder {
  private static final long READ = 1, WRITE = 2, EXECUTE = 4;
  private static final long RIGHTS = READ | WRITE | EXECUTE;
  private static final long WRITE_BACK = 6 << 3, MEMORY_TYPE = 7 << 3;
  private static final long BIT_7 = 0x80, ACCESSED = 0x100, DIRTY = 0x200;

  /** Beyond every processor's physical-address width here, and below the bits that are ignored. */
  private static final long RESERVED = 1L << 51;

  /** An entry that refers to another structure, accessed. */
  static final long TABLE = RIGHTS | ACCESSED;

  /** An entry that maps an ordinary page, accessed and dirty. */
  static final long PAGE = RIGHTS | WRITE_BACK | ACCESSED | DIRTY;

  /** EPTP: write-back, page-walk length 4; accessed and dirty flags. */
  private static final long EPTP = 0x1E, EPTP_FLAGS = 1 << 6;

  /** Bit 63: suppress #VE (25.5.6.1). */
  private static final long SUPPRESS = 1L << 63;

  private ExtendedPagingBuilder() {}

  static void build(Draft draft) {
    if (!draft.info.relevant().contains("ept")) {
      return;
    }
    if (draft.flag("feat.ept")) {
      long flags = draft.flag("ept.ad") ? EPTP_FLAGS : 0;
      draft.controlFields.put("ept_pointer", Layout.EPT_PML4 | EPTP | flags);
    }
    page(draft, Layout.CODE, draft.word("ept.code"));
    page(draft, guestTable(draft), draft.word("ept.table"));
    page(draft, draft.get(Register.IDTR_BASE), draft.word("ept.idt"));
    page(draft, draft.get(Register.GDTR_BASE), draft.word("ept.gdt"));
    page(draft, draft.get(Register.TR_BASE), draft.word("ept.tss"));
    page(draft, draft.get(Register.TR_BASE), draft.word("ept.io_map"));
    page(draft, handlerStack(draft), draft.word("ept.stack"));
    if (Memory.contains(StackBuilder.linear(draft))) {
      page(draft, StackBuilder.linear(draft), draft.word("ept.pop"));
    }
    page(draft, Layout.PAE_PDPT, draft.word("ept.pdpte"));
    NestedBuilder.operandPage(draft).ifPresent(at -> page(draft, at, draft.word("ept.operand")));
    if (draft.word("ept.flags").equals("clear")) {
      for (long at = Layout.PML4; at <= Layout.PAE_PT; at += 0x1000) {
        untouched(draft, at);
      }
      untouched(draft, Layout.CODE);
      NestedBuilder.operandPage(draft).ifPresent(at -> untouched(draft, at));
      for (long at : List.of(Layout.EPT_PML4, Layout.EPT_PDPT, Layout.EPT_PD)) {
        change(draft, at, 0, ACCESSED);
      }
    }
    operandFlags(draft);
    exceptions(draft);
    upper(draft);
    map(draft);
  }

  /** Puts the operand's page elsewhere, as all entries that lead to it say. */
  private static void map(Draft draft) {
    switch (draft.word("ept.map")) {
      case "elsewhere" -> draft.memory.write(entry(Layout.DATA), 8, NestedBuilder.ELSEWHERE | PAGE);
      case "far" -> {
        long table = draft.longMode() ? Layout.PT : Layout.PAE_PT;
        draft.memory.write(
            table + 8 * (Layout.DATA >>> 12), 8, NestedBuilder.FAR | BaseImages.PAGE);
        draft.memory.write(Layout.EPT_PML4 + 8, 8, Layout.EPT_PDPT | TABLE);
        draft.memory.write(Layout.EPT_PDPT + 8, 8, Layout.EPT_PD | TABLE);
        draft.memory.write(Layout.EPT_PD + 8, 8, Layout.EPT_PT | TABLE);
        draft.memory.write(Layout.EPT_PT + 8, 8, NestedBuilder.ELSEWHERE | PAGE);
      }
      default -> {}
    }
  }

  /** Page-modification logging looks at the flags of the page that is accessed alone (28.2.5). */
  private static void operandFlags(Draft draft) {
    if (draft.info.relevant().contains("pml")) {
      draft.controlFields.put("pml_address", Layout.PML);
    }
    long clear =
        switch (draft.word("ept.operand_flags")) {
          case "dirty_clear" -> DIRTY;
          case "accessed_clear" -> ACCESSED;
          case "clear" -> ACCESSED | DIRTY;
          default -> 0;
        };
    long stored = draft.word("preceding").equals("store") ? Layout.DATA : -1;
    long page = NestedBuilder.operandPage(draft).orElse(stored);
    if (clear != 0 && page >= 0) {
      change(draft, entry(page), 0, clear);
    }
  }

  private static void exceptions(Draft draft) {
    if (!draft.info.relevant().contains("ve")) {
      return;
    }
    draft.controlFields.put("virtualization_exception_information_address", Layout.VE_INFORMATION);
    if (draft.flag("ve.suppress")) {
      change(draft, entry(Layout.CODE), SUPPRESS, 0);
      NestedBuilder.operandPage(draft).ifPresent(at -> change(draft, entry(at), SUPPRESS, 0));
    }
    if (draft.flag("ve.upper")) {
      for (long at : List.of(Layout.EPT_PML4, Layout.EPT_PDPT, Layout.EPT_PD)) {
        change(draft, at, SUPPRESS, 0);
      }
    }
  }

  /**
   * The guest page table that the variables speak of: the first that a walk accesses, or the last
   * one. PAE paging has its page-directory pointers in registers (28.2.1).
   */
  private static long guestTable(Draft draft) {
    boolean pae = !draft.longMode() && (draft.get(Register.CR4) & 0x20) != 0;
    if (draft.word("ept.level").equals("root")) {
      return pae ? Layout.PAE_PD : draft.get(Register.CR3);
    }
    return draft.longMode() ? Layout.PT : pae ? Layout.PAE_PT : Layout.PT32;
  }

  /** The stack that an exception's frame goes to: the TSS's, or the guest's own. */
  private static long handlerStack(Draft draft) {
    boolean same = draft.cpl == 0 && draft.mode != Mode.V86 && draft.mode != Mode.COMPAT;
    return same ? Layout.STACK : Layout.INNER_STACK;
  }

  private static void upper(Draft draft) {
    switch (draft.word("ept.upper")) {
      case "pml4_not_present" -> rights(draft, Layout.EPT_PML4, 0);
      case "pml4_write_only" -> rights(draft, Layout.EPT_PML4, WRITE);
      case "pml4_bit_7" -> change(draft, Layout.EPT_PML4, BIT_7, 0);
      case "pml4_reserved" -> change(draft, Layout.EPT_PML4, RESERVED, 0);
      case "pdpt_execute_only" -> rights(draft, Layout.EPT_PDPT, EXECUTE);
      case "pdpt_write_execute" -> rights(draft, Layout.EPT_PDPT, WRITE | EXECUTE);
      // Pages of 1 GiB and 2 MiB from address 0 on.
      case "pdpt_large" ->
          change(draft, Layout.EPT_PDPT, BIT_7 | WRITE_BACK | DIRTY, Layout.EPT_PD);
      case "pd_read_only" -> rights(draft, Layout.EPT_PD, READ);
      case "pd_read_write" -> rights(draft, Layout.EPT_PD, READ | WRITE);
      case "pd_read_execute" -> rights(draft, Layout.EPT_PD, READ | EXECUTE);
      case "pd_bit_3" -> change(draft, Layout.EPT_PD, 1 << 3, 0);
      case "pd_large" -> large(draft, WRITE_BACK);
      case "pd_large_bit_12" -> large(draft, WRITE_BACK | 1 << 12);
      case "pd_large_memory_type" -> large(draft, 3 << 3);
      // Without any right an entry is absent, whatever its other bits are (28.2.2).
      case "pd_not_present" -> change(draft, Layout.EPT_PD, RESERVED | 0xF8, RIGHTS);
      case "pt_bit_7" -> change(draft, entry(Layout.CODE), BIT_7, 0);
      default -> {}
    }
  }

  private static void large(Draft draft, long more) {
    change(draft, Layout.EPT_PD, BIT_7 | DIRTY | more, Layout.EPT_PT & ~more);
  }

  /** Clears bits of an entry and sets others. */
  private static void change(Draft draft, long at, long set, long clear) {
    draft.memory.write(at, 8, (draft.memory.read(at, 8) & ~clear) | set);
  }

  private static void rights(Draft draft, long at, long rights) {
    change(draft, at, rights, RIGHTS);
  }

  private static long entry(long guestPhysical) {
    return Layout.EPT_PT + 8 * (guestPhysical >>> 12);
  }

  private static void untouched(Draft draft, long guestPhysical) {
    change(draft, entry(guestPhysical), 0, ACCESSED | DIRTY);
  }

  private static void page(Draft draft, long guestPhysical, String word) {
    long at = entry(guestPhysical);
    switch (word) {
      case "not_present" -> rights(draft, at, 0);
      case "read_only" -> rights(draft, at, READ);
      case "read_write" -> rights(draft, at, READ | WRITE);
      case "read_execute" -> rights(draft, at, READ | EXECUTE);
      case "execute_only" -> rights(draft, at, EXECUTE);
      case "write_only" -> rights(draft, at, WRITE);
      case "write_execute" -> rights(draft, at, WRITE | EXECUTE);
      case "memory_type" -> change(draft, at, 2 << 3, MEMORY_TYPE);
      case "reserved" -> change(draft, at, RESERVED, 0);
      default -> {}
    }
  }
}

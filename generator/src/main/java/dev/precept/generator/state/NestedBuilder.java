package dev.precept.generator.state;

import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.Register;
import java.util.List;
import java.util.Optional;

/**
 * Builder {@code nested}: what the nested page tables have for the pages that an instruction uses
 * (APM vol. 2, 15.25). Nested paging maps each page to itself; whether it is on is variable {@code
 * np}.
 */
final class NestedBuilder {
  private static final String CODE = "np.code",
      OPERAND = "np.operand",
      TABLE = "np.table",
      IDT = "np.idt";
  private static final long PRESENT = 1,
      WRITE = 2,
      USER = 4,
      ACCESSED = 0x20,
      DIRTY = 0x40,
      LARGE = 0x80;
  private static final long RESERVED = 1L << 51, NX = 1L << 63;

  /**
   * Where {@code np.map} has the operand's page, and a guest physical address of index 1 at all
   * levels.
   */
  static final long ELSEWHERE = 0x26000, FAR = 0x80_4020_1000L;

  /** A 2 MiB page above the memory of cases, which is only read. */
  private static final long LARGE_PAGE = 0x20_0000;

  private static final long ORDINARY = PRESENT | WRITE | USER | ACCESSED | DIRTY;

  private static final long EFER_NXE = 1 << 11;

  private NestedBuilder() {}

  static void build(Draft draft) {
    if (!draft.info.relevant().contains("np")) {
      return;
    }
    draft.controlFields.put("n_cr3", Layout.NPT_PML4);
    draft.controlFields.put("g_pat", draft.get(Register.PAT));
    page(draft, Layout.CODE, draft.word(CODE));
    page(draft, guestTable(draft), draft.word(TABLE));
    page(draft, draft.get(Register.IDTR_BASE), draft.word(IDT));
    operandPage(draft).ifPresent(at -> page(draft, at, draft.word(OPERAND)));
    if (draft.word("np.ad").equals("clear")) {
      for (long at = Layout.PML4; at <= Layout.PAE_PT; at += 0x1000) {
        untouched(draft, at);
      }
      untouched(draft, Layout.CODE);
      operandPage(draft).ifPresent(at -> untouched(draft, at));
      // Whether a walk sets bit 6 of an upper entry is not said: it is set.
      for (long at : List.of(Layout.NPT_PML4, Layout.NPT_PDPT, Layout.NPT_PD)) {
        change(draft, at, 0, ACCESSED);
      }
    }
    upper(draft);
    map(draft);
    if (draft.word("np.large").equals("base_2m")) {
      far(draft);
      draft.memory.write(Layout.NPT_PD + 8, 8, LARGE_PAGE | LARGE | ORDINARY);
    }
  }

  /** Puts the operand's page elsewhere, as all entries that lead to it say. */
  private static void map(Draft draft) {
    switch (draft.word("np.map")) {
      case "elsewhere" -> draft.memory.write(entry(Layout.DATA), 8, ELSEWHERE | ORDINARY);
      case "far" -> {
        far(draft);
        draft.memory.write(Layout.NPT_PD + 8, 8, Layout.NPT_PT | ORDINARY);
        draft.memory.write(Layout.NPT_PT + 8, 8, ELSEWHERE | ORDINARY);
      }
      default -> {}
    }
  }

  /** Puts the operand's page at {@link #FAR}, whose entries above the page directory are there. */
  private static void far(Draft draft) {
    long table = draft.longMode() ? Layout.PT : Layout.PAE_PT;
    draft.memory.write(table + 8 * (Layout.DATA >>> 12), 8, FAR | ORDINARY);
    draft.memory.write(Layout.NPT_PML4 + 8, 8, Layout.NPT_PDPT | ORDINARY);
    draft.memory.write(Layout.NPT_PDPT + 8, 8, Layout.NPT_PD | ORDINARY);
  }

  /** With nested paging a guest has a PAT of its own, which VMRUN loads (15.25.4). */
  static void guest(Draft draft, MachineState before) {
    boolean mentioned = draft.info.relevant().contains("np");
    if (mentioned && draft.flag("guest") && draft.flag("np") && draft.flag("feat.np")) {
      boolean written = draft.word("preceding").equals("wrmsr_pat");
      long guests = written ? EarlierBuilder.OTHER_PAT : draft.controlFields.get("g_pat");
      before.set(Register.PAT, guests);
    }
  }

  /** The nested tables are walked in the host's paging mode (15.25.3): no-execute is part of it. */
  static void host(Draft draft, MachineState host) {
    if (draft.flag("np.nxe")) {
      host.set(Register.EFER, host.get(Register.EFER) | EFER_NXE);
    }
  }

  /** The guest page table that the variables speak of: the one at CR3, or the last one. */
  private static long guestTable(Draft draft) {
    if (draft.word("np.level").equals("root")) {
      return draft.get(Register.CR3);
    }
    boolean wide = (draft.get(Register.CR4) & 0x20) != 0;
    return draft.longMode() ? Layout.PT : wide ? Layout.PAE_PT : Layout.PT32;
  }

  /** As for {@code mem.page}, an operand in two pages has the second of them spoilt. */
  static Optional<Long> operandPage(Draft draft) {
    OperandPlace operand = draft.operand;
    if (!operand.present() || !Memory.contains(operand.linear())) {
      return Optional.empty();
    }
    return Optional.of(operand.linear() + (draft.flag("mem.cross") ? operand.size() - 1 : 0));
  }

  private static void upper(Draft draft) {
    switch (draft.word("np.upper")) {
      case "pml4_not_present" -> change(draft, Layout.NPT_PML4, 0, PRESENT);
      case "pdpt_supervisor" -> change(draft, Layout.NPT_PDPT, 0, USER);
      case "pd_read_only" -> change(draft, Layout.NPT_PD, 0, WRITE);
      case "pd_no_execute" -> change(draft, Layout.NPT_PD, NX, 0);
      case "pd_reserved" -> change(draft, Layout.NPT_PD, RESERVED, 0);
      // Pages of 2 MiB and 1 GiB from address 0 on.
      case "pd_large" -> change(draft, Layout.NPT_PD, LARGE, Layout.NPT_PT);
      case "pd_large_reserved" -> change(draft, Layout.NPT_PD, LARGE | 1 << 13, Layout.NPT_PT);
      case "pdpt_large_reserved" -> change(draft, Layout.NPT_PDPT, LARGE | 1 << 13, Layout.NPT_PD);
      case "pdpt_large" -> change(draft, Layout.NPT_PDPT, LARGE, Layout.NPT_PD);
      case "pml4_large" -> change(draft, Layout.NPT_PML4, LARGE, 0);
      default -> {}
    }
  }

  /** Clears bits of a nested entry and sets others. */
  private static void change(Draft draft, long at, long set, long clear) {
    draft.memory.write(at, 8, (draft.memory.read(at, 8) & ~clear) | set);
  }

  private static long entry(long guestPhysical) {
    return Layout.NPT_PT + 8 * (guestPhysical >>> 12);
  }

  private static void untouched(Draft draft, long guestPhysical) {
    change(draft, entry(guestPhysical), 0, ACCESSED | DIRTY);
  }

  private static void page(Draft draft, long guestPhysical, String word) {
    long at = entry(guestPhysical);
    switch (word) {
      case "not_present" -> change(draft, at, 0, PRESENT);
      case "supervisor" -> change(draft, at, 0, USER);
      case "read_only" -> change(draft, at, 0, WRITE);
      case "no_execute" -> change(draft, at, NX, 0);
      case "reserved" -> change(draft, at, RESERVED, 0);
      default -> {}
    }
  }
}

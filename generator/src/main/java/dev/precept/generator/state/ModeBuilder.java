package dev.precept.generator.state;

import dev.precept.cases.Layout;
import dev.precept.cases.Register;
import dev.precept.tables.Mode;

/** Builder {@code mode}: a sane machine in the mode, privilege level and privilege's segments. */
final class ModeBuilder {
  static final long PE = 1, ET = 0x10, PG = 1L << 31;
  static final long LME = 1 << 8, LMA = 1 << 10;

  /** Offset in the stack page of the top of the stack. */
  static final long STACK_OFFSET = 0x800;

  private ModeBuilder() {}

  static void build(Draft draft) {
    Mode mode = draft.mode;
    for (int i = 0; i < 16; i++) {
      // In 64-bit mode upper halves count; elsewhere only R8 to R15 show that they stay.
      long high = mode == Mode.LONG64 || i >= 8 ? (0xA5A5_0000L + 0x111L * i) << 32 : 0;
      draft.set(Register.gpr(i), high | 0x5A00_1000L + 0x0101_0101L * i);
    }
    long base = SegmentBases.of(mode, SegmentBases.CS);
    // Behind the instruction, which moves it back by its length once that is known.
    draft.set(Register.RIP, Layout.SENTINEL - base);
    draft.set(Register.RSP, Layout.STACK + STACK_OFFSET - SegmentBases.of(mode, SegmentBases.SS));
    draft.set(Register.RFLAGS, mode == Mode.V86 ? 0x2_0002 : 2);
    draft.set(Register.CR0, mode == Mode.REAL ? ET : PG | ET | PE);
    draft.set(Register.EFER, draft.longMode() ? LMA | LME : 0);
    draft.set(Register.CR2, 0x00C2_C2C0);
    // Upper halves, which a MOV from DRn outside 64-bit mode leaves out.
    draft.set(Register.DR0, 0x0000_0D00_00D0_D000L);
    draft.set(Register.DR1, 0x0000_0D01_00D1_D100L);
    draft.set(Register.DR2, 0x0000_0D02_00D2_D200L);
    draft.set(Register.DR3, 0x0000_0D03_00D3_D300L);
    draft.set(Register.DR6, 0xFFFF_0FF0L);
    draft.set(Register.DR7, 0x400);
    draft.set(Register.XCR0, 1);
    draft.set(Register.CPL, draft.cpl);
    segments(draft);
    systemRegisters(draft);
  }

  private static void segments(Draft draft) {
    for (int segment = 0; segment < 6; segment++) {
      long base = SegmentBases.of(draft.mode, segment);
      int selector;
      int attributes;
      long limit = 0xFFFF;
      if (draft.realOrV86()) {
        selector = (int) (base >> 4);
        attributes =
            draft.mode == Mode.V86
                ? 0xF3
                : segment == SegmentBases.CS ? Descriptors.CODE : Descriptors.DATA;
      } else {
        selector = selector(segment, draft.cpl);
        attributes =
            switch (segment) {
              case SegmentBases.CS -> BaseImages.codeAttributes(draft.mode, draft.cpl);
              case SegmentBases.SS -> BaseImages.dataAttributes(draft.mode, draft.cpl);
              default -> BaseImages.dataAttributes(draft.mode, 3);
            };
        limit = draft.mode == Mode.PROT16 ? 0xFFFF : 0xFFFF_FFFFL;
      }
      draft.set(Draft.segment(segment, 0), selector);
      draft.set(Draft.segment(segment, 1), attributes);
      draft.set(Draft.segment(segment, 2), limit);
      draft.set(Draft.segment(segment, 3), base);
    }
  }

  private static int selector(int segment, int cpl) {
    return switch (segment) {
      case SegmentBases.CS -> Selectors.code(cpl);
      case SegmentBases.SS -> Selectors.stack(cpl);
      case SegmentBases.DS -> Selectors.DS | cpl;
      case SegmentBases.ES -> Selectors.ES | cpl;
      case SegmentBases.FS -> Selectors.FS | cpl;
      default -> Selectors.GS | cpl;
    };
  }

  private static void systemRegisters(Draft draft) {
    boolean real = draft.mode == Mode.REAL;
    draft.set(Register.GDTR_BASE, Layout.GDT);
    draft.set(Register.GDTR_LIMIT, Selectors.GDT_LIMIT);
    draft.set(Register.IDTR_BASE, Layout.IDT);
    draft.set(Register.IDTR_LIMIT, real ? 0x3FF : draft.longMode() ? 0xFFF : 0x7FF);
    draft.set(Register.LDTR_SEL, real ? 0 : Selectors.LDT);
    draft.set(Register.LDTR_ATTR, Descriptors.LDT);
    draft.set(Register.LDTR_LIMIT, 0xFF);
    draft.set(Register.LDTR_BASE, Layout.LDT);
    draft.set(Register.TR_SEL, real ? 0 : Selectors.TSS);
    draft.set(Register.TR_ATTR, Descriptors.TSS_BUSY);
    draft.set(Register.TR_LIMIT, BaseImages.TSS_LIMIT);
    draft.set(Register.TR_BASE, Layout.TSS);
    draft.set(Register.STAR, 0x0013_0008_1234_5670L);
    draft.set(Register.LSTAR, 0x0000_0000_0001_1111L);
    draft.set(Register.CSTAR, 0x0000_0000_0001_2222L);
    draft.set(Register.SFMASK, 0x0000_4700);
    draft.set(Register.KERNEL_GS_BASE, 0x0000_1234_5678_9000L);
    draft.set(Register.SYSENTER_CS, 0x0008);
    draft.set(Register.SYSENTER_ESP, 0x0001_5100);
    draft.set(Register.SYSENTER_EIP, 0x0001_1800);
    draft.set(Register.PAT, 0x0007_0406_0007_0406L);
    draft.set(Register.TSC_AUX, 0x7A0B_0C0D);
    draft.set(Register.APIC_BASE, 0xFEE0_0900L);
    draft.set(Register.VM_HSAVE_PA, Layout.HOST_SAVE);
    draft.set(Register.SMBASE, SmmBuilder.SMBASE);
    draft.set(Register.TSC, 0x1_0000_1000L);
    draft.set(Register.GIF, 1);
  }

  /** CR3, once CR4.PAE is known. */
  static void paging(Draft draft) {
    if (draft.mode != Mode.REAL) {
      boolean pae = (draft.get(Register.CR4) & 0x20) != 0;
      long table = draft.longMode() ? Layout.PML4 : pae ? Layout.PAE_PDPT : Layout.PD32;
      draft.set(Register.CR3, table | (draft.get(Register.CR3) & 0xFFF));
    }
    boolean supervisorOnly = (draft.get(Register.CR4) & 0x30_0000) != 0;
    if (supervisorOnly && draft.mode != Mode.REAL) {
      // SMEP and SMAP keep CPL 0-2 out of user pages; the pages here are user's by default.
      for (long page = Layout.START; page < Layout.END; page += 0x1000) {
        boolean usersOwn = draft.cpl == 3 && page < Layout.INNER_STACK;
        if (!usersOwn) {
          draft.pageEntry(page, 0, 4);
        }
      }
    }
  }
}

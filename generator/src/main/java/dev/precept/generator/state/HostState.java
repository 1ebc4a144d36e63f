package dev.precept.generator.state;

import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.Register;
import dev.precept.tables.Mode;

/** The host that enters guests: 64-bit mode at CPL 0, with tables and stack of its own. */
public final class HostState {
  private HostState() {}

  /**
   * Fills in {@code host}; what world switches leave alone is as in {@code guest}.
   *
   * @param host state to fill; RIP is left 0
   */
  public static void fill(MachineState host, MachineState guest) {
    host.copyFrom(guest);
    host.set(Register.RSP, Layout.HOST_STACK + 0x800);
    host.set(Register.RFLAGS, 2);
    host.set(Register.CR0, 0x8001_0031L);
    host.set(Register.CR2, 0x00C2_0000);
    host.set(Register.CR3, Layout.HOST_PML4);
    host.set(Register.CR4, 0x20);
    host.set(Register.DR6, 0xFFFF_0FF0L);
    host.set(Register.DR7, 0x400);
    host.set(Register.EFER, 0x500);
    for (int segment = 0; segment < 6; segment++) {
      boolean code = segment == SegmentBases.CS;
      host.set(Draft.segment(segment, 0), code ? BaseImages.HOST_CS : BaseImages.HOST_SS);
      host.set(
          Draft.segment(segment, 1),
          code
              ? BaseImages.codeAttributes(Mode.LONG64, 0)
              : BaseImages.dataAttributes(Mode.LONG64, 0));
      host.set(Draft.segment(segment, 2), 0xFFFF_FFFFL);
      host.set(Draft.segment(segment, 3), 0);
    }
    host.set(Register.GDTR_BASE, Layout.HOST_GDT);
    host.set(Register.GDTR_LIMIT, BaseImages.HOST_GDT_LIMIT);
    host.set(Register.IDTR_BASE, Layout.HOST_IDT);
    host.set(Register.IDTR_LIMIT, 0xFFF);
    host.set(Register.CPL, 0);
    host.set(Register.INTERRUPT_SHADOW, 0);
    host.set(Register.NMI_MASKED, 0);
    host.set(Register.SMM, 0);
  }
}

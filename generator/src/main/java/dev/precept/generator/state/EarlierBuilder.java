package dev.precept.generator.state;

import dev.precept.cases.ControlBlock;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.Register;
import dev.precept.tables.Mode;
import java.io.ByteArrayOutputStream;
import java.util.List;

/**
 * Builder {@code earlier}: instructions just before the one under test that leave something behind,
 * which an exit must save and completion may end, or which a VMX instruction finds.
 */
final class EarlierBuilder {
  private static final long IF = 1 << 9;

  /** CF, PF, AF, ZF, SF and OF, which VMX instructions clear when they succeed. */
  private static final long STATUS = 0x8D5;

  /** A VMCS pointer and selectors for the instructions before, off the pages of operands. */
  static final long POINTER = Layout.OTHER_TSS + 0x800;

  private static final long SELECTOR = POINTER + 8;

  /** First doubleword of a region that is a shadow VMCS; see {@link ControlBlock}. */
  private static final long SHADOW_INDICATOR = 0x8000_0000L;

  private static final int GS_OVERRIDE = 0x65, OPERAND_SIZE = 0x66, ADDRESS_SIZE = 0x67;
  private static final int REX_W = 0x48, MOV_SREG = 0x8E;

  /** MOV of EAX to memory, and where: off the place of operands in the same page. */
  private static final int MOV_STORE = 0x89;

  private static final long STORED = Layout.DATA + 0x800;

  private static final byte IRET = (byte) 0xCF;

  /** LOCK NOT of a word or doubleword in two pages, which takes a bus lock in every mode. */
  private static final int LOCK = 0xF0, NOT = 0xF7;

  private static final long IN_TWO_PAGES = Layout.DATA + 0xFFF;

  /** Operands of LGDT and LIDT. */
  private static final long TABLE_OPERANDS = POINTER;

  /** Number of PAT, and what {@code wrmsr_pat} writes. */
  static final long PAT = 0x277, OTHER_PAT = 0x0105_0406_0007_0106L;

  /** Bits of a segment's attributes. */
  private static final long WRITABLE = 1 << 1, GRANULARITY = 1 << 11;

  /** What {@code loads} brings to their values: SS first, for it casts a shadow on the next. */
  private static final int[] LOADED = {SegmentBases.SS, SegmentBases.ES, SegmentBases.DS};

  /** Number of DebugCtl, and what {@code mov_cr8} writes. */
  private static final long DEBUGCTL = 0x1D9, TPR = 3;

  /** How far rSP is below its value when the guest begins. */
  private static final int BELOW = 0x40;

  private EarlierBuilder() {}

  static void build(Draft draft) {
    switch (draft.word("earlier")) {
      case "mov_cr2" -> draft.prologue.add(new byte[] {0x0F, 0x22, (byte) 0xD7});
      case "sti" -> draft.prologue.add(new byte[] {(byte) 0xFB});
      default -> {}
    }
    preceding(draft);
    ChangeBuilder.build(draft);
    switch (draft.word("current")) {
      case "none" -> vmclear(draft);
      case "clear" -> {
        vmclear(draft);
        vmptrld(draft);
      }
      default -> {}
    }
    if (draft.flag("shadow_current")) {
      draft.memory.write(Layout.SHADOW_CONTROL_BLOCK, 4, SHADOW_INDICATOR);
      draft.memory.write(POINTER, 8, Layout.SHADOW_CONTROL_BLOCK);
      vmptrld(draft);
    }
    VmwriteBuilder.build(draft);
    if (draft.flag("mov_ss")) {
      loadSegment(draft, SegmentBases.SS);
    }
  }

  /** What forms of their own have just before the instruction: it changes what a VMCB holds. */
  private static void preceding(Draft draft) {
    switch (draft.word("preceding")) {
      case "stgi" -> draft.prologue.add(new byte[] {0x0F, 0x01, (byte) 0xDC});
      case "clgi" -> draft.prologue.add(new byte[] {0x0F, 0x01, (byte) 0xDD});
      case "mov_cr8" -> {
        draft.set(Register.RDI, TPR);
        draft.prologue.add(new byte[] {0x44, 0x0F, 0x22, (byte) 0xC7});
      }
      case "wrmsr" -> {
        draft.set(Register.RCX, DEBUGCTL);
        draft.set(Register.RAX, 0);
        draft.set(Register.RDX, 0);
        draft.prologue.add(new byte[] {0x0F, 0x30});
      }
      case "wrmsr_pat" -> {
        draft.set(Register.RCX, PAT);
        draft.set(Register.RAX, OTHER_PAT & 0xFFFF_FFFFL);
        draft.set(Register.RDX, OTHER_PAT >>> 32);
        draft.prologue.add(new byte[] {0x0F, 0x30});
      }
      case "tables" -> {
        descriptorTable(draft, TABLE_OPERANDS, 2, Register.GDTR_LIMIT, Register.GDTR_BASE);
        descriptorTable(draft, TABLE_OPERANDS + 0x10, 3, Register.IDTR_LIMIT, Register.IDTR_BASE);
      }
      case "bus_locks" -> {
        // The second brings back what the first has changed.
        throughGs(draft, IN_TWO_PAGES, 2, LOCK, NOT);
        throughGs(draft, IN_TWO_PAGES, 2, LOCK, NOT);
      }
      case "iret", "iret_outer" ->
          draft.prologue.add(
              draft.mode == Mode.LONG64 ? new byte[] {REX_W, IRET} : new byte[] {IRET});
      case "store" -> throughGs(draft, STORED, 0, MOV_STORE);
      case "vmfunc" -> draft.prologue.add(new byte[] {0x0F, 0x01, (byte) 0xD4});
      default -> {}
    }
  }

  /** LGDT or LIDT of what the registers are to hold. */
  private static void descriptorTable(
      Draft draft, long operand, int reg, Register limit, Register base) {
    draft.memory.write(operand, 2, draft.get(limit));
    draft.memory.write(operand + 2, 8, draft.get(base));
    throughGs(draft, operand, reg, 0x0F, 0x01);
  }

  /**
   * The frame that IRET pops: the instruction under test and the state that it finds.
   *
   * @param outer whether IRET goes to less privilege, and so pops a stack in every mode
   */
  private static void frame(Draft draft, MachineState before, boolean outer) {
    int size = draft.mode == Mode.LONG64 ? 8 : small(draft) ? 2 : 4;
    List<Register> popped =
        draft.mode == Mode.LONG64 || outer
            ? List.of(Register.RIP, Register.CS_SEL, Register.RFLAGS, Register.RSP, Register.SS_SEL)
            : List.of(Register.RIP, Register.CS_SEL, Register.RFLAGS);
    draft.set(Register.RSP, draft.get(Register.RSP) - (long) size * popped.size());
    long at = StackBuilder.linear(draft);
    for (Register register : popped) {
      draft.memory.write(at, size, before.get(register));
      at += size;
    }
  }

  private static void loadSegment(Draft draft, int segment) {
    long selector = SELECTOR + 2L * segment;
    draft.memory.write(selector, 2, draft.get(Draft.segment(segment, 0)));
    throughGs(draft, selector, segment, MOV_SREG);
  }

  private static void vmclear(Draft draft) {
    draft.memory.write(POINTER, 8, Layout.CONTROL_BLOCK);
    throughGs(draft, POINTER, 6, OPERAND_SIZE, 0x0F, 0xC7);
  }

  private static void vmptrld(Draft draft) {
    throughGs(draft, POINTER, 6, 0x0F, 0xC7);
  }

  /** Adds an instruction with a memory operand at the linear address {@code operand}. */
  static void throughGs(Draft draft, long operand, int reg, int... opcode) {
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    code.write(GS_OVERRIDE);
    for (int part : opcode) {
      code.write(part);
    }
    int size = draft.mode == Mode.LONG64 ? 64 : small(draft) ? 16 : 32;
    long offset = operand - draft.get(Register.GS_BASE);
    code.writeBytes(ModRm.memory("disp", reg, size, draft.mode == Mode.LONG64, offset).bytes());
    draft.prologue.add(code.toByteArray());
  }

  /** Whether addresses and operands have 16 bits. */
  static boolean small(Draft draft) {
    return draft.mode == Mode.PROT16 || draft.realOrV86();
  }

  /** MOV to SS, ES and DS, LEA rSP, MOV rAX: every one of them never exits. */
  private static void loads(Draft draft) {
    for (int segment : LOADED) {
      loadSegment(draft, segment);
    }
    ByteArrayOutputStream lea = new ByteArrayOutputStream();
    ByteArrayOutputStream mov = new ByteArrayOutputStream();
    if (small(draft)) {
      lea.write(OPERAND_SIZE);
      lea.write(ADDRESS_SIZE);
      mov.write(OPERAND_SIZE);
    } else if (draft.mode == Mode.LONG64) {
      lea.write(REX_W);
      mov.write(REX_W);
    }
    lea.writeBytes(new byte[] {(byte) 0x8D, 0x64, 0x24, BELOW});
    mov.write(0xB8);
    mov.writeBytes(ModRm.little(draft.get(Register.RAX), draft.mode == Mode.LONG64 ? 8 : 4));
    draft.prologue.add(lea.toByteArray());
    draft.prologue.add(mov.toByteArray());
  }

  /** Makes the state in which the case begins another one than what {@code loads} leaves. */
  static void begin(Draft draft, MachineState before) {
    switch (draft.word("preceding")) {
      case "iret" -> frame(draft, before, false);
      case "iret_outer" -> {
        draft.set(Register.CPL, 0);
        draft.set(Register.CS_SEL, Selectors.code(0));
        draft.set(Register.CS_ATTR, BaseImages.codeAttributes(draft.mode, 0));
        draft.set(Register.SS_SEL, Selectors.stack(0));
        draft.set(Register.SS_ATTR, BaseImages.dataAttributes(draft.mode, 0));
        frame(draft, before, true);
      }
      case "tables" -> {
        draft.set(Register.GDTR_BASE, draft.get(Register.GDTR_BASE) + 0x100);
        draft.set(Register.GDTR_LIMIT, draft.get(Register.GDTR_LIMIT) - 8);
        draft.set(Register.IDTR_BASE, draft.get(Register.IDTR_BASE) + 0x200);
        draft.set(Register.IDTR_LIMIT, draft.get(Register.IDTR_LIMIT) - 0x10);
      }
      default -> {}
    }
    if (!draft.word("earlier").equals("loads")) {
      return;
    }
    long wide = draft.mode == Mode.LONG64 ? -1L : 0xFFFF_FFFFL;
    draft.set(Register.RAX, draft.get(Register.RAX) ^ wide);
    draft.set(Register.RSP, draft.get(Register.RSP) - BELOW & wide);
    for (int segment : LOADED) {
      Register selector = Draft.segment(segment, 0);
      Register attributes = Draft.segment(segment, 1);
      Register base = Draft.segment(segment, 3);
      if (draft.realOrV86()) {
        draft.set(selector, draft.get(selector) + 1);
        draft.set(base, draft.get(base) + 0x10);
        continue;
      }
      draft.set(base, draft.get(base) + 0x100);
      draft.set(Draft.segment(segment, 2), 0xFFF);
      draft.set(attributes, draft.get(attributes) & ~GRANULARITY);
      if (segment != SegmentBases.SS) {
        draft.set(selector, draft.get(Draft.segment(SegmentBases.FS, 0)));
        draft.set(attributes, draft.get(attributes) & ~WRITABLE);
      }
    }
  }

  /** Makes {@code before} what the earlier instruction leaves. */
  static void run(Draft draft, MachineState before) {
    switch (draft.word("earlier")) {
      case "mov_cr2" -> {
        long value = before.get(Register.RDI);
        before.set(Register.CR2, draft.mode == Mode.LONG64 ? value : value & 0xFFFF_FFFFL);
      }
      case "sti" -> {
        before.set(Register.RFLAGS, before.get(Register.RFLAGS) | IF);
        before.set(Register.INTERRUPT_SHADOW, 1);
      }
      case "loads" -> loads(draft);
      default -> {}
    }
    if (draft.word("preceding").equals("mov_cr8") && !draft.flag("vintr.masking")) {
      // With V_INTR_MASKING it writes V_TPR alone (APM vol. 2, 15.21.2).
      before.set(Register.CR8, TPR);
    }
    if (draft.word("preceding").startsWith("iret")) {
      // IRET unblocks NMIs; on VMX virtual ones, which its forms have (SDM vol. 3, 25.3).
      before.set(Register.NMI_MASKED, 0);
    }
    ChangeBuilder.run(draft, before);
    String current = draft.word("current");
    boolean pointed = !current.isEmpty() && !current.equals("launched");
    if (pointed || draft.flag("shadow_current") || VmwriteBuilder.writes(draft)) {
      before.set(Register.RFLAGS, before.get(Register.RFLAGS) & ~STATUS);
    }
    if (draft.flag("mov_ss")) {
      before.set(Register.INTERRUPT_SHADOW, 1);
    }
  }
}

package dev.precept.generator.state;

import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.Register;
import dev.precept.tables.Mode;
import java.io.ByteArrayOutputStream;

/**
 * Builder {@code earlier}: instructions just before the one under test that leave something behind,
 * which an exit must save and completion may end, or which a VMX instruction finds.
 */
final class EarlierBuilder {
  private static final long IF = 1 << 9;

  /** CF, PF, AF, ZF, SF and OF, which VMX instructions clear when they succeed. */
  private static final long STATUS = 0x8D5;

  /** A VMCS pointer and a selector for the instructions before, off the pages of operands. */
  private static final long POINTER = Layout.OTHER_TSS + 0x800, SELECTOR = POINTER + 8;

  private static final int GS_OVERRIDE = 0x65, OPERAND_SIZE = 0x66;

  private EarlierBuilder() {}

  static void build(Draft draft) {
    switch (draft.word("earlier")) {
      case "mov_cr2" -> draft.prologue.add(new byte[] {0x0F, 0x22, (byte) 0xD7});
      case "sti" -> draft.prologue.add(new byte[] {(byte) 0xFB});
      default -> {}
    }
    switch (draft.word("current")) {
      case "none" -> vmclear(draft);
      case "clear" -> {
        vmclear(draft);
        // VMPTRLD
        throughGs(draft, POINTER, 6, 0x0F, 0xC7);
      }
      default -> {}
    }
    if (draft.flag("mov_ss")) {
      draft.memory.write(SELECTOR, 2, draft.get(Register.SS_SEL));
      throughGs(draft, SELECTOR, 2, 0x8E);
    }
  }

  private static void vmclear(Draft draft) {
    draft.memory.write(POINTER, 8, Layout.CONTROL_BLOCK);
    throughGs(draft, POINTER, 6, OPERAND_SIZE, 0x0F, 0xC7);
  }

  /** Adds an instruction with a memory operand at the linear address {@code operand}. */
  private static void throughGs(Draft draft, long operand, int reg, int... opcode) {
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    code.write(GS_OVERRIDE);
    for (int part : opcode) {
      code.write(part);
    }
    int size = draft.mode == Mode.LONG64 ? 64 : draft.mode == Mode.PROT16 ? 16 : 32;
    long offset = operand - draft.get(Register.GS_BASE);
    code.writeBytes(ModRm.memory("disp", reg, size, draft.mode == Mode.LONG64, offset).bytes());
    draft.prologue.add(code.toByteArray());
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
      default -> {}
    }
    String current = draft.word("current");
    if (current.equals("none") || current.equals("clear")) {
      before.set(Register.RFLAGS, before.get(Register.RFLAGS) & ~STATUS);
    }
    if (draft.flag("mov_ss")) {
      before.set(Register.INTERRUPT_SHADOW, 1);
    }
  }
}

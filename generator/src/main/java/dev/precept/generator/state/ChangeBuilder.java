package dev.precept.generator.state;

import dev.precept.cases.MachineState;
import dev.precept.cases.Register;
import java.util.Map;

/**
 * Classes of {@code preceding} that change a register which a VM exit saves (SDM vol. 3, 27.3): a
 * MOV from rDI, a WRMSR, or a load of a descriptor-table register just before the instruction.
 */
final class ChangeBuilder {
  /** Where the operand of LGDT and LIDT is, off the pages of operands. */
  private static final long OPERAND = EarlierBuilder.POINTER + 0x80;

  /** By how much LGDT and LIDT move the table and shorten its limit. */
  private static final int MOVED = 0x10;

  private static final byte[] WRMSR = {0x0F, 0x30};

  /** A register in which bits change, and how: opcode of a MOV from rDI, or an MSR's number. */
  private record Change(Register register, long flipped, int opcode, int modRm, long msr) {
    static Change move(Register register, long flipped, int opcode, int modRm) {
      return new Change(register, flipped, opcode, modRm, 0);
    }

    static Change msr(Register register, long flipped, long number) {
      return new Change(register, flipped, 0, 0, number);
    }
  }

  private static final Map<String, Change> CHANGES =
      Map.of(
          "mov_cr0", Change.move(Register.CR0, 1 << 1, 0x22, 0xC7),
          "mov_cr3", Change.move(Register.CR3, 3 << 3, 0x22, 0xDF),
          "mov_cr4", Change.move(Register.CR4, 1 << 3, 0x22, 0xE7),
          "mov_dr7", Change.move(Register.DR7, 1 << 8, 0x23, 0xFF),
          "debugctl", Change.msr(Register.DEBUGCTL, 1 << 1, 0x1D9),
          "sysenter_cs", Change.msr(Register.SYSENTER_CS, 0x40, 0x174),
          "sysenter_esp", Change.msr(Register.SYSENTER_ESP, 0x40, 0x175),
          "sysenter_eip", Change.msr(Register.SYSENTER_EIP, 0x40, 0x176),
          "pat", Change.msr(Register.PAT, 1 << 8, 0x277),
          "efer", Change.msr(Register.EFER, 1, 0xC000_0080L));

  private ChangeBuilder() {}

  static void build(Draft draft) {
    switch (draft.word("preceding")) {
      case "lgdt" -> load(draft, 2, Register.GDTR_BASE, Register.GDTR_LIMIT);
      case "lidt" -> load(draft, 3, Register.IDTR_BASE, Register.IDTR_LIMIT);
      default -> change(draft);
    }
  }

  private static void change(Draft draft) {
    Change change = CHANGES.get(draft.word("preceding"));
    if (change == null) {
      return;
    }
    long value = draft.get(change.register) ^ change.flipped;
    if (change.msr == 0) {
      draft.set(Register.RDI, value);
      draft.prologue.add(new byte[] {0x0F, (byte) change.opcode, (byte) change.modRm});
      return;
    }
    draft.set(Register.RCX, change.msr);
    draft.set(Register.RAX, value & 0xFFFF_FFFFL);
    draft.set(Register.RDX, value >>> 32);
    draft.prologue.add(WRMSR.clone());
  }

  private static void load(Draft draft, int reg, Register base, Register limit) {
    draft.memory.write(OPERAND, 2, draft.get(limit) - MOVED);
    draft.memory.write(OPERAND + 2, 8, draft.get(base) + MOVED);
    EarlierBuilder.throughGs(draft, OPERAND, reg, 0x0F, 0x01);
  }

  /** Makes {@code before} what the instruction leaves. */
  static void run(Draft draft, MachineState before) {
    switch (draft.word("preceding")) {
      case "lgdt" -> loaded(before, Register.GDTR_BASE, Register.GDTR_LIMIT);
      case "lidt" -> loaded(before, Register.IDTR_BASE, Register.IDTR_LIMIT);
      default -> {
        Change change = CHANGES.get(draft.word("preceding"));
        if (change != null) {
          before.set(change.register, before.get(change.register) ^ change.flipped);
        }
      }
    }
  }

  private static void loaded(MachineState before, Register base, Register limit) {
    before.set(base, before.get(base) + MOVED);
    before.set(limit, before.get(limit) - MOVED);
  }
}

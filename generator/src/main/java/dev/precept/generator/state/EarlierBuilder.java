package dev.precept.generator.state;

import dev.precept.cases.MachineState;
import dev.precept.cases.Register;
import dev.precept.tables.Mode;

/**
 * Builder {@code earlier}: an instruction just before the one under test that leaves something
 * behind, which an exit must save and completion may end.
 */
final class EarlierBuilder {
  private static final long IF = 1 << 9;

  private EarlierBuilder() {}

  static void build(Draft draft) {
    if (!draft.tables.variables().containsKey("earlier")) {
      return;
    }
    switch (draft.word("earlier")) {
      case "mov_cr2" -> draft.prologue.add(new byte[] {0x0F, 0x22, (byte) 0xD7});
      case "sti" -> draft.prologue.add(new byte[] {(byte) 0xFB});
      default -> {}
    }
  }

  /** Makes {@code before} what the earlier instruction leaves. */
  static void run(Draft draft, MachineState before) {
    if (!draft.tables.variables().containsKey("earlier")) {
      return;
    }
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
  }
}

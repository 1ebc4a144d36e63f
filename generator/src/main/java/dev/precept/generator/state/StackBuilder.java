package dev.precept.generator.state;

import dev.precept.cases.Register;
import dev.precept.tables.Mode;

/** Builder {@code stack}: what a push or pop at SS:rSP meets. */
final class StackBuilder {
  private StackBuilder() {}

  static void build(Draft draft) {
    long linear = linear(draft);
    if (draft.flag("stack.limit")) {
      // Far below the stack pointer, so that pushes and pops leave it alike.
      draft.set(Register.SS_LIMIT, 0xF);
      draft.set(Register.SS_ATTR, draft.get(Register.SS_ATTR) & ~Descriptors.G);
    }
    if (draft.flag("stack.misaligned")) {
      draft.set(Register.RSP, draft.get(Register.RSP) + 1);
    }
    if (draft.flag("stack.noncanonical")) {
      draft.set(Register.RSP, draft.get(Register.RSP) | 1L << 47);
    }
    draft.pageClass(linear, draft.word("stack.page"));
  }

  /** Linear address of the top of the stack. */
  static long linear(Draft draft) {
    long base = draft.mode == Mode.LONG64 ? 0 : draft.get(Register.SS_BASE);
    return base + draft.get(Register.RSP);
  }
}

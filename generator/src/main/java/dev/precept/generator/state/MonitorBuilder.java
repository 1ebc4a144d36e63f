package dev.precept.generator.state;

import dev.precept.cases.Layout;
import dev.precept.cases.Register;
import dev.precept.tables.Mode;
import java.util.List;

/** Builder {@code monitor}: a MONITOR (MONITORX before MWAITX) just before the instruction. */
final class MonitorBuilder {
  private MonitorBuilder() {}

  static void build(Draft draft) {
    if (!draft.flag("armed")) {
      return;
    }
    List<String> tokens = draft.info.tokens();
    boolean extended = tokens.get(tokens.size() - 1).equals("FB");
    draft.prologue.add(new byte[] {0x0F, 0x01, (byte) (extended ? 0xFA : 0xC8)});
    long base = draft.mode == Mode.LONG64 ? 0 : draft.get(Register.DS_BASE);
    draft.set(Register.RAX, Layout.DATA + 0x100 - base);
    draft.set(Register.RCX, 0);
    draft.set(Register.RDX, 0);
  }
}

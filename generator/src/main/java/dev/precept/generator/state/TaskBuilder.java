package dev.precept.generator.state;

import dev.precept.cases.Layout;
import dev.precept.cases.Register;

/**
 * Builder {@code task}: what a far JMP or CALL, an IRET with NT, an INT n or an exception switches
 * tasks to.
 */
final class TaskBuilder {
  private static final int BEYOND = 0xF8;

  /** Vectors of the exceptions that a task gate may take. */
  private static final int UD = 6, GP = 13;

  private TaskBuilder() {}

  static void build(Draft draft) {
    exceptions(draft);
    if (!draft.info.relevant().contains("ts.kind")) {
      return;
    }
    image(draft);
    boolean gate = draft.word("ts.via").equals("gate");
    boolean low = draft.flag("ts.dpl");
    int level = Descriptors.dpl(low && !gate ? 0 : 3);
    int present = draft.word("ts.target").equals("not_present") ? 0 : Descriptors.P;
    int type =
        switch (draft.word("ts.target")) {
          case "busy" -> 0xB;
          case "bad_type" -> Descriptors.S | 3;
          default -> draft.word("ts.kind").equals("iret") ? busyByDefault(draft) : 9;
        };
    long limit = draft.word("ts.target").equals("limit") ? 0x66 : 0x67;
    draft.memory.write(
        Layout.GDT + Selectors.OTHER_TSS,
        8,
        Descriptors.segment(present | type | level, limit, Layout.OTHER_TSS));
    int gatePresent = draft.flag("ts.gate_np") ? 0 : Descriptors.P;
    long taskGate =
        Descriptors.gate(gatePresent | 5 | Descriptors.dpl(low ? 0 : 3), incoming(draft), 0);
    draft.memory.write(Layout.GDT + Selectors.TASK_GATE, 8, taskGate);
    switch (draft.word("ts.kind")) {
      case "iret" -> {
        draft.state.setBit(Register.RFLAGS, 14, true);
        draft.memory.write(Layout.TSS, 2, incoming(draft));
      }
      case "int" -> draft.memory.write(Layout.IDT + 8 * draft.number("imm8"), 8, taskGate);
      default -> {}
    }
  }

  /** Makes the gate of an exception a task gate, which leads to the other task. */
  private static void exceptions(Draft draft) {
    int vector =
        switch (draft.word("task_gate")) {
          case "ud" -> UD;
          case "gp" -> GP;
          default -> -1;
        };
    if (vector < 0) {
      return;
    }
    image(draft);
    long gate =
        Descriptors.gate(Descriptors.TASK_GATE | Descriptors.dpl(3), Selectors.OTHER_TSS, 0);
    draft.memory.write(Layout.IDT + 8L * vector, 8, gate);
  }

  /** An IRET returns to a busy task; only the class {@code available} says otherwise. */
  private static int busyByDefault(Draft draft) {
    return draft.word("ts.target").equals("available") ? 9 : 0xB;
  }

  /** Selector of the incoming TSS. */
  private static int incoming(Draft draft) {
    return switch (draft.word("ts.target")) {
      case "null" -> 0;
      case "beyond" -> BEYOND;
      case "ldt" -> Selectors.OTHER_TSS | 4;
      default -> Selectors.OTHER_TSS;
    };
  }

  /** The selector in a far pointer. */
  static int pointer(Draft draft) {
    int selector = draft.word("ts.via").equals("gate") ? Selectors.TASK_GATE : incoming(draft);
    // At CPL 0 only the RPL can be above the DPL.
    return draft.flag("ts.dpl") && draft.cpl == 0 ? selector | 3 : selector;
  }

  private static void image(Draft draft) {
    long tss = Layout.OTHER_TSS;
    draft.memory.write(tss + 0x1C, 4, draft.get(Register.CR3));
    draft.memory.write(tss + 0x20, 4, Layout.CODE);
    draft.memory.write(tss + 0x24, 4, 2);
    draft.memory.write(tss + 0x38, 4, BaseImages.innerStack(0));
    int[] segments = {
      Selectors.DS,
      Selectors.HANDLER_CODE,
      Selectors.stack(0),
      Selectors.DS,
      Selectors.DS,
      Selectors.DS,
      Selectors.LDT
    };
    for (int i = 0; i < segments.length; i++) {
      draft.memory.write(tss + 0x48 + 4L * i, 2, segments[i]);
    }
    draft.memory.write(tss + 0x66, 2, 0x68);
  }
}

package dev.precept.generator.state;

import dev.precept.cases.Layout;
import dev.precept.cases.Register;
import dev.precept.generator.vendor.Event;
import dev.precept.tables.Check;
import dev.precept.tables.Mode;
import java.util.List;

/** Builder {@code idt}: spoils the gate of the form's vector, or those of #GP, #NP and #DF. */
final class GateBuilder {
  private static final int DE = 0, UD = 6, DF = 8, NP = 11, GP = 13, PF = 14;

  private static final long EVENT_VALID = 0x8000_0000L;

  private GateBuilder() {}

  static void build(Draft draft) {
    String gate = gate(draft);
    if (!gate.equals("ok") && events(draft).isEmpty()) {
      spoil(draft, vector(draft), gate);
    }
    switch (draft.word("idt.fault")) {
      case "gp_np" -> spoil(draft, GP, "not_present");
      case "ud_np" -> spoil(draft, UD, "not_present");
      case "de_np" -> spoil(draft, DE, "not_present");
      case "pf_np" -> spoil(draft, PF, "not_present");
      case "gp_pf" -> absentStack(draft, GP);
      case "pf_pf" -> absentStack(draft, PF);
      case "df_np" -> {
        spoil(draft, GP, "not_present");
        spoil(draft, NP, "not_present");
        spoil(draft, DF, "not_present");
      }
      case "gp_df_np" -> {
        spoil(draft, GP, "not_present");
        spoil(draft, DF, "not_present");
      }
      case "gp_df_pf" -> {
        spoil(draft, GP, "not_present");
        absentStack(draft, DF);
      }
      default -> {}
    }
  }

  /** Gives a gate of long mode a stack in a page that is not present. */
  private static void absentStack(Draft draft, int vector) {
    int ist = 2;
    draft.memory.write8(Layout.IDT + 16L * vector + 4, ist);
    draft.memory.write(Layout.TSS + 0x1C + 8L * ist, 8, Layout.NOT_PRESENT_PAGE + 0x800);
    draft.pageEntry(Layout.NOT_PRESENT_PAGE, 0, 1);
  }

  /** Spoils the gate of the event that comes before the instruction; once all fields are set. */
  static void event(Draft draft) {
    String gate = gate(draft);
    if (gate.equals("ok")) {
      return;
    }
    Concrete names =
        new Concrete(
            draft.tables, draft.assignment, draft.state, draft.memory, draft.controlFields);
    for (Check.Event event : events(draft)) {
      long information = names.eval(event.information());
      if ((information & EVENT_VALID) != 0) {
        spoil(draft, Event.of(information).vector(), gate);
        return;
      }
    }
  }

  private static String gate(Draft draft) {
    String gate = draft.word("gate");
    return gate.isEmpty() ? "ok" : gate;
  }

  private static List<Check.Event> events(Draft draft) {
    return draft.form().order().checks().stream()
        .map(id -> draft.tables.check(draft.form(), id).result())
        .filter(Check.Event.class::isInstance)
        .map(Check.Event.class::cast)
        .toList();
  }

  /** Vector of the interrupt or trap that the form raises. */
  private static int vector(Draft draft) {
    if (draft.info.has("ib")) {
      return (int) draft.number("imm8");
    }
    for (String id : draft.form().order().checks()) {
      if (draft.tables.check(draft.form(), id).result() instanceof Check.Fault fault
          && fault.trap()) {
        return fault.vector();
      }
    }
    throw new UnbuildableException("the form has no vector whose gate could be spoilt");
  }

  private static void spoil(Draft draft, int vector, String how) {
    int size = draft.mode == Mode.REAL ? 4 : draft.longMode() ? 16 : 8;
    long at = Layout.IDT + (long) size * vector;
    if (how.equals("limit")) {
      draft.set(Register.IDTR_LIMIT, (long) size * vector + size - 2);
      return;
    }
    if (draft.mode == Mode.REAL) {
      throw new UnbuildableException("the real-mode vector table has no descriptors");
    }
    int attributes = draft.memory.read8(at + 5);
    draft.memory.write8(
        at + 5,
        switch (how) {
          case "not_present" -> attributes & ~Descriptors.P;
          case "dpl" -> attributes & ~Descriptors.dpl(3);
          // An LDT is no gate.
          default -> (attributes & ~0xF) | 2;
        });
  }
}

package dev.precept.generator.vendor;

import dev.precept.cases.MachineState;
import dev.precept.cases.Register;
import dev.precept.generator.Assignment;
import dev.precept.generator.state.Memory;
import dev.precept.generator.state.Setup;
import dev.precept.tables.Tables;
import java.util.SortedMap;

/**
 * The VMCB's virtual interrupts and NMIs, V_TPR and V_GIF: offset 60h, of which #VMEXIT writes back
 * what the guest may have changed (APM vol. 2, 15.21 and table B-1).
 */
final class VirtualEvents {
  /** The field of the VMCB that they are in. */
  static final String FIELD = "virtual_interrupt";

  /** V_TPR and V_IRQ, which #VMEXIT writes back as the guest has them (APM vol. 2, table B-1). */
  private static final String VIRTUAL = "V_IRQ and V_TPR";

  /** The same with NMI virtualization (15.21.10). */
  private static final String VIRTUAL_NMI = "V_NMI and V_NMI_MASK";

  private static final long V_TPR = 0xF, V_IRQ = 1 << 8, V_NMI = 1 << 11, V_NMI_MASK = 1 << 12;
  private static final long V_NMI_ENABLE = 1 << 26;

  /** V_GIF, which STGI and CLGI of a guest with a virtual GIF write (15.33.2). */
  private static final String VIRTUAL_GIF = "V_GIF";

  private static final long V_GIF = 1 << 9, V_GIF_ENABLE = 1 << 25;

  /** Variables that say how V_TPR differs from CR8, and what ran just before the instruction. */
  private static final String V_TPR_VARIABLE = "v_tpr", PRECEDING = "preceding";

  private final Tables tables;

  VirtualEvents(Tables tables) {
    this.tables = tables;
  }

  private long offset() {
    return SvmState.field(tables, FIELD).offset();
  }

  private String word(Assignment assignment, String variable, String without) {
    return tables.variables().containsKey(variable) ? assignment.word(tables, variable) : without;
  }

  /** Puts V_TPR where VMRUN loads it from. */
  void write(Guest guest, Memory memory) {
    memory.write8(guest.address() + offset(), (int) virtualTpr(guest.assignment(), guest.state()));
  }

  /** V_TPR as VMRUN loads it: CR8, unless the case has the two apart. */
  private long virtualTpr(Assignment assignment, MachineState state) {
    long apart =
        switch (word(assignment, V_TPR_VARIABLE, "same")) {
          case "lower" -> 12;
          case "upper" -> 6;
          default -> 0;
        };
    return (state.get(Register.CR8) ^ apart) & V_TPR;
  }

  /** Takes virtual NMIs away from the VMCB at {@code block}. */
  void withoutNmi(long block, Memory memory) {
    long at = block + offset();
    memory.write(at, 8, memory.read(at, 8) & ~(V_NMI_ENABLE | V_NMI | V_NMI_MASK));
  }

  /** What a VMCB, whose bytes are given, has of them behind an exit. */
  void show(byte[] block, SortedMap<String, Long> shown) {
    long virtual = SvmState.number(block, (int) offset(), 8);
    shown.put(VIRTUAL, virtual & (V_IRQ | V_TPR));
    if ((virtual & V_NMI_ENABLE) != 0) {
      shown.put(VIRTUAL_NMI, virtual & (V_NMI | V_NMI_MASK));
    }
    if ((virtual & V_GIF_ENABLE) != 0) {
      shown.put(VIRTUAL_GIF, virtual & V_GIF);
    }
  }

  /**
   * What is pending is pending still, unless the exit interrupts its delivery: V_IRQ or V_NMI is
   * clear then, and so is V_NMI_MASK (15.21.4, 15.21.10). What becomes of V_NMI and V_NMI_MASK
   * without NMI virtualization is not stated.
   *
   * @param injected whether VMRUN injected the event that the exit interrupts, if it does one
   */
  void expect(Setup setup, Exit exit, boolean injected, ExitExpectation to) {
    long before = setup.controlFields().getOrDefault(FIELD, 0L);
    long taken = 0;
    if (exit.delivering().isPresent() && !injected) {
      taken =
          switch (exit.delivering().get().type()) {
            case INTERRUPT -> V_IRQ;
            case NMI -> V_NMI | V_NMI_MASK;
            default -> 0;
          };
    }
    long pending = before & ~taken;
    String preceding = word(setup.assignment(), PRECEDING, "none");
    long tpr =
        preceding.equals("mov_cr8")
            ? setup.before().get(Register.RDI)
            : virtualTpr(setup.assignment(), to.state());
    to.field(VIRTUAL, (pending & V_IRQ) | (tpr & V_TPR));
    if ((before & V_GIF_ENABLE) != 0) {
      to.field(
          VIRTUAL_GIF,
          switch (preceding) {
            case "stgi" -> V_GIF;
            case "clgi" -> 0;
            default -> before & V_GIF;
          });
    }
    if ((before & V_NMI_ENABLE) != 0) {
      long masked = preceding.equals("iret") ? 0 : pending & V_NMI_MASK;
      // VMRUN has set V_NMI_MASK for an NMI that it injects (15.21.10); whether an exit on its way
      // clears it, as on the way of a virtual one, is not stated.
      boolean open =
          injected && exit.delivering().filter(event -> event.type() == Event.Type.NMI).isPresent();
      to.field(VIRTUAL_NMI, (pending & V_NMI) | masked, open ? V_NMI : -1);
    }
  }
}

package dev.precept.generator.vendor;

import dev.precept.cases.Case;
import dev.precept.cases.MachineState;
import dev.precept.cases.Observation;
import dev.precept.cases.Outcome;
import dev.precept.cases.Register;
import dev.precept.generator.Assignment;
import dev.precept.generator.state.Memory;
import dev.precept.generator.state.Setup;
import dev.precept.tables.ExitControl;
import dev.precept.tables.Tables;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A vendor's control block: written before a case, read after it. Stateless. */
public interface VendorState {
  /**
   * The strategy for the vendor of {@code tables}.
   *
   * @throws IllegalArgumentException if there is none
   */
  static VendorState of(Tables tables) {
    if (tables.vendor().equals("svm")) {
      return new SvmState(tables);
    }
    throw new IllegalArgumentException("no control block known for vendor " + tables.vendor());
  }

  /** Control-block fields that a case begins with, by their name in the tables. */
  Map<String, Long> controlDefaults();

  /** Instructions that enter the guest, at the host's RIP. */
  byte[] entryCode();

  /**
   * Writes the control block.
   *
   * @param controlFields field values by name
   * @param state the guest's state at its first instruction
   */
  void encode(
      Tables tables,
      Assignment assignment,
      Map<String, Long> controlFields,
      MachineState state,
      Memory memory);

  /** Whether a guest can be entered at all under {@code assignment}. */
  boolean canEnter(Tables tables, Assignment assignment);

  /** Sets every exit bit of a written control block that may be set at all, or clears them all. */
  void setExits(Tables tables, boolean on, Memory memory);

  /**
   * Makes a written control block's guest exit at once, at a UD2.
   *
   * @param rip rIP of the UD2
   */
  void exitAtOnce(long rip, Memory memory);

  /** What {@code seen} says, read through the control block. */
  Outcome decode(Case testCase, Observation seen);

  /** The control that makes exception {@code vector} exit, if there is one. */
  Optional<ExitControl> exceptionExit(int vector);

  /** Name of the field with the next instruction's rIP. */
  String nextRipField();

  /**
   * What every exit must show beside its own information: the host as it was, nothing pending.
   *
   * @param control the control that exits
   * @param delivering the event whose delivery the exit interrupts, if it does
   * @param fields takes values by field name
   * @param masks takes, for fields of which some bits do not count, those that do
   */
  void expectExit(
      Setup setup,
      ExitControl control,
      Optional<Event> delivering,
      Map<String, Long> fields,
      Map<String, Long> masks);

  /** Variables that decide what every exit shows, whatever the tables' rows say of it. */
  Set<String> exitsDependOn();

  /** Registers whose guest value an exit does not show. */
  Set<Register> unseenAfterExit();
}

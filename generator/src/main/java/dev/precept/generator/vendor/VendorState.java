package dev.precept.generator.vendor;

import dev.precept.cases.Case;
import dev.precept.cases.ControlBlock;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Observation;
import dev.precept.cases.Outcome;
import dev.precept.cases.Register;
import dev.precept.generator.Assignment;
import dev.precept.generator.state.Memory;
import dev.precept.generator.state.Setup;
import dev.precept.tables.Check;
import dev.precept.tables.ExitControl;
import dev.precept.tables.Tables;
import java.util.List;
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
    return switch (tables.vendor()) {
      case "svm" -> new SvmState(tables);
      case "vmx" -> new VmxState(tables);
      default ->
          throw new IllegalArgumentException(
              "no control block known for vendor " + tables.vendor());
    };
  }

  /** Control-block fields that a case begins with, by their name in the tables. */
  Map<String, Long> controlDefaults();

  /** Instructions that enter the guest, at the host's RIP. */
  byte[] entryCode();

  /** Sets what of a host's state is the vendor's own, in a state that is set up otherwise. */
  void completeHost(MachineState host);

  /**
   * Writes a control block.
   *
   * @return what a subject enters the guest with
   */
  ControlBlock write(Guest guest, Memory memory);

  /** Whether a guest can be entered at all under {@code assignment}. */
  boolean canEnter(Tables tables, Assignment assignment);

  /** What {@code seen} says, read through the control block. */
  Outcome decode(Case testCase, Observation seen);

  /** What {@link #decode} gives as the outcome's code for {@code control}. */
  long code(ExitControl control);

  /**
   * What {@link #decode} gives as the outcome's code where {@code testCase} ends in {@code end}.
   */
  long code(Case testCase, Check.End end);

  /**
   * The control by which exception {@code vector} exits from the guest of {@code setup}; empty if
   * it does not.
   *
   * @param errorCode its error code; 0 if it has none
   */
  Optional<ExitControl> exceptionExit(Setup setup, int vector, long errorCode);

  /** The control that makes a shutdown exit, set or not. */
  Optional<ExitControl> shutdownExit();

  /**
   * Whether an exception that exits writes {@code register} before it does, as its delivery would
   * have done.
   */
  boolean writtenBeforeExit(Register register);

  /** Error code of an #SS that pushing the frame of an exception raises. */
  long stackFaultCode();

  /** The rIP that an event saves which is taken before the first instruction of a guest. */
  long returnRip(Setup setup, Event event);

  /** Bits of RFLAGS in the frame of such an event that the manual leaves open. */
  long openFlags(Event event);

  /**
   * Whether the manual leaves open what SS is behind an event whose stack is one of the IST, where
   * CPL does not change.
   */
  boolean openIstSegment();

  /**
   * What every exit must show beside its own information: the host as it was, nothing pending.
   *
   * @param to takes what is expected
   */
  void expectExit(Setup setup, Exit exit, ExitExpectation to);

  /** Variables that decide what every exit shows, whatever the tables' rows say of it. */
  Set<String> exitsDependOn();

  /** Registers whose guest value an exit does not show. */
  Set<Register> unseenAfterExit();

  /** Bits of registers that a case's outcomes are compared in; of all others every bit is. */
  Map<Register, Long> comparedBits(Setup setup);

  /** Memory whose contents are the processor's own: not compared. */
  List<MemoryPatch> unspecifiedMemory();
}

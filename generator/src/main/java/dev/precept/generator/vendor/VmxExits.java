package dev.precept.generator.vendor;

import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.Register;
import dev.precept.generator.state.Setup;
import dev.precept.tables.Mode;
import dev.precept.tables.Tables;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What every VM exit carries beside the columns of intercepts.csv (SDM vol. 3, 27.2 to 27.5). */
final class VmxExits {
  static final String REASON = "exit reason";
  static final String INTERRUPTION = "VM-exit interruption information";
  static final String VECTORING = "IDT-vectoring information";
  static final String VECTORING_ERROR = "IDT-vectoring error code";
  static final String LENGTH = "VM-exit instruction length";
  static final String INTERRUPTIBILITY = "guest interruptibility state";
  static final String ACTIVITY = "guest activity state";
  static final String PENDING = "guest pending debug exceptions";
  static final String EVENT_FIELD = "vm_entry_interruption_information";

  static final String ENTRY_EVENT = "VM-entry interruption information";

  /** Encoding of the first control field that an exit changed; -1: it changed none. */
  static final String CHANGED = "control field changed";

  /** Host registers that an exit loads, or sets to a fixed value (27.5), with their fields. */
  static final Map<Register, String> HOST_NAMES = HostFields.names(hostRegisters());

  private static final long VALID = 0x8000_0000L, ALL = 0xFFFF_FFFFL;
  private static final int ERROR_CODE = 1 << 11, IRET_UNBLOCKED_NMI = 1 << 12;
  private static final int HARDWARE = 3, PRIVILEGED = 5, SOFTWARE = 6;
  private static final int DB = 1, BP = 3, OF = 4, DF = 8;
  private static final long RFLAGS_RF = 1 << 16, DR6_BD = 1 << 13;
  private static final long BLOCKED_BY_NMI = 1 << 3;
  private static final int TRIPLE_FAULT = 2;

  private static final int MONITOR_TRAP_FLAG = 37;

  /** Interruption type 7: an event that is none (26.5.2). */
  private static final long TYPE = 0x700, OTHER_EVENT = 0x700;

  private static final String ACTIVITY_FIELD = "guest_activity_state";
  private static final String PENDING_FIELD = "guest_pending_debug_exceptions";
  private static final long ENABLED_BREAKPOINT = 1 << 12, SINGLE_STEP = 1 << 14;

  private static final String PIN_FIELD = "pin_based_vm_execution_controls";
  private static final long VIRTUAL_NMIS = 1 << 5;

  /** Basic exit reasons of EPT violations and misconfigurations, and of a full PML. */
  private static final Set<Long> OF_EPT = Set.of(48L, 49L, 62L);

  private final Tables tables;

  /** Registers that the guest-state area has. */
  private final Set<Register> saved;

  VmxExits(Tables tables) {
    this.tables = tables;
    saved = EnumSet.of(Register.CPL, Register.INTERRUPT_SHADOW, Register.NMI_MASKED, Register.SMM);
    saved.addAll(new VmcsFields(tables).saved().keySet());
  }

  private static Set<Register> hostRegisters() {
    Set<Register> host =
        EnumSet.of(
            Register.RSP,
            Register.RIP,
            Register.RFLAGS,
            Register.CR0,
            Register.CR3,
            Register.CR4,
            Register.EFER,
            Register.DR7,
            Register.DEBUGCTL,
            Register.PAT,
            Register.SYSENTER_CS,
            Register.SYSENTER_ESP,
            Register.SYSENTER_EIP,
            Register.CPL,
            Register.INTERRUPT_SHADOW,
            Register.LDTR_SEL);
    host.addAll(EnumSet.range(Register.ES_SEL, Register.GS_BASE));
    host.addAll(EnumSet.range(Register.TR_SEL, Register.IDTR_BASE));
    return host;
  }

  void expect(Setup setup, Exit exit, ExitExpectation to) {
    host(setup.testCase().host(), to);
    to.field(REASON, exit.control().code());
    to.field(CHANGED, -1);
    if ((exit.control().code() & VmxReader.ENTRY_FAILURE) != 0) {
      // The guest-state area holds what made VM entry fail; only the exit reason and qualification
      // are written (26.7).
      saved.forEach(to::undefined);
      return;
    }
    to.field(ENTRY_EVENT, 0, VALID);
    to.field(ACTIVITY, activity(setup, exit));
    pendingDebug(setup, exit, to);
    Optional<Event> delivering = exit.delivering().filter(event -> recorded(exit));
    if (exit.delivering().isPresent()) {
      // An event that exits indirectly ends blocking by STI (27.1).
      to.state().set(Register.INTERRUPT_SHADOW, 0);
    }
    MachineState state = to.state();
    long nmi = state.get(Register.NMI_MASKED) << 3;
    // Whether an NMI that VM entry injects blocks others is open (26.5.1, 26.6.1) but for virtual
    // NMIs (26.5.1.1).
    boolean injectedNmi =
        !virtualNmis(setup)
            && exit.delivering().filter(e -> e.type() == Event.Type.NMI).isPresent();
    to.field(INTERRUPTIBILITY, blocking(setup, state) | nmi, injectedNmi ? ~BLOCKED_BY_NMI : -1L);
    VmxReader.forgetUnusable(state);
    resumeFlag(setup, exit, to);
    interruption(setup, exit, delivering.isPresent(), to);
    vectoring(setup, exit, delivering, to);
  }

  /**
   * An event that exits directly ends inactivity behind the exit, one that exits indirectly or that
   * VM entry injects before it (26.6.2, 27.1). An inactive guest runs no instruction.
   */
  private static long activity(Setup setup, Exit exit) {
    long loaded = setup.controlFields().getOrDefault(ACTIVITY_FIELD, 0L);
    long event = setup.controlFields().getOrDefault(EVENT_FIELD, 0L);
    boolean vectoring = (event & VALID) != 0 && (event & TYPE) != OTHER_EVENT;
    return vectoring || exit.delivering().isPresent() ? 0 : loaded;
  }

  /** Blocking by STI, or what VM entry loaded: STI and MOV SS have a bit each. */
  private static long blocking(Setup setup, MachineState state) {
    if (state.get(Register.INTERRUPT_SHADOW) == 0) {
      return 0;
    }
    long loaded = setup.controlFields().getOrDefault("guest_interruptibility_state", 0L) & 3;
    return loaded == 0 ? 1 : loaded;
  }

  /** The host's registers, loaded from the host-state area or set (27.5.1 to 27.5.3). */
  private static void host(MachineState host, ExitExpectation to) {
    HOST_NAMES.forEach((register, name) -> to.field(name, host.get(register)));
    to.field(HostFields.name(Register.RIP), Layout.HOST_EXIT);
    to.field(HostFields.name(Register.RFLAGS), 2);
    to.field(HostFields.name(Register.DR7), 0x400);
    to.field(HostFields.name(Register.DEBUGCTL), 0);
    to.field(HostFields.name(Register.GDTR_LIMIT), 0xFFFF);
    to.field(HostFields.name(Register.IDTR_LIMIT), 0xFFFF);
  }

  /** A double or triple fault is not the delivery of the event that led to it (27.2.3). */
  private static boolean recorded(Exit exit) {
    return exit.control().code() != TRIPLE_FAULT
        && !VmxState.vector(exit.control()).equals(Optional.of(DF));
  }

  /**
   * RFLAGS.RF as the frame of the event would have it (27.3.3): 1 for faults but that of an
   * instruction breakpoint, 0 for traps, instructions and task switches; for #DF it was not found.
   * An exit because of EPT saves 1, or during delivery what the frame of the event would have.
   */
  private static void resumeFlag(Setup setup, Exit exit, ExitExpectation to) {
    Optional<Integer> vector = VmxState.vector(exit.control());
    if (vector.equals(Optional.of(DF))) {
      to.defined(Register.RFLAGS, ~RFLAGS_RF);
      return;
    }
    boolean breakpoint = vector.equals(Optional.of(DB)) && (exit.debugCauses() & DR6_BD) == 0;
    boolean fault = OF_EPT.contains(exit.control().code()) ? framed(setup, exit) : exit.fault();
    if (fault && !breakpoint) {
      MachineState state = to.state();
      state.set(Register.RFLAGS, state.get(Register.RFLAGS) | RFLAGS_RF);
    }
  }

  /**
   * Pending debug exceptions are saved by an MTF exit alone (27.3.4): bit 14 of a single step
   * behind which it comes; or of what VM entry loaded bit 12, if it had made them valid, and the
   * other bits may be as they were loaded.
   */
  private void pendingDebug(Setup setup, Exit exit, ExitExpectation to) {
    long loaded = setup.controlFields().getOrDefault(PENDING_FIELD, 0L);
    if (exit.control().code() == MONITOR_TRAP_FLAG && loaded != 0) {
      to.field(PENDING, loaded, ENABLED_BREAKPOINT);
    } else if (exit.control().code() == MONITOR_TRAP_FLAG && isSet(setup, "mtf")) {
      to.field(PENDING, isSet(setup, "single_step") ? SINGLE_STEP : 0);
    } else {
      to.field(PENDING, 0);
    }
  }

  /** Injected events push RF as the guest has it (26.5.1.1), faults of the guest's own push 1. */
  private static boolean framed(Setup setup, Exit exit) {
    return exit.delivering().isEmpty()
        || (!injected(setup) && !exit.delivering().get().ofInstruction());
  }

  /** VM-exit interruption information (27.2.2), and the length of a software exception. */
  private void interruption(Setup setup, Exit exit, boolean during, ExitExpectation to) {
    Optional<Integer> exception = VmxState.vector(exit.control());
    if (exception.isEmpty()) {
      to.field(INTERRUPTION, 0, VALID);
      return;
    }
    int vector = exception.get();
    int type = type(vector, exit);
    long information = VALID | (long) type << 8 | vector | errorCode(setup, vector);
    boolean untracked = isSet(setup, "icpt.nmi") && !virtualNmis(setup);
    boolean open = during || vector == DF || untracked;
    long unblocked = unblocked(setup, to) ? IRET_UNBLOCKED_NMI : 0;
    to.field(INTERRUPTION, information | unblocked, open ? ALL & ~IRET_UNBLOCKED_NMI : ALL);
    if (type != HARDWARE) {
      to.field(LENGTH, setup.length());
    }
  }

  /** Whether the instruction, an IRET that faults, has ended blocking by NMI (25.3). */
  private static boolean unblocked(Setup setup, ExitExpectation to) {
    return setup.before().get(Register.NMI_MASKED) != 0 && to.state().get(Register.NMI_MASKED) == 0;
  }

  private static boolean virtualNmis(Setup setup) {
    return (setup.controlFields().getOrDefault(PIN_FIELD, 0L) & VIRTUAL_NMIS) != 0;
  }

  private static int type(int vector, Exit exit) {
    if (exit.fault()) {
      return HARDWARE;
    }
    return switch (vector) {
      case BP, OF -> SOFTWARE;
      case DB -> exit.debugCauses() == 0 ? PRIVILEGED : HARDWARE;
      default -> HARDWARE;
    };
  }

  /** The bit that says that there is an error code; never in real mode. */
  private static long errorCode(Setup setup, int vector) {
    return Vectors.hasErrorCode(vector) && setup.mode() != Mode.REAL ? ERROR_CODE : 0;
  }

  /** IDT-vectoring information (27.2.3), and the length of a software interrupt. */
  private static void vectoring(
      Setup setup, Exit exit, Optional<Event> delivering, ExitExpectation to) {
    if (delivering.isEmpty()) {
      to.field(VECTORING, 0, VALID);
      return;
    }
    Event event = delivering.get();
    int vector = event.vector();
    boolean trap = vector == BP || vector == OF;
    boolean exception = event.type() == Event.Type.EXCEPTION;
    int type = exception ? (trap ? SOFTWARE : HARDWARE) : event.type().number();
    long error = exception ? errorCode(setup, vector) : 0;
    to.field(VECTORING, VALID | (long) type << 8 | vector | error, ALL & ~IRET_UNBLOCKED_NMI);
    if (error != 0) {
      to.field(VECTORING_ERROR, event.errorCode());
    }
    // 27.2.4 does not name EPT among what makes an exit during delivery give a length.
    if (event.ofInstruction() && !OF_EPT.contains(exit.control().code())) {
      to.field(LENGTH, length(setup));
    }
  }

  /** Length of the instruction that an event is of: what VM entry injects brings its own. */
  static long length(Setup setup) {
    return injected(setup)
        ? setup.controlFields().getOrDefault("vm_entry_instruction_length", 0L)
        : setup.length();
  }

  private static boolean injected(Setup setup) {
    return (setup.controlFields().getOrDefault(EVENT_FIELD, 0L) & VALID) != 0;
  }

  private boolean isSet(Setup setup, String variable) {
    return tables.variables().containsKey(variable)
        && setup.assignment().value(tables, variable) != 0;
  }
}

package dev.precept.generator.vendor;

import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.MachineState;
import dev.precept.cases.Observation;
import dev.precept.cases.Outcome;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import dev.precept.tables.ExitControl;
import dev.precept.tables.Field;
import dev.precept.tables.Tables;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads what a subject did through the VMCS fields that it brings back. */
final class VmxReader {
  private static final long VALID = 0x8000_0000L, UNUSABLE = 1 << 16;

  /** Attributes of a register that is usable and has no others: AVL alone, as none in a case. */
  private static final long USABLE = 1 << 8;

  /** Exit reason: VM entry failed. */
  static final long ENTRY_FAILURE = 0x8000_0000L;

  private static final long RFLAGS_CF = 1, RFLAGS_ZF = 1 << 6;

  private static final Set<Register> ATTRIBUTES = attributeRegisters();

  /** Information fields by the names that people read. */
  private final Map<String, String> information = new LinkedHashMap<>();

  /** A field that changes while a guest runs, and is looked at where a case has one. */
  private static final String PML_INDEX = "pml_index";

  /** Fields that a VMFUNC just before the instruction may write (25.5.5.3). */
  private static final List<String> SWITCHED = List.of("ept_pointer", "eptp_index");

  /** Fields of which a load of CR3 may bring in others (27.3.1); PAE paging under EPT alone. */
  private static final List<String> PDPTES =
      List.of("guest_pdpte0", "guest_pdpte1", "guest_pdpte2", "guest_pdpte3");

  private static final byte[] VMFUNC = {0x0F, 0x01, (byte) 0xD4};

  private final VmcsFields fields;
  private final int pmlIndex;
  private final int pdpte;
  private final String pmlShown = Field.shown(PML_INDEX);

  /** Encodings of all fields, by the names that effects give them. */
  private final Map<String, Integer> encodings;

  private final Map<Long, String> names = new HashMap<>();

  /** Encodings that an exit writes. */
  private final Set<Integer> written = new HashSet<>();

  VmxReader(Tables tables) {
    fields = new VmcsFields(tables);
    pmlIndex = fields.encoding(PML_INDEX);
    pdpte = fields.encoding(PDPTES.get(0));
    for (ExitControl exit : tables.exits().values()) {
      names.putIfAbsent(exit.code(), exit.codeName());
      exit.infos().forEach(info -> information.put(info.name(), info.field()));
    }
    for (String name :
        new String[] {
          VmxExits.REASON,
          VmxExits.INTERRUPTION,
          VmxExits.VECTORING,
          VmxExits.VECTORING_ERROR,
          VmxExits.INTERRUPTIBILITY,
          VmxExits.ACTIVITY,
          VmxExits.PENDING,
          VmxExits.ENTRY_EVENT
        }) {
      information.put(name, name.toLowerCase(Locale.ROOT).replace(' ', '_').replace('-', '_'));
    }
    Map<String, Integer> shown = new LinkedHashMap<>();
    for (Field field : fields.all().values()) {
      shown.put(Field.shown(field.name()), field.offset());
      if (isWritten(field)) {
        written.add(field.offset());
      }
    }
    encodings = Collections.unmodifiableMap(shown);
  }

  /** Guest-state and read-only fields, and the two controls that an exit changes (27.2). */
  private static boolean isWritten(Field field) {
    // Bits 11:10 of an encoding: 0 control, 1 read-only data, 2 guest state, 3 host state.
    int type = field.offset() >> 10 & 3;
    boolean link = field.name().equals("vmcs_link_pointer");
    return type == 1
        || (type == 2 && !link)
        || field.name().equals("vm_entry_interruption_information")
        || field.name().equals("vm_entry_controls");
  }

  Outcome decode(Case testCase, Observation seen) {
    return switch (seen.kind()) {
      case EXIT -> exit(testCase, seen);
      case DELIVERED -> {
        SortedMap<String, Long> shown = shown(seen);
        if (seen.errorCode() >= 0) {
          shown.put(Outcome.ERROR_CODE, seen.errorCode());
        }
        String label = Vectors.label(seen.vector(), Math.max(0, seen.errorCode()));
        yield guestRuns(seen, seen.vector(), label, shown);
      }
      case RETIRED -> {
        long code = VmxInstructions.isOne(testCase.code().bytes()) ? vmFail(testCase, seen) : 0;
        String label =
            code == 0
                ? "retired"
                : code < 0
                    ? "VMfailInvalid"
                    : code == VmxState.UNSEEN_NUMBER ? "VMfailValid" : "VMfailValid(" + code + ")";
        yield guestRuns(seen, code, label, shown(seen));
      }
      default -> guestRuns(seen, 0, seen.kind().name().toLowerCase(Locale.ROOT), shown(seen));
    };
  }

  /** What a VMX instruction says of itself (30.2): 0 success, -1 VMfailInvalid, an error number. */
  private long vmFail(Case testCase, Observation seen) {
    long flags = seen.state().get(Register.RFLAGS);
    if ((flags & RFLAGS_CF) != 0) {
      return -1;
    }
    if ((flags & RFLAGS_ZF) == 0) {
      return 0;
    }
    OptionalLong number = fields.value(seen.fields(), "vm_instruction_error");
    return testCase.context() == Context.GUEST ? VmxState.UNSEEN_NUMBER : number.orElse(0);
  }

  /** All fields that were brought back, by the names that effects give them. */
  private SortedMap<String, Long> shown(Observation seen) {
    SortedMap<String, Long> shown = new TreeMap<>();
    if (!seen.fields().isEmpty()) {
      encodings.forEach(
          (name, encoding) -> {
            Long value = seen.fields().get(encoding);
            if (value != null) {
              shown.put(name, value);
            }
          });
    }
    return shown;
  }

  private Outcome guestRuns(
      Observation seen, long code, String label, SortedMap<String, Long> shown) {
    Set<String> unseen = unseenRegisters(seen);
    if (seen.fields().isEmpty() && unseen.isEmpty()) {
      // The usual case, and one set for all of them.
      unseen = encodings.keySet();
    } else {
      for (String name : encodings.keySet()) {
        if (!shown.containsKey(name)) {
          unseen.add(name);
        }
      }
    }
    return new Outcome(seen.kind(), code, label, shown, seen.state(), seen.changes(), unseen);
  }

  private static Set<String> unseenRegisters(Observation seen) {
    Set<String> unseen = new TreeSet<>();
    seen.unseen().forEach(register -> unseen.add(register.name()));
    return unseen;
  }

  private Outcome exit(Case testCase, Observation seen) {
    SortedMap<String, Long> shown = new TreeMap<>();
    Set<String> unseen = unseenRegisters(seen);
    information.forEach(
        (name, field) ->
            fields.value(seen.fields(), field).ifPresent(value -> shown.put(name, value)));
    VmxExits.HOST_NAMES.forEach(
        (register, name) -> {
          shown.put(name, seen.state().get(register));
          if (seen.unseen().contains(register)) {
            unseen.add(name);
          }
        });
    shown.put(VmxExits.CHANGED, firstChange(testCase, seen));
    if (testCase.controlBlock().fields().containsKey(pmlIndex)) {
      fields.value(seen.fields(), PML_INDEX).ifPresent(value -> shown.put(pmlShown, value));
    }
    if (switches(testCase)) {
      show(SWITCHED, seen, shown);
    }
    if (testCase.controlBlock().fields().containsKey(pdpte)) {
      show(PDPTES, seen, shown);
    }
    MachineState state = guestState(seen, unseen);
    long reason = shown.getOrDefault(VmxExits.REASON, -1L);
    long event = shown.getOrDefault(VmxExits.INTERRUPTION, 0L);
    boolean exception = reason == 0 && (event & VALID) != 0;
    int vector = (int) event & 0xFF;
    long code =
        exception ? VmxState.exceptionCode(vector) : (reason & ENTRY_FAILURE) | (reason & 0xFFFF);
    String label =
        exception
            ? Vectors.label(
                vector, shown.getOrDefault("VM-exit interruption error code", 0L) & 0xFFFF)
            : label(reason);
    return new Outcome(OutcomeKind.EXIT, code, label, shown, state, seen.changes(), unseen);
  }

  private void show(List<String> names, Observation seen, SortedMap<String, Long> shown) {
    for (String name : names) {
      fields.value(seen.fields(), name).ifPresent(value -> shown.put(Field.shown(name), value));
    }
  }

  private String label(long reason) {
    String name = names.getOrDefault(reason & 0xFFFF, "exit reason " + (reason & 0xFFFF));
    return (reason & ENTRY_FAILURE) != 0 ? "VM-entry failure: " + name : name;
  }

  /** The guest's registers: those that an exit saves from the VMCS, the others as they are. */
  private MachineState guestState(Observation seen, Set<String> unseen) {
    MachineState state = seen.state().copy();
    fields
        .saved()
        .forEach(
            (register, field) -> {
              Long value = seen.fields().get(field.offset());
              if (value == null) {
                unseen.add(register.name());
                return;
              }
              unseen.remove(register.name());
              state.set(register, isAttributes(register) ? attributes(value) : value);
            });
    forgetUnusable(state);
    OptionalLong rights = fields.value(seen.fields(), "guest_ss_access_rights");
    OptionalLong blocking = fields.value(seen.fields(), "guest_interruptibility_state");
    rights.ifPresent(value -> state.set(Register.CPL, value >> 5 & 3));
    blocking.ifPresent(
        value -> {
          state.set(Register.INTERRUPT_SHADOW, (value & 3) != 0 ? 1 : 0);
          state.set(Register.NMI_MASKED, value >> 3 & 1);
          state.set(Register.SMM, value >> 2 & 1);
        });
    unseen.remove(Register.CPL.name());
    unseen.remove(Register.INTERRUPT_SHADOW.name());
    unseen.remove(Register.NMI_MASKED.name());
    return state;
  }

  private static boolean isAttributes(Register register) {
    return ATTRIBUTES.contains(register);
  }

  private static Set<Register> attributeRegisters() {
    Set<Register> registers = EnumSet.noneOf(Register.class);
    for (Register register : Register.values()) {
      if (register.name().endsWith("_ATTR")) {
        registers.add(register);
      }
    }
    return registers;
  }

  /**
   * Attributes from access rights (24.4.1, table 24-2); 0 for an unusable register, and never for
   * one that is usable.
   */
  private static long attributes(long rights) {
    if ((rights & UNUSABLE) != 0) {
      return 0;
    }
    long attributes = (rights & 0xFF) | ((rights >> 4) & 0xF00);
    return attributes == 0 ? USABLE : attributes;
  }

  /** What is saved of an unusable register is undefined for the most part (27.3.2): taken for 0. */
  static void forgetUnusable(MachineState state) {
    for (Register register : ATTRIBUTES) {
      if (state.get(register) == 0) {
        state.set(Register.at(register.ordinal() + 1), 0);
        state.set(Register.at(register.ordinal() + 2), 0);
      }
    }
  }

  /** Encoding of the first control or host-state field that changed; -1 if none did. */
  private long firstChange(Case testCase, Observation seen) {
    boolean switches = switches(testCase);
    for (Map.Entry<Integer, Long> before : testCase.controlBlock().fields().entrySet()) {
      int field = before.getKey();
      Long after = seen.fields().get(field);
      boolean mayChange = written.contains(field) || (switches && isSwitched(field));
      if (after != null && !after.equals(before.getValue()) && !mayChange) {
        return field;
      }
    }
    return -1;
  }

  private boolean isSwitched(int field) {
    return SWITCHED.stream().anyMatch(name -> fields.encoding(name) == field);
  }

  /**
   * Whether a VMFUNC may have come before the instruction: a guest of another instruction that has
   * EPTP switching. Its cases say what both fields are then.
   */
  private boolean switches(Case testCase) {
    long functions =
        fields.value(testCase.controlBlock().fields(), "vm_function_controls").orElse(0);
    return (functions & 1) != 0 && !Arrays.equals(testCase.code().bytes(), VMFUNC);
  }
}

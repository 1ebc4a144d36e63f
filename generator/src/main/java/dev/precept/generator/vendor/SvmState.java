package dev.precept.generator.vendor;

import dev.precept.cases.Case;
import dev.precept.cases.ControlBlock;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Observation;
import dev.precept.cases.Outcome;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import dev.precept.generator.Assignment;
import dev.precept.generator.state.BaseImages;
import dev.precept.generator.state.Memory;
import dev.precept.generator.state.Setup;
import dev.precept.tables.Check;
import dev.precept.tables.ExitControl;
import dev.precept.tables.Field;
import dev.precept.tables.Tables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The VMCB (APM vol. 2, 15.5, 15.6 and appendix B), by the layout in vmcb.csv. */
final class SvmState implements VendorState {
  private static final int SIZE = 0x1000;

  /** VMLOAD; VMRUN. */
  private static final byte[] ENTRY = {0x0F, 0x01, (byte) 0xDA, 0x0F, 0x01, (byte) 0xD8};

  /** Offset of the exception intercept vector, and the exit code of vector 0. */
  private static final int EXCEPTION_VECTOR = 0x008, FIRST_EXCEPTION_CODE = 0x40;

  /** Offset of the intercept vector whose bit 0 is VMRUN's. */
  private static final int VMRUN_VECTOR = 0x010;

  private static final int UD = 6;

  /** VMEXIT_INVALID: what is saved of a guest that did not run is not stated (15.5.1, 15.6). */
  private static final long INVALID = -1;

  /** VMEXIT_EXCP8, of #DF. */
  private static final long DOUBLE_FAULT = 0x48;

  /** Exit code of VMEXIT_SHUTDOWN. */
  private static final long SHUTDOWN = 0x7F;

  /** EXITINTINFO's V. */
  private static final long EVENT_VALID = 0x8000_0000L;

  private static final long EFER_SVME = 1 << 12,
      RFLAGS_TF = 1 << 8,
      RFLAGS_IF = 1 << 9,
      RFLAGS_RF = 1 << 16;

  /** What VMLOAD and VMSAVE move and #VMEXIT leaves in the processor (APM vol. 2, 15.5.2). */
  private static final Set<Register> VMLOADED =
      EnumSet.of(
          Register.FS_SEL,
          Register.FS_ATTR,
          Register.FS_LIMIT,
          Register.FS_BASE,
          Register.GS_SEL,
          Register.GS_ATTR,
          Register.GS_LIMIT,
          Register.GS_BASE,
          Register.TR_SEL,
          Register.TR_ATTR,
          Register.TR_LIMIT,
          Register.TR_BASE,
          Register.LDTR_SEL,
          Register.LDTR_ATTR,
          Register.LDTR_LIMIT,
          Register.LDTR_BASE,
          Register.KERNEL_GS_BASE,
          Register.STAR,
          Register.LSTAR,
          Register.CSTAR,
          Register.SFMASK,
          Register.SYSENTER_CS,
          Register.SYSENTER_ESP,
          Register.SYSENTER_EIP);

  /** Saved only with nested paging or LBR virtualization, both of which are off. */
  private static final Set<Register> NOT_SAVED = EnumSet.of(Register.PAT, Register.DEBUGCTL);

  /** Host registers that #VMEXIT brings back (15.6). */
  private static final Set<Register> HOST =
      EnumSet.of(
          Register.RAX,
          Register.RSP,
          Register.RIP,
          Register.RFLAGS,
          Register.CR0,
          Register.CR3,
          Register.CR4,
          Register.EFER,
          Register.DR7,
          Register.CPL,
          Register.GIF,
          Register.ES_SEL,
          Register.ES_BASE,
          Register.CS_SEL,
          Register.CS_ATTR,
          Register.CS_BASE,
          Register.SS_SEL,
          Register.SS_BASE,
          Register.DS_SEL,
          Register.DS_BASE,
          Register.GDTR_BASE,
          Register.GDTR_LIMIT,
          Register.IDTR_BASE,
          Register.IDTR_LIMIT);

  private static final Map<Register, String> HOST_NAMES = HostFields.names(HOST);

  /** The feature that makes every exit store nRIP, if only 0 (APM vol. 2, 15.7.1). */
  private static final String NRIPS = "feat.nrips";

  /** DebugCtl of a guest with LBR virtualization, which #VMEXIT saves (15.23.1). */
  private static final String DEBUGCTL = "DBGCTL";

  private static final String LBR_CONTROL = "virtualization_enable", GUEST_DEBUGCTL = "dbgctl";
  private static final long LBR_ENABLE = 1;

  /** L0 to L3 and G0 to G3 of DR7. */
  private static final long BREAKPOINT_ENABLES = 0xFF;

  private static final String EVENTINJ = "eventinj";

  private static final String NESTED_CONTROL = "nested_control";
  private static final long NP_ENABLE = 1;

  /** Fields that the processor writes on #VMEXIT, whatever guest registers they hold. */
  private static final List<String> WRITTEN =
      List.of(
          "interrupt_shadow",
          VirtualEvents.FIELD,
          "exitcode",
          "exitinfo1",
          "exitinfo2",
          "exitintinfo",
          EVENTINJ,
          "nrip",
          "bytes_fetched",
          "instruction_bytes");

  /** Output fields by the names that people read. */
  private static final Map<String, String> OUTPUTS =
      Map.of(
          "EXITINFO1", "exitinfo1",
          "EXITINFO2", "exitinfo2",
          "EXITINTINFO", "exitintinfo",
          "nRIP", "nrip");

  private final Tables tables;
  private final Map<String, Field> fields;
  private final Map<Register, Field> saved = new EnumMap<>(Register.class);
  private final Map<Long, ExitControl> byCode = new HashMap<>();
  private final Map<Integer, ExitControl> exceptions = new HashMap<>();
  private final ExitBits exitBits;
  private final BitSet written = new BitSet(SIZE);
  private final VirtualEvents virtualEvents;
  private final InstructionBytes instructionBytes;

  SvmState(Tables tables) {
    this.tables = tables;
    exitBits = new ExitBits(tables);
    fields = tables.fields();
    virtualEvents = new VirtualEvents(tables);
    instructionBytes = new InstructionBytes(tables);
    for (Field field : fields.values()) {
      if (!field.register().isEmpty()) {
        saved.put(Register.valueOf(field.register()), field);
      }
    }
    for (ExitControl exit : tables.exits().values()) {
      byCode.putIfAbsent(exit.code(), exit);
      exit.control()
          .filter(control -> control.field() == EXCEPTION_VECTOR)
          .ifPresent(control -> exceptions.put(control.bit(), exit));
    }
    for (String name : WRITTEN) {
      Field field = fields.get(name);
      if (field != null) {
        written.set(field.offset(), field.offset() + field.width());
      }
    }
    saved.forEach(
        (register, field) -> {
          if (saves(register)) {
            written.set(field.offset(), field.offset() + field.width());
          }
        });
  }

  /** Whether #VMEXIT saves the register in the VMCB. */
  private boolean saves(Register register) {
    return !VMLOADED.contains(register) && !NOT_SAVED.contains(register);
  }

  @Override
  public Map<String, Long> controlDefaults() {
    Map<String, Long> defaults = new TreeMap<>();
    defaults.put("guest_asid", 1L);
    defaults.put("iopm_base_pa", Layout.IOPM);
    defaults.put("msrpm_base_pa", Layout.MSRPM);
    // Priority 15 and vector 20h, should a virtual interrupt be made pending.
    defaults.put("virtual_interrupt", 0x20_000F_0000L);
    // What an exit must overwrite holds something that no exit writes.
    defaults.put("exitcode", 0x7E57_0000_7E57L);
    defaults.put("exitinfo1", 0x1EAC_0000_0001_0001L);
    defaults.put("exitinfo2", 0x1EAC_0000_0002_0002L);
    defaults.put("exitintinfo", 0x1EAC_0000_8000_07FFL);
    defaults.put("nrip", 0x1EAC_0000_0003_0003L);
    defaults.put("bytes_fetched", 0x5AL);
    return defaults;
  }

  @Override
  public byte[] entryCode() {
    return ENTRY.clone();
  }

  @Override
  public void completeHost(MachineState host) {
    host.set(Register.RAX, Layout.CONTROL_BLOCK);
    host.set(Register.EFER, host.get(Register.EFER) | EFER_SVME);
    host.set(Register.GIF, 0);
    // What VMLOAD brings differs from what is there.
    host.set(Register.LDTR_SEL, 0);
    host.set(Register.LDTR_ATTR, 0);
    host.set(Register.LDTR_LIMIT, 0);
    host.set(Register.LDTR_BASE, 0);
    host.set(Register.TR_SEL, BaseImages.HOST_TR);
    host.set(Register.TR_ATTR, 0x8B);
    host.set(Register.TR_LIMIT, 0x67);
    host.set(Register.TR_BASE, Layout.HOST_TSS);
  }

  @Override
  public ControlBlock write(Guest guest, Memory memory) {
    long block = guest.address();
    saved.forEach(
        (register, field) ->
            memory.write(block + field.offset(), field.width(), guest.state().get(register)));
    guest
        .fields()
        .forEach(
            (name, value) -> {
              Field field = field(name);
              memory.write(block + field.offset(), Math.min(8, field.width()), value);
            });
    virtualEvents.write(guest, memory);
    for (ExitControl.ControlBit control : exitBits.set(guest)) {
      memory.setBit(block + control.field(), control.bit(), true);
    }
    boolean vmrunClear =
        tables.variables().containsKey("entry.vmrun")
            && guest.assignment().word(tables, "entry.vmrun").equals("clear");
    if (vmrunClear) {
      memory.setBit(block + VMRUN_VECTOR, 0, false);
    }
    guest.exitAt().ifPresent(rip -> exitAtOnce(block, rip, memory));
    return ControlBlock.at(block);
  }

  @Override
  public boolean canEnter(Tables tables, Assignment assignment) {
    return !tables.variables().containsKey("feat.svm") || assignment.value(tables, "feat.svm") != 0;
  }

  private void exitAtOnce(long block, long rip, Memory memory) {
    write(memory, block, Register.RIP, rip);
    Field efer = saved.get(Register.EFER);
    write(memory, block, Register.EFER, memory.read(block + efer.offset(), 8) | EFER_SVME);
    Field rflags = saved.get(Register.RFLAGS);
    long flags = memory.read(block + rflags.offset(), 8);
    // Neither a trap, nor a virtual interrupt or NMI, nor an injected event comes before its UD2.
    write(memory, block, Register.RFLAGS, flags & ~(RFLAGS_TF | RFLAGS_IF));
    memory.write(block + field(EVENTINJ).offset(), 8, 0);
    // It is not to meet the case's nested page tables, in which a page may be missing.
    memory.setBit(block + field(NESTED_CONTROL).offset(), 0, false);
    virtualEvents.withoutNmi(block, memory);
    memory.setBit(block + EXCEPTION_VECTOR, UD, true);
    // VMRUN refuses a guest that does not intercept VMRUN (15.5.1).
    memory.setBit(block + VMRUN_VECTOR, 0, true);
  }

  private void write(Memory memory, long block, Register register, long value) {
    Field field = saved.get(register);
    memory.write(block + field.offset(), field.width(), value);
  }

  @Override
  public Outcome decode(Case testCase, Observation seen) {
    SortedMap<String, Long> shown = new TreeMap<>();
    List<MemoryPatch> changes = new ArrayList<>(seen.changes());
    MachineState state = seen.state();
    Set<String> unseen = new TreeSet<>();
    seen.unseen().forEach(register -> unseen.add(register.name()));
    long code = 0;
    String label = seen.kind().name().toLowerCase(java.util.Locale.ROOT);
    if (seen.kind() == OutcomeKind.EXIT) {
      byte[] block = seen.controlBlock();
      code = number(block, field("exitcode"));
      OUTPUTS.forEach((name, field) -> shown.put(name, number(block, field(field))));
      for (Map.Entry<Register, String> host : HOST_NAMES.entrySet()) {
        shown.put(host.getValue(), state.get(host.getKey()));
        if (seen.unseen().contains(host.getKey())) {
          unseen.add(host.getValue());
        }
      }
      state = state.copy();
      for (Map.Entry<Register, Field> entry : saved.entrySet()) {
        if (saves(entry.getKey())) {
          unseen.remove(entry.getKey().name());
          state.set(entry.getKey(), number(block, entry.getValue()));
        }
      }
      virtualEvents.show(block, shown);
      if (virtualizesLbr(testCase)) {
        shown.put(DEBUGCTL, number(block, field(GUEST_DEBUGCTL)));
      }
      if (injects(testCase)) {
        shown.put("EVENTINJ", number(block, field(EVENTINJ)));
      }
      instructionBytes.show(block, shown);
      label = label(code, shown.get("EXITINFO1"));
    } else if (seen.kind() == OutcomeKind.DELIVERED) {
      code = seen.vector();
      if (seen.errorCode() >= 0) {
        shown.put(Outcome.ERROR_CODE, seen.errorCode());
      }
      label = Vectors.label((int) code, Math.max(0, seen.errorCode()));
    }
    controlChanges(testCase, seen, changes);
    return new Outcome(seen.kind(), code, label, shown, state, changes, unseen);
  }

  private boolean virtualizesLbr(Case testCase) {
    if (!fields.containsKey(LBR_CONTROL)) {
      return false;
    }
    int at = field(LBR_CONTROL).offset();
    return (testCase.initialByte(testCase.controlBlock().address() + at) & LBR_ENABLE) != 0;
  }

  /** Whether VMRUN finds an event to inject. */
  private boolean injects(Case testCase) {
    int valid = field(EVENTINJ).offset() + 3;
    return (testCase.initialByte(testCase.controlBlock().address() + valid) & 0x80) != 0;
  }

  private String label(long code, long info) {
    ExitControl exit = byCode.get(code);
    if (exit == null) {
      return "exit code " + Long.toHexString(code) + "h";
    }
    boolean exception = code >= FIRST_EXCEPTION_CODE && code < FIRST_EXCEPTION_CODE + 32;
    return exception && !exit.infos().isEmpty()
        ? Vectors.label((int) code - FIRST_EXCEPTION_CODE, info)
        : exit.codeName();
  }

  /** Adds bytes of the control block that changed although no exit writes them. */
  private void controlChanges(Case testCase, Observation seen, List<MemoryPatch> changes) {
    byte[] after = seen.controlBlock();
    if (after.length != SIZE) {
      return;
    }
    byte[] before = before(testCase);
    BitSet saved = written;
    if (virtualizesLbr(testCase)) {
      Field debugctl = field(GUEST_DEBUGCTL);
      saved = (BitSet) written.clone();
      saved.set(debugctl.offset(), debugctl.offset() + debugctl.width());
    }
    int at = 0;
    while (at < SIZE) {
      int different = Arrays.mismatch(before, at, SIZE, after, at, SIZE);
      if (different < 0) {
        return;
      }
      at += different;
      if (seen.kind() != OutcomeKind.EXIT || !saved.get(at)) {
        changes.add(
            new MemoryPatch(testCase.controlBlock().address() + at, new byte[] {after[at]}));
      }
      at++;
    }
  }

  private static byte[] before(Case testCase) {
    long start = testCase.controlBlock().address();
    int from = (int) (start - Layout.START);
    byte[] bytes = Arrays.copyOfRange(testCase.base().bytes(), from, from + SIZE);
    for (MemoryPatch patch : testCase.memory()) {
      for (long i = Math.max(patch.address(), start);
          i < Math.min(patch.end(), start + SIZE);
          i++) {
        bytes[(int) (i - start)] = patch.bytes()[(int) (i - patch.address())];
      }
    }
    return bytes;
  }

  private static long number(byte[] block, Field field) {
    return number(block, field.offset(), Math.min(8, field.width()));
  }

  /** A number in a VMCB, whose bytes are given. */
  static long number(byte[] block, int offset, int width) {
    long value = 0;
    for (int i = width - 1; i >= 0; i--) {
      value = value << 8 | (block[offset + i] & 0xFF);
    }
    return value;
  }

  private Field field(String name) {
    return field(tables, name);
  }

  /**
   * A field of the VMCB.
   *
   * @throws NoSuchElementException if vmcb.csv has none of that name
   */
  static Field field(Tables tables, String name) {
    Field field = tables.fields().get(name);
    if (field == null) {
      throw new NoSuchElementException("vmcb.csv has no field '" + name + "'");
    }
    return field;
  }

  @Override
  public long code(ExitControl control) {
    return control.code();
  }

  @Override
  public long code(Case testCase, Check.End end) {
    return end.code();
  }

  @Override
  public long stackFaultCode() {
    return 0;
  }

  @Override
  public Optional<ExitControl> exceptionExit(Setup setup, int vector, long errorCode) {
    return Optional.ofNullable(exceptions.get(vector))
        .filter(exit -> setup.assignment().value(tables, exit.variable().orElseThrow()) != 0);
  }

  @Override
  public Optional<ExitControl> shutdownExit() {
    return Optional.ofNullable(tables.exits().get("shutdown"));
  }

  /** What the #DB handler would see is there already (15.12.2). */
  @Override
  public boolean writtenBeforeExit(Register register) {
    return true;
  }

  @Override
  public void expectExit(Setup setup, Exit exit, ExitExpectation to) {
    Case testCase = setup.testCase();
    HOST_NAMES.forEach((register, name) -> to.field(name, testCase.host().get(register)));
    to.field(HostFields.name(Register.RIP), testCase.host().get(Register.RIP) + ENTRY.length);
    // #VMEXIT clears GIF and "disables all breakpoints in the host DR7 register" (15.6); what it
    // makes of the rest of DR7, which VMRUN does not save, is not stated.
    to.field(HostFields.name(Register.GIF), 0);
    to.field(HostFields.name(Register.DR7), 0, BREAKPOINT_ENABLES);
    if ((setup.controlFields().getOrDefault(NESTED_CONTROL, 0L) & NP_ENABLE) != 0) {
      // The guest had a PAT of its own; the host's is back (15.25.2).
      to.state().set(Register.PAT, testCase.state().get(Register.PAT));
    }
    boolean ownDebugctl = virtualizesLbr(testCase);
    long debugctl = to.state().get(Register.DEBUGCTL);
    if (ownDebugctl) {
      // So is the host's DebugCtl (15.23.1).
      to.state().set(Register.DEBUGCTL, testCase.state().get(Register.DEBUGCTL));
    }
    if (exit.control().code() == INVALID || exit.control().code() == SHUTDOWN) {
      // "After an intercepted shutdown, the state saved in the VMCB is undefined" (15.14.3), and
      // "State Saved on Exit" has EXITINTINFO, too (15.7.1). 15.6 does not say what INVALID saves.
      saved.keySet().stream().filter(this::saves).forEach(to::undefined);
      return;
    }
    if (exit.fault() || exit.control().code() == DOUBLE_FAULT) {
      // A fault's image on the stack would have RF, and of #DF nothing is said; what #VMEXIT saves
      // is to stand in 15.7.1, by 15.5.1, and does not.
      to.defined(Register.RFLAGS, ~RFLAGS_RF);
    }
    to.field(
        "EXITINTINFO",
        exit.delivering().map(SvmState::eventInformation).orElse(0L),
        exit.delivering().map(SvmState::eventMask).orElse(EVENT_VALID));
    if (ownDebugctl) {
      to.field(DEBUGCTL, debugctl);
    }
    boolean injected = (setup.controlFields().getOrDefault(EVENTINJ, 0L) & EVENT_VALID) != 0;
    if (injected) {
      // #VMEXIT clears it (APM vol. 3, VMRUN), so that entering again does not inject it again.
      to.field("EVENTINJ", 0, EVENT_VALID);
    }
    virtualEvents.expect(setup, exit, injected, to);
    instructionBytes.expect(setup, exit, to);
  }

  /** What KVM relies on: nRIP, where it is supported; the text names it for INT n only (15.20). */
  @Override
  public long returnRip(Setup setup, Event event) {
    return event.ofInstruction() && setup.assignment().value(tables, NRIPS) != 0
        ? setup.controlFields().getOrDefault("nrip", 0L)
        : setup.before().get(Register.RIP);
  }

  /** SS becomes null with a change of CPL only (2.6.3; table 2-6). */
  @Override
  public boolean openIstSegment() {
    return false;
  }

  /** RF of an injected fault: 1 as faults push it, or as the guest has it. */
  @Override
  public long openFlags(Event event) {
    return event.type() == Event.Type.EXCEPTION && !event.ofInstruction() ? RFLAGS_RF : 0;
  }

  /** An event as EXITINTINFO has it (15.7.2, figure 15-1, table 15-1). */
  private static long eventInformation(Event event) {
    return EVENT_VALID
        | event.vector()
        | event.type().number() << 8
        | (event.hasErrorCode() ? 1 << 11 | event.errorCode() << 32 : 0);
  }

  /** The error code is undefined without EV. */
  private static long eventMask(Event event) {
    return event.hasErrorCode() ? -1L : 0xFFFF_FFFFL;
  }

  @Override
  public Set<String> exitsDependOn() {
    return Stream.of(InstructionBytes.DECODE_ASSISTS, NRIPS)
        .filter(tables.variables()::containsKey)
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public Set<Register> unseenAfterExit() {
    return EnumSet.of(Register.GIF);
  }

  @Override
  public Map<Register, Long> comparedBits(Setup setup) {
    return ObservedAttributes.of(setup);
  }

  @Override
  public List<MemoryPatch> unspecifiedMemory() {
    return List.of();
  }
}

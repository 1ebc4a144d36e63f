package dev.precept.generator.vendor;

import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.ControlBlock;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Observation;
import dev.precept.cases.Outcome;
import dev.precept.cases.Register;
import dev.precept.generator.Assignment;
import dev.precept.generator.state.BaseImages;
import dev.precept.generator.state.Memory;
import dev.precept.generator.state.Setup;
import dev.precept.tables.Check;
import dev.precept.tables.ExitControl;
import dev.precept.tables.Tables;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The VMCS (SDM vol. 3, chapters 24, 26, 27 and appendix B), by the encodings in vmcs.csv. */
final class VmxState implements VendorState {
  /** VMLAUNCH; the current VMCS and its fields are the subject's to set. */
  private static final byte[] ENTRY = {0x0F, 0x01, (byte) 0xC2};

  /** Encoding of the exception bitmap. */
  static final int EXCEPTION_BITMAP = 0x4004;

  /** Code of a VMfailValid whose error number cannot be seen, because the guest still runs. */
  static final long UNSEEN_NUMBER = 0x1_0000;

  private static final int UD = 6, PF = 14;

  private static final String PRIMARY = "primary_processor_based_vm_execution_controls";
  private static final String TERTIARY = "tertiary_processor_based_vm_execution_controls";

  /** Primary controls: activate tertiary controls. */
  private static final long TERTIARY_ACTIVE = 1 << 17;

  private static final long CR4_VMXE = 1 << 13, RFLAGS_TF = 1 << 8, RFLAGS_IF = 1 << 9;

  /** Interruptibility state: blocking by STI and by MOV SS. */
  private static final long BLOCKING = 3;

  /** First doubleword of a VMCS region that is a shadow VMCS; see {@link ControlBlock}. */
  private static final long SHADOW_INDICATOR = 0x8000_0000L;

  /** The fields of the shadow VMCS by name, as the effects of VMREAD in vmx.csv have them. */
  private static final Map<String, Long> SHADOW =
      Map.of(
          "cr4_read_shadow", 0x5AD0_6666_7777_8888L,
          "guest_es_selector", 0x5AD8L,
          "vm_exit_msr_store_address", 0x0000_5AD0_1111_2000L);

  /** What every prediction leaves open, made once: it is large. */
  private static final List<MemoryPatch> REGIONS = regions();

  private final Tables tables;
  private final VmcsFields fields;
  private final VmcsWriter writer;
  private final VmxReader reader;
  private final VmxExits exits;
  private final ExitBits exitBits;
  private final Map<Integer, ExitControl> exceptions = new HashMap<>();

  VmxState(Tables tables) {
    this.tables = tables;
    fields = new VmcsFields(tables);
    writer = new VmcsWriter(tables);
    reader = new VmxReader(tables);
    exits = new VmxExits(tables);
    exitBits = new ExitBits(tables);
    for (ExitControl exit : tables.exits().values()) {
      vector(exit).ifPresent(vector -> exceptions.put(vector, exit));
    }
  }

  /** The exception that {@code exit} is about, if it is about one. */
  static Optional<Integer> vector(ExitControl exit) {
    return exit.control()
        .filter(control -> control.field() == EXCEPTION_BITMAP)
        .map(ExitControl.ControlBit::bit);
  }

  @Override
  public Map<String, Long> controlDefaults() {
    return VmcsWriter.defaults();
  }

  @Override
  public byte[] entryCode() {
    return ENTRY.clone();
  }

  /** All that an exit loads differs from what the guest has. */
  @Override
  public void completeHost(MachineState host) {
    host.set(Register.CR4, host.get(Register.CR4) | CR4_VMXE);
    host.set(Register.FS_BASE, 0x0000_2000_0005_A000L);
    host.set(Register.GS_BASE, 0x0000_2000_0005_B000L);
    host.set(Register.LDTR_SEL, 0);
    host.set(Register.LDTR_ATTR, 0);
    host.set(Register.LDTR_LIMIT, 0);
    host.set(Register.LDTR_BASE, 0);
    host.set(Register.TR_SEL, BaseImages.HOST_TR);
    host.set(Register.TR_ATTR, 0x8B);
    host.set(Register.TR_LIMIT, 0x67);
    host.set(Register.TR_BASE, Layout.HOST_TSS);
    host.set(Register.SYSENTER_CS, 0x20);
    host.set(Register.SYSENTER_ESP, Layout.HOST_STACK + 0x400);
    host.set(Register.SYSENTER_EIP, Layout.HOST_CODE + 0x200);
    host.set(Register.PAT, 0x0007_0106_0007_0106L);
  }

  @Override
  public ControlBlock write(Guest guest, Memory memory) {
    SortedMap<Integer, Long> values = writer.write(guest);
    for (ExitControl.ControlBit control : exitBits.set(guest)) {
      set(values, control);
    }
    if (guest.exitAt().isPresent()) {
      set(values, new ExitControl.ControlBit(EXCEPTION_BITMAP, UD));
      // Neither a trap, nor an open interrupt window, nor an injected event comes before its UD2.
      clear(values, "guest_rflags", RFLAGS_TF | RFLAGS_IF);
      clear(values, "guest_interruptibility_state", BLOCKING);
      values.put(fields.encoding(VmxExits.EVENT_FIELD), 0L);
    }
    if ((values.get(fields.encoding(PRIMARY)) & TERTIARY_ACTIVE) == 0) {
      // Not every processor has the field, and without its activation it counts for nothing.
      values.remove(fields.encoding(TERTIARY));
    }
    boolean own = guest.address() == Layout.CONTROL_BLOCK;
    if (!own || !isSet(guest.assignment(), "link")) {
      return new ControlBlock(guest.address(), values);
    }
    memory.write(Layout.SHADOW_CONTROL_BLOCK, 4, SHADOW_INDICATOR);
    values.put(fields.encoding("vmcs_link_pointer"), Layout.SHADOW_CONTROL_BLOCK);
    SortedMap<Integer, Long> shadow = new TreeMap<>();
    SHADOW.forEach((name, value) -> shadow.put(fields.encoding(name), value));
    return new ControlBlock(
        guest.address(),
        values,
        Optional.of(new ControlBlock(Layout.SHADOW_CONTROL_BLOCK, shadow)));
  }

  private void clear(SortedMap<Integer, Long> values, String field, long bits) {
    values.merge(fields.encoding(field), ~bits, (old, mask) -> old & mask);
  }

  private static void set(SortedMap<Integer, Long> values, ExitControl.ControlBit control) {
    values.merge(control.field(), 1L << control.bit(), (old, bit) -> old | bit);
  }

  private boolean isSet(Assignment assignment, String variable) {
    return tables.variables().containsKey(variable) && assignment.value(tables, variable) != 0;
  }

  /** A guest needs VMX operation; a case outside it has none before it. */
  @Override
  public boolean canEnter(Tables tables, Assignment assignment) {
    return isSet(assignment, "vmx_operation");
  }

  @Override
  public Outcome decode(Case testCase, Observation seen) {
    return reader.decode(testCase, seen);
  }

  @Override
  public long code(ExitControl control) {
    return vector(control).map(VmxState::exceptionCode).orElse(control.code());
  }

  /** All exceptions share basic exit reason 0; the vector tells them apart. */
  static long exceptionCode(int vector) {
    return (long) vector << 32;
  }

  @Override
  public long code(Case testCase, Check.End end) {
    return end.code() > 0 && testCase.context() == Context.GUEST ? UNSEEN_NUMBER : end.code();
  }

  /** The bit in the exception bitmap, reversed for a page fault that the filter tells apart. */
  @Override
  public Optional<ExitControl> exceptionExit(Setup setup, int vector, long errorCode) {
    ExitControl exit = exceptions.get(vector);
    if (exit == null) {
      return Optional.empty();
    }
    boolean bit = setup.assignment().value(tables, exit.variable().orElseThrow()) != 0;
    if (vector == PF) {
      long mask = setup.controlFields().getOrDefault("page_fault_error_code_mask", 0L);
      long match = setup.controlFields().getOrDefault("page_fault_error_code_match", 0L);
      bit ^= (errorCode & mask) != match;
    }
    return bit ? Optional.of(exit) : Optional.empty();
  }

  @Override
  public Optional<ExitControl> shutdownExit() {
    return Optional.ofNullable(tables.exits().get("triple_fault"));
  }

  /** A debug exception that exits updates neither DR6 nor DR7 nor IA32_DEBUGCTL (27.1). */
  @Override
  public boolean writtenBeforeExit(Register register) {
    return register != Register.DR6 && register != Register.DR7 && register != Register.DEBUGCTL;
  }

  @Override
  public long returnRip(Setup setup, Event event) {
    long rip = setup.before().get(Register.RIP);
    return event.ofInstruction() ? rip + VmxExits.length(setup) : rip;
  }

  /** RF is pushed as the guest has it, whatever the type of the event (26.5.1.1). */
  @Override
  public long openFlags(Event event) {
    return 0;
  }

  /** SS becomes null (6.14.5), or keeps its value (volume 2, INT n). */
  @Override
  public boolean openIstSegment() {
    return true;
  }

  /** EXT: the exception whose frame cannot be pushed is an event external to the program (6.13). */
  @Override
  public long stackFaultCode() {
    return 1;
  }

  @Override
  public void expectExit(Setup setup, Exit exit, ExitExpectation to) {
    exits.expect(setup, exit, to);
  }

  @Override
  public Set<String> exitsDependOn() {
    return Set.of();
  }

  @Override
  public Set<Register> unseenAfterExit() {
    return EnumSet.noneOf(Register.class);
  }

  /** All of a usable segment register is saved (27.3.2). */
  @Override
  public Map<Register, Long> comparedBits(Setup setup) {
    return Map.of();
  }

  /** VMCS regions and the VMXON region, whose contents are the processor's own. */
  @Override
  public List<MemoryPatch> unspecifiedMemory() {
    return REGIONS;
  }

  private static List<MemoryPatch> regions() {
    byte[] page = new byte[0x1000];
    return Stream.of(
            Layout.CONTROL_BLOCK,
            Layout.HOST_SAVE,
            Layout.OTHER_CONTROL_BLOCK,
            Layout.PRIOR_CONTROL_BLOCK,
            Layout.SHADOW_CONTROL_BLOCK)
        .map(region -> new MemoryPatch(region, page))
        .toList();
  }
}

package dev.precept.generator.state;

import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.ControlBlock;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Register;
import dev.precept.generator.Assignment;
import dev.precept.generator.vendor.Guest;
import dev.precept.generator.vendor.VendorState;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Mode;
import dev.precept.tables.Tables;
import dev.precept.tables.Variable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Makes assignments concrete, in a fixed order: mode; flags and control registers; features;
 * segments and operand; maps, gates and tasks; encoding; operand values. Thread-safe.
 */
public final class CaseBuilder {
  private final Tables tables;
  private final VendorState vendor;
  private final Places places;
  private final BaseImages images = new BaseImages();
  private final Map<String, FormInfo> forms = new ConcurrentHashMap<>();

  /** A builder for the tables' vendor. */
  public CaseBuilder(Tables tables) {
    this.tables = tables;
    this.vendor = VendorState.of(tables);
    this.places = new Places(tables);
  }

  /** What is known of {@code form}, worked out once. */
  public FormInfo info(InstructionForm form) {
    return forms.computeIfAbsent(
        form.id(), id -> FormInfo.of(tables, form).with(vendor.exitsDependOn()));
  }

  /**
   * The case {@code id}.
   *
   * @throws UnbuildableException if no state realises the assignment
   */
  public Case build(InstructionForm form, Assignment assignment, String id) {
    return setUp(form, assignment, id).testCase();
  }

  /**
   * The case {@code id} with how it came about.
   *
   * @throws UnbuildableException if no state realises the assignment
   */
  public Setup setUp(InstructionForm form, Assignment assignment, String id) {
    Draft draft = new Draft(tables, info(form), assignment, images, vendor.controlDefaults());
    ModeBuilder.build(draft);
    places.system(draft);
    if (draft.flag("single_step")) {
      draft.state.setBit(Register.RFLAGS, 8, true);
    }
    ModeBuilder.paging(draft);
    places.features(draft);
    OperandBuilder.build(draft);
    StackBuilder.build(draft);
    IoBuilder.build(draft);
    MsrBuilder.build(draft);
    GateBuilder.build(draft);
    TargetBuilder.build(draft);
    TaskBuilder.build(draft);
    SmmBuilder.build(draft);
    MonitorBuilder.build(draft);
    PausesBuilder.build(draft);
    EarlierBuilder.build(draft);
    VmcsBuilder.build(draft);
    NestedBuilder.build(draft);
    TablesBuilder.build(draft);
    ExtendedPagingBuilder.build(draft);
    byte[] code = Encoder.encode(draft);
    draft.set(Register.RIP, draft.get(Register.RIP) - code.length);
    places.operands(draft, code.length);
    GateBuilder.event(draft);
    BreakpointBuilder.build(draft, code.length);
    return finish(draft, code, id);
  }

  /**
   * Class indices, by variable, that turn around the features of a case.
   *
   * @return nothing if some bit is no variable's place
   */
  public Optional<Map<String, Integer>> turned(List<FeatureBit> bits) {
    Map<String, Integer> classes = new TreeMap<>();
    for (FeatureBit bit : bits) {
      Optional<Variable> variable = places.variable(bit);
      if (variable.isEmpty()) {
        return Optional.empty();
      }
      int index = variable.get().indexOf(bit.present() ? "0" : "1");
      if (index < 0) {
        return Optional.empty();
      }
      classes.put(variable.get().name(), index);
    }
    return Optional.of(classes);
  }

  private Setup finish(Draft draft, byte[] code, String id) {
    MachineState before = draft.state.copy();
    EarlierBuilder.run(draft, before);
    NestedBuilder.guest(draft, before);
    LastBranchBuilder.guest(draft, before);
    long at = draft.codeBase() + before.get(Register.RIP);
    int prologue = 0;
    for (byte[] instruction : draft.prologue) {
      prologue += instruction.length;
    }
    long from = at - prologue;
    for (byte[] instruction : draft.prologue) {
      draft.memory.write(from, instruction);
      from += instruction.length;
    }
    draft.memory.write(at, code);
    draft.set(Register.RIP, before.get(Register.RIP) - prologue);
    descriptors(draft);
    EarlierBuilder.begin(draft, before);
    Context context = draft.flag("guest") ? Context.GUEST : Context.HOST;
    boolean guest = context == Context.GUEST;
    long behind = before.get(Register.RIP) + code.length;
    MachineState host = new MachineState();
    HostState.fill(host, draft.state);
    vendor.completeHost(host);
    NestedBuilder.host(draft, host);
    host.set(Register.RIP, Layout.HOST_CODE);
    draft.memory.write(Layout.HOST_CODE, vendor.entryCode());
    ControlBlock own =
        vendor.write(
            new Guest(
                Layout.CONTROL_BLOCK,
                draft.assignment,
                draft.controlFields,
                draft.state,
                host,
                Guest.Exits.ASSIGNED,
                guest ? OptionalLong.empty() : OptionalLong.of(behind)),
            draft.memory);
    boolean enters = guest || vendor.canEnter(tables, draft.assignment);
    ControlBlock prior = guest ? prior(draft, host, behind) : ControlBlock.NONE;
    Case made =
        new Case(
            id,
            tables.vendor(),
            draft.features,
            context,
            draft.state,
            host,
            draft.memory.base(),
            draft.memory.patches(),
            enters ? own : ControlBlock.NONE,
            prior,
            draft.prologue.size() + 1,
            new MemoryPatch(at, code));
    return new Setup(
        made,
        draft.info,
        draft.assignment,
        draft.mode,
        before,
        draft.memory,
        draft.operand,
        draft.displacement,
        code.length,
        Map.copyOf(draft.controlFields));
  }

  /**
   * Builder {@code prior}: the control block of a guest that differs from the case's own in its
   * exit bits, and exits at once; none if the case has none.
   *
   * @param rip rIP of a UD2
   */
  private ControlBlock prior(Draft draft, MachineState host, long rip) {
    String exits = tables.variables().containsKey("prior") ? draft.word("prior") : "none";
    if (exits.equals("none")) {
      return ControlBlock.NONE;
    }
    return vendor.write(
        new Guest(
            Layout.PRIOR_CONTROL_BLOCK,
            draft.assignment,
            draft.controlFields,
            draft.state,
            host,
            exits.equals("all_exits") ? Guest.Exits.ALL : Guest.Exits.NONE,
            OptionalLong.of(rip)),
        draft.memory);
  }

  /** Makes the descriptors in memory say what the segment registers hold. */
  private static void descriptors(Draft draft) {
    if (draft.realOrV86()) {
      return;
    }
    for (int segment = 0; segment < 6; segment++) {
      long selector = draft.get(Draft.segment(segment, 0));
      boolean flat = draft.mode == Mode.LONG64 && segment >= SegmentBases.FS;
      if ((selector & ~7) != 0 && !flat) {
        long descriptor =
            Descriptors.segment(
                (int) draft.get(Draft.segment(segment, 1)),
                draft.get(Draft.segment(segment, 2)),
                draft.get(Draft.segment(segment, 3)));
        long at = Layout.GDT + (selector & ~7);
        if (draft.memory.read(at, 8) != descriptor) {
          draft.memory.write(at, 8, descriptor);
        }
      }
    }
  }
}

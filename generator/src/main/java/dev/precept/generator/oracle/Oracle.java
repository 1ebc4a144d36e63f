package dev.precept.generator.oracle;

import dev.precept.cases.Context;
import dev.precept.cases.Expectation;
import dev.precept.cases.Expected;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import dev.precept.generator.state.Concrete;
import dev.precept.generator.state.Place;
import dev.precept.generator.state.Setup;
import dev.precept.generator.vendor.Event;
import dev.precept.generator.vendor.Exit;
import dev.precept.generator.vendor.Vectors;
import dev.precept.generator.vendor.VendorState;
import dev.precept.tables.Check;
import dev.precept.tables.Effect;
import dev.precept.tables.ExitControl;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import dev.precept.tables.expr.CompiledCondition;
import dev.precept.tables.expr.Names;
import dev.precept.tables.expr.PartialValue;
import dev.precept.tables.expr.StateSpace;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Predicts, from the tables alone, what a case may end in. Thread-safe. */
public final class Oracle {
  /** The winner's id where no check is armed. */
  public static final String NONE = "none";

  private static final int DE = 0, UD = 6, DF = 8, SS = 12, GP = 13, PF = 14;

  private static final Set<Integer> CONTRIBUTORY = Set.of(0, 10, 11, SS, GP);

  private static final long CR0_WP = 1 << 16;

  /** What an undefined error code or information field is. */
  private static final PartialValue ZERO = new PartialValue(0, 0);

  private static final PartialValue UNDEFINED = new PartialValue(0, -1);

  /** Sizes of operands that are accessed at once. */
  private static final Set<Integer> ONE_ACCESS = Set.of(1, 2, 4, 8);

  private static final long PAGE_OFFSET = 0xFFF;

  /** Variables that what looks at the IDT gate itself, or at what it leads to, mentions. */
  private static final Set<String> GATES =
      Set.of(
          "gate",
          "gate.leads",
          "idt.last",
          "ts.kind",
          "ts.target",
          "ts.dpl",
          "ts.gate_np",
          "task_gate",
          "np.idt",
          "ept.idt",
          "ept.gdt",
          "ept.tss",
          "ept.stack");

  /** Variables that page faults of a fetch come from. */
  private static final Set<String> FETCH = Set.of("pt.upper", "code.page");

  /** The variable that page faults of the I/O permission bitmap come from. */
  private static final String IO_MAP = "tss.user";

  /** Where the TSS has the base of the bitmap, which is read first (APM vol. 2, 12.2.4). */
  private static final long IO_MAP_BASE = 0x66;

  /**
   * A check of a form.
   *
   * @param stack whether a page fault of it is the stack's
   * @param fetch whether a page fault of it is the fetch's, where there is no operand
   * @param ioMap whether a page fault of it is that of the TSS
   * @param gate whether it looks at a gate, or at what the gate leads to
   * @param optional whether no source settles that it is made at all
   */
  private record Armable(
      Check check,
      CompiledCondition condition,
      boolean stack,
      boolean fetch,
      boolean ioMap,
      boolean gate,
      boolean optional) {}

  private final Tables tables;
  private final StateSpace space;
  private final VendorState vendor;
  private final Effects effects = new Effects();
  private final Map<String, List<List<Armable>>> orders = new ConcurrentHashMap<>();

  /** An oracle that knows {@code tables}. */
  public Oracle(Tables tables) {
    this.tables = tables;
    this.space = StateSpace.of(tables);
    this.vendor = VendorState.of(tables);
  }

  /** What the tables say of {@code setup}. */
  public Expectation expect(Setup setup) {
    int[] classes = classes(setup);
    List<Armable> winners = new ArrayList<>();
    List<Armable> others = new ArrayList<>();
    boolean settled = false;
    for (List<Armable> group : order(setup.info().form())) {
      List<Armable> armed = group.stream().filter(a -> a.condition().holds(classes)).toList();
      (settled ? others : winners).addAll(armed);
      settled |= !armed.stream().allMatch(Armable::optional);
    }
    List<Expected> allowed = new ArrayList<>();
    for (Armable winner : winners) {
      add(allowed, predict(setup, winner));
    }
    if (!settled) {
      allowed.add(completes(setup));
    }
    List<Expected> outranked = new ArrayList<>();
    for (Armable other : others) {
      outranked.add(predict(setup, other));
    }
    return new Expectation(allowed, outranked);
  }

  /**
   * What the check {@code id} of the case's form would bring about, or completing where it is
   * {@link #NONE}; whether it wins is not asked.
   *
   * @throws NoSuchElementException if the form does not make the check
   */
  public Expected outcome(Setup setup, String id) {
    if (id.equals(NONE)) {
      return completes(setup);
    }
    return order(setup.info().form()).stream()
        .flatMap(List::stream)
        .filter(armable -> armable.check().id().equals(id))
        .findFirst()
        .map(armable -> predict(setup, armable))
        .orElseThrow(() -> new NoSuchElementException("the form does not check " + id));
  }

  /** Two checks with one outcome are one: which of them fired cannot be seen. */
  private static void add(List<Expected> allowed, Expected one) {
    for (Expected other : allowed) {
      boolean alike =
          one.outcome().equals(other.outcome())
              && one.masks().equals(other.masks())
              && one.unspecified().equals(other.unspecified())
              && one.unspecifiedMemory().equals(other.unspecifiedMemory());
      if (alike) {
        return;
      }
    }
    allowed.add(one);
  }

  private List<List<Armable>> order(InstructionForm form) {
    return orders.computeIfAbsent(
        form.id(),
        id ->
            form.order().groups().stream()
                .map(group -> group.stream().map(check -> armable(form, check)).toList())
                .toList());
  }

  private Armable armable(InstructionForm form, String id) {
    Check check = tables.check(form, id);
    Set<String> names = Names.referencedNames(check.condition(), tables.definitions());
    boolean stack = names.contains("stack.page");
    if (check.result() instanceof Check.Exit exit) {
      for (ExitControl.Info info : tables.exits().get(exit.exit()).infos()) {
        names.addAll(Names.referencedNames(info.value(), tables.definitions()));
      }
    }
    return new Armable(
        check,
        space.compile(check.condition()),
        stack,
        !Collections.disjoint(names, FETCH),
        names.contains(IO_MAP),
        !Collections.disjoint(names, GATES),
        form.order().optional(id));
  }

  /**
   * The event whose delivery through the IDT the check interrupts: an INT n that met its gate, or
   * the first of nested exceptions.
   */
  private Optional<Event> delivering(Setup setup, Armable armed) {
    Optional<Event> first = first(setup);
    if (first.isPresent()) {
      return first;
    }
    if (armed.gate()) {
      Optional<Event> taken = event(setup);
      if (taken.isPresent()) {
        return taken;
      }
      if (armed.check().result() instanceof Check.Exit) {
        Optional<Event> raised = raised(setup);
        if (raised.isPresent()) {
          return raised;
        }
      }
    }
    boolean interrupt =
        setup.info().has("ib")
            && (word(setup, "ts.kind").equals("int")
                || setup.info().form().effects().stream()
                    .anyMatch(effect -> effect.target().equals(Effects.DELIVER)));
    return interrupt && armed.gate()
        ? Optional.of(Event.software((int) setup.assignment().value(tables, "imm8")))
        : Optional.empty();
  }

  /** The event whose delivery {@code idt.fault} has fault, and exit, if any has. */
  private Optional<Event> first(Setup setup) {
    return switch (word(setup, "idt.fault")) {
      case "df_np", "gp_df_np", "gp_df_pf" -> Optional.of(Event.exception(DF));
      case "gp_np", "gp_pf" -> Optional.of(Event.exception(GP));
      case "ud_np" -> Optional.of(Event.exception(UD));
      case "de_np" -> Optional.of(Event.exception(DE));
      // A read of a page that is not present.
      case "pf_np", "pf_pf" ->
          Optional.of(Event.exception(PF, setup.before().get(Register.CPL) == 3 ? 4 : 0));
      default -> Optional.empty();
    };
  }

  /** The first of the events that are taken before the instruction, if any is. */
  private Optional<Event> event(Setup setup) {
    int[] classes = classes(setup);
    return order(setup.info().form()).stream()
        .flatMap(List::stream)
        .filter(armable -> armable.check().result() instanceof Check.Event)
        .filter(armable -> armable.condition().holds(classes))
        .findFirst()
        .map(armable -> event(setup, (Check.Event) armable.check().result()));
  }

  /** The exception that the instruction raises, if it does. */
  private Optional<Event> raised(Setup setup) {
    int[] classes = classes(setup);
    return order(setup.info().form()).stream()
        .flatMap(List::stream)
        .filter(armable -> armable.condition().holds(classes))
        .map(armable -> armable.check().result())
        .filter(Check.Fault.class::isInstance)
        .findFirst()
        .map(fault -> Event.exception(((Check.Fault) fault).vector()));
  }

  private Event event(Setup setup, Check.Event event) {
    return Event.of(names(setup).eval(event.information()));
  }

  private int[] classes(Setup setup) {
    int[] classes = space.quiet();
    setup.assignment().classes().forEach((name, index) -> classes[space.indexOf(name)] = index);
    return classes;
  }

  private String word(Setup setup, String variable) {
    return tables.variables().containsKey(variable)
        ? setup.assignment().word(tables, variable)
        : "";
  }

  private Concrete names(Setup setup) {
    return names(setup, setup.before());
  }

  private Concrete names(Setup setup, MachineState state) {
    Concrete names =
        new Concrete(tables, setup.assignment(), state, setup.memory(), setup.controlFields())
            .with("displacement", setup.displacement())
            .with("next_rip", setup.before().get(Register.RIP) + setup.length())
            .with("length", setup.length())
            .with("stack_top", setup.memory().read(Effects.stackAddress(setup, 0), 8));
    if (setup.operand().present()) {
      names
          .with("linear", setup.operand().linear())
          .with("offset", setup.operand().offset())
          .with(
              "operand", setup.operand().read(setup.memory(), Math.min(8, setup.operand().size())));
    }
    return names;
  }

  private Prediction prediction(Setup setup) {
    Prediction to = new Prediction(setup);
    to.unspecified(vendor.unspecifiedMemory());
    vendor.comparedBits(setup).forEach(to::defined);
    return to;
  }

  private Expected predict(Setup setup, Armable armed) {
    Check check = armed.check();
    Prediction to = prediction(setup);
    Concrete names = names(setup);
    if (check.result() instanceof Check.Exit exit) {
      if (exit.trap()) {
        retire(setup, names, to);
        names = names(setup, to.state);
      }
      effects.apply(check.writes(), setup, names, to);
      ExitControl control = tables.exits().get(exit.exit());
      Exit of = Exit.of(control, delivering(setup, armed));
      return exits(setup, check.id(), of, control.codeName(), names, to);
    }
    if (check.result() instanceof Check.End end) {
      goOn(names, to);
      effects.apply(check.writes(), setup, names, to);
      return to.expected(
          check.id(), OutcomeKind.RETIRED, vendor.code(setup.testCase(), end), end.label());
    }
    if (check.result() instanceof Check.Event event) {
      effects.apply(check.writes(), setup, names, to);
      return taken(setup, check.id(), event(setup, event), to);
    }
    return faults(setup, armed, (Check.Fault) check.result());
  }

  /** An event before the first instruction: no exception intercept sees it (APM vol. 2, 15.20). */
  private Expected taken(Setup setup, String check, Event event, Prediction to) {
    if (to.state.get(Register.INTERRUPT_SHADOW) != 0) {
      // Whether the shadow ends with the delivery was not found.
      to.unspecified.add(Register.INTERRUPT_SHADOW);
    }
    long returnRip = vendor.returnRip(setup, event);
    Delivery.deliver(setup, to, event, returnRip, vendor.openFlags(event));
    leaveOpen(setup, to, event.vector());
    String label =
        event.type() == Event.Type.EXCEPTION || event.type() == Event.Type.NMI
            ? Vectors.label(event.vector(), event.errorCode())
            : "interrupt " + event.vector();
    return to.expected(check, OutcomeKind.DELIVERED, event.vector(), label);
  }

  private Expected exits(
      Setup setup, String check, Exit exit, String label, Concrete names, Prediction to) {
    for (ExitControl.Info info : exit.control().infos()) {
      to.field(info.name(), names.partial(info.value()));
    }
    vendor.expectExit(setup, exit, to);
    to.unspecified.addAll(vendor.unseenAfterExit());
    return to.expected(check, OutcomeKind.EXIT, vendor.code(exit.control()), label);
  }

  private Expected faults(Setup setup, Armable armed, Check.Fault fault) {
    Check check = armed.check();
    Prediction to = prediction(setup);
    Concrete names = names(setup);
    PartialValue error = fault.errorCode().map(names::partial).orElse(ZERO);
    long address = faultAddress(setup, armed, names);
    long causes = debugCauses(check, names);
    // Which of a frame's pushes comes first is not said.
    long open = !ofFrame(setup) && inOneAccess(setup, armed) ? 0 : PAGE_OFFSET;
    names
        .with("error_code", error)
        .with("fault_address", new PartialValue(address, open))
        .with("debug_causes", causes);
    long next = names.value("next_rip");
    String label = Vectors.label(fault.vector(), error.value());
    // A trap that no condition of the processor's brings about is the instruction's own purpose.
    boolean software = fault.trap() && causes == 0;
    if (fault.trap()) {
      List<Effect> made = setup.info().form().effects();
      effects.apply(made, setup, names, to);
      if (made.stream().anyMatch(effect -> effect.target().equals("rip"))) {
        // The trap comes behind a branch that is taken.
        next = to.state.get(Register.RIP);
      }
    }
    Optional<ExitControl> exit = intercepted(setup, fault.vector(), error.value());
    if (exit.isPresent()) {
      if (fault.trap() && !software) {
        // INT3, INTO and INT1 are saved with their own rIP (APM vol. 2, 15.12; SDM vol. 3, 27.3.3);
        // other traps behind.
        to.state.set(Register.RIP, next);
      }
      effects.apply(beforeExit(check.writes()), setup, names, to);
      boolean faultClass = !fault.trap() && fault.vector() != DF;
      Exit of = new Exit(exit.get(), delivering(setup, armed), faultClass, causes);
      return exits(setup, check.id(), of, label, names, to);
    }
    effects.apply(check.writes(), setup, names, to);
    Optional<Integer> second = stackFault(setup);
    if (second.isPresent()) {
      return nested(setup, armed, Event.exception(fault.vector(), error.value()), second.get(), to);
    }
    if (fault.vector() == PF) {
      to.state.set(Register.CR2, address);
      if (open != 0) {
        to.defined(Register.CR2, ~open);
      }
    }
    if (to.state.get(Register.INTERRUPT_SHADOW) != 0) {
      // Whether the shadow ends with the delivery of a fault was not found.
      to.unspecified.add(Register.INTERRUPT_SHADOW);
    }
    long returnRip = fault.trap() ? next : setup.before().get(Register.RIP);
    Delivery.deliver(setup, to, fault.vector(), error, returnRip, !fault.trap(), false);
    leaveOpen(setup, to, fault.vector());
    return to.expected(check.id(), OutcomeKind.DELIVERED, fault.vector(), label);
  }

  /** Leaves open what the manual does of a delivery by {@code vector}'s gate. */
  private void leaveOpen(Setup setup, Prediction to, int vector) {
    if (vendor.openIstSegment()) {
      Delivery.leaveIstSegmentOpen(setup, to, vector);
    }
  }

  /** The fault that pushing a frame on the instruction's own, spoilt stack raises, if any. */
  private Optional<Integer> stackFault(Setup setup) {
    if (!Delivery.onOwnStack(setup)) {
      return Optional.empty();
    }
    if (isSet(setup, "stack.limit") || isSet(setup, "stack.noncanonical")) {
      return Optional.of(SS);
    }
    boolean writeProtected =
        word(setup, "stack.page").equals("read_only")
            && (setup.before().get(Register.CR0) & CR0_WP) != 0;
    boolean absent = List.of("not_present", "reserved").contains(word(setup, "stack.page"));
    return absent || writeProtected ? Optional.of(PF) : Optional.empty();
  }

  private boolean isSet(Setup setup, String variable) {
    return tables.variables().containsKey(variable)
        && setup.assignment().value(tables, variable) != 0;
  }

  /**
   * A first fault whose frame cannot be pushed. The second exits if it is intercepted (APM vol. 2,
   * 15.12). Else the two combine to #DF (8.2.9, table 8-5), or the second is delivered in its turn
   * and meets itself; #DF's own frame cannot be pushed either: shutdown.
   */
  private Expected nested(Setup setup, Armable armed, Event first, int second, Prediction to) {
    String check = armed.check().id();
    Concrete names = names(setup);
    // #PF writes CR2 though its frame cannot be pushed; which address remains is not compared.
    to.unspecified.add(Register.CR2);
    long error = second == PF ? stackPushError(setup) : vendor.stackFaultCode();
    Optional<ExitControl> exit = intercepted(setup, second, error);
    if (exit.isPresent() && first.vector() != DF) {
      // Which of the frame's addresses is reported depends on the order of the pushes.
      names.with("error_code", error).with("fault_address", UNDEFINED);
      Exit of = new Exit(exit.get(), Optional.of(first), true, 0);
      return exits(setup, check, of, Vectors.label(second, error), names, to);
    }
    to.unspecified.add(Register.RIP);
    exit = first.vector() == DF ? Optional.empty() : intercepted(setup, DF, 0);
    if (exit.isPresent()) {
      Event prior =
          doubles(first.vector(), second) ? first : Event.exception(second, stackPushError(setup));
      names.with("error_code", 0).with("fault_address", UNDEFINED);
      Exit of = Exit.of(exit.get(), Optional.of(prior));
      return exits(setup, check, of, Vectors.label(DF, 0), names, to);
    }
    to.unspecified.addAll(List.of(Register.RSP, Register.RFLAGS));
    Optional<ExitControl> shutdown = shutdownExit(setup);
    return shutdown.isEmpty()
        ? to.expected(check, OutcomeKind.SHUTDOWN, 0, "shutdown")
        : exits(
            setup,
            check,
            Exit.of(shutdown.get(), Optional.of(Event.exception(DF))),
            shutdown.get().codeName(),
            names,
            to);
  }

  /** Whether two faults make a double fault (8.2.9, table 8-5). */
  private static boolean doubles(int first, int second) {
    return (CONTRIBUTORY.contains(second) && (first == PF || CONTRIBUTORY.contains(first)))
        || (first == PF && second == PF);
  }

  /** Error code of a supervisor's push to the spoilt stack page; 0 where #SS is raised. */
  private long stackPushError(Setup setup) {
    return switch (word(setup, "stack.page")) {
      case "not_present" -> 2;
      case "read_only" -> 3;
      case "reserved" -> 0xB;
      default -> 0;
    };
  }

  private Optional<ExitControl> shutdownExit(Setup setup) {
    return setup.testCase().context() != Context.GUEST
        ? Optional.empty()
        : vendor
            .shutdownExit()
            .filter(exit -> exit.variable().map(bit -> isSet(setup, bit)).orElse(true));
  }

  /** The exit that exception {@code vector} makes in this case, if any. */
  private Optional<ExitControl> intercepted(Setup setup, int vector, long errorCode) {
    return setup.testCase().context() != Context.GUEST
        ? Optional.empty()
        : vendor.exceptionExit(setup, vector, errorCode);
  }

  /** Why a debug exception is raised: the bits of DR6 that its check writes, from 0. */
  private static long debugCauses(Check check, Concrete names) {
    long causes = 0;
    for (Effect effect : check.writes()) {
      Place place = Place.parse(effect.target());
      if (place.name().equals("dr6")) {
        causes = place.insert(causes, names.partial(effect.value()).value());
      }
    }
    return causes;
  }

  /** Those of an exception's writes that are made although it exits. */
  private List<Effect> beforeExit(List<Effect> writes) {
    return writes.stream()
        .filter(
            effect -> {
              String name = Place.parse(effect.target()).name();
              return !Concrete.isRegister(name)
                  || vendor.writtenBeforeExit(Concrete.register(name));
            })
        .toList();
  }

  /** Whether a page fault is one of the frame that is pushed on a stack of a gate or the TSS. */
  private boolean ofFrame(Setup setup) {
    return word(setup, "idt.fault").equals("gp_pf") || word(setup, "gate.leads").equals("ss_page");
  }

  /** Linear address that a page fault of the operand or the stack reports. */
  private long faultAddress(Setup setup, Armable armed, Concrete names) {
    if (ofFrame(setup)) {
      return Layout.NOT_PRESENT_PAGE;
    }
    if (armed.stack()) {
      long pushed = effects.pushed(setup.info().form().effects(), names);
      return Effects.stackAddress(setup, -pushed);
    }
    if (armed.ioMap()) {
      return setup.before().get(Register.TR_BASE) + IO_MAP_BASE;
    }
    if (armed.fetch() && !setup.operand().present()) {
      return setup.testCase().code().address();
    }
    boolean cross =
        tables.variables().containsKey("mem.cross")
            && setup.assignment().value(tables, "mem.cross") != 0;
    long linear = setup.operand().linear();
    return cross ? (linear & ~0xFFFL) + 0x1000 : linear;
  }

  /**
   * Whether one access reads or writes all of what a page fault is of. In which order the parts of
   * a longer operand are accessed, and so of which byte the fault tells, no manual says; they are
   * in one page.
   */
  private static boolean inOneAccess(Setup setup, Armable armed) {
    if (armed.stack()) {
      return !setup.info().form().instruction().equals("iret");
    }
    return !setup.operand().present() || ONE_ACCESS.contains(setup.operand().size());
  }

  /** Goes on to the next instruction. */
  private static void goOn(Concrete names, Prediction to) {
    to.state.set(Register.RIP, names.value("next_rip"));
    // The shadow of STI covers one instruction, and this was it.
    to.state.set(Register.INTERRUPT_SHADOW, 0);
  }

  /** What the instruction leaves when it completes. */
  private void retire(Setup setup, Concrete names, Prediction to) {
    goOn(names, to);
    effects.apply(setup.info().form().effects(), setup, names, to);
  }

  private Expected completes(Setup setup) {
    List<Effect> writes = setup.info().form().effects();
    Prediction to = prediction(setup);
    Concrete names = names(setup);
    long next = names.value("next_rip");
    retire(setup, names, to);
    OutcomeKind kind = OutcomeKind.RETIRED;
    for (Effect effect : writes) {
      boolean ending = Effects.isEnding(effect.target());
      PartialValue value = ending ? names.partial(effect.value()) : ZERO;
      switch (effect.target()) {
        case Effects.HALTED -> kind = value.value() != 0 ? OutcomeKind.HALTED : kind;
        case Effects.SHUTDOWN -> kind = value.value() != 0 ? OutcomeKind.SHUTDOWN : kind;
        case Effects.DELIVER -> {
          int vector = (int) value.value();
          Delivery.deliver(setup, to, vector, ZERO, next, false, true);
          leaveOpen(setup, to, vector);
          return to.expected(NONE, OutcomeKind.DELIVERED, vector, Vectors.label(vector, 0));
        }
        default -> {}
      }
    }
    return to.expected(NONE, kind, 0, kind.name().toLowerCase(java.util.Locale.ROOT));
  }
}

package dev.precept.subject;

import dev.precept.cases.BaseImage;
import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.ControlBlock;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import dev.precept.core.Cpu;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.StepResult;
import dev.precept.subject.CoreProcessor.Entry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The emulator core as a subject, in process.
 *
 * <p>A guest is entered the way a hypervisor enters it: the host executes VMLOAD and VMRUN, or
 * VMPTRLD and VMLAUNCH. Nothing of the guest that the VMCB or VMCS holds is loaded behind the
 * core's back.
 */
public final class CoreSubject implements Subject {
  private static final int PAGE = PhysicalMemory.PAGE_SIZE;

  private final PhysicalMemory memory = new PhysicalMemory((int) Layout.END);

  /** What memory held when the case began, for listing what changed. */
  private final byte[] before = new byte[(int) Layout.END];

  /** Processors differ by vendor and features. */
  private record Kind(String vendor, List<FeatureBit> features) {
    static Kind of(Case testCase) {
      return new Kind(testCase.vendor(), testCase.features());
    }
  }

  private final Map<Kind, CoreProcessor> processors = new HashMap<>();

  /** What memory holds before a case's own patches, by vendor. */
  private final Map<String, Map<BaseImage, byte[]>> grounds = new HashMap<>();

  /** The ground of the case before; all zero to begin with, as memory is. */
  private byte[] loaded = new byte[(int) Layout.END];

  private List<MemoryPatch> patched = List.of();

  @Override
  public String name() {
    return "core";
  }

  @Override
  public String version() {
    String version = CoreSubject.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  @Override
  public void run(List<Case> batch, Consumer<Observation> observations) {
    for (Case testCase : batch) {
      observations.accept(run(testCase));
    }
  }

  /** Runs one case. A core that throws is observed as CRASH; it never ends the run. */
  public Observation run(Case testCase) {
    Kind kind = Kind.of(testCase);
    try {
      CoreProcessor processor = processors.computeIfAbsent(kind, this::processor);
      loadMemory(testCase, processor);
      return execute(testCase, processor);
    } catch (RuntimeException | StackOverflowError broken) {
      processors.remove(kind);
      StackTraceElement[] trace = broken.getStackTrace();
      String where = trace.length == 0 ? "" : " at " + trace[0];
      return Observation.unanswered(testCase.id(), OutcomeKind.CRASH, broken + where);
    }
  }

  private CoreProcessor processor(Kind kind) {
    CoreProcessor.Features features =
        model -> {
          for (FeatureBit bit : kind.features()) {
            if (bit.register() == FeatureBit.MSR) {
              model.capabilityBit(bit.leaf(), bit.bit(), bit.present());
            } else {
              model.bit(bit.leaf(), bit.subleaf(), bit.register(), bit.bit(), bit.present());
            }
          }
          return model;
        };
    return CoreProcessor.of(kind.vendor(), features, memory);
  }

  private Observation execute(Case testCase, CoreProcessor processor) {
    Entry begun = begin(testCase, processor);
    return switch (begun.end()) {
      case RUNS -> observe(testCase, processor, steps(testCase, processor.cpu()));
      case EXITED -> observe(testCase, processor, StepResult.EXITED);
      case DELIVERED -> observe(testCase, processor, StepResult.DELIVERED);
      case REFUSED -> Observation.unanswered(testCase.id(), OutcomeKind.CRASH, begun.reason());
    };
  }

  /** Runs the case's instructions, or as many of them as retire; returns what the last one did. */
  private static int steps(Case testCase, Cpu cpu) {
    int result = StepResult.RETIRED;
    for (int i = 0; i < testCase.steps() && result == StepResult.RETIRED; i++) {
      result = cpu.step();
    }
    return result;
  }

  /**
   * Makes {@code testCase} ready to be run over and over. This subject's memory is the prepared
   * case's from then on: it is to run no other cases.
   *
   * @throws IllegalArgumentException if the case does not come to its first instruction
   */
  PreparedCase prepare(Case testCase) {
    CoreProcessor processor = processors.computeIfAbsent(Kind.of(testCase), this::processor);
    loadMemory(testCase, processor);
    Entry begun = begin(testCase, processor);
    if (begun.end() != Entry.End.RUNS) {
      throw new IllegalArgumentException(
          testCase.id()
              + " does not come to its instruction: "
              + (begun.reason().isEmpty() ? "it exits before it" : begun.reason()));
    }
    return new PreparedCase(
        processor.cpu(), testCase.steps(), result -> observe(testCase, processor, result));
  }

  /** Brings the processor to the case's first instruction. */
  private Entry begin(Case testCase, CoreProcessor processor) {
    processor.reset();
    Cpu cpu = processor.cpu();
    boolean guest = testCase.context() == Context.GUEST;
    ControlBlock earlier = guest ? testCase.priorControlBlock() : testCase.controlBlock();
    if (earlier.present()) {
      Entry before = comeAndGo(testCase, processor, earlier);
      if (before.end() == Entry.End.REFUSED) {
        return before;
      }
    }
    if (!guest) {
      cpu.state.reset();
      CoreState.load(cpu.state, testCase.state());
      return Entry.RUNS;
    }
    Entry entry = processor.enter(testCase, testCase.controlBlock(), true);
    if (entry.end() == Entry.End.RUNS) {
      cpu.state.smm = testCase.state().get(Register.SMM) != 0;
    }
    return entry;
  }

  /**
   * Lets an earlier guest run and exit. Memory is as before afterwards; what the processor keeps of
   * that guest, in itself and in pages of its own, is for the case to show.
   */
  private Entry comeAndGo(Case testCase, CoreProcessor processor, ControlBlock controlBlock) {
    boolean guest = testCase.context() == Context.GUEST;
    Entry entry = processor.enter(testCase, controlBlock, guest);
    if (entry.end() == Entry.End.REFUSED) {
      return entry;
    }
    if (entry.end() != Entry.End.RUNS) {
      return Entry.refused("the guest that goes before could not be entered");
    }
    if (processor.cpu().step() != StepResult.EXITED) {
      return Entry.refused("the guest that goes before did not exit");
    }
    List<MemoryPatch> kept =
        processor.keptPages().stream()
            .map(page -> new MemoryPatch(page, memory.copy(page, PAGE)))
            .toList();
    loadMemory(testCase, processor);
    for (MemoryPatch page : kept) {
      memory.write(page.address(), page.bytes());
    }
    return Entry.EXITED;
  }

  private Observation observe(Case testCase, CoreProcessor processor, int result) {
    Cpu cpu = processor.cpu();
    OutcomeKind kind =
        switch (result) {
          case StepResult.RETIRED -> OutcomeKind.RETIRED;
          case StepResult.DELIVERED -> OutcomeKind.DELIVERED;
          case StepResult.EXITED -> OutcomeKind.EXIT;
          case StepResult.HALTED -> OutcomeKind.HALTED;
          case StepResult.SHUTDOWN -> OutcomeKind.SHUTDOWN;
          default -> throw new IllegalStateException("step returned " + result);
        };
    boolean delivered = kind == OutcomeKind.DELIVERED;
    boolean inGuest = testCase.context() == Context.GUEST && kind != OutcomeKind.EXIT;
    long controlBlock = testCase.controlBlock().address();
    MachineState state = CoreState.save(cpu.state);
    state.set(Register.NMI_MASKED, processor.nmisBlocked() ? 1 : 0);
    return new Observation(
        testCase.id(),
        kind,
        delivered ? cpu.lastVector : -1,
        delivered && cpu.lastHasErrorCode ? cpu.lastErrorCode & 0xFFFF_FFFFL : -1,
        state,
        controlBlock == 0 ? new byte[0] : memory.copy(controlBlock, PAGE),
        processor.fields(testCase, inGuest),
        Set.of(),
        changes(testCase, processor),
        "");
  }

  /** Brings memory to the case's beginning by copying only what differs from it. */
  private void loadMemory(Case testCase, CoreProcessor processor) {
    byte[] ram = memory.ram();
    byte[] image =
        grounds
            .computeIfAbsent(testCase.vendor(), vendor -> new IdentityHashMap<>())
            .computeIfAbsent(testCase.base(), base -> ground(base, processor));
    for (MemoryPatch patch : patched) {
      copy(loaded, ram, (int) patch.address(), patch.bytes().length);
      copy(loaded, before, (int) patch.address(), patch.bytes().length);
    }
    BitSet dirty = memory.dirtyPages();
    for (int page = dirty.nextSetBit(0); page >= 0; page = dirty.nextSetBit(page + 1)) {
      copy(before, ram, page * PAGE, PAGE);
    }
    if (image != loaded) {
      // Images of two modes have most pages in common, and a claim's cases change the mode often.
      for (int page = 0; page < image.length; page += PAGE) {
        if (Arrays.mismatch(image, page, page + PAGE, loaded, page, page + PAGE) >= 0) {
          copy(image, ram, page, PAGE);
          copy(image, before, page, PAGE);
        }
      }
      loaded = image;
    }
    patched = testCase.memory();
    for (MemoryPatch patch : patched) {
      int at = (int) patch.address();
      System.arraycopy(patch.bytes(), 0, ram, at, patch.bytes().length);
      System.arraycopy(patch.bytes(), 0, before, at, patch.bytes().length);
    }
    memory.clearDirty();
    processor.prepare(testCase);
  }

  private static byte[] ground(BaseImage base, CoreProcessor processor) {
    byte[] ram = new byte[(int) Layout.END];
    byte[] image = base.bytes();
    System.arraycopy(image, 0, ram, (int) Layout.START, image.length);
    processor.writeHostCode(ram);
    return ram;
  }

  private static void copy(byte[] from, byte[] to, int address, int length) {
    System.arraycopy(from, address, to, address, length);
  }

  private List<MemoryPatch> changes(Case testCase, CoreProcessor processor) {
    List<MemoryPatch> changes = new ArrayList<>();
    BitSet own = new BitSet();
    for (long page : processor.ownPages(testCase)) {
      // 0: there is no such page.
      if (page != 0) {
        own.set((int) (page / PAGE));
      }
    }
    memory.changedRanges(
        before,
        own,
        (address, length) -> changes.add(new MemoryPatch(address, memory.copy(address, length))));
    return changes;
  }

  @Override
  public void close() {
    processors.clear();
  }
}

package dev.precept.subject;

import dev.precept.cases.BaseImage;
import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.ControlBlock;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.Layout;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import dev.precept.core.Cpu;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.StepResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The emulator core as a subject, in process.
 *
 * <p>A guest is entered the way a hypervisor enters it: the host executes VMLOAD and VMRUN from
 * memory. Nothing of the guest that the VMCB holds is loaded behind the core's back.
 */
public final class CoreSubject implements Subject {
  /** VMLOAD; VMRUN. The instruction after them is where an exit resumes the host. */
  private static final byte[] ENTER_SVM = {0x0F, 0x01, (byte) 0xDA, 0x0F, 0x01, (byte) 0xD8};

  /** What VMRUN and VMLOAD do not load: it has to be in the CPU before the guest is entered. */
  private static final Register[] NOT_IN_VMCB = {
    Register.RCX,
    Register.RDX,
    Register.RBX,
    Register.RBP,
    Register.RSI,
    Register.RDI,
    Register.R8,
    Register.R9,
    Register.R10,
    Register.R11,
    Register.R12,
    Register.R13,
    Register.R14,
    Register.R15,
    Register.CR8,
    Register.DR0,
    Register.DR1,
    Register.DR2,
    Register.DR3,
    Register.XCR0,
    Register.PAT,
    Register.DEBUGCTL,
    Register.TSC,
    Register.TSC_AUX,
    Register.VM_CR,
    Register.VM_HSAVE_PA,
    Register.APIC_BASE,
    Register.SMBASE
  };

  private static final int PAGE = PhysicalMemory.PAGE_SIZE;

  private final PhysicalMemory memory = new PhysicalMemory((int) Layout.END);

  /** What memory held when the case began, for listing what changed. */
  private final byte[] before = new byte[(int) Layout.END];

  private final Map<List<FeatureBit>, Cpu> processors = new HashMap<>();
  private BaseImage loaded;
  private List<MemoryPatch> patched = List.of();

  /** Whether the last VMRUN exited at once, as it does for an invalid guest state. */
  private boolean entryExit;

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
    try {
      loadMemory(testCase);
      return execute(testCase, processorFor(testCase));
    } catch (RuntimeException | StackOverflowError broken) {
      processors.remove(testCase.features());
      StackTraceElement[] trace = broken.getStackTrace();
      String where = trace.length == 0 ? "" : " at " + trace[0];
      return Observation.unanswered(testCase.id(), OutcomeKind.CRASH, broken + where);
    }
  }

  private Cpu processorFor(Case testCase) {
    return processors.computeIfAbsent(
        testCase.features(),
        features -> CoreProcessors.create(testCase.vendor(), features, memory));
  }

  private Observation execute(Case testCase, Cpu cpu) {
    CoreProcessors.reset(cpu);
    boolean guest = testCase.context() == Context.GUEST;
    ControlBlock earlier = guest ? testCase.priorControlBlock() : testCase.controlBlock();
    if (earlier.present()) {
      String refused = comeAndGo(testCase, cpu, earlier);
      if (!refused.isEmpty()) {
        return Observation.unanswered(testCase.id(), OutcomeKind.CRASH, refused);
      }
    }
    int result = StepResult.RETIRED;
    if (guest) {
      String refused = enter(testCase, cpu, testCase.controlBlock());
      if (!refused.isEmpty()) {
        return Observation.unanswered(testCase.id(), OutcomeKind.CRASH, refused);
      }
      cpu.state.smm = testCase.state().get(Register.SMM) != 0;
      cpu.state.nmiMasked = testCase.state().get(Register.NMI_MASKED) != 0;
      result = entryExit ? StepResult.EXITED : StepResult.RETIRED;
    } else {
      cpu.state.reset();
      CoreState.load(cpu.state, testCase.state());
    }
    for (int i = 0; i < testCase.steps() && result == StepResult.RETIRED; i++) {
      result = cpu.step();
    }
    return observe(testCase, cpu, result);
  }

  /**
   * Lets an earlier guest run and exit. Memory is as before afterwards; what the processor keeps of
   * that guest is for the case to show.
   */
  private String comeAndGo(Case testCase, Cpu cpu, ControlBlock controlBlock) {
    String refused = enter(testCase, cpu, controlBlock);
    if (!refused.isEmpty()) {
      return refused;
    }
    if (entryExit) {
      return "VMRUN of the guest that goes before failed";
    }
    if (cpu.step() != StepResult.EXITED) {
      return "the guest that goes before did not exit";
    }
    loadMemory(testCase);
    return "";
  }

  /** Executes VMLOAD and VMRUN; returns why that was not possible, or nothing. */
  private String enter(Case testCase, Cpu cpu, ControlBlock controlBlock) {
    cpu.state.reset();
    CoreState.load(cpu.state, testCase.host());
    if (testCase.context() == Context.GUEST) {
      for (Register register : NOT_IN_VMCB) {
        CoreState.load(cpu.state, register, testCase.state().get(register));
      }
    }
    cpu.state.gpr[0] = controlBlock.address();
    cpu.state.rip = Layout.HOST_CODE;
    if (cpu.step() != StepResult.RETIRED) {
      return "VMLOAD in the host did not complete: vector " + cpu.lastVector;
    }
    int entered = cpu.step();
    entryExit = entered == StepResult.EXITED;
    if (entered != StepResult.RETIRED && entered != StepResult.EXITED) {
      return "VMRUN in the host did not complete: result " + entered + ", vector " + cpu.lastVector;
    }
    return "";
  }

  private Observation observe(Case testCase, Cpu cpu, int result) {
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
    long controlBlock = testCase.controlBlock().address();
    return new Observation(
        testCase.id(),
        kind,
        delivered ? cpu.lastVector : -1,
        delivered && cpu.lastHasErrorCode ? cpu.lastErrorCode & 0xFFFF_FFFFL : -1,
        CoreState.save(cpu.state),
        controlBlock == 0 ? new byte[0] : memory.copy(controlBlock, PAGE),
        Collections.emptySortedMap(),
        Set.of(),
        changes(testCase),
        "");
  }

  /** Brings memory to the case's beginning by copying only the pages that differ from it. */
  private void loadMemory(Case testCase) {
    byte[] ram = memory.ram();
    if (testCase.base() != loaded) {
      Arrays.fill(ram, (byte) 0);
      byte[] image = testCase.base().bytes();
      System.arraycopy(image, 0, ram, (int) Layout.START, image.length);
      writeEntry(ram);
      System.arraycopy(ram, 0, before, 0, ram.length);
      loaded = testCase.base();
    } else {
      for (MemoryPatch patch : patched) {
        undo((int) patch.address(), patch.bytes().length);
      }
      BitSet dirty = memory.dirtyPages();
      for (int page = dirty.nextSetBit(0); page >= 0; page = dirty.nextSetBit(page + 1)) {
        System.arraycopy(before, page * PAGE, ram, page * PAGE, PAGE);
      }
    }
    patched = testCase.memory();
    for (MemoryPatch patch : patched) {
      int at = (int) patch.address();
      System.arraycopy(patch.bytes(), 0, ram, at, patch.bytes().length);
      System.arraycopy(patch.bytes(), 0, before, at, patch.bytes().length);
    }
    memory.clearDirty();
  }

  private void undo(int address, int length) {
    byte[] image = loaded.bytes();
    int from = address - (int) Layout.START;
    System.arraycopy(image, from, memory.ram(), address, length);
    System.arraycopy(image, from, before, address, length);
    if (address < Layout.HOST_CODE + ENTER_SVM.length && address + length > Layout.HOST_CODE) {
      writeEntry(memory.ram());
      writeEntry(before);
    }
  }

  private static void writeEntry(byte[] ram) {
    System.arraycopy(ENTER_SVM, 0, ram, (int) Layout.HOST_CODE, ENTER_SVM.length);
  }

  private List<MemoryPatch> changes(Case testCase) {
    List<MemoryPatch> changes = new ArrayList<>();
    memory.changedRanges(
        before,
        (address, length) -> {
          if (!inPage(address, testCase.controlBlock().address())
              && !inPage(address, Layout.HOST_SAVE)) {
            changes.add(new MemoryPatch(address, memory.copy(address, length)));
          }
        });
    return changes;
  }

  private static boolean inPage(long address, long page) {
    return page != 0 && address >= page && address < page + PAGE;
  }

  @Override
  public void close() {
    processors.clear();
  }
}

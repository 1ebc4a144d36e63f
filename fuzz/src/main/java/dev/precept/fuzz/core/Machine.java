package dev.precept.fuzz.core;

import dev.precept.core.Cpu;
import dev.precept.core.CpuModel;
import dev.precept.core.CpuState;
import dev.precept.core.OpcodeMap;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.PortIo;
import dev.precept.core.StepResult;
import dev.precept.core.Virtualization;
import dev.precept.fuzz.Input;
import java.lang.management.ManagementFactory;
import java.util.function.Consumer;

/**
 * A processor that runs an input over and over from the same beginning, and what must hold of any
 * run: steps return and say one of the things that a step can say, no instruction is longer than 15
 * bytes, memory is not asked for without bound, and a second run is like the first, since nothing
 * of an earlier one is left in the processor.
 */
final class Machine {
  /** More than any run of a few steps can have a reason for. */
  private static final long MOST_ALLOCATED = 4L << 20;

  private static final int LONGEST_INSTRUCTION = 15;

  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Brings processor and memory to what an input says, and tells how many steps to run. */
  interface Setup {
    int steps(Machine machine, Input input);
  }

  final PhysicalMemory memory = new PhysicalMemory(Places.RAM);
  final Cpu cpu;
  final CpuState state;
  private final Setup setup;
  private final CpuState start = new CpuState();
  private final Virtualization.Saved startStrategy;
  private final byte[] startRam;
  private final CpuState end = new CpuState();
  private final byte[] endRam = new byte[Places.RAM];
  private int[] results = new int[0];

  /** Has the processor begin with {@code begin}'s state and memory in every run. */
  Machine(
      CpuModel model,
      OpcodeMap map,
      Virtualization virtualization,
      Consumer<Machine> begin,
      Setup setup) {
    this.setup = setup;
    cpu = new Cpu(model, memory, PortIo.EMPTY, map, virtualization);
    state = cpu.state;
    Mode.tables(memory);
    begin.accept(this);
    start.copyFrom(state);
    startStrategy = virtualization.save();
    startRam = memory.snapshot();
  }

  /** Runs {@code bytes} twice, and once more where a run seems to take much memory. */
  void check(byte[] bytes) {
    long allocated = allocated(bytes, true);
    int vector = cpu.lastVector;
    int errorCode = cpu.lastErrorCode;
    long[] pages = memory.dirtyWords();
    end.copyFrom(state);
    System.arraycopy(memory.ram(), 0, endRam, 0, endRam.length);
    allocated = Math.min(allocated, allocated(bytes, false));
    if (!state.same(end) || !memory.same(endRam, pages)) {
      throw new AssertionError("the second run ended with other registers or memory");
    }
    if (cpu.lastVector != vector || cpu.lastErrorCode != errorCode) {
      throw new AssertionError("the second run ended with another event");
    }
    // Loading a class takes memory too, in the run that is the first to need it.
    if (allocated > MOST_ALLOCATED && allocated(bytes, false) > MOST_ALLOCATED) {
      throw new AssertionError("a few steps allocated " + allocated + " bytes");
    }
  }

  private long allocated(byte[] bytes, boolean first) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    run(bytes, first);
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  /** Puts back what every run begins with. */
  void begin() {
    memory.restore(startRam);
    state.copyFrom(start);
    startStrategy.restore();
  }

  private void run(byte[] bytes, boolean first) {
    begin();
    int steps = setup.steps(this, new Input(bytes));
    if (first) {
      results = new int[steps];
    }
    for (int i = 0; i < steps; i++) {
      int result = cpu.step();
      if (result < StepResult.RETIRED || result > StepResult.SHUTDOWN) {
        throw new AssertionError("step " + i + " returned " + result);
      }
      if (cpu.insn.length < 0 || cpu.insn.length > LONGEST_INSTRUCTION) {
        throw new AssertionError("an instruction of " + cpu.insn.length + " bytes");
      }
      if (first) {
        results[i] = result;
      } else if (results[i] != result) {
        throw new AssertionError(
            "step " + i + " returned " + results[i] + " first, " + result + " then");
      }
    }
  }

  /** Writes what the input says next: up to eight bytes anywhere in a page that means something. */
  void patchMemory(Input input) {
    long at = Places.page(input.u8()) + input.u16() % PhysicalMemory.PAGE_SIZE;
    int size = 1 << (input.u8() & 3);
    memory.write(at, size, input.u64());
  }

  /** Writes up to 255 bytes to {@code address}. */
  void patchCode(long address, Input input) {
    memory.write(address, input.bytes(input.u8()));
  }
}

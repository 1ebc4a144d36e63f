package dev.precept.subject;

import dev.precept.cases.Case;
import dev.precept.cases.Observation;
import dev.precept.core.Cpu;
import dev.precept.core.CpuState;
import dev.precept.core.StepResult;
import dev.precept.core.Virtualization;
import java.util.function.IntFunction;

/**
 * A case on the core that can be run over and over, without an allocation: the guest is entered
 * once, and each run begins from what processor and memory held then.
 *
 * <p>The first run gives an observation, which is for the judge to compare with what the tables
 * say. Every further run is compared with the first, and completely: how it ended, vector and error
 * code, every register of the core, which pages were written, and all that they hold. That asks for
 * more than the judge does, since the core leaves nothing to chance.
 *
 * <p>For one thread.
 */
public final class PreparedCase {
  private final Cpu cpu;
  private final int steps;

  private final CpuState start = new CpuState();
  private final byte[] startRam;
  private final Virtualization.Saved startStrategy;

  private final Observation first;
  private final int endResult;
  private final int endVector;
  private final int endErrorCode;
  private final boolean endHasErrorCode;
  private final CpuState end = new CpuState();
  private final byte[] endRam;
  private final long[] endPages;

  /**
   * Prepares {@code testCase} and runs it once, on a processor and memory of its own.
   *
   * @throws IllegalArgumentException if the case does not come to its first instruction
   */
  public static PreparedCase of(Case testCase) {
    // Not closed: the prepared case goes on using its memory.
    return new CoreSubject().prepare(testCase);
  }

  /** Takes over {@code cpu} at the case's first instruction, and runs it once. */
  PreparedCase(Cpu cpu, int steps, IntFunction<Observation> observe) {
    this.cpu = cpu;
    this.steps = steps;
    start.copyFrom(cpu.state);
    startStrategy = cpu.virtualization.save();
    startRam = cpu.memory.ram().clone();
    endResult = step();
    // What was observed counts from the case's memory, entry included.
    first = observe.apply(endResult);
    endVector = cpu.lastVector;
    endErrorCode = cpu.lastErrorCode;
    endHasErrorCode = cpu.lastHasErrorCode;
    end.copyFrom(cpu.state);
    endRam = cpu.memory.ram().clone();
    begin();
    int again = step();
    endPages = cpu.memory.dirtyWords();
    if (!same(again)) {
      throw new IllegalStateException("the second run of a case was not like its first");
    }
  }

  /** What the first run showed. */
  public Observation observation() {
    return first;
  }

  /**
   * Runs the case again.
   *
   * @return whether everything was as in the first run
   */
  public boolean run() {
    begin();
    return same(step());
  }

  private void begin() {
    cpu.memory.restore(startRam);
    cpu.state.copyFrom(start);
    startStrategy.restore();
  }

  private int step() {
    int result = StepResult.RETIRED;
    for (int i = 0; i < steps && result == StepResult.RETIRED; i++) {
      result = cpu.step();
    }
    return result;
  }

  private boolean same(int result) {
    return result == endResult
        && cpu.lastVector == endVector
        && cpu.lastErrorCode == endErrorCode
        && cpu.lastHasErrorCode == endHasErrorCode
        && cpu.state.same(end)
        && cpu.memory.same(endRam, endPages);
  }
}

package dev.precept.benchmarks;

import dev.precept.core.Cpu;
import dev.precept.core.CpuModel;
import dev.precept.core.OpcodeMap;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.PortIo;
import dev.precept.core.Virtualization;
import dev.precept.core.instructions.BaseInstructions;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Single steps in real mode: fetching and decoding is most of what they do. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class StepBenchmark {
  private static final long CODE = 0x1000;

  /** NOP; MOV AX, [BX+SI+12h]; ADD with two prefixes and a memory operand. */
  @Param({"90", "8B4012", "262E66018000100000"})
  public String bytes;

  private Cpu cpu;

  /** A processor at the instruction. */
  @Setup
  public void reset() {
    OpcodeMap map = new OpcodeMap();
    BaseInstructions.register(map);
    PhysicalMemory memory = new PhysicalMemory(0x20000);
    cpu = new Cpu(CpuModel.builder().build(), memory, PortIo.EMPTY, map, Virtualization.NONE);
    memory.write(CODE, java.util.HexFormat.of().parseHex(bytes));
    for (int i = 0; i < 6; i++) {
      cpu.state.sreg[i].set(0, i == 1 ? 0x9B : 0x93, 0xFFFF, 0);
    }
  }

  /** Fetch, decode, execute, retire. */
  @Benchmark
  public int step() {
    cpu.state.rip = CODE;
    return cpu.step();
  }
}

package dev.precept.core;

import dev.precept.core.instructions.BaseInstructions;
import java.util.HexFormat;
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

/**
 * Fetching and decoding, without what comes of it. In the core's package because its decoder is
 * nobody else's business.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DecodeBenchmark {
  private static final long CODE = 0x1000;

  /** NOP; MOV AX, [BX+SI+12h]; RDTSCP; ADD with two prefixes and a memory operand. */
  @Param({"90", "8B4012", "0F01F9", "262E66018000100000"})
  public String bytes;

  private Decoder decoder;
  private final Instruction into = new Instruction();

  /** A processor in real mode, at the instruction. */
  @Setup
  public void reset() {
    OpcodeMap map = new OpcodeMap();
    BaseInstructions.register(map);
    PhysicalMemory memory = new PhysicalMemory(0x20000);
    Cpu cpu = new Cpu(CpuModel.builder().build(), memory, PortIo.EMPTY, map, Virtualization.NONE);
    memory.write(CODE, HexFormat.of().parseHex(bytes));
    for (int i = 0; i < cpu.state.sreg.length; i++) {
      cpu.state.sreg[i].set(0, i == Segment.CS ? 0x9B : 0x93, 0xFFFF, 0);
    }
    cpu.state.rip = CODE;
    decoder = new Decoder(cpu);
  }

  /** From bytes to an instruction. */
  @Benchmark
  public Instruction decode() {
    decoder.decode(into);
    return into;
  }
}

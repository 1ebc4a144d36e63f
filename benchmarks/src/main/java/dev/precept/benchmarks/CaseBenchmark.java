package dev.precept.benchmarks;

import dev.precept.cases.Case;
import dev.precept.cases.Judge;
import dev.precept.cases.Judgement;
import dev.precept.cases.Observation;
import dev.precept.generator.plan.PlannedCase;
import dev.precept.subject.CoreSubject;
import dev.precept.subject.PreparedCase;
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

/** One case of RDTSC in 64-bit mode: what each of its stations costs. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class CaseBenchmark {
  /** How the case ends: it exits, raises an exception in the guest, or retires. */
  @Param({"exit", "gp.tsd", "retires"})
  public String end;

  private BuiltInTables tables;
  private PlannedCase planned;
  private dev.precept.generator.state.Setup setup;
  private Case testCase;
  private final CoreSubject core = new CoreSubject();
  private PreparedCase prepared;
  private Observation seen;

  /** Builds the case. */
  @Setup
  public void build(BuiltInTables builtIn) {
    tables = builtIn;
    planned =
        switch (end) {
          case "exit" -> builtIn.planned("rdtsc", "/exit");
          case "gp.tsd" -> builtIn.planned("rdtsc", "/gp.tsd");
          default -> builtIn.planned("rdtsc", "/retires");
        };
    setup = setUp();
    testCase = setup.testCase();
    prepared = PreparedCase.of(testCase);
    seen = core.run(testCase);
  }

  private dev.precept.generator.state.Setup setUp() {
    return tables.builder.setUp(planned.form(), planned.assignment(), planned.id());
  }

  /** Back to the case's state, step, compare the whole outcome. */
  @Benchmark
  public boolean prepared() {
    return prepared.run();
  }

  /** Load memory, enter the guest as a hypervisor does, step, observe everything. */
  @Benchmark
  public Observation entered() {
    return core.run(testCase);
  }

  /** From an assignment to registers, memory and control block. */
  @Benchmark
  public dev.precept.generator.state.Setup built() {
    return setUp();
  }

  /** What the tables expect, and whether it was seen. */
  @Benchmark
  public Judgement expectedAndJudged() {
    return Judge.judge(testCase, tables.oracle.expect(setup), tables.state.decode(testCase, seen));
  }
}

package dev.precept.benchmarks;

import dev.precept.generator.plan.Plan;
import dev.precept.generator.render.SourceRenderer;
import dev.precept.generator.render.Views;
import dev.precept.tables.load.LoadResult;
import dev.precept.tables.load.TableLoader;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What happens before a case runs. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class PlanBenchmark {
  private static final String FORM = "rdtsc";

  private Plan plan;

  /** Plans once, for what comes after planning. */
  @Setup
  public void plan(BuiltInTables tables) {
    plan = tables.planner.plan(form -> form.id().equals(FORM));
  }

  /** Reading and checking all tables of a vendor. */
  @Benchmark
  public LoadResult tables(BuiltInTables tables) {
    return TableLoader.load(tables.vendor);
  }

  /** Planning one instruction. */
  @Benchmark
  public Plan planned(BuiltInTables tables) {
    return tables.planner.plan(form -> form.id().equals(FORM));
  }

  /** Rendering its tests. */
  @Benchmark
  public Map<String, String> rendered(BuiltInTables tables) {
    return new SourceRenderer()
        .render(new Views(tables.tables).of(plan.cases().get(0).form(), plan.cases()));
  }
}

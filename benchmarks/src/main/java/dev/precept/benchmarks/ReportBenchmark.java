package dev.precept.benchmarks;

import dev.precept.cases.Verdict;
import dev.precept.generator.plan.PlannedCase;
import dev.precept.report.HtmlReport;
import dev.precept.report.Reproducer;
import dev.precept.report.Result;
import dev.precept.report.Run;
import dev.precept.report.RunInfo;
import dev.precept.report.RunSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The page of a run of every planned case of a vendor, one in fifty of which is a violation. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 3)
@Fork(1)
public class ReportBenchmark {
  private Run run;
  private Path folder;

  /** Makes the run. */
  @Setup
  public void run(BuiltInTables tables) throws IOException {
    List<Result> results = new ArrayList<>();
    for (PlannedCase planned : tables.planner.plan().cases()) {
      boolean wrong = results.size() % 50 == 49;
      results.add(result(tables.vendor, planned, wrong));
    }
    RunInfo info =
        new RunInfo(
            "core", "", "precept gate", List.of(tables.vendor), "", "", results.size(), "", "");
    RunSummary summary = RunSummary.of(info, results, List.of(), 1, false);
    run = new Run(summary, results, List.of(), List.of());
    folder = Files.createTempDirectory("precept-report");
  }

  private static Result result(String vendor, PlannedCase planned, boolean wrong) {
    return new Result(
        planned.id(),
        "core",
        vendor,
        planned.form().instruction(),
        planned.form().form(),
        planned.mode().word(),
        planned.kind().word(),
        planned.claim(),
        wrong ? Verdict.VIOLATION : Verdict.HOLDS,
        planned.winners().get(0),
        wrong ? "retired" : planned.winners().get(0),
        planned.winners().get(0),
        "",
        planned.first(),
        planned.second(),
        List.of(),
        planned.assignment().text(),
        Reproducer.NONE,
        planned.form().citation().text(),
        planned.form().origin().file() + ":" + planned.form().origin().line(),
        planned.reveals(),
        "",
        10);
  }

  /** Writes the page. */
  @Benchmark
  public void page(BuiltInTables tables) throws IOException {
    HtmlReport.write(folder.resolve("index.html"), List.of(run), List.of(tables.tables));
  }

  /** Removes it. */
  @TearDown
  public void remove() throws IOException {
    Files.deleteIfExists(folder.resolve("index.html"));
    Files.deleteIfExists(folder);
  }
}

package dev.precept.cli;

import dev.precept.cases.Verdict;
import dev.precept.junit.Suite;
import dev.precept.junit.SuiteException;
import dev.precept.junit.SuiteOptions;
import dev.precept.junit.SuiteReport;
import dev.precept.report.CoverageGap;
import dev.precept.report.PairRecord;
import dev.precept.report.Result;
import dev.precept.report.ResultLog;
import dev.precept.report.Run;
import dev.precept.report.RunInfo;
import dev.precept.report.RunJson;
import dev.precept.report.RunSummary;
import dev.precept.subject.Subject;
import dev.precept.subject.metal.SubjectUnavailableException;
import dev.precept.tables.Tables;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "gate",
    description = {
      "Run the tests against an emulator, and fail where it breaks the documented order.",
      "Plans the cases from the tables, runs each and compares everything an outcome carries. Writes "
          + "results.jsonl, junit.xml, results.sarif, summary.md, run.json and report/index.html into "
          + "DIR."
    })
final class GateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private TableOptions tables;
  @Mixin private Selection selection;

  @Option(
      names = "--subject",
      paramLabel = "SUBJECT",
      defaultValue = "core",
      description =
          "What to test: core, Precept's own emulator; qemu, bochs or kvm (docs/subjects.md). "
              + "Default: ${DEFAULT-VALUE}.")
  private String subject;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "target/precept",
      description = "Where results and report go. Default: ${DEFAULT-VALUE}.")
  private Path folder;

  @Option(
      names = "--baseline",
      paramLabel = "FILE",
      description =
          "Violations that are expected: case ids, one a line, # starts a comment; or an earlier "
              + "results.jsonl. Others fail the gate, and so does an expected one that no longer "
              + "happens.")
  private Optional<Path> baseline = Optional.empty();

  @Option(
      names = "--fail-on-skip",
      description = "Fail also if the subject cannot run a case (not-applicable).")
  private boolean failOnSkip;

  @Option(
      names = "--tries",
      paramLabel = "N",
      description =
          "Random states for each instruction form, beside the planned cases; 0 for none. "
              + "Default: ${DEFAULT-VALUE}.")
  private int tries = SuiteOptions.DEFAULT_TRIES;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that run tests. Default: one for each processor.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--json",
      description = "Print counts and failures as one JSON object instead of text.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    List<Tables> all = tables.tables();
    Optional<Baseline> expected = Optional.empty();
    if (baseline.isPresent()) {
      expected = Optional.of(Baseline.read(baseline.get()));
    }
    SuiteOptions options =
        selection.narrow(
            Subjects.choose(subject, SuiteOptions.all(all, folder))
                .tries(positive("--tries", tries, 0))
                .threads(positive("--threads", threads, 1)),
            folder);
    Run run = run(all, options);
    PrintWriter out = spec.commandLine().getOut();
    print(out, run);
    return status(out, run, expected);
  }

  private static int positive(String option, int value, int least) {
    if (value < least) {
      throw UserException.usage(option + ": " + value + " is less than " + least);
    }
    return value;
  }

  private Run run(List<Tables> all, SuiteOptions options) throws IOException {
    Outputs outputs = new Outputs(folder);
    long start = System.nanoTime();
    List<Result> results = new ArrayList<>();
    try (Progress progress = Progress.onTerminal();
        EngineNoise noise = EngineNoise.into(folder.resolve("engines.log"))) {
      progress.say("planning and compiling tests");
      Suite suite = Suite.prepare(options);
      if (suite.planned() == 0) {
        throw UserException.usage(
            "no case matches: 'precept tables show' lists the instructions, and a case id looks like"
                + " svm/rdtsc/long64/gp.tsd>exit");
      }
      outputs.clear();
      RunInfo info = info(all, suite.planned(), options);
      try (ResultLog log = ResultLog.create(outputs.results(), info)) {
        SuiteReport report;
        try (Interruption early =
            Interruption.tell(() -> interrupted(all, progress, info, results, start))) {
          report =
              suite.run(
                  result -> {
                    synchronized (results) {
                      record(log, result);
                      results.add(result);
                      progress.at(results.size(), info.planned());
                    }
                  });
        }
        for (PairRecord pair : report.pairs()) {
          log.pair(pair);
        }
        for (CoverageGap gap : report.gaps()) {
          log.gap(gap);
        }
        RunSummary summary =
            RunSummary.of(
                info,
                results,
                report.pairs(),
                (System.nanoTime() - start) / 1_000_000,
                results.size() < info.planned());
        log.finish(summary);
        progress.say("writing the report");
        Run run = new Run(summary, results, report.pairs(), report.gaps());
        outputs.write(run, all);
        return run;
      }
    } catch (SuiteException | SubjectUnavailableException e) {
      throw UserException.subject(e.getMessage());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Tells what is known of a run that is ended early, as a run that did not finish. */
  private int interrupted(
      List<Tables> all, Progress progress, RunInfo info, List<Result> results, long start) {
    // Held to the end, so that nothing more is recorded.
    synchronized (results) {
      progress.close();
      long millis = (System.nanoTime() - start) / 1_000_000;
      RunSummary summary = RunSummary.of(info, results, List.of(), millis, true);
      Run run = new Run(summary, results, List.of(), List.of());
      PrintWriter out = spec.commandLine().getOut();
      try {
        new Outputs(folder).write(run, all);
        print(out, run);
      } catch (IOException e) {
        spec.commandLine().getErr().println("precept: " + e.getMessage());
      }
      out.flush();
      return Judgement.status(summary);
    }
  }

  private void print(PrintWriter out, Run run) throws IOException {
    if (json) {
      RunJson.writeTo(out, run);
      out.flush();
    } else {
      GateText.print(out, run, new Outputs(folder), tables.folders());
    }
  }

  private static void record(ResultLog log, Result result) {
    try {
      log.result(result);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private RunInfo info(List<Tables> all, int planned, SuiteOptions options) throws IOException {
    return new RunInfo(
        subject,
        PreceptCommand.Version.text() + subjectVersion(options),
        "precept " + String.join(" ", spec.commandLine().getParseResult().originalArgs()),
        all.stream().map(Tables::vendor).toList(),
        tables.hash(),
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        planned);
  }

  /** What a subject that is not part of Precept says of itself. */
  private String subjectVersion(SuiteOptions options) {
    if (subject.equals("core")) {
      return "";
    }
    try (Subject one = options.subjects().get()) {
      return "; " + one.version();
    }
  }

  private int status(PrintWriter out, Run run, Optional<Baseline> expected) {
    int status = Judgement.status(run.summary());
    if (expected.isPresent()) {
      List<Result> unexpected = expected.get().unexpected(run.results());
      List<Result> mended = expected.get().mended(run.results());
      if (!json) {
        GateText.printBaseline(out, unexpected, mended);
      }
      RunSummary others = withoutExpected(run, expected.get());
      status =
          !unexpected.isEmpty() || !mended.isEmpty()
              ? ExitStatus.VIOLATIONS
              : others.cases() == 0 && !others.partial()
                  ? ExitStatus.HOLDS
                  : Judgement.status(others);
    }
    boolean skipped = run.summary().count(Verdict.NOT_APPLICABLE) > 0;
    return status == ExitStatus.HOLDS && failOnSkip && skipped ? ExitStatus.VIOLATIONS : status;
  }

  private static RunSummary withoutExpected(Run run, Baseline expected) {
    List<Result> others =
        run.results().stream()
            .filter(r -> !(r.verdict().violates() && expected.ids().contains(r.id())))
            .toList();
    RunSummary summary = run.summary();
    return RunSummary.of(summary.info(), others, run.pairs(), summary.millis(), summary.partial());
  }
}

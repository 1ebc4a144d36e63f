package dev.precept.cli;

import dev.precept.cases.Verdict;
import dev.precept.junit.Batching;
import dev.precept.junit.KnownForms;
import dev.precept.junit.ResultSink;
import dev.precept.junit.Share;
import dev.precept.junit.Suite;
import dev.precept.junit.SuiteException;
import dev.precept.junit.SuiteOptions;
import dev.precept.junit.SuiteReport;
import dev.precept.report.EarlierLines;
import dev.precept.report.KeptResults;
import dev.precept.report.Result;
import dev.precept.report.ResultLines;
import dev.precept.report.ResultLog;
import dev.precept.report.Run;
import dev.precept.report.RunInfo;
import dev.precept.report.RunJson;
import dev.precept.report.RunSummary;
import dev.precept.report.ShardRecord;
import dev.precept.subject.metal.SubjectUnavailableException;
import dev.precept.subject.replay.Replay;
import dev.precept.tables.Tables;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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
  private static final String USUAL_SUBJECT = "core";

  @Spec private CommandSpec spec;
  @Mixin private TableOptions tables;
  @Mixin private Selection selection;
  @Mixin private BaselineOptions baseline;
  @Mixin private ExecOptions exec;

  @Option(
      names = "--subject",
      paramLabel = "SUBJECT",
      defaultValue = USUAL_SUBJECT,
      description =
          "What to test: core, Precept's own emulator; qemu, bochs or kvm, machines that boot "
              + "Precept's runner; disk:FILE, a machine somewhere else; exec:COMMAND, any program that "
              + "speaks the protocol of docs/subjects.md. Default: ${DEFAULT-VALUE}.")
  private String subject;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "target/precept",
      description = "Where results and report go. Default: ${DEFAULT-VALUE}.")
  private Path folder;

  @Option(
      names = "--fail-on-skip",
      description = "Fail also if the subject cannot run a case (not-applicable).")
  private boolean failOnSkip;

  @Option(
      names = "--min-run",
      paramLabel = "PERCENT",
      description =
          "Fail if the subject can run less than this share of a vendor's cases. A run in which it "
              + "could run none fails always. Default: ${DEFAULT-VALUE}.")
  private int minRun;

  @Option(
      names = "--tries",
      paramLabel = "N",
      description =
          "Random states for each instruction form, beside the planned cases; 0 for none. "
              + "Default: ${DEFAULT-VALUE}.")
  private int tries = SuiteOptions.DEFAULT_TRIES;

  @Option(
      names = {"--threads", "--workers"},
      paramLabel = "N",
      description =
          "Threads that run tests, each with a subject of its own. Default: one for each processor.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--json",
      description = "Print counts and failures as one JSON object instead of text.")
  private boolean json;

  @Option(
      names = "--no-cache",
      description =
          "Run the cases even if neither Precept nor tables nor options have changed since they ran.")
  private boolean noCache;

  @Override
  public Integer call() throws IOException {
    Optional<LastRun> last = lastRun();
    positive("--min-run", minRun, 0);
    positive("--tries", tries, 0);
    positive("--threads", threads, 1);
    Optional<EarlierResults> earlier = Optional.empty();
    Replay.Outcome replayed = new Replay.Outcome(Set.of(), 0);
    CoreRecord record = new CoreRecord(folder);
    if (last.isPresent()) {
      SortedMap<String, String> forms = last.get().forms();
      replayed =
          forms.isEmpty() || last.get().sameCore()
              ? new Replay.Outcome(forms.keySet(), 0)
              : replay(record, forms.keySet());
      if (last.get().holds() && replayed.same().equals(forms.keySet())) {
        if (replayed.cases() > 0) {
          last.get().remember(forms);
        }
        return tellAgain(replayed.cases());
      }
      earlier = earlier(last.get());
    }
    List<Tables> all = tables.tables();
    baseline.read(selection.everything());
    SuiteOptions options =
        selection.narrow(SuiteOptions.all(all, folder).tries(tries).threads(threads), folder);
    Subjects.Chosen chosen = Subjects.choose(subject, options, exec.limits());
    if (last.isPresent()) {
      chosen =
          new Subjects.Chosen(
              chosen.options().subject(record::recorded, Batching.NONE), chosen.implementation());
    }
    Set<String> same = replayed.same();
    SortedMap<String, String> keys =
        last.isPresent() ? EarlierResults.keys(all) : Collections.emptySortedMap();
    KnownForms known =
        chosen.options().share().whole()
            ? earlier.map(results -> results.of(keys, same)).orElse(KnownForms.NONE)
            : KnownForms.NONE;
    Memory memory = new Memory(last.isPresent(), known.size() > 0 ? earlier : Optional.empty());
    Run run = run(all, chosen.options(), known, chosen.implementation(), memory);
    print(run);
    if (!json && known.size() > 0) {
      spec.commandLine().getOut().println(GateText.reused(known.size(), replayed.cases()));
    }
    if (last.isPresent() && !run.summary().partial() && run.summary().lost() == 0) {
      record.save();
      last.get().remember(EarlierResults.ofThoseIn(run, keys));
    }
    int status = status(run.summary());
    return status == ExitStatus.HOLDS && !enoughRan(run) ? ExitStatus.SUBJECT : status;
  }

  private Replay.Outcome replay(CoreRecord record, Set<String> forms) {
    try (Progress progress = Progress.onTerminal()) {
      progress.say("the core has changed: running what it was given before");
      return record.replay(forms, threads);
    }
  }

  /** Whether the share of every vendor's cases that is asked for ran; says of which it did not. */
  private boolean enoughRan(Run run) {
    boolean enough = true;
    for (NotRun notRun : NotRun.of(run.results())) {
      if (!notRun.ranAtLeast(minRun)) {
        spec.commandLine().getErr().println("precept: " + notRun.tooFew(minRun));
        enough = false;
      }
    }
    return enough;
  }

  private int status(RunSummary summary) {
    int status = Judgement.status(summary);
    boolean skipped = summary.count(Verdict.NOT_APPLICABLE) > 0;
    return status == ExitStatus.HOLDS && failOnSkip && skipped ? ExitStatus.VIOLATIONS : status;
  }

  /**
   * The last run into the folder, where its results can be told again: Precept's own core gives the
   * same ones every time.
   */
  private Optional<LastRun> lastRun() throws IOException {
    if (noCache
        || !subject.equals(USUAL_SUBJECT)
        || baseline.given()
        || minRun > 0
        || selection.dependsOnLast()) {
      return Optional.empty();
    }
    List<String> options = new ArrayList<>(spec.commandLine().getParseResult().originalArgs());
    options.add(System.getenv().getOrDefault(RunClock.EPOCH, ""));
    return LastRun.of(folder, new Outputs(folder, tables.folders()).all(), options, tables.hash());
  }

  private Optional<EarlierResults> earlier(LastRun last) {
    try {
      return EarlierResults.of(last, new Outputs(folder, tables.folders()).kept());
    } catch (IOException e) {
      // Then everything is run.
      return Optional.empty();
    }
  }

  /** Tells what the last run came to, which this one would come to as well. */
  private int tellAgain(long replayed) throws IOException {
    Outputs outputs = new Outputs(folder, tables.folders());
    PrintWriter out = spec.commandLine().getOut();
    RunSummary summary = ResultLog.readEnd(outputs.results());
    if (json) {
      out.print(Files.readString(outputs.json()));
    } else if (summary.violations() > 0) {
      GateText.print(out, ResultLog.read(outputs.results()), outputs, Optional.empty());
    } else {
      GateText.print(out, summary, outputs);
    }
    if (!json) {
      out.println(GateText.reusedRun(summary.info().started(), replayed));
    }
    out.flush();
    appendStepSummary(outputs);
    return status(summary);
  }

  private static void positive(String option, int value, int least) {
    if (value < least) {
      throw UserException.usage(option + ": " + value + " is less than " + least);
    }
  }

  /**
   * What one run has of another.
   *
   * @param keep whether the next run may want what this one comes to
   * @param earlier what this one has of the last
   */
  private record Memory(boolean keep, Optional<EarlierResults> earlier) {
    /** What the next run may want of {@code run}. */
    Optional<KeptResults> kept(Run run, ResultLines lines) {
      return keep
          ? Optional.of(KeptResults.of(run, lines, EarlierResults.kept(earlier)))
          : Optional.empty();
    }
  }

  private Run run(
      List<Tables> all,
      SuiteOptions options,
      KnownForms known,
      String implementation,
      Memory memory)
      throws IOException {
    Outputs outputs = new Outputs(folder, tables.folders());
    RunClock clock = RunClock.of(System.getenv());
    List<Result> results = new ArrayList<>();
    try (Progress progress = Progress.onTerminal();
        EngineNoise noise = EngineNoise.into(folder.resolve("engines.log"))) {
      progress.say("planning and compiling tests");
      Suite suite = Suite.prepare(options, known);
      if (suite.planned() == 0) {
        throw UserException.usage(
            "no case matches: 'precept tables show' lists the instructions, and a case id looks like"
                + " svm/rdtsc/long64/gp.tsd>exit");
      }
      RunInfo info = info(all, suite.planned(), implementation, clock);
      // Before the files that they are in go or get other names.
      Outputs.Earlier pieces = outputs.earlier(suite.known());
      try (EarlierLines lines = EarlierResults.lines(memory.earlier(), outputs.results());
          ResultLog log = create(outputs, info)) {
        log.reuse(lines);
        ShardRecord shard = shard(options.share(), suite.positions(), List.of());
        if (shard.isPart()) {
          // At once: a part that does not finish still says which it is.
          log.shard(shard);
        }
        SuiteReport report;
        try (Interruption early =
            Interruption.tell(() -> interrupted(all, progress, info, results, clock))) {
          report = suite.run(recording(log, results, clock, progress, info.planned()));
        }
        log.pairs(report.pairs());
        log.gaps(report.gaps());
        log.clauses(report.clauses());
        RunSummary summary =
            RunSummary.of(
                info, results, report.pairs(), clock.millis(), results.size() < info.planned());
        Run bare = new Run(summary, results, report.pairs(), report.gaps(), report.clauses());
        Run run = baseline.apply(bare, complete(all, summary));
        if (run.baseline().used()) {
          log.baseline(run.baseline());
        }
        if (shard.isPart()) {
          log.shard(shard(options.share(), suite.positions(), report.pairPositions()));
        }
        log.finish(run.summary());
        progress.say("writing the report");
        outputs.write(run, all, pieces, memory.kept(run, log.lines()));
        appendStepSummary(outputs);
        return run;
      }
    } catch (SuiteException | SubjectUnavailableException e) {
      throw UserException.subject(e.getMessage());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Vendors of which every planned case ran. */
  private Set<String> complete(List<Tables> all, RunSummary summary) {
    return selection.everything() && !summary.partial()
        ? all.stream().map(Tables::vendor).collect(Collectors.toUnmodifiableSet())
        : Set.of();
  }

  private static ResultLog create(Outputs outputs, RunInfo info) throws IOException {
    outputs.clear();
    return ResultLog.create(outputs.results(), info);
  }

  private void appendStepSummary(Outputs outputs) {
    try {
      StepSummary.append(System.getenv(), outputs.summary());
    } catch (IOException e) {
      spec.commandLine().getErr().println("precept: no job summary was written: " + e);
    }
  }

  /** Tells what is known of a run that is ended early, as a run that did not finish. */
  private int interrupted(
      List<Tables> all, Progress progress, RunInfo info, List<Result> results, RunClock clock) {
    // Held to the end, so that nothing more is recorded.
    synchronized (results) {
      progress.close();
      RunSummary summary = RunSummary.of(info, results, List.of(), clock.millis(), true);
      Run bare = new Run(summary, results, List.of(), List.of());
      try {
        Run run = baseline.apply(bare, Set.of());
        Outputs outputs = new Outputs(folder, tables.folders());
        outputs.write(run, all);
        appendStepSummary(outputs);
        print(run);
        return Judgement.status(run.summary());
      } catch (IOException e) {
        spec.commandLine().getErr().println("precept: " + e.getMessage());
        return ExitStatus.SUBJECT;
      }
    }
  }

  private void print(Run run) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      RunJson.writeTo(out, run);
    } else {
      GateText.print(out, run, new Outputs(folder, tables.folders()), baseline.told(run));
    }
    out.flush();
  }

  /** Records each result at once, so that a run that is killed loses none. */
  private static ResultSink recording(
      ResultLog log, List<Result> results, RunClock clock, Progress progress, int planned) {
    return new ResultSink() {
      @Override
      public void accept(Result result) {
        acceptAll(List.of(result));
      }

      @Override
      public void acceptAll(List<Result> measured) {
        List<Result> recorded = measured.stream().map(clock::recorded).toList();
        synchronized (results) {
          try {
            log.results(recorded);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          results.addAll(recorded);
          progress.at(results.size(), planned);
        }
      }
    };
  }

  private static ShardRecord shard(Share share, List<Integer> positions, List<Integer> pairs) {
    return share.whole()
        ? ShardRecord.NONE
        : new ShardRecord(share.index(), share.count(), positions, pairs);
  }

  private RunInfo info(List<Tables> all, int planned, String implementation, RunClock clock)
      throws IOException {
    return new RunInfo(
        subject,
        PreceptCommand.Version.text(),
        clock.command(spec.commandLine().getParseResult().originalArgs()),
        all.stream().map(Tables::vendor).toList(),
        tables.hash(),
        clock.started(),
        planned,
        Invocation.gate(subject.equals(USUAL_SUBJECT) ? "" : subject, tables.folders()),
        implementation);
  }
}

package dev.precept.cli;

import dev.precept.cases.Verdict;
import dev.precept.subject.CoreSubject;
import dev.precept.sweep.Budget;
import dev.precept.sweep.CheckpointException;
import dev.precept.sweep.Finding;
import dev.precept.sweep.Sweep;
import dev.precept.sweep.SweepOptions;
import dev.precept.sweep.SweepReport;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

@Command(
    name = "sweep",
    description = {
      "Runs the whole state space on Precept's own core, not only the planned cases.",
      "Each form's states are cut into paths, in each of which the same checks win; from each path "
          + "some states are run, drawn by the path alone. With a budget: a sample, the same every "
          + "time, whose coverage is told."
    })
final class SweepCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private TableOptions tables;
  @Mixin private Instructions instructions;

  @Option(
      names = "--budget",
      paramLabel = "TIME|CASES",
      converter = BudgetConverter.class,
      description =
          "Run cases for no longer than 90s, 10m or 2h, or no more of them than a number.")
  private Budget budget = Budget.UNLIMITED;

  @Option(
      names = "--states",
      paramLabel = "N",
      description = "States drawn from each path: the quietest, then random ones. Default: 2.")
  private int states = 2;

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      converter = Shard.Converter.class,
      description = "Only part I of N of every form's paths.")
  private Shard shard = new Shard(1, 1);

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads, each with a core of its own. Default: one for each processor.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--checkpoint",
      paramLabel = "FILE",
      description = "Go on from FILE if it is there, and leave in it how far this run came.")
  private Optional<Path> checkpoint = Optional.empty();

  @Option(
      names = "--state",
      paramLabel = "ASSIGNMENT",
      description = "Run only this state of the one form that --instruction and --vendor name.")
  private String state = "";

  /** Reads a budget. */
  static final class BudgetConverter implements ITypeConverter<Budget> {
    @Override
    public Budget convert(String text) {
      try {
        return Budget.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  @Override
  public Integer call() throws IOException {
    if (states < 1 || threads < 1) {
      throw UserException.usage("--states and --threads take numbers from 1");
    }
    List<Tables> all = tables.tables();
    instructions.check(all);
    PrintWriter out = spec.commandLine().getOut();
    if (!state.isEmpty()) {
      return again(all, out);
    }
    SweepOptions options =
        new SweepOptions(
            all,
            instructions::wanted,
            budget,
            states,
            shard.index(),
            shard.count(),
            threads,
            checkpoint);
    String inputs =
        tables.hash() + " " + PreceptCommand.Version.text() + " " + instructions.names();
    Sweep sweep = new Sweep(options, CoreSubject::new, inputs);
    SweepText text =
        new SweepText(out, spec.commandLine().getErr(), Invocation.sweep(tables.folders()));
    CountDownLatch ended = new CountDownLatch(1);
    AtomicInteger status = new AtomicInteger(ExitStatus.SUBJECT);
    // Ctrl-C: the run ends soon, and this thread says what it came to before the process is gone.
    try (Progress progress = Progress.onTerminal();
        Interruption interrupted = Interruption.tell(() -> end(sweep, ended, status))) {
      SweepReport report = sweep.run(at -> text.progress(progress, at));
      progress.say("");
      text.print(report);
      out.flush();
      status.set(status(report));
      ended.countDown();
      return status.get();
    } catch (CheckpointException e) {
      throw UserException.usage(e.getMessage());
    } finally {
      ended.countDown();
    }
  }

  private static int end(Sweep sweep, CountDownLatch ended, AtomicInteger status) {
    sweep.stop();
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return status.get();
  }

  private int again(List<Tables> all, PrintWriter out) {
    List<Tables> vendors =
        all.stream().filter(one -> one.forms().stream().anyMatch(instructions::wanted)).toList();
    List<InstructionForm> forms =
        vendors.stream().flatMap(one -> one.forms().stream()).filter(instructions::wanted).toList();
    if (instructions.all() || vendors.size() != 1 || forms.size() != 1) {
      throw UserException.usage(
          "--state: say with --vendor and --instruction which form it is a state of; these leave "
              + Wording.count(forms.size(), "form"));
    }
    List<Finding> wrong;
    try (CoreSubject core = new CoreSubject()) {
      wrong = Sweep.again(vendors.get(0), forms.get(0), state, core);
    } catch (IllegalArgumentException | NoSuchElementException e) {
      throw UserException.usage("--state: " + e.getMessage());
    }
    if (wrong.isEmpty()) {
      out.println("holds");
      return ExitStatus.HOLDS;
    }
    wrong.forEach(one -> out.println(one.verdict().word() + ": " + one.what()));
    return wrong.stream().anyMatch(one -> one.verdict().violates())
        ? ExitStatus.VIOLATIONS
        : ExitStatus.SUBJECT;
  }

  private static int status(SweepReport report) {
    if (report.count(Verdict.VIOLATION) + report.count(Verdict.PRECEDENCE_VIOLATION) > 0) {
      return ExitStatus.VIOLATIONS;
    }
    boolean unanswered = report.count(Verdict.NO_ANSWER) + report.count(Verdict.CRASH) > 0;
    return unanswered || !report.finished() ? ExitStatus.SUBJECT : ExitStatus.HOLDS;
  }
}

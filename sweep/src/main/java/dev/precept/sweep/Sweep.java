package dev.precept.sweep;

import dev.precept.generator.Assignment;
import dev.precept.subject.Subject;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Mode;
import dev.precept.tables.Tables;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** Runs the whole state space of forms, or a sample of it, on a subject. */
public final class Sweep {
  private static final long CHECKPOINT_NANOS =
      Long.getLong("precept.checkpoint.seconds", 10) * 1_000_000_000L;

  private final SweepOptions options;
  private final Supplier<Subject> subjects;
  private final String of;
  private final List<Laboratory> laboratories;
  private final Map<Checkpoint.Key, Tally> done = new ConcurrentHashMap<>();
  private volatile boolean stopped;

  /**
   * A sweep that has not begun.
   *
   * @param options what to run
   * @param subjects makes a subject for each thread
   * @param inputs a checksum of tables and subject: a checkpoint of others is refused
   */
  public Sweep(SweepOptions options, Supplier<Subject> subjects, String inputs) {
    this.options = options;
    this.subjects = subjects;
    this.laboratories = options.tables().stream().map(Laboratory::new).toList();
    this.of =
        String.join(
            " ",
            inputs,
            "states=" + options.states(),
            "shard=" + options.shard() + "/" + options.shards(),
            "budget=" + options.budget().cases());
  }

  /**
   * How far a sweep is.
   *
   * @param cases cases run, by this process
   * @param seconds since the first of them
   * @param remaining paths that are still to be taken, if nothing ends the run before
   * @param taken paths taken by this process
   */
  public record Progress(long cases, double seconds, long remaining, long taken) {
    /** Cases a second, 0 before the first. */
    public double rate() {
      return seconds > 0 ? cases / seconds : 0;
    }

    /** Seconds to go at the rate so far. */
    public double remainingSeconds() {
      return taken == 0 ? 0 : remaining * seconds / taken;
    }
  }

  /** Ends the run soon; what was run is kept. */
  public void stop() {
    stopped = true;
  }

  /**
   * Runs.
   *
   * @param progress told about once a second
   * @throws CheckpointException if the checkpoint is of another sweep
   * @throws IOException if the checkpoint cannot be read or written
   */
  public SweepReport run(Consumer<Progress> progress) throws IOException {
    if (options.checkpoint().isPresent()) {
      done.putAll(Checkpoint.read(options.checkpoint().get(), of));
    }
    long resumed = done.values().stream().mapToLong(Tally::cases).sum();
    ExecutorService threads = Executors.newFixedThreadPool(options.threads());
    ThreadLocal<Subject> own = ThreadLocal.withInitial(subjects);
    try {
      List<Stratum> strata = strata(threads);
      List<Layer> layers = layers(strata);
      long start = System.nanoTime();
      long deadline =
          options.budget().seconds() == 0
              ? Long.MAX_VALUE
              : start + options.budget().seconds() * 1_000_000_000L;
      Clock clock = new Clock(strata, layers, start, deadline, progress);
      for (int layer = 0; layer < layers.size() && !clock.over(); layer++) {
        runLayer(strata, layers.get(layer), layer, threads, own, clock);
      }
      save();
      return report(strata, layers.size(), resumed, (System.nanoTime() - start) / 1e9);
    } finally {
      threads.shutdownNow();
    }
  }

  /** The strata, those with most paths first, so that no thread is left with a large one. */
  private List<Stratum> strata(ExecutorService threads) {
    List<Future<Stratum>> counting = new ArrayList<>();
    for (Laboratory laboratory : laboratories) {
      for (InstructionForm form : laboratory.tables().forms()) {
        if (options.forms().test(form)) {
          for (Mode mode : laboratory.planner().modes(form)) {
            counting.add(threads.submit(() -> Stratum.of(laboratory, form, mode)));
          }
        }
      }
    }
    return counting.stream()
        .map(Sweep::result)
        .sorted(Comparator.comparingLong(Stratum::paths).reversed().thenComparing(Stratum::id))
        .toList();
  }

  private List<Layer> layers(List<Stratum> strata) {
    if (options.budget().seconds() > 0) {
      return Layer.GROWING;
    }
    if (options.budget().cases() == 0) {
      return List.of(Layer.WHOLE);
    }
    long paths = options.budget().cases() / options.states() * options.shards();
    return List.of(Layer.within(strata.stream().map(Stratum::paths).toList(), paths));
  }

  private void runLayer(
      List<Stratum> strata,
      Layer layer,
      int number,
      ExecutorService threads,
      ThreadLocal<Subject> own,
      Clock clock)
      throws IOException {
    List<Future<?>> running = new ArrayList<>();
    for (Stratum stratum : strata) {
      Checkpoint.Key key = new Checkpoint.Key(stratum.id(), number);
      Tally from = done.getOrDefault(key, Tally.NOTHING);
      if (!layer.passes(stratum.paths()) && from.position() < stratum.paths()) {
        running.add(
            threads.submit(
                () -> {
                  if (!clock.over()) {
                    new StratumRun(stratum, layer, options, own.get(), from)
                        .run(clock::over, tally -> done.put(key, tally));
                  }
                }));
      }
    }
    long saved = System.nanoTime();
    for (Future<?> one : running) {
      boolean ended;
      do {
        ended = clock.wait(one);
        // Also where all of them end at once: many that are short take long together.
        if (System.nanoTime() - saved > CHECKPOINT_NANOS) {
          save();
          saved = System.nanoTime();
        }
      } while (!ended);
      result(one);
    }
  }

  private void save() throws IOException {
    if (options.checkpoint().isPresent()) {
      Checkpoint.write(options.checkpoint().get(), of, Map.copyOf(done));
    }
  }

  private static <T> T result(Future<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** When to stop, and what to tell meanwhile. */
  private final class Clock {
    private final List<Stratum> strata;
    private final List<Layer> layers;
    private final long start;
    private final long deadline;
    private final Consumer<Progress> progress;
    private final long casesBefore;
    private final long takenBefore;

    Clock(
        List<Stratum> strata,
        List<Layer> layers,
        long start,
        long deadline,
        Consumer<Progress> progress) {
      this.strata = strata;
      this.layers = layers;
      this.start = start;
      this.deadline = deadline;
      this.progress = progress;
      this.casesBefore = sum(Tally::cases);
      this.takenBefore = sum(Tally::taken);
    }

    boolean over() {
      return stopped || System.nanoTime() > deadline;
    }

    /** Waits a second for {@code one}; whether it ended. */
    boolean wait(Future<?> one) {
      try {
        one.get(1, java.util.concurrent.TimeUnit.SECONDS);
        return true;
      } catch (java.util.concurrent.TimeoutException e) {
        tell();
        return false;
      } catch (ExecutionException e) {
        return true;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }

    private void tell() {
      double seconds = (System.nanoTime() - start) / 1e9;
      long all =
          strata.stream()
              .mapToLong(
                  stratum ->
                      layers.stream().mapToLong(layer -> layer.expected(stratum.paths())).sum())
              .sum();
      long taken = sum(Tally::taken);
      long remaining = Math.max(0, all / options.shards() - taken);
      progress.accept(
          new Progress(sum(Tally::cases) - casesBefore, seconds, remaining, taken - takenBefore));
    }
  }

  private long sum(Function<Tally, Long> count) {
    return done.values().stream().mapToLong(count::apply).sum();
  }

  private SweepReport report(List<Stratum> strata, int layers, long resumed, double seconds) {
    List<SweepReport.VendorShare> shares = new ArrayList<>();
    List<Finding> findings = new ArrayList<>();
    for (Laboratory laboratory : laboratories) {
      String vendor = laboratory.tables().vendor();
      VendorTotals totals = new VendorTotals(vendor, options.shard(), options.shards());
      for (Stratum stratum : strata) {
        if (stratum.laboratory() == laboratory) {
          Tally sum = Tally.NOTHING;
          for (int layer = 0; layer < layers; layer++) {
            Tally one = done.getOrDefault(new Checkpoint.Key(stratum.id(), layer), Tally.NOTHING);
            sum = sum.plus(one);
          }
          totals.add(stratum, sum);
          findings.addAll(sum.findings());
        }
      }
      shares.add(totals.share());
    }
    findings.sort(Comparator.comparing(Finding::vendor).thenComparing(Finding::form));
    return new SweepReport(shares, findings, !stopped, resumed, seconds);
  }

  /**
   * Runs one state again.
   *
   * @param state as {@link Finding#state} has it
   * @return what does not hold; empty where it holds
   * @throws IllegalArgumentException if the state is none of the form's
   */
  public static List<Finding> again(
      Tables tables, InstructionForm form, String state, Subject subject) {
    Laboratory laboratory = new Laboratory(tables);
    Assignment assignment = Assignment.parse(tables, state);
    Mode mode = Mode.values()[(int) assignment.value(tables, "mode")];
    if (!laboratory.planner().space(form, mode).lawful(assignment)) {
      throw new IllegalArgumentException("no state of " + form.id() + " is '" + state + "'");
    }
    Stratum stratum = new Stratum(laboratory, form, mode, java.math.BigInteger.ONE, 1);
    Laboratory.Trial trial = laboratory.run(form, assignment, subject);
    return trial.judgement().verdict().passes()
        ? List.of()
        : List.of(Finding.of(stratum, assignment.text(), trial));
  }
}

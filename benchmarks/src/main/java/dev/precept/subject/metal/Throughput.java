package dev.precept.subject.metal;

import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.FeatureBit;
import dev.precept.generator.Assignment;
import dev.precept.generator.plan.PlannedCase;
import dev.precept.generator.plan.Planner;
import dev.precept.generator.state.CaseBuilder;
import dev.precept.generator.state.UnbuildableException;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import dev.precept.tables.load.TablesException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Measures, on each emulator that is there, planned cases a second, three ways beside each other:
 *
 * <ul>
 *   <li>bare: what differs from the case before is set, the guest is entered and left, no more;
 *   <li>rebuilt: the same with all of the VMCB copied, or all of the VMCS's fields written, before
 *       each entry: what whole passes are to be held against;
 *   <li>whole: written to the disk, run, everything compared, results read back and made into
 *       observations.
 * </ul>
 *
 * A program to be started by hand:
 *
 * <pre>{@code java -cp benchmarks/target/benchmarks.jar dev.precept.subject.metal.Throughput}</pre>
 */
public final class Throughput {
  private static final Set<String> FORMS = Set.of("rdtsc", "cpuid", "rdpmc");
  private static final int CASES = 8192, ROUNDS = 2, REPEATS = 3;

  private Throughput() {}

  /** Measures all; {@code qemu}, {@code bochs} or {@code bochs-vmx} one of them. */
  public static void main(String[] arguments) throws TablesException {
    Set<String> wanted = Set.of(arguments);
    measure(wanted, "qemu", Qemu.tcg(), "svm");
    measure(wanted, "bochs", Bochs.svm(), "svm");
    measure(wanted, "bochs-vmx", Bochs.vmx(), "vmx");
  }

  private static void measure(Set<String> wanted, String name, Emulator emulator, String vendor)
      throws TablesException {
    if (!wanted.isEmpty() && !wanted.contains(name)) {
      return;
    }
    long began = System.nanoTime();
    try (Lane lane = new Lane(emulator, Set.of(), RunnerImage.bytes(), Lane.Patience.USUAL)) {
      BootReport report = lane.report();
      System.out.printf(Locale.ENGLISH, "%s: up after %.2f s%n", name, seconds(began));
      List<Job> jobs = jobs(vendor, report);
      Observer observer = new Observer(report);
      observed(observer, jobs, lane.run(jobs, Campaign.CHECK_INTERVAL));
      for (int i = 0; i < REPEATS; i++) {
        tell(name, "bare", lane.runBare(jobs, 0, ROUNDS), ROUNDS);
        Lane.Pass rebuilt = lane.runBare(jobs, Protocol.COMMAND_FLAG_REBUILD, ROUNDS);
        Rate reference = tell(name, "rebuilt", rebuilt, ROUNDS);
        long start = System.nanoTime();
        Lane.Pass pass = lane.run(jobs, Campaign.CHECK_INTERVAL);
        int seen = observed(observer, jobs, pass);
        double outside = CASES / seconds(start);
        Rate whole = tell(name, "whole", pass, 1);
        System.out.printf(
            Locale.ENGLISH,
            "%s: whole is %.0f %% of rebuilt by the clock, %.0f %% by processor time;"
                + " %,.0f a second with cases written and %,d results read%n",
            name,
            100 * whole.clock() / reference.clock(),
            100 * whole.processor() / reference.processor(),
            outside,
            seen);
      }
    } catch (SubjectUnavailableException e) {
      System.out.println(name + ": " + e.getMessage());
    }
  }

  /**
   * Planned cases in 64-bit mode that this processor can run, over and over, in the usual order.
   */
  private static List<Job> jobs(String vendor, BootReport report) throws TablesException {
    Tables tables = TableLoader.load(vendor).orThrow();
    Planner planner = new Planner(tables);
    CaseBuilder builder = new CaseBuilder(tables);
    List<Job> some = new ArrayList<>();
    for (PlannedCase planned : planner.plan(form -> FORMS.contains(form.id())).cases()) {
      Optional<Case> built =
          planned.id().contains("/long64/")
              ? build(planner, builder, planned, report)
              : Optional.empty();
      built
          .filter(one -> one.context() == Context.GUEST && !one.priorControlBlock().present())
          .filter(one -> Applicability.reason(one, report).isEmpty())
          .ifPresent(one -> some.add(Job.of(one)));
    }
    if (some.isEmpty()) {
      throw new IllegalStateException("none of the cases can be run on this processor");
    }
    List<Job> jobs = new ArrayList<>();
    while (jobs.size() < CASES) {
      jobs.addAll(some.subList(0, Math.min(some.size(), CASES - jobs.size())));
    }
    return jobs;
  }

  /** The case, as one of this processor where only what exits report depends on it. */
  private static Optional<Case> build(
      Planner planner, CaseBuilder builder, PlannedCase planned, BootReport report) {
    try {
      Case one = builder.setUp(planned.form(), planned.assignment(), planned.id()).testCase();
      List<FeatureBit> otherwise =
          one.features().stream().filter(bit -> !report.agrees(bit)).toList();
      Assignment assignment =
          builder
              .turned(otherwise)
              .flatMap(
                  classes ->
                      planner
                          .space(planned.form(), planned.mode())
                          .alike(planned.assignment(), classes))
              .orElse(planned.assignment());
      return Optional.of(builder.setUp(planned.form(), assignment, planned.id()).testCase());
    } catch (UnbuildableException e) {
      return Optional.empty();
    }
  }

  /** Cases a second, by the clock and by the processor time that the machine took. */
  private record Rate(double clock, double processor) {
    static Rate of(int cases, Lane.Pass pass) {
      return new Rate(
          cases / (pass.took().toNanos() / 1e9), cases / (pass.processorTime().toNanos() / 1e9));
    }
  }

  /**
   * Tells and returns rates, from the machine's having its command to its being done. Bochs counts
   * an instruction as one time-stamp count, so there it is how many a case takes.
   */
  private static Rate tell(String name, String what, Lane.Pass pass, int rounds) {
    if (pass.way() != Lane.Way.DONE) {
      throw new IllegalStateException(name + " did not come to the end: " + pass.words());
    }
    Rate rate = Rate.of(CASES * rounds, pass);
    System.out.printf(
        Locale.ENGLISH,
        "%s: %-7s %,8.0f a second, %,8.0f a second of processor time, %,d time-stamp counts a case%n",
        name,
        what,
        rate.clock(),
        rate.processor(),
        pass.cycles() / (CASES * (long) rounds));
    return rate;
  }

  private static int observed(Observer observer, List<Job> jobs, Lane.Pass pass) {
    int seen = 0;
    for (RawResult raw : pass.results()) {
      if (raw.end() != Protocol.END_CHECKED) {
        seen += observer.observe(jobs.get(raw.index()).testCase(), raw).isPresent() ? 1 : 0;
      }
    }
    return seen;
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }
}

package dev.precept.subject.metal;

import dev.precept.cases.Case;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Measures, on each emulator that is there, cases a second: of the bare loop in the guest (memory
 * and registers set up, VMRUN, exit, memory undone), and of whole passes beside it (written to the
 * disk, run, compared, results read and made into observations). A program to be started by hand:
 *
 * <pre>{@code java -cp ... dev.precept.subject.metal.Throughput}</pre>
 */
final class Throughput {
  private static final int CASES = 8192,
      ROUNDS = 2,
      CHECK_INTERVAL = 512,
      REPEATS = 2,
      CPUID_INTERCEPT = 18;

  private Throughput() {}

  public static void main(String[] arguments) {
    for (Emulator emulator : List.of(Qemu.tcg(), Bochs.svm())) {
      try (Lane lane = new Lane(emulator, Set.of(), RunnerImage.bytes(), Lane.Patience.USUAL)) {
        measure(emulator, lane);
      } catch (SubjectUnavailableException e) {
        System.out.println(emulator.name() + ": " + e.getMessage());
      }
    }
  }

  private static void measure(Emulator emulator, Lane lane) {
    long began = System.nanoTime();
    Observer observer = new Observer(lane.report());
    System.out.printf("%s: up after %.2f s%n", emulator.name(), seconds(began));
    List<Job> jobs = new ArrayList<>();
    for (int i = 0; i < CASES; i++) {
      Case testCase = HandMade.of("cpuid " + i, 0x0F, 0xA2).intercept(CPUID_INTERCEPT).build();
      jobs.add(Job.of(testCase));
    }
    observed(observer, jobs, lane.run(jobs, CHECK_INTERVAL));
    for (int i = 0; i < REPEATS; i++) {
      Clock bare = new Clock();
      Lane.Pass loop = lane.runBare(jobs, ROUNDS);
      if (loop.way() != Lane.Way.DONE) {
        throw new IllegalStateException(emulator.name() + " did not come to the loop's end");
      }
      tell(emulator, "bare loop", bare, CASES * ROUNDS, loop);
      Clock whole = new Clock();
      Lane.Pass pass = lane.run(jobs, CHECK_INTERVAL);
      tell(emulator, "whole", whole, observed(observer, jobs, pass), pass);
    }
  }

  /** Bochs counts an instruction as one time-stamp count, so there it is how many a case takes. */
  private static void tell(Emulator emulator, String what, Clock clock, int cases, Lane.Pass pass) {
    System.out.printf(
        "%s: %-9s %s, %,d time-stamp counts a case%n",
        emulator.name(), what, clock.rate(cases), pass.cycles() / cases);
  }

  /** Time, and the processor time of the emulator alone, which a busy computer does not change. */
  private static final class Clock {
    private final long began = System.nanoTime();
    private final double cpu = emulatorSeconds();

    String rate(int cases) {
      return String.format(
          Locale.ENGLISH,
          "%,9.0f a second, %,9.0f a second of the emulator's processor time",
          cases / seconds(began),
          cases / (emulatorSeconds() - cpu));
    }

    private static double emulatorSeconds() {
      return ProcessHandle.current()
          .descendants()
          .map(process -> process.info().totalCpuDuration().orElse(Duration.ZERO))
          .mapToDouble(time -> time.toMillis() / 1e3)
          .sum();
    }
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

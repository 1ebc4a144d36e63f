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
      CHECK_INTERVAL = 256,
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
    whole(lane, observer, jobs);
    for (int i = 0; i < REPEATS; i++) {
      Clock bare = new Clock();
      if (lane.runBare(jobs, ROUNDS).way() != Lane.Way.DONE) {
        throw new IllegalStateException(emulator.name() + " did not come to the loop's end");
      }
      System.out.printf("%s: bare loop %s%n", emulator.name(), bare.rate(CASES * ROUNDS));
      Clock whole = new Clock();
      int seen = whole(lane, observer, jobs);
      System.out.printf("%s: whole     %s%n", emulator.name(), whole.rate(seen));
    }
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

  private static int whole(Lane lane, Observer observer, List<Job> jobs) {
    int seen = 0;
    for (RawResult raw : lane.run(jobs, CHECK_INTERVAL).results()) {
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

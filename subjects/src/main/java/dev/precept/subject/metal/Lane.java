package dev.precept.subject.metal;

import dev.precept.cases.BaseImage;
import dev.precept.cases.Case;
import dev.precept.cases.FeatureBit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** One machine with the runner on it, started when it is needed and started again when it died. */
final class Lane implements AutoCloseable {
  /** What there is to wait for, and how long at most. */
  record Patience(Duration boot, Duration oneCase) {
    /** Beyond what a loaded computer needs. */
    static final Patience USUAL = new Patience(Duration.ofSeconds(60), Duration.ofSeconds(5));
  }

  /** How running some cases ended. */
  enum Way {
    /** All have run. */
    DONE,
    /** The runner gave up and said why. */
    DIED,
    /** The machine ended. */
    CRASHED,
    /** The processor shut down. */
    SHUT_DOWN,
    /** Nothing moved any more. */
    HUNG,
    /** There are results that the protocol does not allow. */
    NONSENSE
  }

  /**
   * What came of running some cases.
   *
   * @param results results, in the cases' order
   * @param started how many cases were begun at least; the last of them is the one that did not
   *     end, unless {@code way} is DONE
   * @param words for a person, where {@code way} is not DONE
   * @param cycles time-stamp counts that the cases took, where {@code way} is DONE
   * @param took how long the machine took, from having its command to having said that it is done
   * @param processorTime of this computer that the machine took meanwhile
   * @param shutDown whether the processor shut down on the way and something woke it up again
   */
  record Pass(
      List<RawResult> results,
      int started,
      Way way,
      String words,
      long cycles,
      Duration took,
      Duration processorTime,
      boolean shutDown) {}

  private static final System.Logger LOG = System.getLogger(Lane.class.getName());

  private final Emulator emulator;
  private final Set<FeatureBit> off;
  private final byte[] image;
  private final Patience patience;
  private final Path folder;
  private final Map<BaseImage, MemoryImage> bases = new HashMap<>();
  private Optional<Running> running = Optional.empty();
  private Optional<BootReport> report = Optional.empty();

  /** A machine that booted. */
  private record Running(Machine machine, RunnerDisk disk, Path heartbeat) {}

  /** A lane for machines without the features {@code off}; nothing is started yet. */
  Lane(Emulator emulator, Set<FeatureBit> off, byte[] image, Patience patience) {
    this.emulator = emulator;
    this.off = off;
    this.image = image;
    this.patience = patience;
    try {
      folder = Files.createTempDirectory("precept-" + emulator.name());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the processor has; boots the machine if none is running. */
  BootReport report() {
    try {
      booted();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return report.orElseThrow();
  }

  private Running booted() throws IOException {
    if (running.isPresent() && running.get().machine().ending().isEmpty()) {
      return running.get();
    }
    halt();
    bases.clear();
    long started = System.nanoTime();
    Path heartbeat = folder.resolve("heartbeat");
    Files.write(heartbeat, new byte[0]);
    Path file = folder.resolve("disk.img");
    RunnerDisk disk = new RunnerDisk(file, image);
    Machine machine = emulator.start(folder, file, heartbeat, off);
    Running now = new Running(machine, disk, heartbeat);
    running = Optional.of(now);
    long until = System.nanoTime() + patience.boot().toNanos();
    while (true) {
      Optional<RunnerDisk.Status> status = disk.status();
      if (status.isPresent() && status.get().code() == Protocol.STATUS_READY) {
        break;
      }
      Optional<Machine.Ending> ending = machine.ending();
      if (ending.isPresent() || System.nanoTime() > until || status.isPresent()) {
        halt();
        throw new SubjectUnavailableException(
            "the runner does not come up on "
                + emulator.name()
                + ": "
                + ending
                    .map(Machine.Ending::words)
                    .or(() -> status.map(RunnerDisk.Status::text))
                    .orElse("no word from it after " + patience.boot().toSeconds() + " s"));
      }
      pause(1);
    }
    report = Optional.of(BootReport.parse(disk.report()));
    LOG.log(
        System.Logger.Level.DEBUG,
        () ->
            String.format(
                "%s: up after %d ms", emulator.name(), (System.nanoTime() - started) / 1_000_000));
    return now;
  }

  /** Ends the machine, so that the next cases begin on a new one. */
  void halt() {
    if (running.isPresent()) {
      Running last = running.get();
      running = Optional.empty();
      last.machine().close();
      try {
        last.disk().close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /**
   * Runs cases. Unless all have run, the machine has been ended.
   *
   * @throws SubjectUnavailableException if no machine comes up
   * @throws ProtocolException if the runner refuses, or is another version's
   */
  Pass run(List<Job> jobs, int checkInterval) {
    return run(jobs, 0, checkInterval, 1);
  }

  /**
   * Time-stamp counts of {@code rounds} times entering the cases and leaving them.
   *
   * @param flags what else to do: {@code COMMAND_FLAG_REBUILD} or 0
   */
  Pass runBare(List<Job> jobs, int flags, int rounds) {
    return run(jobs, flags | Protocol.COMMAND_FLAG_BARE, Integer.MAX_VALUE, rounds);
  }

  private Pass run(List<Job> jobs, int flags, int checkInterval, int rounds) {
    long started = System.nanoTime();
    try {
      Running now = booted();
      for (Job job : jobs) {
        Optional<Pass> failed = sendBase(now, job.testCase());
        if (failed.isPresent()) {
          return failed.get();
        }
      }
      BootReport found = report.orElseThrow();
      CaseWriter writer = new CaseWriter(bases::get, found);
      jobs.forEach(writer::add);
      long before = Files.size(now.heartbeat());
      int all = flags | (emulator.keepsTlb() ? Protocol.COMMAND_FLAG_FLUSH : 0);
      long sequence =
          now.disk()
              .run(
                  writer.toBytes(),
                  new RunnerDisk.Run(
                      all,
                      writer.count(),
                      writer.templateCount(),
                      checkInterval,
                      emulator.heartbeatPort(),
                      rounds,
                      found.fields().size()));
      return log(jobs, await(now, sequence, before), started);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Optional<Pass> sendBase(Running now, Case testCase) throws IOException {
    if (bases.containsKey(testCase.base())) {
      return Optional.empty();
    }
    MemoryImage image = new MemoryImage(bases.size(), testCase);
    bases.put(testCase.base(), image);
    long sequence = now.disk().base(image.number(), image.bytes());
    Pass pass = await(now, sequence, Files.size(now.heartbeat()));
    return pass.way() == Way.DONE ? Optional.empty() : Optional.of(pass);
  }

  /** Waits for the end of a command, whatever it is. */
  private Pass await(Running now, long sequence, long before) throws IOException {
    long beats = -1;
    long began = System.nanoTime();
    Duration processorTime = now.machine().processorTime();
    long moved = began;
    for (int wait = 0; ; wait++) {
      Optional<RunnerDisk.Status> status = now.disk().status();
      if (status.isPresent() && status.get().sequence() == sequence) {
        switch (status.get().code()) {
          case Protocol.STATUS_DONE -> {
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            boolean shutDown = now.machine().goesOn();
            List<RawResult> results;
            try {
              results = now.disk().results(sequence);
            } catch (ProtocolException e) {
              return failed(now, before, List.of(), Way.NONSENSE, e.getMessage());
            }
            return new Pass(
                results,
                (int) (Files.size(now.heartbeat()) - before),
                Way.DONE,
                "",
                status.get().cycles(),
                took,
                now.machine().processorTime().minus(processorTime),
                shutDown);
          }
          case Protocol.STATUS_REFUSED ->
              throw new ProtocolException("the runner refused: " + status.get().text());
          case Protocol.STATUS_DIED -> {
            return failed(now, sequence, before, Way.DIED, status.get().text());
          }
          default -> {}
        }
      }
      Optional<Machine.Ending> ending = now.machine().ending();
      if (ending.isPresent()) {
        Way way = ending.get().tripleFault() ? Way.SHUT_DOWN : Way.CRASHED;
        return failed(now, sequence, before, way, ending.get().words());
      }
      long size = Files.size(now.heartbeat());
      if (size != beats) {
        beats = size;
        moved = System.nanoTime();
      } else if (System.nanoTime() - moved > patience.oneCase().toNanos()) {
        String words = "nothing moved for " + patience.oneCase().toSeconds() + " s";
        return failed(now, sequence, before, Way.HUNG, words);
      }
      pause(wait < 20 ? 0 : 1);
    }
  }

  private Pass failed(Running now, long sequence, long before, Way way, String words)
      throws IOException {
    try {
      return failed(now, before, now.disk().results(sequence), way, words);
    } catch (ProtocolException e) {
      return failed(now, before, List.of(), Way.NONSENSE, e.getMessage());
    }
  }

  private Pass failed(Running now, long before, List<RawResult> results, Way way, String words)
      throws IOException {
    int started = (int) (Files.size(now.heartbeat()) - before);
    halt();
    return new Pass(
        results, started, way, words, 0, Duration.ZERO, Duration.ZERO, way == Way.SHUT_DOWN);
  }

  private Pass log(List<Job> jobs, Pass pass, long startedNanos) {
    LOG.log(
        System.Logger.Level.DEBUG,
        () ->
            String.format(
                "%s: %d cases, %s after %d, %d ms; last %s %s",
                emulator.name(),
                jobs.size(),
                pass.way(),
                pass.started(),
                (System.nanoTime() - startedNanos) / 1_000_000,
                jobs.get(Math.max(0, Math.min(pass.started(), jobs.size()) - 1)).testCase().id(),
                pass.words()));
    return pass;
  }

  private static void pause(int millis) {
    try {
      if (millis == 0) {
        Thread.sleep(0, 200_000);
      } else {
        Thread.sleep(millis);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SubjectUnavailableException("interrupted while waiting for a machine", e);
    }
  }

  @Override
  public void close() {
    halt();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package dev.precept.subject.metal;

import dev.precept.cases.BaseImage;
import dev.precept.cases.Case;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import dev.precept.subject.Subject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A machine that is somewhere else: a disk goes there and comes back. First it has only the runner,
 * which writes what the processor has; then the cases are written that it can run; then their
 * results are read. Each time the same cases have to be asked for in the same order.
 */
public final class DiskSubject implements Subject {
  private final Path file;
  private final CaseDisk disk;
  private final BootReport report;
  private final Observer observer;
  private final boolean reading;
  private final Map<BaseImage, MemoryImage> bases = new HashMap<>();
  private boolean used;

  private DiskSubject(Path file, CaseDisk disk, BootReport report) throws IOException {
    this.file = file;
    this.disk = disk;
    this.report = report;
    observer = new Observer(report);
    reading = disk.hasCases();
  }

  /**
   * The machine that {@code file} goes to.
   *
   * @throws SubjectUnavailableException if no machine has booted it yet; the file is made if there
   *     is none
   */
  public static DiskSubject open(Path file) {
    return open(file, RunnerImage.bytes());
  }

  static DiskSubject open(Path file, byte[] image) {
    try {
      if (!Files.exists(file)) {
        CaseDisk.create(file, image);
        throw new SubjectUnavailableException(
            file
                + " is new: boot a machine from it once, so that it says what its processor has,"
                + " and run this again with the file as it is then");
      }
      CaseDisk disk = new CaseDisk(file);
      Optional<String> report = disk.report();
      if (report.isEmpty()) {
        disk.close();
        throw new SubjectUnavailableException("no machine has booted " + file + " yet");
      }
      return new DiskSubject(file, disk, BootReport.parse(report.get()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String name() {
    return "disk";
  }

  @Override
  public String version() {
    return report.processor();
  }

  @Override
  public List<FeatureBit> otherwise(Case testCase) {
    return testCase.features().stream().filter(bit -> !report.agrees(bit)).toList();
  }

  @Override
  public synchronized void run(List<Case> batch, Consumer<Observation> observations) {
    List<Job> jobs = new ArrayList<>();
    for (Case testCase : batch) {
      Optional<String> reason = Applicability.reason(testCase, report);
      if (reason.isPresent()) {
        observations.accept(
            Observation.unanswered(testCase.id(), OutcomeKind.NOT_APPLICABLE, reason.get()));
      } else {
        // By itself: nobody there asks again for what changed where nobody looked.
        jobs.add(Job.of(testCase).patient().checkedByItself());
      }
    }
    Comparator<Job> byBase = Comparator.comparing((Job job) -> job.testCase().base().name());
    jobs.sort(byBase.thenComparing(job -> job.testCase().context()));
    if (jobs.isEmpty()) {
      return;
    }
    try {
      if (reading) {
        read(jobs, observations);
      } else {
        write(jobs, observations);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(List<Job> jobs, Consumer<Observation> observations) throws IOException {
    used = true;
    for (Job job : jobs) {
      BaseImage base = job.testCase().base();
      if (!bases.containsKey(base)) {
        MemoryImage image = new MemoryImage(bases.size(), job.testCase());
        bases.put(base, image);
        disk.base(image.number(), image.bytes());
      }
    }
    CaseWriter writer = new CaseWriter(bases::get, report);
    jobs.forEach(writer::add);
    disk.cases(writer.toBytes(), writer.count(), writer.templateCount(), report.fields().size());
    String what = "written to " + file + ": boot the machine from it again, and run this again";
    jobs.forEach(job -> observations.accept(unanswered(job, what)));
  }

  private void read(List<Job> jobs, Consumer<Observation> observations) throws IOException {
    boolean same = true;
    for (Job job : jobs) {
      BaseImage base = job.testCase().base();
      if (!bases.containsKey(base)) {
        MemoryImage image = new MemoryImage(bases.size(), job.testCase());
        bases.put(base, image);
        same = same && disk.results(image.bytes()).isPresent();
      }
    }
    CaseWriter writer = new CaseWriter(bases::get, report);
    jobs.forEach(writer::add);
    Optional<List<RawResult>> results = same ? disk.results(writer.toBytes()) : Optional.empty();
    if (results.isEmpty()) {
      String what =
          file + " has other cases: ask for the same ones as when it was written, or remove it";
      jobs.forEach(job -> observations.accept(unanswered(job, what)));
      return;
    }
    RawResult[] seen = new RawResult[jobs.size()];
    for (RawResult raw : results.get()) {
      if (raw.index() < 0 || raw.index() >= seen.length) {
        throw new ProtocolException(file + ": a result for case " + raw.index());
      }
      seen[raw.index()] = raw.end() == Protocol.END_CHECKED ? seen[raw.index()].with(raw) : raw;
    }
    for (int i = 0; i < seen.length; i++) {
      Job job = jobs.get(i);
      Optional<Observation> one =
          seen[i] == null ? Optional.empty() : observer.observe(job.testCase(), seen[i]);
      String what =
          seen[i] == null
              ? "the machine did not come to it, or did not come back from it"
              : "the instruction neither completed nor waited until the alarm";
      observations.accept(one.orElseGet(() -> unanswered(job, what)));
    }
  }

  private static Observation unanswered(Job job, String what) {
    return Observation.unanswered(job.testCase().id(), OutcomeKind.NO_ANSWER, what);
  }

  @Override
  public synchronized void close() {
    try {
      if (used) {
        disk.end();
      }
      disk.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

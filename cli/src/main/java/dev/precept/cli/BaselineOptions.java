package dev.precept.cli;

import dev.precept.report.Baseline;
import dev.precept.report.OutputFile;
import dev.precept.report.Run;
import dev.precept.report.baseline.BaselineFile;
import dev.precept.report.baseline.BaselineJudge;
import dev.precept.report.baseline.BaselineUpdate;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Option;

/** Known violations: read before a run, asked and brought up to date after it. */
final class BaselineOptions {
  @Option(
      names = "--baseline",
      paramLabel = "FILE",
      description =
          "Violations that are known, one a line with its reason. Others fail the gate, and so does a "
              + "line that no longer fits. See docs/baseline.md.")
  private Optional<Path> path = Optional.empty();

  @Option(
      names = "--update-baseline",
      description =
          "After the run, write the file of --baseline: sorted, reasons kept, what no longer happens "
              + "taken out, new violations put in.")
  private boolean update;

  private BaselineFile file = BaselineFile.EMPTY;

  /** Whether there is to be a baseline. */
  boolean given() {
    return path.isPresent() || update;
  }

  /**
   * Reads the file, so that what is wrong with it shows before a run.
   *
   * @param everything whether every planned case is going to run
   * @throws dev.precept.report.baseline.BaselineException if lines are wrong
   */
  void read(boolean everything) throws IOException {
    if (update && path.isEmpty()) {
      throw UserException.usage("--update-baseline: say which file with --baseline FILE");
    }
    if (update && !everything) {
      throw UserException.usage(
          "--update-baseline: a part of the cases cannot tell what the rest does; leave out --only,"
              + " --instruction, --kind, --shard and --rerun-failed");
    }
    if (path.isEmpty() || (update && !Files.exists(path.get()))) {
      return;
    }
    if (!Files.isRegularFile(path.get())) {
      throw UserException.usage(
          "--baseline: there is no file " + path.get() + "; --update-baseline makes one");
    }
    try {
      file = BaselineFile.parse(path.get().toString(), Files.readString(path.get()));
    } catch (MalformedInputException e) {
      throw UserException.usage("--baseline: " + path.get() + " is no text in UTF-8");
    }
  }

  /**
   * {@code run} under the baseline, which is brought up to date before if that was asked for and
   * the run finished.
   *
   * @param complete vendors of which every planned case ran
   */
  Run apply(Run run, Set<String> complete) throws IOException {
    if (path.isEmpty()) {
      return run;
    }
    String subject = run.summary().info().subject();
    if (update && !run.summary().partial()) {
      String text = BaselineUpdate.update(file, subject, run.results(), complete).text();
      OutputFile.write(path.get(), out -> out.write(text));
      file = BaselineFile.parse(path.get().toString(), text);
    }
    Baseline said =
        BaselineJudge.judge(
            file,
            path.get().toString(),
            subject,
            run.results(),
            complete,
            LocalDate.now(ZoneOffset.UTC));
    return run.with(said);
  }

  /** What to tell of the file beside its complaints; empty where there is none. */
  Optional<String> told(Run run) {
    if (path.isEmpty()) {
      return Optional.empty();
    }
    String subject = run.summary().info().subject();
    if (!file.subjects().isEmpty() && !file.subjects().contains(subject)) {
      return Optional.of(
          path.get()
              + " has no section 'subject "
              + subject
              + "', only for "
              + String.join(", ", file.subjects()));
    }
    long unexplained = file.unexplained(subject);
    return Optional.of(
        path.get()
            + (update ? (run.summary().partial() ? " (not updated)" : " (updated)") : "")
            + ": "
            + Wording.count(run.baseline().known(), "known violation")
            + " by "
            + Wording.count(file.size(subject), "line")
            + (unexplained > 0
                ? "; " + Wording.count(unexplained, "line") + " still to be explained"
                : ""));
  }
}

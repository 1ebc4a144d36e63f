package dev.precept.cli;

import dev.precept.generator.plan.CaseKind;
import dev.precept.generator.plan.PlannedCase;
import dev.precept.report.ResultLog;
import dev.precept.tables.InstructionForm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** Which of the planned cases a run takes. */
final class Selection {
  @Option(
      names = "--only",
      paramLabel = "GLOB",
      description =
          "Only cases whose id matches: * is any text, ? one character, everything else itself. "
              + "Quote it: '>' means something to the shell. Repeatable.")
  private List<String> only = new ArrayList<>();

  @Option(
      names = "--instruction",
      paramLabel = "NAME",
      description = "Only this instruction, such as rdtsc, or form, such as lmsw.mem. Repeatable.")
  private List<String> instructions = new ArrayList<>();

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description = "Only cases of this kind, such as pair or boundary. Repeatable.")
  private List<String> kinds = new ArrayList<>();

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      converter = Shard.Converter.class,
      description = "Only part I of N; together the N parts are all cases.")
  private Shard shard = new Shard(1, 1);

  @Option(
      names = "--rerun-failed",
      description = "Only what did not hold in the last run, by DIR/results.jsonl.")
  private boolean rerunFailed;

  /** What the options say about forms, for planning no more than is needed. */
  Predicate<InstructionForm> forms() {
    return form ->
        instructions.isEmpty()
            || instructions.contains(form.instruction())
            || instructions.contains(form.id());
  }

  /**
   * What the options say about cases.
   *
   * @param folder where the last run left its results
   */
  Predicate<PlannedCase> cases(Path folder) throws IOException {
    checkKinds();
    List<Glob> globs = only.stream().map(Glob::new).toList();
    Set<String> failed = rerunFailed ? failedIn(folder) : Set.of();
    return planned ->
        (globs.isEmpty() || globs.stream().anyMatch(glob -> glob.test(planned.id())))
            && forms().test(planned.form())
            && (kinds.isEmpty() || kinds.contains(planned.kind().word()))
            && shard.test(planned.id())
            && (!rerunFailed || failed.contains(planned.id()));
  }

  /** Whether the options leave any case out. */
  boolean narrows() {
    return !only.isEmpty()
        || !instructions.isEmpty()
        || !kinds.isEmpty()
        || shard.count() > 1
        || rerunFailed;
  }

  private void checkKinds() {
    List<String> all = Arrays.stream(CaseKind.values()).map(CaseKind::word).toList();
    for (String kind : kinds) {
      if (!all.contains(kind)) {
        throw UserException.usage(
            "--kind: there is no kind '"
                + kind
                + "'"
                + Wording.nearest(kind, all)
                + " There are "
                + String.join(", ", all));
      }
    }
  }

  private static Set<String> failedIn(Path folder) throws IOException {
    Path results = folder.resolve("results.jsonl");
    if (!Files.isRegularFile(results)) {
      throw UserException.usage("--rerun-failed: no run has left its results at " + results);
    }
    return ResultLog.read(results).results().stream()
        .filter(result -> !result.verdict().passes())
        .map(result -> result.id())
        .collect(Collectors.toCollection(HashSet::new));
  }
}

package dev.precept.cli;

import dev.precept.junit.Share;
import dev.precept.junit.Suite;
import dev.precept.junit.SuiteOptions;
import dev.precept.report.Result;
import dev.precept.report.ResultLog;
import dev.precept.report.Run;
import dev.precept.tables.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which of the planned cases a run takes. */
final class Selection {
  @Option(
      names = "--only",
      paramLabel = "GLOB",
      description =
          "Only cases whose id matches: * is any text, ? one character, everything else itself. "
              + "Quote it: '>' means something to the shell.")
  private String only = "";

  @Mixin private Instructions instructions;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      completionCandidates = Kinds.class,
      description = "Only cases of this kind: ${COMPLETION-CANDIDATES}. Repeatable.")
  private List<String> kinds = new ArrayList<>();

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      converter = Shard.Converter.class,
      description = "Only part I of N; together the N parts are all cases.")
  private Shard shard = new Shard(1, 1);

  @Option(
      names = "--rerun-failed",
      description =
          "Only what did not hold in the last run, by DIR/results.jsonl; after a run that did not "
              + "finish, also what it did not come to.")
  private boolean rerunFailed;

  /** Whether nothing was left out. */
  boolean everything() {
    return only.isEmpty()
        && instructions.all()
        && kinds.isEmpty()
        && shard.count() == 1
        && !rerunFailed;
  }

  /** Whether it depends on what the last run left. */
  boolean dependsOnLast() {
    return rerunFailed;
  }

  /** The words that {@code --kind} takes. */
  static final class Kinds implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Suite.kindWords().stream().sorted().iterator();
    }
  }

  /**
   * {@code options} narrowed to what was asked for.
   *
   * @param folder where the last run left its results
   */
  SuiteOptions narrow(SuiteOptions options, Path folder) throws IOException {
    check(options.tables());
    SuiteOptions narrowed =
        options
            .only(only)
            .instructions(Set.copyOf(instructions.names()))
            .kinds(Set.copyOf(kinds))
            .share(new Share(shard.index(), shard.count()));
    if (!rerunFailed) {
      return narrowed;
    }
    Run last = lastIn(folder);
    Set<String> held = ids(last, true);
    Set<String> failed = ids(last, false);
    if (last.summary().partial()) {
      // What it did not come to was not seen to hold either.
      return narrowed.and(id -> !held.contains(id));
    }
    if (failed.isEmpty()) {
      throw UserException.usage("--rerun-failed: everything held in the last run");
    }
    return narrowed.and(failed::contains);
  }

  private void check(List<Tables> tables) {
    List<String> allKinds = Suite.kindWords().stream().sorted().toList();
    for (String kind : kinds) {
      if (!allKinds.contains(kind)) {
        throw UserException.usage(
            "--kind: there is no kind '"
                + kind
                + "'"
                + Wording.nearest(kind, allKinds)
                + "; there are "
                + String.join(", ", allKinds));
      }
    }
    instructions.check(tables);
  }

  private static Run lastIn(Path folder) throws IOException {
    Path results = folder.resolve("results.jsonl");
    if (!Files.isRegularFile(results)) {
      throw UserException.usage("--rerun-failed: no run has left its results at " + results);
    }
    return ResultLog.read(results);
  }

  private static Set<String> ids(Run run, boolean passing) {
    return run.results().stream()
        .filter(result -> result.verdict().passes() == passing)
        .map(Result::id)
        .collect(Collectors.toCollection(HashSet::new));
  }
}

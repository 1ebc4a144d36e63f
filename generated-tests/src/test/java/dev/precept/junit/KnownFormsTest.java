package dev.precept.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Case;
import dev.precept.cases.Observation;
import dev.precept.report.KeptResults;
import dev.precept.report.Result;
import dev.precept.report.ResultLines;
import dev.precept.report.Run;
import dev.precept.report.RunInfo;
import dev.precept.report.RunSummary;
import dev.precept.subject.CoreSubject;
import dev.precept.subject.Subject;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** A run of which an earlier one knows some forms comes to what a whole run comes to. */
@Isolated
class KnownFormsTest {
  private static final Set<String> FORMS = Set.of("rdtsc", "rdtscp", "hlt");

  private static Tables tables;
  private static Run whole;

  @TempDir private static Path out;

  @BeforeAll
  static void runEverything() throws Exception {
    tables = TableLoader.load("svm").orThrow();
    whole = run(KnownForms.NONE, new AtomicInteger());
  }

  /** Runs the forms; counts the cases that the subject gets. */
  private static Run run(KnownForms known, AtomicInteger asked) throws IOException {
    SuiteOptions options =
        SuiteOptions.all(List.of(tables), out)
            .instructions(FORMS)
            .tries(20)
            .threads(1)
            .subject(() -> new Counting(new CoreSubject(), asked), false);
    Suite suite = Suite.prepare(options, known);
    List<Result> results = new ArrayList<>();
    SuiteReport report = suite.run(results::add);
    assertThat(results).hasSize(suite.planned());
    return new Run(
        RunSummary.of(RunInfo.UNKNOWN, results, report.pairs(), 0, false),
        results,
        report.pairs(),
        report.gaps(),
        report.clauses());
  }

  private static Set<String> all() {
    return tables.forms().stream()
        .filter(form -> FORMS.contains(form.instruction()))
        .map(form -> KnownForms.name("svm", form.id()))
        .collect(Collectors.toSet());
  }

  /** Everything but how long each case took. */
  private static List<String> timeless(Run run) {
    return run.results().stream()
        .map(each -> each.toString().replaceAll("micros=\\d+", ""))
        .toList();
  }

  private static void assertSame(Run run) {
    assertThat(timeless(run)).isEqualTo(timeless(whole));
    assertThat(run.pairs()).isEqualTo(whole.pairs());
    assertThat(run.gaps()).isEqualTo(whole.gaps());
    assertThat(run.clauses()).isEqualTo(whole.clauses());
  }

  @Test
  void whatIsKnownIsNotRunAgain() throws Exception {
    AtomicInteger asked = new AtomicInteger();

    Run run =
        run(KnownForms.of(KeptResults.of(whole, ResultLines.NONE, KeptResults.NONE), all()), asked);

    assertSame(run);
    assertThat(asked).hasValue(0);
  }

  @Test
  void theRestRunsAndEverythingIsInThePlansOrder() throws Exception {
    AtomicInteger asked = new AtomicInteger();

    Run run =
        run(
            KnownForms.of(
                KeptResults.of(whole, ResultLines.NONE, KeptResults.NONE), Set.of("svm/rdtscp")),
            asked);

    assertSame(run);
    assertThat(asked).hasPositiveValue();
  }

  @Test
  void aFormWhoseSourcesAreGoneIsDoneAgain() throws Exception {
    Files.delete(out.resolve("generated/dev/precept/generated/svm/HltTest.java"));
    AtomicInteger asked = new AtomicInteger();

    Run run =
        run(KnownForms.of(KeptResults.of(whole, ResultLines.NONE, KeptResults.NONE), all()), asked);

    assertSame(run);
    assertThat(asked).hasPositiveValue();
    assertThat(out.resolve("generated/dev/precept/generated/svm/HltTest.java")).exists();
  }

  /** The core, and how many cases it was given. */
  private record Counting(CoreSubject core, AtomicInteger asked) implements Subject {
    @Override
    public String name() {
      return core.name();
    }

    @Override
    public String version() {
      return core.version();
    }

    @Override
    public void run(List<Case> batch, Consumer<Observation> observations) {
      asked.addAndGet(batch.size());
      core.run(batch, observations);
    }

    @Override
    public void close() {
      core.close();
    }
  }
}

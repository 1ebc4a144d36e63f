package dev.precept.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precept.cases.Case;
import dev.precept.cases.Observation;
import dev.precept.cases.Register;
import dev.precept.cases.Verdict;
import dev.precept.subject.CoreSubject;
import dev.precept.subject.Subject;
import dev.precept.sweep.SweepReport.VendorShare;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import dev.precept.tables.load.TablesException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built-in tables of one instruction against the core, and against cores that are wrong. */
class SweepTest {
  private static Tables tables;

  @TempDir private Path folder;

  @BeforeAll
  static void load() throws IOException, TablesException {
    tables = TableLoader.load("svm").orThrow();
  }

  private static SweepOptions rdtsc() {
    return SweepOptions.of(List.of(tables)).withForms(form -> form.id().equals("rdtsc"));
  }

  private static SweepReport run(SweepOptions options, Supplier<Subject> subjects)
      throws IOException {
    return new Sweep(options, subjects, "test").run(progress -> {});
  }

  private static VendorShare share(SweepOptions options) throws IOException {
    return run(options, CoreSubject::new).vendors().get(0);
  }

  /** The core, but for what {@code change} makes of a case or does beside it. */
  private record Changed(CoreSubject core, Consumer<Case> before, Spoiler spoiler)
      implements Subject {
    interface Spoiler {
      void spoil(Case testCase, Observation seen);
    }

    @Override
    public String name() {
      return "changed";
    }

    @Override
    public String version() {
      return "test";
    }

    @Override
    public void run(List<Case> batch, Consumer<Observation> observations) {
      for (Case testCase : batch) {
        before.accept(testCase);
        Observation seen = core.run(testCase);
        spoiler.spoil(testCase, seen);
        observations.accept(seen);
      }
    }

    @Override
    public void close() {
      core.close();
    }
  }

  private static Subject counting(Runnable each) {
    return new Changed(new CoreSubject(), testCase -> each.run(), (testCase, seen) -> {});
  }

  /** A core that loses RBX where the guest is at CPL 2 and CR4.TSD is set. */
  private static Subject wrongAtCpl2() {
    return new Changed(
        new CoreSubject(),
        testCase -> {},
        (testCase, seen) -> {
          boolean tsd = (testCase.state().get(Register.CR4) & 4) != 0;
          if (testCase.state().get(Register.CPL) == 2 && tsd) {
            seen.state().set(Register.RBX, ~seen.state().get(Register.RBX));
          }
        });
  }

  @Test
  void everyPathOfAFormIsRunAndHolds() throws IOException {
    VendorShare share = share(rdtsc());

    assertThat(share.taken()).isEqualTo(share.paths()).isPositive();
    assertThat(share.whole()).isEqualTo(share.strata()).isEqualTo(6);
    assertThat(share.verdicts().get(Verdict.HOLDS)).isEqualTo(share.cases()).isPositive();
  }

  @Test
  void thePathsAreNoMoreThanTheCombinations() throws IOException {
    VendorShare share = share(rdtsc());

    assertThat(share.product().longValueExact()).isGreaterThanOrEqualTo(share.paths());
  }

  @Test
  void whatIsWrongInFewStatesIsFound() throws IOException {
    SweepReport report = run(rdtsc(), SweepTest::wrongAtCpl2);

    assertThat(report.count(Verdict.VIOLATION)).isPositive();
    assertThat(report.count(Verdict.HOLDS)).isPositive();
    assertThat(report.findings())
        .isNotEmpty()
        .allSatisfy(finding -> assertThat(finding.state()).contains("cpl=2").contains("cr4.tsd=1"))
        .allSatisfy(finding -> assertThat(finding.what()).startsWith("RBX: expected"));
  }

  @Test
  void aFindingCanBeRunAgain() throws IOException {
    Finding finding = run(rdtsc(), SweepTest::wrongAtCpl2).findings().get(0);
    InstructionForm form =
        tables.forms().stream().filter(one -> one.id().equals("rdtsc")).findFirst().orElseThrow();

    assertThat(Sweep.again(tables, form, finding.state(), wrongAtCpl2())).containsExactly(finding);
    assertThat(Sweep.again(tables, form, finding.state(), new CoreSubject())).isEmpty();
  }

  @Test
  void threadsChangeNothing() throws IOException {
    SweepOptions three =
        rdtsc().withForms(form -> form.instruction().startsWith("rdt")).withThreads(3);

    assertThat(share(three)).isEqualTo(share(three.withThreads(1)));
  }

  @Test
  void shardsTakeEveryPathOnceTogether() throws IOException {
    VendorShare all = share(rdtsc());
    long taken = 0;
    long cases = 0;
    for (int shard = 1; shard <= 3; shard++) {
      VendorShare one = share(rdtsc().withShard(shard, 3));
      assertThat(one.taken()).isEqualTo(one.assigned()).isPositive();
      taken += one.taken();
      cases += one.cases();
    }

    assertThat(taken).isEqualTo(all.taken());
    assertThat(cases).isEqualTo(all.cases());
  }

  @Test
  void aBudgetOfCasesGivesTheSameSampleEveryTime() throws IOException {
    SweepOptions half = rdtsc().withBudget(new Budget(share(rdtsc()).cases() / 2, 0));

    VendorShare sample = share(half);

    assertThat(sample.taken()).isPositive().isLessThan(sample.paths());
    assertThat(sample.thinnest()).isNotEmpty();
    assertThat(sample).isEqualTo(share(half));
  }

  @Test
  void aRunThatWasStoppedGoesOnWhereItWas() throws IOException {
    Path file = folder.resolve("sweep.checkpoint");
    SweepOptions options = rdtsc().withCheckpoint(file);
    AtomicInteger ran = new AtomicInteger();
    Sweep[] sweep = new Sweep[1];
    sweep[0] =
        new Sweep(
            options,
            () ->
                counting(
                    () -> {
                      if (ran.incrementAndGet() == 20) {
                        sweep[0].stop();
                      }
                    }),
            "test");

    SweepReport first = sweep[0].run(progress -> {});
    SweepReport second = run(options, () -> counting(ran::incrementAndGet));

    assertThat(first.finished()).isFalse();
    assertThat(first.cases()).isBetween(1L, 40L);
    assertThat(second.finished()).isTrue();
    assertThat(second.resumed()).isEqualTo(first.cases());
    assertThat(second.vendors().get(0)).isEqualTo(share(rdtsc()));
    assertThat(ran.get()).isEqualTo((int) second.cases());
  }

  @Test
  void findingsSurviveInTheCheckpoint() throws IOException {
    SweepOptions options = rdtsc().withCheckpoint(folder.resolve("sweep.checkpoint"));

    SweepReport first = run(options, SweepTest::wrongAtCpl2);
    SweepReport second = run(options, CoreSubject::new);

    assertThat(second.findings()).isEqualTo(first.findings()).isNotEmpty();
    assertThat(second.resumed()).isEqualTo(second.cases());
  }

  @Test
  void aCheckpointOfAnotherSweepIsRefused() throws IOException {
    Path file = folder.resolve("sweep.checkpoint");
    run(rdtsc().withCheckpoint(file), CoreSubject::new);

    assertThatThrownBy(() -> run(rdtsc().withStates(3).withCheckpoint(file), CoreSubject::new))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("other options");
  }

  @Test
  void aFileThatIsNoCheckpointIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("notes.txt"), "mine\n");

    assertThatThrownBy(() -> run(rdtsc().withCheckpoint(file), CoreSubject::new))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("no checkpoint");
    assertThat(file).hasContent("mine\n");
  }
}

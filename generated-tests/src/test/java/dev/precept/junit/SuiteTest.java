package dev.precept.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Case;
import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Verdict;
import dev.precept.report.PairRecord;
import dev.precept.report.Result;
import dev.precept.subject.CoreSubject;
import dev.precept.subject.Subject;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One suite at a time runs in a process: these must not meet other generated tests. */
@Isolated
class SuiteTest {
  private static final String ONE_PAIR = "svm/rdtsc/long64/gp.tsd>exit";

  private static Tables tables;

  @TempDir private static Path out;

  @BeforeAll
  static void load() throws Exception {
    tables = TableLoader.load("svm").orThrow();
  }

  private static SuiteOptions options(String only) {
    return SuiteOptions.all(List.of(tables), out).only(only).tries(0);
  }

  private static List<Result> run(SuiteOptions options) throws IOException {
    List<Result> results = new ArrayList<>();
    Suite.prepare(options).run(results::add);
    return results;
  }

  @Test
  void everyPlannedCaseHasExactlyOneResultInThePlansOrder() throws Exception {
    Suite suite = Suite.prepare(options("svm/rdtsc/*").threads(2));
    List<String> planned = suite.plans().get(0).cases().stream().map(each -> each.id()).toList();
    List<String> ids = new ArrayList<>();

    suite.run(result -> ids.add(result.id()));

    assertThat(ids).isEqualTo(planned);
  }

  @Test
  void onlyWhatTheGlobSelectsRuns() throws Exception {
    assertThat(run(options(ONE_PAIR))).extracting(Result::id).containsExactly(ONE_PAIR);
  }

  @Test
  void onlyTheKindsAskedForRun() throws Exception {
    assertThat(run(options("svm/rdtsc/*").kinds(Set.of("host"))))
        .isNotEmpty()
        .extracting(Result::kind)
        .containsOnly("host");
  }

  @Test
  void theCoreHoldsThatThePrivilegeCheckOutranksTheRdtscIntercept() throws Exception {
    assertThat(run(options(ONE_PAIR)))
        .singleElement()
        .satisfies(
            result -> {
              assertThat(result.verdict()).isEqualTo(Verdict.HOLDS);
              assertThat(result.expected()).isEqualTo("#GP(0)");
              assertThat(result.expectedCheck()).isEqualTo("gp.tsd");
              assertThat(result.secondCheck()).isEqualTo("exit.rdtsc");
            });
  }

  @Test
  void aSubjectThatNeverAnswersNeverPasses() throws Exception {
    List<Result> results =
        run(options("svm/rdtsc/*").subject(() -> new Fixed(SuiteTest::silent), false));

    assertThat(results).isNotEmpty().extracting(Result::verdict).containsOnly(Verdict.NO_ANSWER);
  }

  @Test
  void randomStatesThatAllHoldAreOneResultWhichSaysHowManyTheyWere() throws Exception {
    assertThat(run(random().tries(20)))
        .singleElement()
        .satisfies(
            result -> {
              assertThat(result.verdict().holds()).isTrue();
              assertThat(result.remark()).isEqualTo("20 random states");
            });
  }

  @Test
  void oneRandomStateThatFailsAmongManyThatHoldIsTheResult() throws Exception {
    assertThat(run(random().tries(20).subject(() -> new Third(SuiteTest::silent), false)))
        .singleElement()
        .extracting(Result::verdict)
        .isEqualTo(Verdict.NO_ANSWER);
  }

  @Test
  void aRandomStateThatCannotBeRunLeavesTheFormWithoutAnAnswerThoughOthersHold() throws Exception {
    assertThat(
            run(
                random()
                    .tries(20)
                    .subject(
                        () ->
                            new Third(
                                testCase -> {
                                  throw new IllegalStateException("broken subject");
                                }),
                        false)))
        .singleElement()
        .satisfies(
            result -> {
              assertThat(result.verdict()).isEqualTo(Verdict.NO_ANSWER);
              assertThat(result.remark()).contains("broken subject");
            });
  }

  private static SuiteOptions random() {
    return options("svm/rdtsc/any/random").threads(1);
  }

  /** The core, but for the third case of each. */
  private static final class Third implements Subject {
    private final CoreSubject core = new CoreSubject();
    private final Function<Case, Observation> third;
    private int cases;

    Third(Function<Case, Observation> third) {
      this.third = third;
    }

    @Override
    public String name() {
      return "third";
    }

    @Override
    public String version() {
      return "";
    }

    @Override
    public void run(List<Case> batch, Consumer<Observation> observations) {
      for (Case testCase : batch) {
        cases++;
        observations.accept(cases == 3 ? third.apply(testCase) : core.run(testCase));
      }
    }

    @Override
    public void close() {
      core.close();
    }
  }

  @Test
  void aSubjectThatThrowsCostsNoOtherResult() throws Exception {
    List<Result> results =
        run(
            options("svm/rdtsc/long64/*")
                .subject(
                    () ->
                        new Fixed(
                            testCase -> {
                              throw new IllegalStateException("broken subject");
                            }),
                    false));

    assertThat(results).isNotEmpty();
    assertThat(results)
        .allSatisfy(
            result -> {
              assertThat(result.verdict()).isEqualTo(Verdict.NO_ANSWER);
              assertThat(result.remark()).contains("broken subject");
            });
  }

  @Test
  void aSubjectThatDoesNothingViolatesEveryFault() throws Exception {
    List<Result> results =
        run(
            options("svm/rdtsc/long64/gp.tsd")
                .subject(() -> new Fixed(SuiteTest::asIfItRetired), false));

    assertThat(results).extracting(Result::verdict).containsExactly(Verdict.VIOLATION);
  }

  @ParameterizedTest
  @EnumSource(Batching.class)
  void casesSentInBatchesHaveTheSameResults(Batching batching) throws Exception {
    List<Result> oneByOne = run(options("svm/rdtsc/*"));
    List<Result> inBatches = run(options("svm/rdtsc/*").subject(CoreSubject::new, batching));

    assertThat(inBatches.stream().map(SuiteTest::verdict))
        .containsExactlyElementsOf(oneByOne.stream().map(SuiteTest::verdict).toList());
  }

  @Test
  void allOfAFormIsAskedForAtOnceAndNothingTwice() throws Exception {
    List<List<String>> batches = Collections.synchronizedList(new ArrayList<>());
    List<Result> results =
        run(options("svm/rd*").threads(2).subject(() -> new Counting(batches), Batching.FORM));

    // RDTSC, RDTSCP, RDPMC and RDMSR, none of which has more parts than fit.
    assertThat(batches).hasSize((int) results.stream().map(SuiteTest::form).distinct().count());
    assertThat(batches.stream().flatMap(List::stream)).doesNotHaveDuplicates();
    assertThat(results).extracting(Result::verdict).containsOnly(Verdict.HOLDS);
  }

  private static String form(Result result) {
    return result.instruction() + " " + result.form();
  }

  /** The core, with a record of what it was asked. */
  private static final class Counting implements Subject {
    private final CoreSubject core = new CoreSubject();
    private final List<List<String>> batches;

    Counting(List<List<String>> batches) {
      this.batches = batches;
    }

    @Override
    public String name() {
      return "counting";
    }

    @Override
    public String version() {
      return "1";
    }

    @Override
    public void run(List<Case> batch, Consumer<Observation> observations) {
      batches.add(batch.stream().map(Case::id).toList());
      core.run(batch, observations);
    }

    @Override
    public void close() {
      core.close();
    }
  }

  @Test
  void aPairThatWasViolatedIsNotCountedAsTested() throws Exception {
    SuiteReport report =
        Suite.prepare(options(ONE_PAIR).subject(() -> new Fixed(SuiteTest::asIfItRetired), false))
            .run(ResultSink.NONE);

    assertThat(report.pairs())
        .filteredOn(pair -> pair.caseId().equals(ONE_PAIR))
        .extracting(PairRecord::status)
        .containsExactly(PairRecord.Status.VIOLATED);
  }

  @Test
  void unchangedSourcesAreNotCompiledAgain() throws Exception {
    Suite.prepare(options("svm/cpuid/*")).run(ResultSink.NONE);

    assertThat(Suite.prepare(options("svm/cpuid/*")).run(ResultSink.NONE).compiled()).isZero();
  }

  private static String verdict(Result result) {
    return result.id() + " " + result.verdict() + " " + result.differences();
  }

  private static Observation silent(Case testCase) {
    return Observation.unanswered(testCase.id(), OutcomeKind.NO_ANSWER, "");
  }

  private static Observation asIfItRetired(Case testCase) {
    return Observation.unanswered(testCase.id(), OutcomeKind.RETIRED, "");
  }

  /** A subject that answers each case by a function. */
  private record Fixed(Function<Case, Observation> answer) implements Subject {
    @Override
    public String name() {
      return "fixed";
    }

    @Override
    public String version() {
      return "1";
    }

    @Override
    public void run(List<Case> batch, Consumer<Observation> observations) {
      batch.forEach(testCase -> observations.accept(answer.apply(testCase)));
    }

    @Override
    public void close() {}
  }
}

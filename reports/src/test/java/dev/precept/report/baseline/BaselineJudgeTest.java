package dev.precept.report.baseline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Verdict;
import dev.precept.report.Baseline;
import dev.precept.report.Cause;
import dev.precept.report.Narrative;
import dev.precept.report.Result;
import dev.precept.report.Run;
import dev.precept.report.RunSummary;
import dev.precept.report.Samples;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BaselineJudgeTest {
  private static final LocalDate TODAY = LocalDate.of(2026, 6, 15);
  private static final Set<String> EVERYTHING = Set.of("svm");
  private static final Set<String> A_PART = Set.of();

  @Test
  void aViolationThatALineNamesPasses() {
    Run run = judged("svm/a/real/x known", EVERYTHING, bad("svm/a/real/x"), good("svm/a/real/y"));

    assertThat(Narrative.passes(run.summary())).isTrue();
    assertThat(Narrative.conclusion(run.summary()))
        .isEqualTo("No new violation; 1 known one is in the baseline");
  }

  @Test
  void theReasonComesWithTheViolation() {
    Run run = judged("svm/a/real/x https://x.org/1 no such check", EVERYTHING, bad("svm/a/real/x"));

    Baseline.Line line = run.baseline().byCase().get("svm/a/real/x");
    assertThat(line.reason()).isEqualTo("no such check");
    assertThat(line.link()).isEqualTo("https://x.org/1");
  }

  @Test
  void aNewViolationFails() {
    Run run = judged("svm/a/real/x known", EVERYTHING, bad("svm/a/real/x"), bad("svm/a/real/y"));

    assertThat(Narrative.passes(run.summary())).isFalse();
    assertThat(run.unexpected()).extracting(Result::id).containsExactly("svm/a/real/y");
    assertThat(Narrative.conclusion(run.summary()))
        .isEqualTo("1 new violation; 1 known one is in the baseline");
  }

  @Test
  void aKnownViolationThatHoldsNowFailsAndItsLineHasToGo() {
    Run run = judged("svm/a/real/x known", A_PART, good("svm/a/real/x"));

    assertThat(Narrative.passes(run.summary())).isFalse();
    assertThat(complaints(run)).containsExactly("2:1 holds now: remove the line");
  }

  @Test
  void aCaseThatIsNoLongerThereFails() {
    Run run = judged("svm/a/real/x known", EVERYTHING, good("svm/a/real/y"));

    assertThat(complaints(run))
        .containsExactly("2:1 there is no such case any more: remove the line");
  }

  @Test
  void aCaseThatWasNotSelectedSaysNothing() {
    Run run = judged("svm/a/real/x known", A_PART, good("svm/a/real/y"));

    assertThat(Narrative.passes(run.summary())).isTrue();
  }

  @Test
  void aLineOfRandomStatesSaysNothingWhereNoneRan() {
    Run run = judged("svm/a/any/random known", EVERYTHING, good("svm/a/real/x"));

    assertThat(complaints(run)).isEmpty();
  }

  @Test
  void aLineOfRandomStatesThatAreNoLongerThereFailsWhereOthersRan() {
    Run run = judged("svm/a/any/random known", EVERYTHING, good("svm/b/any/random"));

    assertThat(complaints(run))
        .containsExactly("2:1 there is no such case any more: remove the line");
  }

  @Test
  void linesOfAVendorThatDidNotRunSayNothing() {
    Run run = judged("vmx/a/real/x known\nvmx/b/* x3 known", EVERYTHING, good("svm/a/real/y"));

    assertThat(complaints(run)).isEmpty();
  }

  @Test
  void aCaseWithoutAnAnswerDoesNotSpeakAgainstItsLine() {
    Run run =
        judged(
            "svm/a/real/x known\nsvm/b/* x1 known",
            EVERYTHING,
            Samples.result("svm/a/real/x", Verdict.NOT_APPLICABLE),
            Samples.result("svm/b/real/x", Verdict.CRASH));

    assertThat(complaints(run)).isEmpty();
  }

  @Test
  void aCrashIsExpectedByALineThatNamesItsCause() {
    Result crash = Samples.result("svm/a/real/x", Verdict.CRASH);

    Run run = judged(crashes("svm/a/* x1", crash), EVERYTHING, crash, good("svm/a/real/y"));

    assertThat(Narrative.passes(run.summary())).isTrue();
    assertThat(run.summary().newlyLost()).isZero();
    assertThat(run.unexpected()).isEmpty();
  }

  @Test
  void aCrashThatNoLongerHappensHasToGo() {
    Result crash = Samples.result("svm/a/real/x", Verdict.CRASH);

    Run run = judged(crashes("svm/a/* x2", crash), EVERYTHING, crash, good("svm/a/real/y"));

    assertThat(complaints(run)).hasSize(1);
  }

  @Test
  void aLineThatNamesNoCauseDoesNotExpectACrash() {
    Run run =
        judged(
            "svm/a/* x1 known\nsvm/b/real/x known",
            A_PART,
            Samples.result("svm/a/real/x", Verdict.CRASH),
            Samples.result("svm/b/real/x", Verdict.NO_ANSWER),
            good("svm/a/real/y"));

    assertThat(run.summary().newlyLost()).isEqualTo(2);
    assertThat(Narrative.passes(run.summary())).isFalse();
  }

  private static String crashes(String glob, Result crash) {
    return glob + " \"" + Cause.sentence(crash) + "\" known";
  }

  @Test
  void aGlobCoversAsManyAsItSays() {
    Run run = judged("svm/a/* x2 known", EVERYTHING, bad("svm/a/real/x"), bad("svm/a/real/y"));

    assertThat(Narrative.passes(run.summary())).isTrue();
    assertThat(run.summary().known()).isEqualTo(2);
  }

  @Test
  void oneMoreInsideAGlobFails() {
    Run run = judged("svm/a/* x1 known", A_PART, bad("svm/a/real/x"), bad("svm/a/real/y"));

    assertThat(complaints(run))
        .containsExactly("2:9 says x1, but 2 happen: mend what is new, or write x2");
  }

  @Test
  void oneLessInsideAGlobFails() {
    Run run = judged("svm/a/* x2 known", EVERYTHING, bad("svm/a/real/x"), good("svm/a/real/y"));

    assertThat(complaints(run)).containsExactly("2:9 says x2, but only 1 happen: write x1");
  }

  @Test
  void casesThatCannotRunDoNotKeepAGlobsCount() {
    Run run =
        judged(
            "svm/a/* x2 known",
            EVERYTHING,
            bad("svm/a/real/x"),
            Samples.result("svm/a/real/y", Verdict.NOT_APPLICABLE));

    assertThat(complaints(run)).containsExactly("2:9 says x2, but only 1 happen: write x1");
  }

  @Test
  void casesThatAreLostInSomeOtherWayKeepAGlobsCount() {
    Run run =
        judged(
            "svm/a/* x2 known",
            EVERYTHING,
            bad("svm/a/real/x"),
            Samples.result("svm/a/real/y", Verdict.CRASH));

    assertThat(complaints(run)).isEmpty();
  }

  @Test
  void whatIsThereInSomeRunsOnlyIsExpectedByARange() {
    Result x = bad("svm/a/real/x");
    Result y = bad("svm/a/real/y");

    assertThat(complaints(judged("svm/a/* x1..2 known", EVERYTHING, x, y))).isEmpty();
    assertThat(complaints(judged("svm/a/* x1..2 known", EVERYTHING, x))).isEmpty();
    assertThat(complaints(judged("svm/a/* x0..2 known", EVERYTHING, good("svm/a/real/x"))))
        .isEmpty();
  }

  @Test
  void whatIsOutsideARangeFails() {
    Result x = bad("svm/a/real/x");
    Result y = bad("svm/a/real/y");

    assertThat(complaints(judged("svm/a/* x0..1 known", EVERYTHING, x, y)))
        .containsExactly("2:9 says x0..1, but 2 happen: mend what is new, or write x0..2");
    assertThat(complaints(judged("svm/a/* x2..3 known", EVERYTHING, x)))
        .containsExactly("2:9 says x2..3, but only 1 happen: write x1..3");
  }

  @Test
  void oneLessInAPartOfTheCasesIsNothing() {
    Run run = judged("svm/a/* x2 known", A_PART, bad("svm/a/real/x"));

    assertThat(complaints(run)).isEmpty();
  }

  @Test
  void aGlobOfWhichNothingHappensHasToGo() {
    Run run = judged("svm/a/* x2 known", EVERYTHING, good("svm/a/real/x"));

    assertThat(complaints(run))
        .containsExactly("2:1 none of its x2 happens any more: remove the line");
  }

  @Test
  void aGlobWithACauseLeavesOtherCausesAlone() {
    Run run =
        judged(
            "svm/a/* x1 \"takes the exit before gp.tsd\" known",
            EVERYTHING,
            bad("svm/a/real/x"),
            Samples.result(
                "svm/a/real/y", Verdict.PRECEDENCE_VIOLATION, "gp.other", "exit.a", List.of()));

    assertThat(run.unexpected()).extracting(Result::id).containsExactly("svm/a/real/y");
  }

  @Test
  void theMostSpecificLineCounts() {
    Run run =
        judged(
            "svm/* x1 rest\nsvm/a/* x1 family\nsvm/a/real/x one",
            EVERYTHING,
            bad("svm/a/real/x"),
            bad("svm/a/real/y"),
            bad("svm/b/real/x"));

    assertThat(run.baseline().byCase().get("svm/a/real/x").reason()).isEqualTo("one");
    assertThat(run.baseline().byCase().get("svm/a/real/y").reason()).isEqualTo("family");
    assertThat(run.baseline().byCase().get("svm/b/real/x").reason()).isEqualTo("rest");
    assertThat(complaints(run)).isEmpty();
  }

  @Test
  void aLineCountsOnItsLastDay() {
    Run run = judged("svm/a/real/x until 2026-06-15 known", EVERYTHING, bad("svm/a/real/x"));

    assertThat(Narrative.passes(run.summary())).isTrue();
  }

  @Test
  void aLineFailsTheDayAfter() {
    Run run = judged("svm/a/real/x until 2026-06-14 known", EVERYTHING, bad("svm/a/real/x"));

    assertThat(Narrative.passes(run.summary())).isFalse();
    assertThat(complaints(run))
        .containsExactly(
            "2:20 expired on 2026-06-14: mend the violation, or give the line another day");
  }

  @Test
  void whatOneSubjectIsKnownToDoIsNewInAnother() {
    Run run = judged("subject other\nsvm/a/real/x known", EVERYTHING, bad("svm/a/real/x"));

    assertThat(run.unexpected()).hasSize(1);
  }

  @Test
  void anUnfinishedRunDoesNotPassWhateverIsKnown() {
    Run run = judged("svm/a/real/x known", A_PART, bad("svm/a/real/x"));
    RunSummary cut =
        RunSummary.of(run.summary().info(), run.results(), List.of(), 1, true)
            .with(run.baseline(), run.results());

    assertThat(Narrative.passes(cut)).isFalse();
  }

  private static Run judged(String lines, Set<String> complete, Result... results) {
    Run run =
        new Run(
            RunSummary.of(Samples.info(), List.of(results), List.of(), 1, false),
            List.of(results),
            List.of(),
            List.of());
    BaselineFile file = BaselineFile.parse("known.txt", "subject core\n" + lines + "\n");
    return run.with(BaselineJudge.judge(file, "known.txt", "core", run.results(), complete, TODAY));
  }

  private static List<String> complaints(Run run) {
    return run.baseline().complaints().stream()
        .map(complaint -> complaint.line() + ":" + complaint.column() + " " + complaint.message())
        .toList();
  }

  private static Result bad(String id) {
    return Samples.result(id, Verdict.PRECEDENCE_VIOLATION);
  }

  private static Result good(String id) {
    return Samples.result(id, Verdict.HOLDS);
  }
}

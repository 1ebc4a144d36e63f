package dev.precept.report.baseline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Verdict;
import dev.precept.report.Result;
import dev.precept.report.Samples;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BaselineUpdateTest {
  private static final Set<String> EVERYTHING = Set.of("svm");

  @Test
  void reasonsLinksDatesAndCommentsAreKept() {
    String text =
        "subject core\n\n# see the list\nsvm/a/real/x until 2026-12-31 https://x.org/1 because\n";

    assertThat(updated(text, bad("svm/a/real/x"))).isEqualTo(text);
  }

  @Test
  void whatNoLongerHappensIsTakenOut() {
    assertThat(
            updated(
                "subject core\n\nsvm/a/real/x one\nsvm/a/real/y two\n",
                good("svm/a/real/x"),
                bad("svm/a/real/y")))
        .isEqualTo("subject core\n\nsvm/a/real/y two\n");
  }

  @Test
  void aNewViolationIsPutInAsUnexplained() {
    assertThat(updated("subject core\n", bad("svm/a/real/x")))
        .contains("svm/a/real/x unexplained: expected #GP(0) (gp.tsd), but the subject took");
  }

  @Test
  void manyNewOnesOfOneCauseAreOneLine() {
    assertThat(
            updated(
                "subject core\n",
                bad("svm/a/real/x"),
                bad("svm/a/v86/x"),
                bad("svm/b/real/x"),
                bad("svm/b/v86/x")))
        .contains("svm/* x4 \"takes the exit before gp.tsd\" unexplained: such as svm/a/real/x");
  }

  @Test
  void aCountIsPutRight() {
    assertThat(
            updated(
                "subject core\n\nsvm/a/* x7 because\n", bad("svm/a/real/x"), good("svm/a/real/y")))
        .isEqualTo("subject core\n\nsvm/a/* x1 because\n");
  }

  @Test
  void aRangeStaysUnlessARunLeavesIt() {
    String text = "subject core\n\nsvm/a/* x0..1 because\n";

    assertThat(updated(text, good("svm/a/real/x"))).isEqualTo(text);
    assertThat(updated(text, bad("svm/a/real/x"), bad("svm/a/real/y")))
        .isEqualTo("subject core\n\nsvm/a/* x0..2 because\n");
  }

  @Test
  void aCaseWithoutAnAnswerKeepsItsLine() {
    String text = "subject core\n\nsvm/a/* x1 because\nsvm/b/real/x because\n";

    assertThat(
            updated(
                text,
                Samples.result("svm/a/real/x", Verdict.NO_ANSWER),
                Samples.result("svm/b/real/x", Verdict.NOT_APPLICABLE)))
        .isEqualTo(text);
  }

  @Test
  void aLineOfRandomStatesStaysWhereNoneRan() {
    String text = "subject core\n\nsvm/a/any/random because\nsvm/b/real/x because\n";

    assertThat(updated(text, good("svm/a/real/x"), bad("svm/b/real/x"))).isEqualTo(text);
    assertThat(updated(text, good("svm/a/any/random"), bad("svm/b/real/x")))
        .isEqualTo("subject core\n\nsvm/b/real/x because\n");
  }

  @Test
  void otherSubjectsAndVendorsKeepTheirLines() {
    String text = "subject core\n\nvmx/a/real/x one\n\nsubject other\n\nsvm/a/real/x two\n";

    assertThat(updated(text, good("svm/a/real/x"))).isEqualTo(text);
  }

  @Test
  void updatingAgainChangesNothing() {
    Result[] results = many();
    String once = updated("subject core\n", results);

    assertThat(updated(once, results)).isEqualTo(once);
  }

  @Test
  void theOrderOfTheResultsDoesNotMatter() {
    List<Result> turned = new ArrayList<>(List.of(many()));
    Collections.reverse(turned);

    assertThat(updated("subject core\n", turned.toArray(new Result[0])).lines().sorted())
        .extracting(line -> line.replaceFirst("unexplained.*", ""))
        .isEqualTo(
            updated("subject core\n", many())
                .lines()
                .sorted()
                .map(line -> line.replaceFirst("unexplained.*", ""))
                .toList());
  }

  @Test
  void whatWasUpdatedFitsTheSameRun() {
    Result[] results = many();
    BaselineFile file = BaselineFile.parse("known.txt", updated("subject core\n", results));

    assertThat(
            BaselineJudge.judge(
                    file, "known.txt", "core", List.of(results), EVERYTHING, LocalDate.EPOCH)
                .complaints())
        .isEmpty();
  }

  private static Result[] many() {
    List<Result> results = new ArrayList<>();
    for (String form : List.of("a", "b.mem", "b.reg", "c")) {
      for (String mode : List.of("real", "v86", "long64")) {
        results.add(bad("svm/" + form + "/" + mode + "/x"));
        results.add(
            Samples.result(
                "svm/" + form + "/" + mode + "/y",
                Verdict.PRECEDENCE_VIOLATION,
                form.startsWith("b") ? "gp.b" : "gp.cpl",
                "exit." + form,
                List.of()));
      }
    }
    results.add(good("svm/d/real/x"));
    results.add(
        Samples.result("svm/e/real/x", Verdict.PRECEDENCE_VIOLATION, "gp.e", "exit.e", List.of()));
    return results.toArray(new Result[0]);
  }

  private static String updated(String text, Result... results) {
    return BaselineUpdate.update(
            BaselineFile.parse("known.txt", text), "core", List.of(results), EVERYTHING)
        .text();
  }

  private static Result bad(String id) {
    return Samples.result(id, Verdict.PRECEDENCE_VIOLATION);
  }

  private static Result good(String id) {
    return Samples.result(id, Verdict.HOLDS);
  }
}

package dev.precept.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Difference;
import dev.precept.cases.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

class CauseTest {
  private static final Difference OUTCOME = new Difference("outcome", "#GP(0)", "VMEXIT_RDTSC");

  @Test
  void oneMistakeInSeveralInstructionsAndModesIsOneCause() {
    List<Cause> causes =
        Cause.of(
            List.of(
                order("svm/rdtsc/real/a", "gp.tsd", "exit.rdtsc"),
                order("svm/rdtsc/long64/a", "gp.tsd", "exit.rdtsc"),
                order("svm/rdtscp/long64/a", "gp.tsd", "exit.rdtscp")));

    assertThat(causes)
        .singleElement()
        .satisfies(
            cause -> {
              assertThat(cause.sentence()).isEqualTo("takes the exit before gp.tsd");
              assertThat(cause.modesByForm())
                  .containsEntry("rdtsc", List.of("real", "long64"))
                  .containsEntry("rdtscp", List.of("long64"));
            });
  }

  @Test
  void theSameExitTooEarlyAndTooLateAreTwoCauses() {
    assertThat(
            Cause.of(
                List.of(
                    order("svm/rdtsc/real/a", "gp.tsd", "exit.rdtsc"),
                    order("svm/rdtsc/real/b", "exit.rdtsc", "gp.tsd"))))
        .extracting(Cause::sentence)
        .containsExactlyInAnyOrder("takes the exit before gp.tsd", "takes gp.tsd before the exit");
  }

  @Test
  void twoExitsOutOfOrderAreNamed() {
    assertThat(Cause.sentence(order("svm/x/real/a", "exit.cr0_sel_write", "exit.cr0_write")))
        .isEqualTo("takes exit.cr0_write before exit.cr0_sel_write");
  }

  @Test
  void contentsThatAreWrongInTheSameFieldsAreOneCauseWhereverMemoryDiffers() {
    List<Result> results =
        List.of(
            differing("svm/clts/real/a", "nRIP", "memory 100h"),
            differing("svm/lmsw.mem/long64/a", "memory 7F00h", "memory 7F01h", "nRIP"));

    assertThat(Cause.of(results))
        .singleElement()
        .extracting(Cause::sentence)
        .isEqualTo("exits with wrong memory, nRIP");
  }

  @Test
  void anotherOutcomeIsToldByWhatHappenedInstead() {
    Result result =
        Samples.result("svm/rdtsc/real/a", Verdict.VIOLATION, "gp.tsd", "", List.of(OUTCOME));

    assertThat(Cause.sentence(result)).isEqualTo("exits instead of gp.tsd");
  }

  @Test
  void theVendorsCausesStayApart() {
    assertThat(
            Cause.of(
                List.of(
                    order("svm/rdtsc/real/a", "gp.tsd", "exit.rdtsc"),
                    order("vmx/rdtsc/real/a", "gp.tsd", "exit.rdtsc"))))
        .extracting(Cause::vendor)
        .containsExactly("svm", "vmx");
  }

  @Test
  void brokenOrdersComeFirstThenWhatBreaksMostCases() {
    List<Result> results =
        List.of(
            differing("svm/clts/real/a", "nRIP"),
            differing("svm/clts/real/b", "nRIP"),
            differing("svm/clts/real/c", "EXITINFO1"),
            order("svm/rdtsc/real/a", "gp.tsd", "exit.rdtsc"));

    assertThat(Cause.of(results))
        .extracting(Cause::sentence)
        .containsExactly(
            "takes the exit before gp.tsd", "exits with wrong nRIP", "exits with wrong EXITINFO1");
  }

  @Test
  void whatHoldsHasNoCause() {
    assertThat(Cause.of(List.of(Samples.holding(), Samples.with(Verdict.NOT_APPLICABLE))))
        .isEmpty();
  }

  @Test
  void theExampleIsTheOneWithTheFewestDifferences() {
    Result small = differing("svm/clts/real/small", "nRIP");
    Result large =
        Samples.result(
            "svm/clts/real/large",
            Verdict.VIOLATION,
            "exit.rdtsc",
            "",
            List.of(new Difference("nRIP", "1", "0"), new Difference("nRIP", "2", "0")));

    assertThat(Cause.of(List.of(large, small)).get(0).example()).isEqualTo(small);
  }

  private static Result order(String id, String expected, String taken) {
    return Samples.result(id, Verdict.PRECEDENCE_VIOLATION, expected, taken, List.of(OUTCOME));
  }

  private static Result differing(String id, String... fields) {
    return Samples.result(
        id,
        Verdict.VIOLATION,
        "exit.rdtsc",
        "",
        List.of(fields).stream().map(name -> new Difference(name, "1", "0")).toList());
  }
}

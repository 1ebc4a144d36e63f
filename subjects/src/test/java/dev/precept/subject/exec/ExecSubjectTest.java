package dev.precept.subject.exec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import dev.precept.subject.Subject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A program costs the cases it spoils and no others, and each of those says why. */
@Timeout(120)
class ExecSubjectTest {
  private static final FeatureBit RDTSCP = new FeatureBit(0x8000_0001, 0, 3, 27, true);

  @TempDir private Path folder;
  private Programs programs;

  @BeforeEach
  void prepare() {
    programs = new Programs(folder);
  }

  /**
   * Runs a case that makes the program misbehave between two good ones; returns its observation.
   */
  private Observation amongOthers(String command, String id) throws Exception {
    Map<String, Observation> seen = byId(programs.run(command, "good-1", id, "good-2"));

    assertThat(seen).containsOnlyKeys("good-1", id, "good-2");
    assertThat(seen.get("good-1").kind()).isEqualTo(OutcomeKind.RETIRED);
    assertThat(seen.get("good-2").kind()).isEqualTo(OutcomeKind.RETIRED);
    return seen.get(id);
  }

  private static Map<String, Observation> byId(List<Observation> all) {
    return all.stream().collect(Collectors.toMap(Observation::caseId, Function.identity()));
  }

  private void assertCosts(String id, OutcomeKind kind, String remark) throws Exception {
    Observation seen = amongOthers(programs.python(), id);

    assertThat(seen.kind()).isEqualTo(kind);
    assertThat(seen.remark()).startsWith(remark);
  }

  @Test
  void aCaseIsAnsweredByTheProgram() throws Exception {
    Observation seen = amongOthers(programs.python(), "good");

    assertThat(seen.kind()).isEqualTo(OutcomeKind.RETIRED);
    assertThat(seen.state().get(Register.RAX)).isEqualTo(2);
    assertThat(seen.state().get(Register.RCX)).isEqualTo("good".hashCode() & 0xFFFF_FFFFL);
  }

  @Test
  void aProgramThatHangsCostsTheCaseItHangsIn() throws Exception {
    assertCosts(
        "hang",
        OutcomeKind.NO_ANSWER,
        "the program said nothing for 2 s; tried twice, the second time alone");
  }

  @Test
  void aProgramThatHangsWithItsAnswersHeldBackCostsOneCaseToo() throws Exception {
    assertThat(amongOthers(programs.python("backwards"), "hang").kind())
        .isEqualTo(OutcomeKind.NO_ANSWER);
  }

  @Test
  void aProgramThatDiesCostsTheCaseItDiesOfAndItsLastWordsAreTold() throws Exception {
    assertCosts(
        "dies",
        OutcomeKind.CRASH,
        "the program died (exit status 7); tried twice, the second time alone; its last words: last"
            + " words");
  }

  @Test
  void aProgramThatEndsInTheMiddleIsACrash() throws Exception {
    assertCosts("leaves", OutcomeKind.CRASH, "the program ended by itself (exit status 0)");
  }

  @Test
  void aSignalIsToldByItsNumber() throws Exception {
    List<Observation> seen = programs.run(programs.c("segfault"), "one");

    assertThat(seen).hasSize(1);
    assertThat(seen.get(0).kind()).isEqualTo(OutcomeKind.CRASH);
    assertThat(seen.get(0).remark()).contains("as of signal 11");
  }

  @Test
  void aProgramThatDiesOnceIsAskedAgain() throws Exception {
    assertThat(amongOthers(programs.python(), "flaky").kind()).isEqualTo(OutcomeKind.RETIRED);
  }

  @Test
  void aCaseThatIsPassedOverHasNoAnswer() throws Exception {
    assertCosts("silent", OutcomeKind.NO_ANSWER, "the program ended the batch without an answer");
  }

  @Test
  void anAnswerToWhatWasNotAskedIsNoAnswer() throws Exception {
    assertCosts("stranger", OutcomeKind.NO_ANSWER, "the program answered number 10000");
  }

  @Test
  void anAnswerGivenTwiceIsNoAnswer() throws Exception {
    assertCosts("twice", OutcomeKind.NO_ANSWER, "the program answered twice");
  }

  @Test
  void anAnswerGivenForeverIsNoAnswer() throws Exception {
    assertCosts("forever", OutcomeKind.NO_ANSWER, "the program answered twice");
  }

  @Test
  void anAnswerThatMeansNothingIsNoAnswerAndSaysWhere() throws Exception {
    assertCosts(
        "unknown-register",
        OutcomeKind.NO_ANSWER,
        "the program's answer is wrong: observation.registers.R99: there is no register \"R99\"");
  }

  @Test
  void aLineOfNonsenseIsNoAnswerAndIsShown() throws Exception {
    Observation seen = amongOthers(programs.python(), "nonsense");

    assertThat(seen.kind()).isEqualTo(OutcomeKind.NO_ANSWER);
    assertThat(seen.remark())
        .startsWith("the program said a line that is not JSON")
        .contains("\"Segmentation fault\"");
  }

  @Test
  void aLineThatIsNoUtf8IsNoAnswer() throws Exception {
    assertCosts("not-utf8", OutcomeKind.NO_ANSWER, "the program said a line that is no UTF-8");
  }

  @Test
  void aProgramThatClosesItsOutputCostsOneCase() throws Exception {
    assertCosts(
        "closes", OutcomeKind.NO_ANSWER, "the program closed its standard output and runs on");
  }

  @Test
  void aLineWithoutEndIsNotReadToItsEnd() throws Exception {
    assertThat(programs.run(programs.c("endless-line"), "one").get(0).remark())
        .startsWith("the program said a line of more than 65536 bytes");
  }

  @Test
  void aFloodOfLinesIsNotReadToItsEnd() throws Exception {
    assertThat(programs.run(programs.c("endless-lines"), "one").get(0).remark())
        .startsWith("the program said a line that is wrong (observation.number: is missing)");
  }

  @Test
  void aFloodOfEmptyLinesIsNotReadToItsEnd() throws Exception {
    assertThat(programs.run(programs.c("endless-spaces"), "one").get(0).remark())
        .startsWith("the program said a line that is empty");
  }

  @Test
  void aProgramThatNeverEndsABatchIsToldSo() throws Exception {
    assertThat(programs.run(programs.python("endless"), "one", "two"))
        .hasSize(2)
        .allSatisfy(
            seen -> {
              assertThat(seen.kind()).isEqualTo(OutcomeKind.NO_ANSWER);
              assertThat(seen.remark())
                  .startsWith("the program answered every case but did not end the batch");
            });
  }

  @Test
  void aProgramThatDoesNotReadKeepsNobodyWaiting() throws Exception {
    String[] many =
        IntStream.range(0, 64).mapToObj(i -> i + "x".repeat(5000)).toArray(String[]::new);

    ExecLimits impatient =
        Programs.LIMITS.withTimes(Duration.ofMillis(300), Duration.ofSeconds(20));
    List<Observation> seen = new ArrayList<>();

    try (Subject subject =
        ExecSubjects.of(programs.python("deaf"), impatient, folder, "1.0").get()) {
      subject.run(Stream.of(many).map(Programs::testCase).toList(), seen::add);
    }

    assertThat(seen).hasSize(64);
    assertThat(seen).extracting(Observation::kind).containsOnly(OutcomeKind.NO_ANSWER);
  }

  @Test
  void aProgramThatHasNeverAnsweredIsGivenUp() throws Exception {
    String[] many = IntStream.range(0, 100).mapToObj(i -> "dies-" + i).toArray(String[]::new);

    Map<String, Observation> seen = byId(programs.run(programs.python(), many));

    assertThat(seen).hasSize(100);
    assertThat(seen.get("dies-63").kind()).isEqualTo(OutcomeKind.CRASH);
    assertThat(seen.get("dies-63").remark())
        .startsWith("the program died (exit status 7); not tried again after 8 failures in a row");
    assertThat(seen.get("dies-99").kind()).isEqualTo(OutcomeKind.NO_ANSWER);
    assertThat(seen.get("dies-99").remark())
        .startsWith("not sent after 8 failures in a row, the last: the program died");
    assertThat(programs.starts()).isEqualTo(1 + 8);
  }

  @Test
  void aProgramThatAnswersSometimesIsNotGivenUp() throws Exception {
    String[] many =
        IntStream.range(0, 40)
            .mapToObj(i -> (i % 3 == 0 ? "good-" : "dies-") + i)
            .toArray(String[]::new);

    List<Observation> seen = programs.run(programs.python(), many);

    assertThat(seen).filteredOn(one -> one.kind() == OutcomeKind.RETIRED).hasSize(14);
    assertThat(seen).filteredOn(one -> one.kind() == OutcomeKind.CRASH).hasSize(26);
  }

  @Test
  void aCaseThatTheProgramDeclinesIsNotApplicableInItsWords() throws Exception {
    assertCosts("cannot", OutcomeKind.NOT_APPLICABLE, "no such instruction here");
  }

  @Test
  void aCaseOfAnotherVendorIsNotSent() throws Exception {
    assertNotSent(
        Programs.testCase("dies", "vmx", Context.GUEST, List.of()),
        "made up runs cases of svm only",
        "{}");
  }

  @Test
  void aCaseInAContextThatTheProgramDoesNotKnowIsNotSent() throws Exception {
    assertNotSent(
        Programs.testCase("dies", "svm", Context.HOST, List.of()),
        "made up runs no cases outside guests",
        "{\"contexts\":[\"guest\"]}");
  }

  @Test
  void aCaseThatNeedsWhatTheProgramCannotHaveIsNotSent() throws Exception {
    assertNotSent(
        Programs.testCase("dies", "svm", Context.GUEST, List.of(RDTSCP)),
        "made up cannot have CPUID 80000001h.0h EDX bit 27 set",
        "{\"cannot\":[{\"leaf\":\"0x80000001\",\"subleaf\":\"0x0\",\"register\":\"edx\",\"bit\":27,"
            + "\"present\":true}]}");
  }

  private void assertNotSent(Case testCase, String remark, String hello) throws Exception {
    List<Observation> seen = new ArrayList<>();
    try (Subject subject = programs.subjects(programs.python(hello)).get()) {
      subject.run(List.of(testCase), seen::add);
    }

    assertThat(seen).hasSize(1);
    assertThat(seen.get(0).kind()).isEqualTo(OutcomeKind.NOT_APPLICABLE);
    assertThat(seen.get(0).remark()).isEqualTo(remark);
    assertThat(programs.starts()).isEqualTo(1);
  }

  @Test
  void whatTheProgramSaysOnStandardErrorIsKeptUpToALimit() throws Exception {
    programs.run(programs.python("stderr"), "one");

    String log = Files.readString(folder.resolve("logs/subject-2.log"));
    assertThat(log).startsWith("x".repeat(99) + "\ny").endsWith("(more was said than is kept)\n");
    assertThat(log.length()).isLessThan(5000);
  }

  @Test
  void aProgramIsEndedWithItsChildren() throws Exception {
    programs.run(programs.python("children"), "hang");

    long child = Long.parseLong(Files.readString(programs.file("child")));
    CompletableFuture<?> end =
        ProcessHandle.of(child)
            .<CompletableFuture<?>>map(ProcessHandle::onExit)
            .orElseGet(() -> CompletableFuture.completedFuture(null));
    assertThat(end).succeedsWithin(Duration.ofSeconds(20));
  }

  @Test
  void workersHaveAProgramEach() throws Exception {
    ExecSubjects subjects = programs.subjects(programs.python());

    List<Observation> seen =
        IntStream.range(0, 4)
            .parallel()
            .mapToObj(
                worker -> {
                  List<Observation> some = new ArrayList<>();
                  try (Subject subject = subjects.get()) {
                    subject.run(
                        IntStream.range(0, 200)
                            .mapToObj(i -> Programs.testCase(worker + "-" + i))
                            .toList(),
                        some::add);
                  }
                  return some;
                })
            .flatMap(List::stream)
            .toList();

    assertThat(byId(seen)).hasSize(800);
    assertThat(seen).extracting(Observation::kind).containsOnly(OutcomeKind.RETIRED);
    assertThat(programs.starts()).isEqualTo(1 + 4);
  }

  @Test
  void oneProgramServesManyBatches() throws Exception {
    List<Observation> seen = new ArrayList<>();
    try (Subject subject = programs.subjects(programs.python()).get()) {
      for (int i = 0; i < 20; i++) {
        subject.run(List.of(Programs.testCase("the same id each time")), seen::add);
      }
    }

    assertThat(seen).hasSize(20);
    assertThat(seen.get(19).state().get(Register.RAX)).isEqualTo(20);
    assertThat(programs.starts()).isEqualTo(2);
  }
}

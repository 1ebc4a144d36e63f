package dev.precept.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A deliberately wrong outcome of every sort has to be seen, and called by its name. */
class JudgeTest {
  private static final long RDTSC = 0x6E;
  private static final long GP_EXIT = 0x4D;

  private final MachineState guest =
      new MachineState().set(Register.RIP, 0x10).set(Register.RAX, 0x1122334455667788L);

  private final Case testCase =
      new Case(
          "svm/rdtsc/long64/gp.tsd>exit",
          "svm",
          List.of(),
          Context.GUEST,
          guest,
          new MachineState(),
          new BaseImage("test", new byte[(int) (Layout.END - Layout.START)]),
          List.of(new MemoryPatch(Layout.DATA, new byte[] {1, 2, 3, 4})),
          ControlBlock.at(Layout.CONTROL_BLOCK),
          ControlBlock.NONE,
          1,
          new MemoryPatch(Layout.CODE, new byte[] {0x0F, 0x31}));

  private final Expected fault = expected("gp.tsd", exit(GP_EXIT, "#GP(0)"));
  private final Expected exit = expected("exit.rdtsc", exit(RDTSC, "VMEXIT_RDTSC"));
  private final Expectation faultFirst = new Expectation(List.of(fault), List.of(exit));

  @Test
  void theAllowedOutcomeWithAllItCarriesHolds() {
    assertThat(judge(exit(GP_EXIT, "#GP(0)")).verdict()).isEqualTo(Verdict.HOLDS);
  }

  @Test
  void takingAnOutrankedCheckIsAPrecedenceViolationThatNamesIt() {
    Judgement judgement = judge(exit(RDTSC, "VMEXIT_RDTSC"));
    assertThat(judgement.verdict()).isEqualTo(Verdict.PRECEDENCE_VIOLATION);
    assertThat(judgement.taken()).isEqualTo("exit.rdtsc");
    assertThat(judgement.differences())
        .containsExactly(new Difference("outcome", "#GP(0)", "VMEXIT_RDTSC"));
  }

  @Test
  void anExitNoCheckBringsAboutIsAPlainViolation() {
    assertThat(judge(exit(RDTSC + 1, "VMEXIT_RDPMC")).verdict()).isEqualTo(Verdict.VIOLATION);
  }

  @Test
  void aWrongBitOfAnInformationFieldIsSeen() {
    Outcome wrong = exit(GP_EXIT, "#GP(0)");
    wrong.fields().put("EXITINFO1", 8L);
    assertDiffers(wrong, "EXITINFO1");
  }

  @Test
  void anInformationFieldThatIsNotThereIsSeen() {
    Outcome wrong = exit(GP_EXIT, "#GP(0)");
    wrong.fields().remove("EXITINFO1");
    assertDiffers(wrong, "EXITINFO1");
  }

  @Test
  void onlyTheDefinedBitsOfAFieldAreCompared() {
    fault.masks().put("EXITINFO1", 0xFL);
    Outcome outcome = exit(GP_EXIT, "#GP(0)");
    outcome.fields().put("EXITINFO1", 0x70L);
    assertThat(judge(outcome).verdict()).isEqualTo(Verdict.HOLDS);
  }

  @Test
  void anAdvancedInstructionPointerIsSeen() {
    Outcome wrong = exit(GP_EXIT, "#GP(0)");
    wrong.state().set(Register.RIP, 0x12);
    assertDiffers(wrong, "RIP");
  }

  @Test
  void aFaultAddressWrittenTooEarlyIsSeen() {
    Outcome wrong = exit(GP_EXIT, "#GP(0)");
    wrong.state().set(Register.CR2, 0x1000);
    assertDiffers(wrong, "CR2");
  }

  @Test
  void anyRegisterThatChangedIsSeen() {
    for (Register register : Register.values()) {
      if (register != Register.TSC && register != Register.RIP) {
        Outcome wrong = exit(GP_EXIT, "#GP(0)");
        wrong.state().set(register, wrong.state().get(register) ^ 1);
        assertDiffers(wrong, register.name());
      }
    }
  }

  @Test
  void aRegisterTheManualLeavesOpenIsNotCompared() {
    Expected open =
        new Expected("gp.tsd", fault.outcome(), fault.masks(), Set.of(Register.RAX), List.of());
    Outcome outcome = exit(GP_EXIT, "#GP(0)");
    outcome.state().set(Register.RAX, 7);
    assertThat(Judge.judge(testCase, new Expectation(List.of(open), List.of()), outcome).verdict())
        .isEqualTo(Verdict.HOLDS);
  }

  @Test
  void aRegisterThatTheSubjectCannotSeeIsNotCompared() {
    Outcome outcome = unseeing(Set.of("GIF"));
    outcome.state().setBit(Register.GIF, 0, true);
    assertThat(judge(outcome).verdict()).isEqualTo(Verdict.HOLDS);
    outcome.state().setBit(Register.RCX, 0, true);
    assertDiffers(outcome, "RCX");
  }

  @Test
  void aFieldThatTheSubjectCannotSeeIsNotCompared() {
    Outcome outcome = unseeing(Set.of("EXITINFO1"));
    outcome.fields().remove("EXITINFO1");
    assertThat(judge(outcome).verdict()).isEqualTo(Verdict.HOLDS);
  }

  @Test
  void aChangedByteOfMemoryIsSeen() {
    Outcome wrong =
        exit(GP_EXIT, "#GP(0)", List.of(new MemoryPatch(Layout.DATA + 1, new byte[] {9})));
    assertDiffers(wrong, "memory 12001h");
  }

  @Test
  void aByteThatWasNotWrittenIsSeen() {
    Outcome stored = exit(RDTSC, "x", List.of(new MemoryPatch(Layout.DATA, new byte[] {9, 2})));
    Expectation store = new Expectation(List.of(expected("none", stored)), List.of());
    assertThat(Judge.judge(testCase, store, exit(RDTSC, "x")).differences())
        .containsExactly(new Difference("memory 12000h", "9", "1"));
  }

  @Test
  void eitherSideOfAnOpenOrderHolds() {
    Expectation open = new Expectation(List.of(fault, exit), List.of());
    assertThat(Judge.judge(testCase, open, exit(RDTSC, "VMEXIT_RDTSC")).verdict())
        .isEqualTo(Verdict.OPEN_HOLDS);
  }

  @Test
  void noAnswerAndCrashNeverTurnIntoAnythingElse() {
    assertThat(judge(ended(OutcomeKind.NO_ANSWER)).verdict()).isEqualTo(Verdict.NO_ANSWER);
    assertThat(judge(ended(OutcomeKind.CRASH)).verdict()).isEqualTo(Verdict.CRASH);
    assertThat(judge(ended(OutcomeKind.NOT_APPLICABLE)).verdict())
        .isEqualTo(Verdict.NOT_APPLICABLE);
  }

  @Test
  void anExpectationThatAllowsNothingIsRefused() {
    Expectation nothing = new Expectation(List.of(), List.of());
    assertThatThrownBy(() -> Judge.judge(testCase, nothing, exit(RDTSC, "x")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nothing is allowed");
  }

  private void assertDiffers(Outcome wrong, String name) {
    Judgement judgement = judge(wrong);
    assertThat(judgement.verdict()).isEqualTo(Verdict.VIOLATION);
    assertThat(judgement.differences()).extracting(Difference::name).containsExactly(name);
  }

  private Judgement judge(Outcome outcome) {
    return Judge.judge(testCase, faultFirst, outcome);
  }

  private Expected expected(String check, Outcome outcome) {
    return new Expected(check, outcome, new TreeMap<>(), Set.of(), List.of());
  }

  private Outcome exit(long code, String label) {
    return exit(code, label, List.of());
  }

  private Outcome exit(long code, String label, List<MemoryPatch> changes) {
    TreeMap<String, Long> fields = new TreeMap<>();
    fields.put("EXITINFO1", 0L);
    return new Outcome(OutcomeKind.EXIT, code, label, fields, guest.copy(), changes);
  }

  private Outcome unseeing(Set<String> unseen) {
    Outcome seen = exit(GP_EXIT, "#GP(0)");
    return new Outcome(
        seen.kind(), seen.code(), seen.label(), seen.fields(), seen.state(), List.of(), unseen);
  }

  private Outcome ended(OutcomeKind kind) {
    return new Outcome(kind, 0, kind.name(), new TreeMap<>(), new MachineState(), List.of());
  }
}

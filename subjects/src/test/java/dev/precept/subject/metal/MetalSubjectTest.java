package dev.precept.subject.metal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precept.cases.Case;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of cases on machines that die, hang and talk nonsense. */
@Timeout(60)
class MetalSubjectTest {
  private static final Lane.Patience SHORT =
      new Lane.Patience(Duration.ofSeconds(30), Duration.ofMillis(300));

  private static Case tagged(long tag) {
    return HandMade.of("case " + tag, 0x90).with(Register.RBX, tag).build();
  }

  private static List<Case> cases(int count) {
    List<Case> cases = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      cases.add(tagged(i));
    }
    return cases;
  }

  private static Map<String, Observation> run(FakeEmulator emulator, List<Case> cases) {
    Map<String, Observation> seen = new TreeMap<>();
    try (MetalSubject subject = new MetalSubject(emulator, new byte[512], SHORT)) {
      subject.run(
          cases, one -> assertThat(seen.put(one.caseId(), one)).as("second answer").isNull());
    }
    return seen;
  }

  private static FakeEmulator emulator(Function<FakeEmulator.Seen, FakeEmulator.Act> behaviour) {
    return new FakeEmulator(behaviour);
  }

  @Test
  void everyCaseGetsOneObservation() {
    Map<String, Observation> seen = run(emulator(one -> FakeEmulator.RETIRES), cases(600));

    assertThat(seen).hasSize(600);
    assertThat(seen.values()).extracting(Observation::kind).containsOnly(OutcomeKind.RETIRED);
  }

  @Test
  void aCaseThatKillsTheMachineCostsItselfOnly() {
    FakeEmulator emulator =
        emulator(
            one -> one.tag() == 3 ? new FakeEmulator.Die(false, "abort") : FakeEmulator.RETIRES);

    Map<String, Observation> seen = run(emulator, cases(5));

    assertThat(seen).hasSize(5);
    assertThat(seen.get("case 3").kind()).isEqualTo(OutcomeKind.CRASH);
    assertThat(seen.get("case 3").remark()).isEqualTo("abort");
    seen.remove("case 3");
    assertThat(seen.values()).extracting(Observation::kind).containsOnly(OutcomeKind.RETIRED);
  }

  @Test
  void theCulpritIsTriedOnceMoreAloneOnAMachineOfItsOwn() {
    AtomicInteger tries = new AtomicInteger();
    FakeEmulator emulator =
        emulator(
            one -> {
              if (one.tag() != 3) {
                return FakeEmulator.RETIRES;
              }
              tries.incrementAndGet();
              return new FakeEmulator.Die(false, "abort");
            });

    run(emulator, cases(5));

    assertThat(tries).hasValue(2);
    // One that dies, one for the others, one for the culprit.
    assertThat(emulator.starts).hasValue(3);
  }

  @Test
  void aCaseThatKillsTheMachineOnlyOnceIsAnsweredAllTheSame() {
    AtomicInteger tries = new AtomicInteger();
    FakeEmulator emulator =
        emulator(
            one ->
                one.tag() == 3 && tries.getAndIncrement() == 0
                    ? new FakeEmulator.Die(false, "abort")
                    : FakeEmulator.RETIRES);

    Map<String, Observation> seen = run(emulator, cases(5));

    assertThat(seen.values())
        .hasSize(5)
        .extracting(Observation::kind)
        .containsOnly(OutcomeKind.RETIRED);
  }

  @Test
  void aProcessorThatShutsDownIsAShutdownOfWhichNothingElseIsSeen() {
    FakeEmulator emulator =
        emulator(one -> one.tag() == 2 ? new FakeEmulator.Die(true, "") : FakeEmulator.RETIRES);

    Observation seen = run(emulator, cases(2)).get("case 2");

    assertThat(seen.kind()).isEqualTo(OutcomeKind.SHUTDOWN);
    assertThat(seen.unseen()).contains(Register.RIP, Register.RAX, Register.CR3);
  }

  @Test
  void aHangIsNoAnswer() {
    FakeEmulator emulator =
        emulator(one -> one.tag() == 2 ? new FakeEmulator.Hang() : FakeEmulator.RETIRES);

    Map<String, Observation> seen = run(emulator, cases(3));

    assertThat(seen.get("case 2").kind()).isEqualTo(OutcomeKind.NO_ANSWER);
    assertThat(seen.get("case 2").remark()).contains("nothing moved");
    assertThat(seen.get("case 3").kind()).isEqualTo(OutcomeKind.RETIRED);
  }

  @Test
  void aRunnerThatGivesUpSaysWhyInTheCasesRemark() {
    FakeEmulator emulator =
        emulator(
            one ->
                one.tag() == 1
                    ? new FakeEmulator.GiveUp("exception in the runner: vector, rIP d 101234")
                    : FakeEmulator.RETIRES);

    Map<String, Observation> seen = run(emulator, cases(3));

    assertThat(seen.get("case 1").kind()).isEqualTo(OutcomeKind.CRASH);
    assertThat(seen.get("case 1").remark()).contains("vector, rIP d 101234");
    assertThat(seen.get("case 2").kind()).isEqualTo(OutcomeKind.RETIRED);
  }

  @Test
  void aBrokenBlockOfResultsIsNeverTakenForResults() {
    Map<String, Observation> seen = run(emulator(one -> new FakeEmulator.Nonsense()), cases(2));

    assertThat(seen.values()).extracting(Observation::kind).containsOnly(OutcomeKind.CRASH);
    assertThat(seen.get("case 1").remark()).contains("left out case 1");
    assertThat(seen.get("case 2").remark()).contains("left out case 2");
  }

  @Test
  void aResultThatTheProtocolDoesNotKnowCostsItsCaseOnly() {
    FakeEmulator emulator =
        emulator(one -> one.tag() == 2 ? new FakeEmulator.Answer(99, 0, 0) : FakeEmulator.RETIRES);

    Map<String, Observation> seen = run(emulator, cases(3));

    assertThat(seen.remove("case 2").remark()).contains("answered what it must not", "99");
    assertThat(seen.values())
        .hasSize(2)
        .extracting(Observation::kind)
        .containsOnly(OutcomeKind.RETIRED);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0x10_8E00})
  void aResultForACaseThatThereIsNotCostsItsCaseOnly(int index) {
    FakeEmulator emulator =
        emulator(
            one -> one.tag() == 700 ? new FakeEmulator.Misnumber(index) : FakeEmulator.RETIRES);

    Map<String, Observation> seen = run(emulator, cases(1000));

    Observation culprit = seen.remove("case 700");
    assertThat(culprit.kind()).isEqualTo(OutcomeKind.CRASH);
    assertThat(culprit.remark()).contains("answered what it must not");
    assertThat(seen.values())
        .hasSize(999)
        .extracting(Observation::kind)
        .containsOnly(OutcomeKind.RETIRED);
    // By halves, a machine or two for each, and not one by one.
    assertThat(emulator.starts).hasValueLessThan(2 * 10 + 2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 77})
  void aMisnumberedResultIsNoReasonToBelieveWhatIsBehindIt(int index) {
    AtomicInteger tries = new AtomicInteger();
    FakeEmulator emulator =
        emulator(
            one ->
                one.tag() == 2 && tries.getAndIncrement() == 0
                    ? new FakeEmulator.Misnumber(index)
                    : FakeEmulator.RETIRES);

    Map<String, Observation> seen = run(emulator, cases(3));

    assertThat(seen.values())
        .hasSize(3)
        .extracting(Observation::kind)
        .containsOnly(OutcomeKind.RETIRED);
    assertThat(emulator.starts).hasValueGreaterThan(1);
  }

  @Test
  void aRunnerThatAnswersNothingButNonsenseIsGivenUp() {
    FakeEmulator emulator = emulator(one -> new FakeEmulator.Misnumber(-1));

    assertThatThrownBy(() -> run(emulator, cases(300)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("again and again")
        .hasMessageContaining("case -1");
  }

  @Test
  void anotherVersionOfTheRunnerIsRefused() {
    FakeEmulator emulator = emulator(one -> FakeEmulator.RETIRES).ofVersion(Protocol.VERSION + 1);

    assertThatThrownBy(() -> run(emulator, cases(1)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("version " + (Protocol.VERSION + 1));
  }

  @Test
  void aMachineThatDoesNotBootMakesTheSubjectUnavailable() {
    FakeEmulator emulator = emulator(one -> FakeEmulator.RETIRES).thatDoesNotBoot();

    assertThatThrownBy(() -> run(emulator, cases(1)))
        .isInstanceOf(SubjectUnavailableException.class)
        .hasMessageContaining("no bootable device");
  }

  @Test
  void memoryThatNobodyWatchedIsFoundAndLaidAtTheRightCasesDoor() {
    long place = 0x17000;
    long word = 0x55;
    for (int i = 1; i < 8; i++) {
      word |= (cases(1).get(0).initialByte(place + i) & 0xFFL) << (8 * i);
    }
    long after = word;
    FakeEmulator emulator =
        emulator(
                one -> {
                  boolean writes = one.tag() == 2;
                  if (!writes || !one.watches().contains(place)) {
                    return FakeEmulator.RETIRES;
                  }
                  return new FakeEmulator.Answer(
                      Protocol.END_EXIT, 0, 0, 0x30070, 0x46, 0x30578, 0x1000, place, after);
                })
            .checking(
                group ->
                    group.stream().anyMatch(one -> one.tag() == 2 && !one.watches().contains(place))
                        ? new long[] {place, after}
                        : new long[0]);

    Map<String, Observation> seen = run(emulator, cases(3));

    assertThat(seen.get("case 2").changes())
        .containsExactly(new MemoryPatch(place, new byte[] {0x55}));
    assertThat(seen.get("case 1").changes()).isEmpty();
    assertThat(seen.get("case 3").changes()).isEmpty();
  }

  @Test
  void memoryThatChangesElsewhereEachTimeIsFoundOneByOne() {
    AtomicInteger checks = new AtomicInteger();
    // The place is another one at every check, so that watching it does not help.
    FakeEmulator emulator =
        emulator(one -> FakeEmulator.RETIRES)
            .checking(
                group ->
                    group.stream().anyMatch(one -> one.tag() == 2)
                        ? new long[] {0x18000 + 64L * checks.getAndIncrement(), 7}
                        : new long[0]);

    Map<String, Observation> seen = run(emulator, cases(3));

    assertThat(seen.get("case 2").changes()).hasSize(1);
    assertThat(seen.get("case 1").changes()).isEmpty();
    assertThat(seen.get("case 3").changes()).isEmpty();
  }

  @Test
  void anAlarmThatCameTooEarlyIsGivenMoreTime() {
    List<Integer> alarms = new ArrayList<>();
    // VMEXIT_NMI at the HLT itself; then behind it.
    FakeEmulator emulator =
        emulator(
            one -> {
              alarms.add(one.flags() >>> Protocol.CASE_ALARM_SHIFT);
              long rip = alarms.size() == 1 ? 0xFFF : 0x1000;
              return new FakeEmulator.Answer(Protocol.END_EXIT, 0, 0, 0x30070, 0x61, 0x30578, rip);
            });

    Observation seen = run(emulator, List.of(HandMade.of("hlt", 0xF4).build())).get("hlt");

    assertThat(seen.kind()).isEqualTo(OutcomeKind.HALTED);
    assertThat(alarms).hasSize(2);
    assertThat(alarms.get(1)).isGreaterThan(alarms.get(0));
  }

  @Test
  void aMachineThatDiesOfAnEarlyAlarmIsGivenMoreTime() {
    FakeEmulator emulator =
        emulator(
            one ->
                one.flags() >>> Protocol.CASE_ALARM_SHIFT < 10_000
                    ? new FakeEmulator.Die(false, "abort")
                    : new FakeEmulator.Answer(
                        Protocol.END_EXIT, 0, 0, 0x30070, 0x61, 0x30578, 0x1000));

    Observation seen = run(emulator, List.of(HandMade.of("hlt", 0xF4).build())).get("hlt");

    assertThat(seen.kind()).as(seen.remark()).isEqualTo(OutcomeKind.HALTED);
  }

  @Test
  void anInstructionThatNeverEndsIsNoAnswer() {
    FakeEmulator emulator =
        emulator(
            one -> new FakeEmulator.Answer(Protocol.END_EXIT, 0, 0, 0x30070, 0x61, 0x30578, 0xFFF));

    Observation seen = run(emulator, List.of(HandMade.of("hlt", 0xF4).build())).get("hlt");

    assertThat(seen.kind()).isEqualTo(OutcomeKind.NO_ANSWER);
  }
}

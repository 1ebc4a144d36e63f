package dev.precept.subject.metal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Case;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.Layout;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What every real machine with the runner on it must show, whatever its processor gets wrong. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class MachineCases {
  /** Bit of CPUID that no processor has. */
  private static final FeatureBit NOWHERE = new FeatureBit(0x8000_0001, 0, 1, 31, true);

  private static final int CPUID_INTERCEPT = 18;

  private final MetalSubject subject;

  MachineCases(MetalSubject subject) {
    this.subject = subject;
  }

  @AfterAll
  void close() {
    subject.close();
  }

  private List<Observation> run(Case... cases) {
    List<Observation> seen = new ArrayList<>();
    subject.run(List.of(cases), seen::add);
    return seen;
  }

  final Observation only(Case testCase) {
    List<Observation> seen = run(testCase);
    assertThat(seen).hasSize(1);
    return seen.get(0);
  }

  @Test
  void aGuestsInstructionRetires() {
    Observation seen = only(HandMade.of("nop", 0x90).build());

    assertThat(seen.kind()).as(seen.remark()).isEqualTo(OutcomeKind.RETIRED);
    assertThat(seen.state().get(Register.RIP)).isEqualTo(0x1000);
    assertThat(seen.state().get(Register.RBX)).isEqualTo(0x1003);
    assertThat(seen.changes()).isEmpty();
  }

  @Test
  void itIsSeenToRetireWithoutExceptionInterceptsToo() {
    Observation seen = only(HandMade.of("nop", 0x90).exceptionsOff().build());

    assertThat(seen.kind()).as(seen.remark()).isEqualTo(OutcomeKind.RETIRED);
    assertThat(seen.state().get(Register.RIP)).isEqualTo(0x1000);
  }

  @Test
  void anInterceptedInstructionExitsWithTheHostRestored() {
    Observation seen = only(HandMade.of("cpuid", 0x0F, 0xA2).intercept(CPUID_INTERCEPT).build());

    assertThat(seen.kind()).as(seen.remark()).isEqualTo(OutcomeKind.EXIT);
    assertThat(new VmcbPage(seen.controlBlock()).exitCode()).isEqualTo(0x72);
    assertThat(seen.state().get(Register.RIP)).isEqualTo(Layout.HOST_CODE + 6);
    assertThat(seen.state().get(Register.RSP)).isEqualTo(Layout.HOST_STACK + 0x800);
    assertThat(seen.state().get(Register.CR3)).isEqualTo(Layout.HOST_PML4);
    assertThat(seen.state().get(Register.RBX)).isEqualTo(0x1003);
  }

  @Test
  void anInterceptedFaultOfTheInstructionIsAnExit() {
    Observation seen = only(HandMade.of("ud2", 0x0F, 0x0B).build());

    assertThat(seen.kind()).as(seen.remark()).isEqualTo(OutcomeKind.EXIT);
    assertThat(new VmcbPage(seen.controlBlock()).exitCode()).isEqualTo(VmcbPage.VMEXIT_UD);
  }

  @Test
  void aFaultIsDeliveredThroughTheGuestsVectors() {
    Observation seen = only(HandMade.of("ud2", 0x0F, 0x0B).exceptionsOff().build());

    assertThat(seen.kind()).as(seen.remark()).isEqualTo(OutcomeKind.DELIVERED);
    assertThat(seen.vector()).isEqualTo(6);
    assertThat(seen.state().get(Register.CS_SEL)).isEqualTo(Layout.HANDLERS >> 4);
    // IP 0FFEh, CS 1000h, FLAGS 0002h; the bytes that were 0 before and are 0 now did not change.
    assertThat(seen.changes())
        .contains(new MemoryPatch(Layout.CODE + 0x47FA, new byte[] {(byte) 0xFE, 0x0F}));
  }

  @Test
  void whatAnInstructionWritesIsSeenWhereverItIs() {
    // MOV [7000h], BX: nothing watches 17000h.
    Case far = HandMade.of("mov", 0x89, 0x1E, 0x00, 0x70).build();

    List<Observation> seen = run(HandMade.of("before", 0x90).build(), far);

    assertThat(seen).hasSize(2);
    Observation of = seen.stream().filter(o -> o.caseId().equals("mov")).findFirst().orElseThrow();
    assertThat(of.changes())
        .containsExactly(new MemoryPatch(Layout.CODE + 0x7000, new byte[] {0x03, 0x10}));
    Observation other =
        seen.stream().filter(o -> o.caseId().equals("before")).findFirst().orElseThrow();
    assertThat(other.changes()).isEmpty();
  }

  @Test
  void aChangeIsNotBlamedOnALaterCaseThatWatchesThePlace() {
    // MOV [7000h], BX; the stack of the case behind it is around 17000h.
    Case far = HandMade.of("far", 0x89, 0x1E, 0x00, 0x70).build();
    Case watches = HandMade.of("watches", 0x90).with(Register.RSP, 0x7010).build();

    List<Observation> seen = run(far, watches);

    assertThat(changes(seen, "watches")).isEmpty();
    assertThat(changes(seen, "far"))
        .containsExactly(new MemoryPatch(Layout.CODE + 0x7000, new byte[] {0x03, 0x10}));
  }

  @Test
  void aChangeIsNotLostUnderWhatALaterCaseHasThere() {
    Case far = HandMade.of("far", 0x89, 0x1E, 0x00, 0x70).build();
    Case covers = HandMade.of("covers", 0x90).memory(Layout.CODE + 0x7000, 0x77, 0x77).build();

    List<Observation> seen = run(far, covers);

    assertThat(changes(seen, "covers")).isEmpty();
    assertThat(changes(seen, "far"))
        .containsExactly(new MemoryPatch(Layout.CODE + 0x7000, new byte[] {0x03, 0x10}));
  }

  /** NOP, then WRMSR to TSC_AUX, which nobody expects of a case that begins with a NOP. */
  private static Case writesTscAux(long value) {
    return HandMade.of("writes", 0x90, 0x0F, 0x30)
        .with(Register.RCX, 0xC000_0103L)
        .with(Register.RAX, value)
        .with(Register.RDX, 0)
        .build();
  }

  @Test
  void anMsrThatIsNotReadBehindEveryCaseIsLaidAtTheRightCasesDoor() {
    List<Observation> seen =
        run(
            HandMade.of("before", 0x90).build(),
            writesTscAux(5),
            HandMade.of("after", 0x90).build());

    assertThat(tscAux(seen, "before")).isZero();
    assertThat(tscAux(seen, "writes")).isEqualTo(5);
    assertThat(tscAux(seen, "after")).isZero();
  }

  @Test
  void aChangeOfAnMsrIsNotLostUnderWhatALaterCaseHasThere() {
    Case covers = HandMade.of("covers", 0x90).with(Register.TSC_AUX, 9).build();

    List<Observation> seen = run(writesTscAux(5), covers);

    assertThat(tscAux(seen, "writes")).isEqualTo(5);
    assertThat(tscAux(seen, "covers")).isEqualTo(9);
  }

  @Test
  void aChangeOfAnMsrIsNotBlamedOnALaterCaseThatReadsIt() {
    // INT3: it may load segments.
    List<Observation> seen = run(writesTscAux(5), HandMade.of("reads", 0xCC).build());

    assertThat(tscAux(seen, "writes")).isEqualTo(5);
    assertThat(tscAux(seen, "reads")).isZero();
  }

  private static long tscAux(List<Observation> seen, String id) {
    return seen.stream()
        .filter(one -> one.caseId().equals(id))
        .findFirst()
        .orElseThrow()
        .state()
        .get(Register.TSC_AUX);
  }

  private static List<MemoryPatch> changes(List<Observation> seen, String id) {
    return seen.stream().filter(one -> one.caseId().equals(id)).findFirst().orElseThrow().changes();
  }

  @Test
  void nothingOfOneCaseIsLeftForTheNext() {
    Case writes = HandMade.of("writes", 0x89, 0x1E, 0x00, 0x21).build();
    // MOV AX, [2100h]
    Case reads = HandMade.of("reads", 0xA1, 0x00, 0x21).build();

    List<Observation> seen = run(writes, reads);

    Observation of =
        seen.stream().filter(o -> o.caseId().equals("reads")).findFirst().orElseThrow();
    assertThat(of.state().get(Register.RAX)).isZero();
  }

  @Test
  void aWaitingGuestIsWokenAndSeenToHaveWaited() {
    Observation seen = only(HandMade.of("hlt", 0xF4).build());

    assertThat(seen.kind()).as(seen.remark()).isEqualTo(OutcomeKind.HALTED);
    assertThat(seen.state().get(Register.RIP)).isEqualTo(0x1000);
    assertThat(seen.state().get(Register.RSP)).isEqualTo(0x4800);
    assertThat(seen.changes()).isEmpty();
  }

  @Test
  void theNextWaitingGuestIsWokenToo() {
    List<Observation> seen =
        run(HandMade.of("hlt 1", 0xF4).build(), HandMade.of("hlt 2", 0xF4).exceptionsOff().build());

    assertThat(seen).extracting(Observation::kind).containsOnly(OutcomeKind.HALTED);
  }

  @Test
  void anInstructionOutsideAnyGuestRetires() {
    Observation seen = only(HandMade.of("host cpuid", 0x90).outside().build());

    assertThat(seen.kind()).as(seen.remark()).isEqualTo(OutcomeKind.RETIRED);
    assertThat(seen.state().get(Register.RIP)).isEqualTo(0x1000);
    assertThat(seen.state().get(Register.RFLAGS)).isEqualTo(2);
    assertThat(seen.state().get(Register.RBP)).isEqualTo(0x1005);
    assertThat(seen.changes()).isEmpty();
  }

  @Test
  void aFaultOutsideAnyGuestIsDelivered() {
    Observation seen = only(HandMade.of("host ud2", 0x0F, 0x0B).outside().build());

    assertThat(seen.kind()).as(seen.remark()).isEqualTo(OutcomeKind.DELIVERED);
    assertThat(seen.vector()).isEqualTo(6);
    assertThat(seen.state().get(Register.RSP)).isEqualTo(0x4800 - 6);
  }

  @Test
  void clearingGifOutsideAnyGuestIsSeen() {
    // CLGI needs protected mode: in real mode it is #UD, and GIF stays as it is.
    Observation seen = only(HandMade.of("host clgi", 0x0F, 0x01, 0xDD).outside().build());

    assertThat(seen.unseen()).doesNotContain(Register.GIF);
    assertThat(seen.state().get(Register.GIF)).isEqualTo(1);
  }

  @Test
  void aProcessorThatShutsDownCostsThatCaseAlone() {
    // No vector is within the limit: #UD, #GP, #DF, and nothing left.
    Case dies = HandMade.of("dies", 0x0F, 0x0B).outside().with(Register.IDTR_LIMIT, 0).build();

    List<Observation> seen = run(HandMade.of("before", 0x90).build(), dies);

    assertThat(seen)
        .extracting(Observation::caseId, Observation::kind)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("before", OutcomeKind.RETIRED),
            org.assertj.core.groups.Tuple.tuple("dies", OutcomeKind.SHUTDOWN));
  }

  @Test
  void aGuestThatGoesBeforeLeavesTheCaseAsItWas() {
    Observation seen = only(HandMade.of("nop", 0x90).afterAnother().build());

    assertThat(seen.kind()).as(seen.remark()).isEqualTo(OutcomeKind.RETIRED);
    assertThat(seen.changes()).isEmpty();
  }

  @Test
  void aGuestRunsOnNestedPageTablesOfItsOwn() {
    Observation seen = only(HandMade.of("nop", 0x90).nested(0x67).build());

    assertThat(seen.kind()).as(seen.remark()).isEqualTo(OutcomeKind.RETIRED);
    assertThat(seen.state().get(Register.PAT)).isEqualTo(HandMade.OTHER_PAT);
  }

  @Test
  void aGuestExitsWhereItsNestedPageIsAbsent() {
    Observation seen = only(HandMade.of("nop", 0x90).nested(0x66).build());

    assertThat(seen.kind()).as(seen.remark()).isEqualTo(OutcomeKind.EXIT);
    VmcbPage block = new VmcbPage(seen.controlBlock());
    assertThat(block.exitCode()).isEqualTo(VmcbPage.VMEXIT_NPF);
    assertThat(block.exitInfo2() & ~0xFFFL).isEqualTo(Layout.CODE);
  }

  @Test
  void nestedPagingOfItsOwnIsNotApplicableWithoutUdExit() {
    Observation seen = only(HandMade.of("nop", 0x90).nested(0x67).exceptionsOff().build());

    assertThat(seen.kind()).isEqualTo(OutcomeKind.NOT_APPLICABLE);
    assertThat(seen.remark()).contains("nested paging, which the case has for itself");
  }

  @Test
  void aCaseForAnotherProcessorIsNotApplicable() {
    Observation seen = only(HandMade.of("nop", 0x90).needs(NOWHERE).build());

    assertThat(seen.kind()).isEqualTo(OutcomeKind.NOT_APPLICABLE);
    assertThat(seen.remark()).contains("CPUID 80000001h EBX[31]");
  }

  @Test
  void whatTheProcessorHasOtherwiseIsTold() {
    assertThat(subject.otherwise(HandMade.of("nop", 0x90).needs(NOWHERE).build()))
        .containsExactly(NOWHERE);
  }

  @Test
  void itSaysWhatItIs() {
    assertThat(subject.version()).containsPattern("\\d+\\.\\d+");
  }
}

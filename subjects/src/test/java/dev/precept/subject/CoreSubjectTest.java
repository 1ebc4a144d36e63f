package dev.precept.subject;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.BaseImage;
import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.ControlBlock;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Real-mode cases outside any guest, small enough to be written by hand. */
class CoreSubjectTest {
  private static final BaseImage EMPTY =
      new BaseImage("empty", new byte[(int) (Layout.END - Layout.START)]);

  private final CoreSubject subject = new CoreSubject();

  @AfterEach
  void close() {
    subject.close();
  }

  private static Case realMode(String id, String vendor, int... code) {
    MachineState state = new MachineState();
    state.set(Register.CR0, 0x10).set(Register.RFLAGS, 2).set(Register.RSP, 0x4800);
    state.set(Register.DR6, 0xFFFF_0FF0L).set(Register.DR7, 0x400).set(Register.XCR0, 1);
    state.set(Register.CS_ATTR, 0x9B).set(Register.CS_LIMIT, 0xFFFF);
    state.set(Register.SS_ATTR, 0x93).set(Register.SS_LIMIT, 0xFFFF);
    state.set(Register.DS_ATTR, 0x93).set(Register.DS_LIMIT, 0xFFFF);
    state.set(Register.CS_SEL, Layout.CODE >> 4).set(Register.CS_BASE, Layout.CODE);
    state.set(Register.SS_SEL, Layout.CODE >> 4).set(Register.SS_BASE, Layout.CODE);
    state.set(Register.DS_SEL, Layout.DATA >> 4).set(Register.DS_BASE, Layout.DATA);
    state.set(Register.IDTR_BASE, Layout.IDT).set(Register.IDTR_LIMIT, 0x3FF);
    state.set(Register.GIF, 1);
    byte[] bytes = new byte[code.length];
    for (int i = 0; i < code.length; i++) {
      bytes[i] = (byte) code[i];
    }
    MemoryPatch patch = new MemoryPatch(Layout.CODE, bytes);
    return new Case(
        id,
        vendor,
        List.of(),
        Context.HOST,
        state,
        new MachineState(),
        EMPTY,
        List.of(patch),
        ControlBlock.NONE,
        ControlBlock.NONE,
        1,
        patch);
  }

  private Observation only(Case testCase) {
    return subject.run(testCase);
  }

  @Test
  void aNopRetiresWithRipBehindIt() {
    Observation seen = only(realMode("nop", "svm", 0x90));

    assertThat(seen.kind()).isEqualTo(OutcomeKind.RETIRED);
    assertThat(seen.state().get(Register.RIP)).isEqualTo(1);
  }

  @Test
  void anInvalidOpcodeIsDeliveredAsVector6() {
    Observation seen = only(realMode("ud2", "svm", 0x0F, 0x0B));

    assertThat(seen.kind()).isEqualTo(OutcomeKind.DELIVERED);
    assertThat(seen.vector()).isEqualTo(6);
    assertThat(seen.errorCode()).isEqualTo(-1);
  }

  @Test
  void whatTheInstructionWroteIsReported() {
    // PUSHF pushes FLAGS 0002h at SP 47FEh; the other byte is as it was.
    Observation seen = only(realMode("pushf", "svm", 0x9C));

    assertThat(seen.changes())
        .containsExactly(new MemoryPatch(Layout.CODE + 0x47FE, new byte[] {2}));
  }

  @Test
  void nothingOfOneCaseIsLeftForTheNext() {
    only(realMode("pushf", "svm", 0x9C));

    Observation seen = only(realMode("nop", "svm", 0x90));

    assertThat(seen.changes()).isEmpty();
    assertThat(seen.state().get(Register.RSP)).isEqualTo(0x4800);
  }

  @Test
  void aCaseThatBreaksTheCoreIsACrashAndTheBatchGoesOn() {
    List<Observation> seen = new ArrayList<>();

    subject.run(
        List.of(realMode("broken", "no such vendor", 0x90), realMode("nop", "svm", 0x90)),
        seen::add);

    assertThat(seen).extracting(Observation::caseId).containsExactly("broken", "nop");
    assertThat(seen)
        .extracting(Observation::kind)
        .containsExactly(OutcomeKind.CRASH, OutcomeKind.RETIRED);
  }

  @Test
  void aCrashSaysWhy() {
    assertThat(only(realMode("broken", "no such vendor", 0x90)).remark())
        .contains("no such vendor");
  }
}

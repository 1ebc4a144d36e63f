package dev.precept.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Case;
import dev.precept.cases.Layout;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import dev.precept.generator.Assignment;
import dev.precept.generator.state.CaseBuilder;
import dev.precept.generator.state.Setup;
import dev.precept.subject.CoreSubject;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What goes before a case really runs: a subject or builder that skipped it would pass otherwise.
 */
class EarlierStateTest {
  /** CPUID's intercept: VMCB offset 00Ch, bit 18 (APM vol. 2, table B-1). */
  private static final long CPUID_BYTE = 0x00E;

  private static final int CPUID_BIT = 1 << 2;

  /** Guest ASID: VMCB offset 058h; VMRUN refuses 0 (APM vol. 2, 15.5.1). */
  private static final long GUEST_ASID = 0x058;

  private final Tables tables = TableLoader.load("svm").orThrow();

  @Test
  void anEarlierGuestDiffersInItsExitBits() {
    Case made = setUp("mode=long64 prior=all_exits").testCase();

    assertThat(made.initialByte(Layout.PRIOR_CONTROL_BLOCK + CPUID_BYTE) & CPUID_BIT).isNotZero();
    assertThat(made.initialByte(Layout.CONTROL_BLOCK + CPUID_BYTE) & CPUID_BIT).isZero();
  }

  @Test
  void anEarlierGuestThatCannotBeEnteredIsNoticed() {
    Case made = setUp("mode=long64 prior=all_exits").testCase();

    assertThat(run(made).kind()).isEqualTo(OutcomeKind.RETIRED);
    assertThat(run(withoutAsid(made)).kind()).isEqualTo(OutcomeKind.CRASH);
  }

  @Test
  void anEarlierMoveToCr2LeavesItsValueForTheExitToSave() {
    Setup setup = setUp("mode=long64 earlier=mov_cr2 icpt.cpuid=1");

    assertThat(setup.testCase().steps()).isEqualTo(2);
    assertThat(setup.before().get(Register.CR2))
        .isEqualTo(setup.testCase().state().get(Register.RDI))
        .isNotEqualTo(setup.testCase().state().get(Register.CR2));
  }

  @Test
  void anEarlierStiLeavesItsShadow() {
    Setup setup = setUp("mode=long64 earlier=sti");

    assertThat(setup.testCase().state().get(Register.INTERRUPT_SHADOW)).isZero();
    assertThat(setup.before().get(Register.INTERRUPT_SHADOW)).isEqualTo(1);
  }

  /** What #VMEXIT saves of these, the VMCB does not hold already. */
  @ParameterizedTest
  @ValueSource(strings = {"long64", "compat", "prot32", "prot16", "real"})
  void earlierLoadsBringRegistersToTheirValuesFromOthers(String mode) {
    Setup setup = setUp("mode=" + mode + " earlier=loads icpt.cpuid=1");

    for (Register register :
        List.of(
            Register.RAX,
            Register.RSP,
            Register.SS_BASE,
            Register.ES_SEL,
            Register.ES_BASE,
            Register.DS_SEL,
            Register.DS_BASE)) {
      assertThat(setup.testCase().state().get(register))
          .as(register.name())
          .isNotEqualTo(setup.before().get(register));
    }
    Observation seen = run(setup.testCase());
    assertThat(seen.kind()).isEqualTo(OutcomeKind.EXIT);
    assertThat(savedRsp(seen)).isEqualTo(setup.before().get(Register.RSP));
  }

  /** RSP: VMCB offset 5D8h (APM vol. 2, table B-2). */
  private static long savedRsp(Observation seen) {
    return ByteBuffer.wrap(seen.controlBlock()).order(ByteOrder.LITTLE_ENDIAN).getLong(0x5D8);
  }

  private Setup setUp(String assignment) {
    InstructionForm cpuid =
        tables.forms().stream().filter(form -> form.id().equals("cpuid")).findFirst().orElseThrow();
    return new CaseBuilder(tables).setUp(cpuid, Assignment.parse(tables, assignment), "test");
  }

  private static Observation run(Case testCase) {
    try (CoreSubject subject = new CoreSubject()) {
      return subject.run(testCase);
    }
  }

  private static Case withoutAsid(Case of) {
    List<MemoryPatch> memory = new ArrayList<>(of.memory());
    memory.add(new MemoryPatch(Layout.PRIOR_CONTROL_BLOCK + GUEST_ASID, new byte[4]));
    return new Case(
        of.id(),
        of.vendor(),
        of.features(),
        of.context(),
        of.state(),
        of.host(),
        of.base(),
        memory,
        of.controlBlock(),
        of.priorControlBlock(),
        of.steps(),
        of.code());
  }
}

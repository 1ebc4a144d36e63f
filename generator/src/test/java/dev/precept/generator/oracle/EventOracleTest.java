package dev.precept.generator.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Expected;
import dev.precept.cases.Outcome;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import dev.precept.generator.Assignment;
import dev.precept.generator.state.CaseBuilder;
import dev.precept.generator.state.Setup;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Events before the first instruction of a guest (APM vol. 2, 15.7.2, 15.20, 15.21). */
final class EventOracleTest {
  private static final Tables TABLES = TableLoader.load("svm").orThrow();

  private Setup setup;

  private Expected only(String form, String assignment) {
    setup =
        new CaseBuilder(TABLES)
            .setUp(
                TABLES.forms().stream().filter(f -> f.id().equals(form)).findFirst().orElseThrow(),
                Assignment.parse(TABLES, "mode=long64 " + assignment),
                "test");
    List<Expected> allowed = new Oracle(TABLES).expect(setup).allowed();
    assertThat(allowed).hasSize(1);
    return allowed.get(0);
  }

  private void assertDelivered(Expected expected, int vector) {
    assertThat(expected.outcome().kind()).isEqualTo(OutcomeKind.DELIVERED);
    assertThat(expected.outcome().code()).isEqualTo(vector);
  }

  /** What was pushed, from the lowest address on. */
  private long pushed(Expected expected, int slot) {
    long at = expected.outcome().state().get(Register.RSP) + 8L * slot;
    long value = 0;
    for (var change : expected.outcome().changes()) {
      for (int i = 0; i < change.bytes().length; i++) {
        long into = change.address() + i - at;
        if (into >= 0 && into < 8) {
          value |= (change.bytes()[i] & 0xFFL) << (8 * into);
        }
      }
    }
    return value;
  }

  @Test
  void anInjectedEventComesBeforeAnInterceptedInstruction() {
    assertDelivered(only("cpuid.inject", "inject=intr icpt.cpuid=1"), 0x20);
  }

  @Test
  void anInjectedExceptionIsNotIntercepted() {
    assertDelivered(only("cpuid.inject", "inject=ud icpt.exc_ud=1"), 6);
  }

  @Test
  void anInjectedExceptionPushesItsErrorCode() {
    Expected expected = only("cpuid.inject", "inject=gp");

    assertDelivered(expected, 13);
    assertThat(expected.outcome().fields()).containsEntry(Outcome.ERROR_CODE, 0x1235L);
    assertThat(pushed(expected, 0)).isEqualTo(0x1235);
  }

  @Test
  void anInjectedInterruptOfVectorThirteenPushesNoErrorCode() {
    Expected expected = only("cpuid.inject", "inject=intr_13");

    assertDelivered(expected, 13);
    assertThat(expected.outcome().fields()).doesNotContainKey(Outcome.ERROR_CODE);
    assertThat(pushed(expected, 0)).isEqualTo(setup.before().get(Register.RIP));
  }

  @Test
  void anInjectedNmiIgnoresItsVector() {
    assertDelivered(only("cpuid.inject", "inject=nmi_vector"), 2);
  }

  @Test
  void anInjectedSoftwareInterruptReturnsToNrip() {
    assertThat(pushed(only("cpuid.inject", "inject=int inject.nrip=other"), 0)).isEqualTo(0x1234);
  }

  @Test
  void anInjectedInterruptReturnsToTheInstruction() {
    assertThat(pushed(only("cpuid.inject", "inject=intr inject.nrip=other"), 0))
        .isEqualTo(setup.before().get(Register.RIP));
  }

  @Test
  void anExitDuringTheDeliveryNamesTheInjectedEvent() {
    Expected expected =
        only("cpuid.inject", "inject=gp gate=not_present icpt.exc_np=1 icpt.exc_gp=1");

    assertThat(expected.outcome().code()).isEqualTo(0x4B);
    assertThat(expected.outcome().fields()).containsEntry("EXITINTINFO", 0x0000_1235_8000_0B0DL);
    assertThat(expected.outcome().fields()).containsEntry("EVENTINJ", 0L);
    assertThat(expected.outcome().fields().get("EXITINFO1") & ~1L).isEqualTo(13 << 3 | 2);
  }

  @Test
  void aBoundRangeExceptionIsImpossibleIn64BitMode() {
    assertThat(only("cpuid.inject", "inject=br").outcome().code()).isEqualTo(-1);
  }

  @Test
  void anInterceptedVirtualInterruptStaysPending() {
    Expected expected = only("cpuid.vintr", "vintr.irq=1 rflags.if=1 icpt.vintr=1 icpt.cpuid=1");

    assertThat(expected.outcome().code()).isEqualTo(0x64);
    assertThat(expected.outcome().fields()).containsEntry("V_IRQ and V_TPR", 1L << 8);
    assertThat(expected.outcome().fields()).containsEntry("EXITINTINFO", 0L);
  }

  @Test
  void aVirtualInterruptIsNoLongerPendingWhenItsDeliveryExits() {
    Expected expected =
        only("cpuid.vintr", "vintr.irq=1 rflags.if=1 gate=not_present icpt.exc_np=1");

    assertThat(expected.outcome().code()).isEqualTo(0x4B);
    assertThat(expected.outcome().fields()).containsEntry("V_IRQ and V_TPR", 0L);
    assertThat(expected.outcome().fields()).containsEntry("EXITINTINFO", 0x8000_0020L);
  }

  @Test
  void aPriorityThatIsNotAboveTheTprHoldsAVirtualInterruptOff() {
    String equal = "vintr.irq=1 rflags.if=1 vintr.prio=7 vintr.tpr=7 icpt.cpuid=1 ";

    assertThat(only("cpuid.vintr", equal).outcome().code()).isEqualTo(0x72);
    assertDelivered(only("cpuid.vintr", equal + "vintr.ign_tpr=1"), 0x20);
  }

  @Test
  void aVirtualNmiIsNotInterceptedAndGoesBeforeAVirtualInterrupt() {
    assertDelivered(
        only(
            "cpuid.vnmi",
            "vnmi.enable=1 vnmi.pending=1 icpt.nmi=1 vintr.irq=1 rflags.if=1 icpt.vintr=1"),
        2);
  }

  @Test
  void anExitDuringTheDeliveryOfAVirtualNmiSavesItsMaskAsZero() {
    Expected expected =
        only(
            "cpuid.vnmi", "vnmi.enable=1 vnmi.pending=1 icpt.nmi=1 gate=not_present icpt.exc_np=1");

    assertThat(expected.outcome().fields()).containsEntry("V_NMI and V_NMI_MASK", 0L);
    assertThat(expected.outcome().fields()).containsEntry("EXITINTINFO", 0x8000_0202L);
  }
}

package dev.precept.generator.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Expected;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import dev.precept.generator.Assignment;
import dev.precept.generator.state.CaseBuilder;
import dev.precept.generator.state.Setup;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/**
 * Page-modification logging, virtualization exceptions, virtual NMIs and PDPTEs at VM entry (SDM
 * vol. 3, 28.2.5, 25.5.6, 25.3, 26.3.1.6).
 */
final class ExtendedPagingEventsOracleTest {
  private static final Tables TABLES = TableLoader.load("vmx").orThrow();

  private static final long VIOLATION = 48, LOG_FULL = 62, CPUID = 10, NMI_WINDOW = 8;
  private static final long ENTRY_FAILURE = 0x8000_0021L;
  private static final int VE = 20;

  private static List<Expected> allowed(String form, String assignment) {
    Setup setup =
        new CaseBuilder(TABLES)
            .setUp(
                TABLES.forms().stream().filter(f -> f.id().equals(form)).findFirst().orElseThrow(),
                Assignment.parse(TABLES, assignment),
                "test");
    return new Oracle(TABLES).expect(setup).allowed();
  }

  private static Expected only(String form, String assignment) {
    List<Expected> allowed = allowed(form, assignment);
    assertThat(allowed).hasSize(1);
    return allowed.get(0);
  }

  private static void assertExit(Expected expected, long code) {
    assertThat(expected.outcome().kind()).isEqualTo(OutcomeKind.EXIT);
    assertThat(expected.outcome().code()).isEqualTo(code);
  }

  /** The byte that the instruction leaves at {@code address}, if it changes it. */
  private static OptionalInt changed(Expected expected, long address) {
    for (MemoryPatch change : expected.outcome().changes()) {
      if (change.address() <= address && address < change.end()) {
        return OptionalInt.of(change.bytes()[(int) (address - change.address())] & 0xFF);
      }
    }
    return OptionalInt.empty();
  }

  @Test
  void aStoreToACleanPageIsLoggedWithoutItsOffset() {
    Expected expected =
        only(
            "cpuid.pml",
            "mode=long64 icpt.nmi=0 preceding=store ept.ad=1 ept.operand_flags=dirty_clear");

    assertExit(expected, CPUID);
    assertThat(changed(expected, 0x5DFF8)).isEmpty();
    assertThat(changed(expected, 0x5DFF9)).hasValue(0x20 /* of page 12000h */);
    assertThat(changed(expected, 0x53091)).hasValue(0x23 /* its entry, accessed and dirty */);
    assertThat(expected.outcome().fields()).containsEntry("pml index", 510L);
  }

  @Test
  void behindTheFirstEntryTheIndexIsFfffh() {
    assertThat(
            only(
                    "cpuid.pml",
                    "mode=long64 preceding=store ept.ad=1 ept.operand_flags=clear pml.index=0")
                .outcome()
                .fields())
        .containsEntry("pml index", 0xFFFFL);
  }

  @Test
  void aFullLogStopsWhatSetsADirtyFlag() {
    String full = "mode=long64 ept.ad=1 pml.index=512 ept.operand_flags=";

    assertExit(only("mov_store.pml", full + "dirty_clear"), LOG_FULL);
    assertThat(only("mov_load.pml", full + "dirty_clear").outcome().kind())
        .isEqualTo(OutcomeKind.RETIRED);
    assertThat(only("mov_store.pml", full + "set").outcome().kind()).isEqualTo(OutcomeKind.RETIRED);
  }

  @Test
  void aFullLogMayStopWhatSetsAnAccessedFlagOrLetItPass() {
    String full = "mode=long64 ept.ad=1 pml.index=512 ept.operand_flags=accessed_clear";

    for (String form : List.of("mov_load.pml", "mov_store.pml")) {
      List<Expected> either = allowed(form, full);
      assertThat(either).hasSize(2);
      assertExit(either.get(0), LOG_FULL);
      assertThat(changed(either.get(0), 0x53091)).isEmpty();
      assertThat(either.get(1).outcome().kind()).isEqualTo(OutcomeKind.RETIRED);
      assertThat(changed(either.get(1), 0x53091)).hasValue(0x23 /* accessed and dirty */);
    }
  }

  @Test
  void aViolationIsAVirtualizationExceptionThatTellsAllOfIt() {
    Expected expected = only("mov_store.ve", "mode=long64 icpt.exc_20=1 ept.operand=read_only");

    assertExit(expected, (long) VE << 32);
    assertThat(changed(expected, 0x5E000)).hasValue(48);
    assertThat(changed(expected, 0x5E004)).hasValue(0xFF);
    assertThat(changed(expected, 0x5E011)).hasValue(0x21 /* linear address 12100h */);
    assertThat(changed(expected, 0x5E01A)).hasValue(1 /* guest-physical address 12100h */);
    assertThat(changed(expected, 0x5E020)).hasValue(0x3C /* EPTP index 5A3Ch */);
  }

  @Test
  void anAreaInUseASuppressedEntryAndRealModeLeaveTheExit() {
    String violation = "mode=long64 ept.operand=read_only ";

    assertExit(only("mov_store.ve", violation + "ve.busy=low"), VIOLATION);
    assertExit(only("mov_store.ve", violation + "ve.suppress=1"), VIOLATION);
    assertExit(only("cpuid.ve", "mode=real ept.code=read_only"), VIOLATION);
    assertThat(only("mov_store.ve", violation + "ve.upper=1").outcome().code()).isEqualTo(VE);
  }

  @Test
  void deliveryOfAnEventMakesNoVirtualizationException() {
    assertExit(only("ud2.ve", "mode=long64 icpt.exc_ud=0 ept.idt=not_present"), VIOLATION);
  }

  @Test
  void anNmiIsNotInjectedUnderVirtualNmiBlockingAndElseMakesIt() {
    String inject = "mode=long64 icpt.nmi=1 inject=nmi ";

    assertExit(only("cpuid.vnmi_inject", inject + "nmi_masked=1"), ENTRY_FAILURE);
    Expected expected = only("cpuid.vnmi_inject", inject);
    assertThat(expected.outcome().kind()).isEqualTo(OutcomeKind.DELIVERED);
    assertThat(expected.outcome().state().get(Register.NMI_MASKED)).isEqualTo(1);
  }

  @Test
  void aFaultOfIretEndsVirtualNmiBlockingAndSaysSo() {
    Expected expected =
        only("iret.vnmi_q", "mode=long64 icpt.nmi=1 nmi_masked=1 stack.noncanonical=1");

    assertThat(expected.outcome().state().get(Register.NMI_MASKED)).isZero();
    assertThat(expected.outcome().fields())
        .containsEntry(
            "VM-exit interruption information", 0x8000_1B0CL /* bit 12; error code, #SS */)
        .containsEntry("guest interruptibility state", 0L);
  }

  @Test
  void aWindowIsOpenBehindIretAndUnderStiPerhaps() {
    String window = "mode=long64 icpt.nmi=1 nmi_window=1 ";

    assertExit(only("cpuid.nmi_window_iret", window + "preceding=iret nmi_masked=1"), NMI_WINDOW);
    assertThat(allowed("cpuid.nmi_window", window + "nmi_window.blocking=sti window.rflags=if"))
        .hasSize(2);
    assertExit(only("cpuid.nmi_window", window + "nmi_window.blocking=nmi"), CPUID);
  }

  @Test
  void pdptesCountInTheFieldsWithEptAndInMemoryWithout() {
    String pae = "mode=prot32 cr4.pae=1 ";

    Expected refused = only("cpuid.pdptes", pae + "pdpte=bit_5");
    assertExit(refused, ENTRY_FAILURE);
    assertThat(refused.outcome().fields()).containsEntry("exit qualification", 2L);
    assertExit(only("cpuid.pdptes", pae + "pdpte.memory=bit_5"), CPUID);
    assertExit(only("cpuid.pdptes", pae + "ept=0 pdpte=bit_5"), CPUID);
    assertExit(only("cpuid.pdptes", pae + "ept=0 pdpte.memory=bit_63"), ENTRY_FAILURE);
  }

  @Test
  void anExitSavesThePdptesThatALoadOfCr3HasBroughtIn() {
    Map<String, Long> fields =
        only(
                "cpuid.pdptes_saved",
                "mode=prot32 cr4.pae=1 preceding=mov_cr3 pdpte.number=2 pdpte.memory=garbage")
            .outcome()
            .fields();

    assertThat(fields)
        .containsEntry("guest pdpte0", 0x23001L)
        .containsEntry("guest pdpte1", 0L)
        .containsEntry("guest pdpte2", ~1L)
        .containsEntry("guest pdpte3", 0L);
  }
}

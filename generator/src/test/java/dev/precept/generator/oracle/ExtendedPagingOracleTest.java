package dev.precept.generator.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Expected;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import dev.precept.generator.Assignment;
import dev.precept.generator.state.CaseBuilder;
import dev.precept.generator.state.Setup;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import java.util.List;
import org.junit.jupiter.api.Test;

/** EPT (SDM vol. 3, 28.2) and what its exits carry (27.2, 27.3.3). */
final class ExtendedPagingOracleTest {
  private static final Tables TABLES = TableLoader.load("vmx").orThrow();

  private static final long VIOLATION = 48, MISCONFIGURATION = 49, LMSW = 28, CPUID = 10;
  private static final String QUALIFICATION = "exit qualification",
      LINEAR = "guest-linear address",
      PHYSICAL = "guest-physical address",
      VECTORING = "IDT-vectoring information";

  private static final long RFLAGS_RF = 1 << 16;

  /**
   * Of the exit qualification, what is compared: not bits 6, 9 to 11, 14; 12 not with NMI exiting.
   */
  private static final long COMPARED = ~0x4E40L;

  private Setup setup;

  private List<Expected> allowed(String form, String assignment) {
    setup =
        new CaseBuilder(TABLES)
            .setUp(
                TABLES.forms().stream().filter(f -> f.id().equals(form)).findFirst().orElseThrow(),
                Assignment.parse(TABLES, assignment),
                "test");
    return new Oracle(TABLES).expect(setup).allowed();
  }

  private Expected only(String form, String assignment) {
    List<Expected> allowed = allowed(form, assignment);
    assertThat(allowed).hasSize(1);
    return allowed.get(0);
  }

  private static void assertExit(Expected expected, long code) {
    assertThat(expected.outcome().kind()).isEqualTo(OutcomeKind.EXIT);
    assertThat(expected.outcome().code()).isEqualTo(code);
  }

  private static void assertViolation(Expected expected, long qualification, long address) {
    assertExit(expected, VIOLATION);
    assertThat(expected.outcome().fields().get(QUALIFICATION) & COMPARED).isEqualTo(qualification);
    assertThat(expected.outcome().fields())
        .containsEntry(LINEAR, address)
        .containsEntry(PHYSICAL, address);
  }

  private static long flags(Expected expected) {
    return expected.outcome().state().get(Register.RFLAGS);
  }

  @Test
  void anAbsentPageOfAnOperandIsAReadWithNoRightsAtItsFinalAddress() {
    Expected expected = only("lgdt.ept", "ept.operand=not_present");

    assertViolation(
        expected,
        0x181 /* read, linear address valid, its translation */,
        0x12000 /* the operand's page, mapped to itself */);
    assertThat(expected.masks()).containsEntry(LINEAR, ~0xFFFL).containsEntry(PHYSICAL, ~0xFFFL);
  }

  @Test
  void aWriteToAPageForReadsAndFetchesSaysThatTheyAreAllowed() {
    assertViolation(
        only("mov_store.ept", "mode=long64 ept.operand=read_execute"),
        0x1AA /* write; readable, executable */,
        0x12100);
  }

  @Test
  void whetherAReadModifyWriteIsAReadAsWellIsOpen() {
    Expected expected = only("not.ept", "mode=long64 ept.operand=read_only");

    assertViolation(expected, 0x18A /* write; readable */, 0x12100);
    assertThat(expected.masks().get(QUALIFICATION) & 3).isEqualTo(2);
  }

  @Test
  void anEntryWithAReservedMemoryTypeIsMisconfiguredAndLeavesNoLinearAddress() {
    Expected expected = only("lgdt.ept", "ept.operand=memory_type");

    assertExit(expected, MISCONFIGURATION);
    assertThat(expected.outcome().fields())
        .containsEntry(QUALIFICATION, 0L)
        .containsEntry(PHYSICAL, 0x12000L);
    assertThat(expected.masks()).containsEntry(PHYSICAL, ~0xFFFL);
    assertThat(expected.outcome().fields()).doesNotContainKey(LINEAR);
  }

  @Test
  void executeOnlyIsAViolationOfReadsWhereItIsSupportedAndElseAMisconfiguration() {
    assertExit(only("lgdt.ept", "ept.operand=execute_only"), VIOLATION);
    assertExit(
        only("lgdt.ept", "ept.operand=execute_only feat.ept_execute_only=0"), MISCONFIGURATION);
  }

  @Test
  void anExecuteOnlyPageCanBeExecuted() {
    assertExit(only("cpuid.ept", "ept.code=execute_only"), CPUID);
  }

  @Test
  void aPageFaultOfTheGuestComesBeforeTheViolationOfTheSameAccess() {
    Expected expected =
        only("mov_store.ept", "mode=long64 cpl=3 mem.page=read_only ept.operand=not_present");

    assertThat(expected.check()).isEqualTo("pf.mem_write");
  }

  @Test
  void theViolationOfItsOperandComesBeforeTheExitOfLmsw() {
    String exits = "cr0_mask=0xA cr0_differs=0xA lmsw_mem=toggles_mp ";

    assertExit(only("lmsw.ept", exits), LMSW);
    assertExit(only("lmsw.ept", exits + "ept.operand=not_present"), VIOLATION);
  }

  @Test
  void aGuestPageTableIsReadOnlyWithoutAccessedAndDirtyFlags() {
    assertExit(only("cpuid.ept", "ept.table=read_only"), CPUID);
  }

  @Test
  void withAccessedAndDirtyFlagsAGuestPageTableIsWrittenAndRead() {
    Expected expected = only("cpuid.ept", "mode=long64 ept.ad=1 ept.table=read_only");

    assertExit(expected, VIOLATION);
    assertThat(expected.outcome().fields().get(QUALIFICATION) & COMPARED)
        .isEqualTo(0x8B /* write, read; readable; linear address valid, not its translation */);
    assertThat(expected.outcome().fields())
        .containsEntry(PHYSICAL, 0x1F080L /* entry of page 10000h in the last table */);
  }

  @Test
  void pageDirectoryPointersOfPaePagingAreNotWalked() {
    assertThat(only("cpuid.ept", "mode=prot32 ept.table=not_present ept.level=root"))
        .satisfies(one -> assertThat(one.outcome().fields()).containsEntry(PHYSICAL, 0x23000L));
  }

  @Test
  void aViolationOutsideDeliverySavesTheResumeFlag() {
    assertThat(flags(only("cpuid.ept", "ept.code=not_present")) & RFLAGS_RF).isNotZero();
    assertThat(flags(only("cpuid.ept", "ept.code=ok")) & RFLAGS_RF).isZero();
  }

  @Test
  void aViolationInTheDeliveryOfAnExceptionNamesIt() {
    Expected expected = only("ud2.ept", "mode=long64 icpt.exc_ud=0 cpl=3 ept.tss=not_present");

    assertExit(expected, VIOLATION);
    assertThat(expected.outcome().fields()).containsEntry(VECTORING, 0x8000_0306L);
    assertThat(flags(expected) & RFLAGS_RF).isNotZero();
  }

  @Test
  void anExceptionThatExitsIsNotDelivered() {
    assertThat(only("ud2.ept", "icpt.exc_ud=1 ept.idt=not_present").check()).isEqualTo("ud.ud2");
  }

  @Test
  void aViolationInTheDeliveryOfAnInjectedEventSavesTheGuestsResumeFlag() {
    Expected expected = only("cpuid.ept_inject", "mode=long64 inject=ud ept.idt=not_present");

    assertExit(expected, VIOLATION);
    assertThat(expected.outcome().fields()).containsEntry(VECTORING, 0x8000_0306L);
    assertThat(flags(expected) & RFLAGS_RF).isZero();
  }

  @Test
  void theLoadOfPageDirectoryPointersHasNoLinearAddress() {
    Expected expected = only("mov_to_cr.ept_pdpte", "mode=prot32 ept.pdpte=not_present ept.ad=1");

    assertExit(expected, VIOLATION);
    assertThat(expected.outcome().fields().get(QUALIFICATION) & COMPARED).isEqualTo(1);
    assertThat(expected.outcome().fields()).doesNotContainKey(LINEAR);
  }

  @Test
  void theSecondEntryThatCannotBeLoadedIsNamedAfterTheFirstWasLoaded() {
    Expected expected =
        only(
            "vmlaunch.msr_load", "msr_load.count=3 msr_load.second=fs_base msr_load.third=gs_base");

    assertExit(expected, 0x8000_0022L);
    assertThat(expected.outcome().fields()).containsEntry(QUALIFICATION, 2L);
    assertThat(expected.outcome().state().get(Register.LSTAR)).isEqualTo(0x7EED_1234_5678L);
  }

  @Test
  void aPendingDebugExceptionComesBehindAPendingMtfExitAndBeforeAnInterruptWindow() {
    String state = "pending_debug=b1_b3 window.rflags=if icpt.interrupt_window=1 icpt.exc_db=1 ";

    assertThat(only("cpuid.pending_debug", state + "inject_mtf=pending").check())
        .isEqualTo("mtf.pending_window");
    Expected expected = only("cpuid.pending_debug", state);
    assertThat(expected.check()).isEqualTo("db.pending_window");
    assertThat(expected.outcome().fields()).containsEntry(QUALIFICATION, 0xAL);
  }

  /** 28.2.2: the processor ignores bits 62:3 of an entry that is not present. */
  @Test
  void anAbsentEntryIsNoMisconfigurationWhateverItsOtherBitsAre() {
    assertExit(only("cpuid.ept_upper", "ept.upper=pd_not_present"), VIOLATION);
  }
}

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

/** Nested paging (APM vol. 2, 15.25). */
final class NestedOracleTest {
  private static final Tables TABLES = TableLoader.load("svm").orThrow();

  private static final long NPF = 0x400, PF = 0x4E, GDTR_WRITE = 0x6B;

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

  private static void assertFault(Expected expected, long information, long address) {
    assertExit(expected, NPF);
    assertThat(expected.outcome().fields())
        .containsEntry("EXITINFO1", information)
        .containsEntry("EXITINFO2", address);
  }

  @Test
  void anAbsentNestedPageOfAnOperandIsAUserReadOfItsFinalAddress() {
    Expected expected = only("lgdt.np", "np=1 np.operand=not_present");

    assertFault(expected, 0x1_0000_0004L, 0x12000 /* the operand's page, mapped to itself */);
    assertThat(expected.masks()).containsEntry("EXITINFO2", ~0xFFFL);
  }

  @Test
  void aReadOnlyNestedPageIsNotWrittenToAtCplZero() {
    assertFault(
        only("mov_store.np", "np=1 np.operand=read_only cpl=0 cr0.wp=0"), 0x1_0000_0007L, 0x12100);
  }

  @Test
  void aReservedBitIsTold() {
    assertFault(
        only("mov_store.np", "np=1 np.operand=reserved mem.page=ok"), 0x1_0000_000FL, 0x12100);
  }

  @Test
  void theSecondPageOfAnOperandIsTheOneThatFaults() {
    assertFault(
        only("lgdt.np", "np=1 np.operand=supervisor mem.misaligned=1 mem.cross=1"),
        0x1_0000_0005L,
        0x13000);
  }

  @Test
  void theGuestsOwnPageFaultComesFirst() {
    assertExit(
        only("lgdt.np", "np=1 np.operand=not_present mem.page=not_present icpt.exc_pf=1"), PF);
  }

  @Test
  void theGuestsPermissionsComeBeforeTheFinalTranslation() {
    assertExit(
        only("lgdt.np", "np=1 np.operand=not_present mem.page=supervisor cpl=3 icpt.exc_pf=1"),
        0x4D /* #GP of CPL 3 is earlier still */);
    assertExit(
        only("mov_store.np", "np=1 np.operand=not_present mem.page=supervisor cpl=3 icpt.exc_pf=1"),
        PF);
  }

  @Test
  void anInterceptThatPrecedesTheOperandComesFirst() {
    assertExit(only("lgdt.np", "np=1 np.operand=not_present icpt.gdtr_write=1"), GDTR_WRITE);
  }

  @Test
  void theFetchComesBeforeEveryIntercept() {
    Expected expected = only("cpuid.np", "np=1 np.nxe=1 np.code=no_execute icpt.cpuid=1");

    assertFault(expected, 0x1_0000_0015L, 0x10000);
    assertThat(expected.masks()).containsEntry("EXITINFO2", ~0xFFFL);
  }

  @Test
  void aCodeReadIsNotTellableWithoutNoExecute() {
    assertThat(only("cpuid.np", "np=1 np.code=supervisor").masks())
        .containsEntry("EXITINFO1", ~0x10L);
  }

  @Test
  void theWalkOfTheGuestsTablesIsAUserWriteBeforeTheFetch() {
    assertFault(
        only("cpuid.np", "np=1 np.table=read_only np.code=not_present"),
        0x2_0000_0007L,
        0x1F080 /* the entry of page 10h in the last table */);
    assertFault(
        only("cpuid.np", "mode=prot32 cr4.pae=0 np=1 np.table=not_present"),
        0x2_0000_0006L,
        0x21040);
    assertFault(
        only("cpuid.np", "mode=prot32 cr4.pae=1 np=1 np.table=not_present np.level=root"),
        0x2_0000_0006L,
        0x22000);
  }

  @Test
  void noExecuteDoesNotStopTheWalk() {
    assertExit(only("cpuid.np", "np=1 np.nxe=1 np.table=no_execute icpt.cpuid=1"), 0x72);
  }

  @Test
  void aGuestWithoutPagingWalksNoTables() {
    assertExit(only("cpuid.np", "mode=real np=1 np.table=not_present icpt.cpuid=1"), 0x72);
  }

  @Test
  void withoutNestedPagingItsTablesDoNotMatter() {
    assertExit(only("cpuid.np", "np=0 np.code=not_present icpt.cpuid=1"), 0x72);
  }

  @Test
  void anExceptionWhoseGateIsOutOfReachIsInExitIntInfo() {
    Expected expected = only("ud2.np", "np=1 np.idt=not_present icpt.exc_ud=0");

    assertFault(expected, 0x1_0000_0004L, 0x17060);
    assertThat(expected.outcome().fields()).containsEntry("EXITINTINFO", 0x8000_0306L);
  }

  @Test
  void anInterceptedExceptionReadsNoGate() {
    assertExit(only("ud2.np", "np=1 np.idt=not_present icpt.exc_ud=1"), 0x46);
  }

  @Test
  void anInjectedEventWhoseGateIsOutOfReachIsInExitIntInfo() {
    Expected gp = only("cpuid.np_inject", "np=1 np.idt=supervisor inject=gp icpt.cpuid=1");
    assertFault(gp, 0x1_0000_0005L, 0x170D0);
    assertThat(gp.outcome().fields()).containsEntry("EXITINTINFO", 0x0000_1235_8000_0B0DL);

    Expected nmi = only("cpuid.np_inject", "mode=prot32 np=1 np.idt=reserved inject=nmi");
    assertFault(nmi, 0x1_0000_000DL, 0x17010);
  }

  @Test
  void theGuestHasAPatOfItsOwn() {
    Expected own = only("rdmsr.np", "np=1 np.gpat=other icpt.msr=0");
    assertThat(own.outcome().state().get(Register.RAX)).isEqualTo(0x0701_0405);
    assertThat(own.outcome().state().get(Register.RDX)).isEqualTo(0x0001_0506);

    Expected host = only("rdmsr.np", "np=0 np.gpat=other icpt.msr=0");
    assertThat(host.outcome().state().get(Register.RAX)).isEqualTo(0x0007_0406);
  }

  @Test
  void anExitBringsTheHostsPatBack() {
    Expected expected =
        only("wrmsr.np", "np=1 np.gpat=other msr=0x277 msr_write=1 icpt.msr=1 msrpm=2");

    assertExit(expected, 0x7C);
    assertThat(expected.outcome().state().get(Register.PAT)).isEqualTo(0x0007_0406_0007_0406L);
  }

  @Test
  void walksOfGuestTablesAreWritesAndTheFetchIsNone() {
    Expected expected = only("mov_store.np_dirty", "np=1 np.ad=clear");

    // Nested entries of PML4 (1Ch), the last table (1Fh), the code (10h), the operand (12h).
    assertThat(after(expected, 0x5B0E0)).isEqualTo(0x67);
    assertThat(after(expected, 0x5B0F8)).isEqualTo(0x67);
    assertThat(after(expected, 0x5B080)).isEqualTo(0x27);
    assertThat(after(expected, 0x5B090)).isEqualTo(0x67);
    // PAE's tables are not those of 64-bit mode.
    assertThat(after(expected, 0x5B110)).isEqualTo(0x07);
  }

  private int after(Expected expected, long address) {
    return expected.outcome().changes().stream()
        .filter(change -> change.address() == address)
        .findFirst()
        .map(change -> change.bytes()[0] & 0xFF)
        .orElseGet(() -> setup.memory().read8(address));
  }

  @Test
  void vmrunRefusesBitsOfNestedCr3AndOfThePat() {
    assertExit(only("vmrun.np", "np=1 entry.ncr3=bit_52"), -1);
    assertExit(only("vmrun.np", "np=1 entry.gpat=last_2"), -1);
    assertThat(only("vmrun.np", "np=0 entry.ncr3=bit_52").outcome().kind())
        .isEqualTo(OutcomeKind.RETIRED);
  }

  @Test
  void nestedPagingOnAProcessorWithoutItIsOpen() {
    assertThat(allowed("vmrun.np", "np=1 feat.np=0"))
        .extracting(expected -> expected.outcome().kind())
        .containsExactlyInAnyOrder(OutcomeKind.EXIT, OutcomeKind.RETIRED);
  }
}

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

/**
 * What a guest has for itself: virtual GIF, V_TPR, DebugCtl; and breakpoints, page tables and
 * descriptors that forms of their own spoil.
 */
final class VirtualStateOracleTest {
  private static final Tables TABLES = TableLoader.load("svm").orThrow();

  private static final long CPUID = 0x72, VINTR = 0x64, DB = 0x41, PF = 0x4E, GP = 0x4D;

  private Setup setup;

  private Expected only(String form, String assignment) {
    setup =
        new CaseBuilder(TABLES)
            .setUp(
                TABLES.forms().stream().filter(f -> f.id().equals(form)).findFirst().orElseThrow(),
                Assignment.parse(TABLES, assignment),
                "test");
    List<Expected> allowed = new Oracle(TABLES).expect(setup).allowed();
    assertThat(allowed).hasSize(1);
    return allowed.get(0);
  }

  private static void assertExit(Expected expected, long code) {
    assertThat(expected.outcome().kind()).isEqualTo(OutcomeKind.EXIT);
    assertThat(expected.outcome().code()).isEqualTo(code);
  }

  private static long register(Expected expected, Register register) {
    return expected.outcome().state().get(register);
  }

  @Test
  void aVirtualInterruptWaitsForTheVirtualGif() {
    String pending = "vintr.irq=1 rflags.if=1 icpt.vintr=1 icpt.cpuid=1 vgif.enable=1 vgif.value=";

    assertExit(only("cpuid.vgif", pending + "1"), VINTR);
    assertExit(only("cpuid.vgif", pending + "0"), CPUID);
  }

  @Test
  void withoutVirtualGifTheBitDecidesNothing() {
    assertExit(
        only(
            "cpuid.vgif",
            "vintr.irq=1 rflags.if=1 icpt.vintr=1 icpt.cpuid=1 vgif.enable=0 vgif.value=0"),
        VINTR);
  }

  @Test
  void anInjectedEventDoesNotWaitForTheVirtualGif() {
    assertThat(only("cpuid.vgif", "inject=intr vgif.value=0").outcome().kind())
        .isEqualTo(OutcomeKind.DELIVERED);
  }

  @Test
  void stgiOfTheGuestLetsTheInterruptThrough() {
    assertExit(
        only(
            "cpuid.vgif",
            "preceding=stgi vintr.irq=1 rflags.if=1 icpt.vintr=1 icpt.cpuid=1 vgif.value=0"),
        VINTR);
  }

  @Test
  void stgiAndClgiOfTheGuestAreInTheVmcbBehindAnExit() {
    assertThat(only("cpuid.vgif", "preceding=clgi icpt.cpuid=1 vgif.value=1").outcome().fields())
        .containsEntry("V_GIF", 0L);
    assertThat(only("cpuid.vgif", "preceding=stgi icpt.cpuid=1 vgif.value=0").outcome().fields())
        .containsEntry("V_GIF", 0x200L);
  }

  @Test
  void readsOfCr8ReturnVtprWithMaskingAlone() {
    assertThat(
            register(
                only("mov_from_cr.tpr", "gpr2=8 vintr.tpr=8 v_tpr=lower vintr.masking=1"),
                Register.RBX))
        .isEqualTo(4);
    assertThat(
            register(
                only("mov_from_cr.tpr", "gpr2=8 vintr.tpr=8 v_tpr=lower vintr.masking=0"),
                Register.RBX))
        .isEqualTo(8);
  }

  @Test
  void writesOfCr8LeaveTheTprAloneWithMasking() {
    String written = "preceding=mov_cr8 vintr.tpr=8 v_tpr=lower icpt.cpuid=1 vintr.masking=";
    Expected masked = only("cpuid.tpr_write", written + "1");
    assertThat(masked.outcome().fields()).containsEntry("V_IRQ and V_TPR", 3L);
    assertThat(register(masked, Register.CR8)).isEqualTo(8);

    Expected both = only("cpuid.tpr_write", written + "0");
    assertThat(both.outcome().fields()).containsEntry("V_IRQ and V_TPR", 3L);
    assertThat(register(both, Register.CR8)).isEqualTo(3);
  }

  @Test
  void vtprAndNotTheTprDecides() {
    String pending =
        "vintr.tpr=8 vintr.irq=1 rflags.if=1 icpt.vintr=1 icpt.cpuid=1 vintr.prio=7 v_tpr=";

    assertExit(only("cpuid.tpr", pending + "lower"), VINTR);
    assertExit(only("cpuid.tpr", pending + "upper"), CPUID);
  }

  @Test
  void anExitSavesTheGuestsDebugctlAndBringsTheHostsBack() {
    Expected kept = only("cpuid.lbr", "icpt.cpuid=1 lbr.enable=1");
    assertThat(kept.outcome().fields()).containsEntry("DBGCTL", 2L);
    assertThat(register(kept, Register.DEBUGCTL)).isZero();

    Expected written = only("cpuid.lbr", "icpt.cpuid=1 lbr.enable=1 preceding=wrmsr");
    assertThat(written.outcome().fields()).containsEntry("DBGCTL", 0L);
  }

  @Test
  void aGuestReadsTheLastBranchOfItsVmcb() {
    Expected expected = only("rdmsr.lbr", "msr=0x1DB msr_write=0 lbr.enable=1");

    assertThat(register(expected, Register.RAX)).isEqualTo(0x2222_3000);
    assertThat(register(expected, Register.RDX)).isEqualTo(0x1111);
  }

  @Test
  void illegalPointersAreFoundBehindTheCr3Intercept() {
    String illegal = "mode=prot32 mov_cr=1 np=0 next_pdpte=reserved_1 icpt.cr3_write=";

    assertExit(only("mov_to_cr.cr3_pae", illegal + "1"), 0x13);
    assertExit(only("mov_to_cr.cr3_pae", illegal + "0"), GP);
  }

  @Test
  void nestedPagingLoadsNoPointers() {
    assertThat(
            only("mov_to_cr.cr3_pae", "mode=prot32 mov_cr=1 np=1 next_pdpte=reserved_1")
                .outcome()
                .kind())
        .isEqualTo(OutcomeKind.RETIRED);
  }

  @Test
  void aDataBreakpointIsATrapBehindTheInstruction() {
    Expected expected = only("mov_store.watch", "bp.on=g2 bp.at=over bp.kind=write addressing=bx");

    assertExit(expected, DB);
    assertThat(register(expected, Register.DR6)).isEqualTo(0xFFFF_0FF4L);
    assertThat(register(expected, Register.RIP))
        .isEqualTo(setup.before().get(Register.RIP) + setup.length());
    assertThat(setup.before().get(Register.DR2)).isEqualTo(0x12102);
    assertThat(setup.before().get(Register.DR7)).isEqualTo(0x0D00_0420);
  }

  @Test
  void anIoInterceptKeepsTheTrapAway() {
    assertExit(
        only("out.watch", "bp.kind=io cr4.de=1 io_size=1 port=0x60 iopm=1 icpt.ioio=1"), 0x7B);
  }

  @Test
  void aPageFaultOfTheFetchIsAtTheInstruction() {
    Expected expected = only("cpuid.upper", "icpt.exc_pf=1 pt.upper=reserved pt.level=middle");

    assertExit(expected, PF);
    assertThat(expected.outcome().fields())
        .containsEntry("EXITINFO1", 9L)
        .containsEntry("EXITINFO2", setup.testCase().code().address())
        .doesNotContainKey("guest instruction bytes 63:0");
  }

  @Test
  void noMoreBytesAreTakenThanCanBeFetched() {
    Expected expected =
        only(
            "mov_load.bytes",
            "icpt.exc_pf=1 feat.decode_assists=1 mem.page=not_present code.end=not_present"
                + " addressing=bx");

    assertThat(expected.outcome().fields())
        .containsEntry("guest instruction bytes 63:0", 0x03_8B_02L);
    assertThat(expected.masks()).containsEntry("guest instruction bytes 63:0", 0xFF_FFFFL);
  }

  @Test
  void theBaseOfAnLdtHasAnUpperHalfInLongModeAlone() {
    assertThat(
            register(
                only(
                    "lldt.descriptor",
                    "gpr=1 ldt.descriptor=high ldt.base_high=high lldt_selector=good"),
                Register.LDTR_BASE))
        .isEqualTo(0x7ABC_AB01_6800L);
    assertThat(
            register(
                only("lldt.descriptor", "mode=prot32 gpr=1 ldt.base_high=high"),
                Register.LDTR_BASE))
        .isEqualTo(0x1_6800);
  }
}

package dev.precept.generator.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Expectation;
import dev.precept.cases.Expected;
import dev.precept.cases.Layout;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import dev.precept.generator.Assignment;
import dev.precept.generator.state.CaseBuilder;
import dev.precept.generator.state.Setup;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What the manual says of a few cases that anyone can check by hand. */
class OracleTest {
  private static final Tables TABLES = TableLoader.load("svm").orThrow();
  private static final CaseBuilder BUILDER = new CaseBuilder(TABLES);
  private static final Oracle ORACLE = new Oracle(TABLES);

  private static Setup setUp(String form, String assignment) {
    return BUILDER.setUp(
        TABLES.forms().stream().filter(f -> f.id().equals(form)).findFirst().orElseThrow(),
        Assignment.parse(TABLES, assignment),
        "test");
  }

  private static Expected only(String form, String assignment) {
    Expectation expectation = ORACLE.expect(setUp(form, assignment));
    assertThat(expectation.allowed()).hasSize(1);
    return expectation.allowed().get(0);
  }

  @Test
  void anInterceptedRdtscExitsWithItsCode() {
    Expected expected = only("rdtsc", "mode=long64 icpt.rdtsc=1");

    assertThat(expected.outcome().kind()).isEqualTo(OutcomeKind.EXIT);
    assertThat(expected.outcome().code()).isEqualTo(0x6E);
  }

  @Test
  void anInterceptedInstructionLeavesRipAtItselfAndNripBehind() {
    Setup setup = setUp("rdtsc", "mode=long64 icpt.rdtsc=1");
    Expected expected = ORACLE.expect(setup).allowed().get(0);

    long rip = setup.before().get(Register.RIP);
    assertThat(expected.outcome().state().get(Register.RIP)).isEqualTo(rip);
    assertThat(expected.outcome().fields()).containsEntry("nRIP", rip + 2);
  }

  @Test
  void fieldsThatTheManualLeavesUndefinedAreAbsent() {
    Expected expected = only("rdtsc", "mode=long64 icpt.rdtsc=1");

    assertThat(expected.outcome().fields()).doesNotContainKeys("EXITINFO1", "EXITINFO2");
  }

  @Test
  void theTimeStampDisableFaultPrecedesTheIntercept() {
    Expected expected = only("rdtsc", "mode=long64 cpl=3 cr4.tsd=1 icpt.rdtsc=1");

    assertThat(expected.check()).isEqualTo("gp.tsd");
    assertThat(expected.outcome().code()).isEqualTo(0x4D);
  }

  @Test
  void theOutrankedInterceptIsRemembered() {
    Expectation expectation =
        ORACLE.expect(setUp("rdtsc", "mode=long64 cpl=3 cr4.tsd=1 icpt.rdtsc=1"));

    assertThat(expectation.outranked()).extracting(Expected::check).containsExactly("exit.rdtsc");
  }

  @Test
  void aTrapExitComesBehindTheCompletedInstruction() {
    Setup setup =
        setUp("mov_to_cr.cr3", "mode=long64 cr3_value=pwt earlier=sti icpt.cr3_write_trap=1");
    Expected trap = ORACLE.expect(setup).allowed().get(0);

    assertThat(trap.outcome().code()).isEqualTo(0x93);
    long written = setup.before().get(Register.CR3) ^ 8;
    assertThat(trap.outcome().fields()).containsEntry("EXITINFO1", written);
    assertThat(trap.outcome().state().get(Register.CR3)).isEqualTo(written);
    assertThat(trap.outcome().state().get(Register.RIP))
        .isEqualTo(setup.before().get(Register.RIP) + 3);
    assertThat(trap.outcome().state().get(Register.INTERRUPT_SHADOW)).isZero();
  }

  @Test
  void anOptionalTrapMayBeLeftOut() {
    Expectation expectation =
        ORACLE.expect(setUp("mov_to_cr.cr3", "mode=long64 icpt.cr3_write_trap=1"));

    assertThat(expectation.allowed())
        .extracting(Expected::check)
        .containsExactly("trap.cr3_write", "none");
  }

  @Test
  void aFaultOutranksAnOptionalTrap() {
    Expectation expectation =
        ORACLE.expect(setUp("mov_to_cr.cr3", "mode=long64 cpl=3 icpt.cr3_write_trap=1"));

    assertThat(expectation.allowed()).extracting(Expected::check).containsExactly("gp.cpl");
    assertThat(expectation.outranked())
        .extracting(Expected::check)
        .containsExactly("trap.cr3_write");
  }

  @Test
  void theLastPauseOfTheFilterCountMayExitOrNot() {
    Expectation last =
        ORACLE.expect(setUp("pause", "mode=long64 icpt.pause=1 pauses=1 pause_filter_count=2"));
    Expectation before =
        ORACLE.expect(setUp("pause", "mode=long64 icpt.pause=1 pauses=0 pause_filter_count=2"));

    assertThat(last.allowed())
        .extracting(Expected::check)
        .containsExactly("pause.last_of_count", "none");
    assertThat(before.allowed()).extracting(Expected::check).containsExactly("none");
  }

  @Test
  void anInterceptedShutdownSavesNothingThatIsDefined() {
    Expected expected =
        only(
            "triple_fault",
            "mode=prot32 cpl=3 idt.fault=df_np icpt.shutdown=1 icpt.exc_gp=0 "
                + "icpt.exc_np=0 icpt.exc_df=0");

    assertThat(expected.outcome().code()).isEqualTo(0x7F);
    assertThat(expected.outcome().fields())
        .doesNotContainKeys("EXITINTINFO", "EXITINFO1", "EXITINFO2", "nRIP");
    assertThat(expected.unspecified()).contains(Register.RIP, Register.CS_ATTR, Register.CR2);
  }

  @Test
  void vmloadInAGuestWithoutItsInterceptMayExitOrComplete() {
    Expectation expectation = ORACLE.expect(setUp("vmload", "mode=long64 icpt.vmload=0 lock=0"));

    assertThat(expectation.allowed())
        .extracting(one -> one.outcome().kind())
        .containsExactly(OutcomeKind.EXIT, OutcomeKind.RETIRED);
  }

  @Test
  void anInterceptedPageFaultLeavesCr2AndReportsTheAddress() {
    Setup setup = setUp("smsw.mem", "mode=long64 mem.page=not_present");
    Expected expected = ORACLE.expect(setup).allowed().get(0);

    assertThat(expected.outcome().fields())
        .containsEntry("EXITINFO1", 2L)
        .containsEntry("EXITINFO2", setup.operand().linear());
    assertThat(expected.outcome().state().get(Register.CR2))
        .isEqualTo(setup.before().get(Register.CR2));
  }

  @Test
  void ofAnOperandOfSeveralPartsAPageFaultTellsThePageAlone() {
    for (String form : List.of("lgdt", "lidt", "sgdt.long")) {
      String fault = "mode=long64 mem.page=not_present icpt.";
      Expected exits = only(form, fault + "exc_pf=1");
      assertThat(exits.outcome().fields()).containsEntry("EXITINFO2", (long) Layout.DATA);
      assertThat(exits.masks()).containsEntry("EXITINFO2", ~0xFFFL);
      assertThat(only(form, fault + "exc_pf=0").masks()).containsEntry("CR2", ~0xFFFL);
    }
    assertThat(only("iret.q", "mode=long64 stack.page=not_present icpt.exc_pf=1").masks())
        .containsEntry("EXITINFO2", ~0xFFFL);
    assertThat(only("mov_load", "mode=long64 mem.page=not_present icpt.exc_pf=1").masks())
        .doesNotContainKey("EXITINFO2");
  }

  @Test
  void theResumeFlagThatAnInterceptedDoubleFaultSavesIsNotCompared() {
    Expected exits = only("pushf", "mode=real icpt.exc_ss=0 icpt.exc_df=1 stack.limit=1");
    assertThat(exits.outcome().code()).isEqualTo(0x48);
    assertThat(exits.masks()).containsEntry("RFLAGS", ~0x10000L);
  }

  @Test
  void aPageFaultThatIsNotInterceptedWritesCr2() {
    Setup setup = setUp("smsw.mem", "mode=long64 mem.page=not_present icpt.exc_pf=0");
    Expected expected = ORACLE.expect(setup).allowed().get(0);

    assertThat(expected.outcome().kind()).isEqualTo(OutcomeKind.DELIVERED);
    assertThat(expected.outcome().state().get(Register.CR2)).isEqualTo(setup.operand().linear());
  }

  @Test
  void aCrossingOperandFaultsAtTheSecondPagesFirstByte() {
    Expected expected =
        only("smsw.mem", "mode=long64 mem.page=not_present mem.cross=1 mem.misaligned=1");

    assertThat(expected.outcome().fields()).containsEntry("EXITINFO2", Layout.DATA + 0x1000);
  }

  @Test
  void aRealModeFramePushesFlagsCsAndIp() {
    Expected expected = only("rdtsc", "mode=real lock=1 icpt.exc_ud=0");

    // FLAGS 0002h, CS 1000h, IP 0FFDh (three bytes before 1000h) below SP 4800h; handler 6 at
    // 2500:0060.
    Map<Long, Integer> bytes = bytes(expected);
    assertThat(bytes).containsEntry(0x147FEL, 0x02);
    assertThat(bytes).containsEntry(0x147FDL, 0x10);
    assertThat(bytes).containsEntry(0x147FBL, 0x0F);
    assertThat(bytes).containsEntry(0x147FAL, 0xFD);
    assertThat(expected.outcome().state().get(Register.RIP)).isEqualTo(0x60);
    assertThat(expected.outcome().state().get(Register.CS_SEL)).isEqualTo(0x2500);
    assertThat(expected.outcome().state().get(Register.RSP)).isEqualTo(0x47FA);
  }

  @Test
  void a64BitFrameFromCpl3StartsOnTheAlignedStackOfTheTss() {
    Expected expected = only("rdtsc", "mode=long64 cpl=3 lock=1 icpt.exc_ud=0");

    // Five quadwords below INNER_STACK + 400h; SS becomes null, CPL 0.
    assertThat(expected.outcome().state().get(Register.RSP)).isEqualTo(0x15400 - 40);
    assertThat(expected.outcome().state().get(Register.SS_SEL)).isZero();
    assertThat(expected.outcome().state().get(Register.CPL)).isZero();
  }

  @Test
  void aFaultsFrameHasTheResumeFlagSet() {
    Expected expected = only("rdtsc", "mode=long64 lock=1 icpt.exc_ud=0");

    // RFLAGS is the third quadword from the top; bit 16 is its byte 2.
    assertThat(bytes(expected)).containsEntry(0x14800L - 24 + 2, 1);
  }

  @Test
  void anIntercept3ThatTrapsKeepsItsOwnRip() {
    Setup setup = setUp("int3", "mode=long64");
    Expected expected = ORACLE.expect(setup).allowed().get(0);

    // APM vol. 2, 15.12.4.
    assertThat(expected.outcome().state().get(Register.RIP))
        .isEqualTo(setup.before().get(Register.RIP));
  }

  @Test
  void haltingIsAnOutcomeOfItsOwn() {
    assertThat(only("hlt", "mode=long64").outcome().kind()).isEqualTo(OutcomeKind.HALTED);
  }

  @Test
  void outsideAGuestNothingExits() {
    Expected expected = only("cpuid", "mode=long64 guest=0 icpt.cpuid=1");

    assertThat(expected.outcome().kind()).isEqualTo(OutcomeKind.RETIRED);
  }

  @Test
  void aFaultDuringAnInterruptsDeliveryNamesTheInterrupt() {
    Expected expected = only("int.n", "mode=long64 gate=not_present imm8=0x80");

    // V, type 4 (software interrupt), vector 80h: APM vol. 2, figure 15-1.
    assertThat(expected.outcome().fields()).containsEntry("EXITINTINFO", 0x8000_0480L);
  }

  @Test
  void aStackFaultWithoutAStackIsADoubleFault() {
    Expected expected = only("popf", "mode=prot32 stack.limit=1 icpt.exc_ss=0");

    // #SS and #SS are contributory both: APM vol. 2, table 8-5. EXITINTINFO has the first.
    assertThat(expected.outcome().code()).isEqualTo(0x48);
    assertThat(expected.outcome().fields()).containsEntry("EXITINTINFO", 0x8000_0B0CL);
  }

  @Test
  void aDoubleFaultWithoutAStackShutsDown() {
    Expected expected = only("popf", "mode=prot32 stack.limit=1 icpt.exc_ss=0 icpt.exc_df=0");

    assertThat(expected.outcome().kind()).isEqualTo(OutcomeKind.SHUTDOWN);
  }

  @Test
  void anInterceptedSecondFaultExitsBeforeTheTwoCombine() {
    Expected expected = only("popf", "mode=prot32 stack.limit=1 lock=1 icpt.exc_ud=0");

    // #SS while #UD is delivered: EXITINTINFO has #UD, which has no error code.
    assertThat(expected.outcome().code()).isEqualTo(0x4C);
    assertThat(expected.outcome().fields()).containsEntry("EXITINTINFO", 0x8000_0306L);
  }

  private static Map<Long, Integer> bytes(Expected expected) {
    Map<Long, Integer> bytes = new TreeMap<>();
    expected.outcome().changes().forEach(p -> bytes.put(p.address(), p.bytes()[0] & 0xFF));
    return bytes;
  }
}

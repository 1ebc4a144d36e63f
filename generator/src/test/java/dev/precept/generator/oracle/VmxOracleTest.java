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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the SDM says of a few cases that anyone can check by hand; sections are of volume 3. */
class VmxOracleTest {
  private static final Tables TABLES = TableLoader.load("vmx").orThrow();
  private static final CaseBuilder BUILDER = new CaseBuilder(TABLES);
  private static final Oracle ORACLE = new Oracle(TABLES);

  private static final String QUALIFICATION = "exit qualification";
  private static final String LENGTH = "VM-exit instruction length";
  private static final String INFORMATION = "VM-exit instruction information";
  private static final String EVENT = "VM-exit interruption information";
  private static final String ERROR = "VM-exit interruption error code";
  private static final String VECTORING = "IDT-vectoring information";

  private static final long RF = 1 << 16;

  private static final String JUMP = "mode=long64 single_step=1 btf=1 imm8=4";

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

  private static long field(Expected expected, String name) {
    assertThat(expected.outcome().fields()).containsKey(name);
    return expected.outcome().fields().get(name);
  }

  private static long mask(Expected expected, String name) {
    return expected.masks().getOrDefault(name, -1L);
  }

  private static long flags(Expected expected) {
    return expected.outcome().state().get(Register.RFLAGS);
  }

  @Test
  void anExitOfAnInstructionSavesItsRipAndLengthAndNothingHasChanged() {
    Setup setup = setUp("rdtsc", "mode=long64 icpt.rdtsc=1");
    Expected expected = ORACLE.expect(setup).allowed().get(0);

    assertThat(expected.outcome().kind()).isEqualTo(OutcomeKind.EXIT);
    assertThat(expected.outcome().code()).isEqualTo(16);
    assertThat(field(expected, LENGTH)).isEqualTo(2);
    assertThat(field(expected, QUALIFICATION)).isZero();
    assertThat(expected.outcome().state()).isEqualTo(setup.before());
  }

  /** 25.1.1: a fault based on privilege level comes first; 27.2.2, 27.3.3: what it saves. */
  @Test
  void theFaultBeforeAnExitIsAnExceptionThatExits() {
    Expected expected = only("rdtsc", "mode=long64 cpl=3 cr4.tsd=1 icpt.rdtsc=1");

    assertThat(expected.check()).isEqualTo("gp.tsd");
    assertThat(field(expected, "exit reason")).isZero();
    assertThat(field(expected, EVENT)).isEqualTo(0x8000_0B0DL);
    assertThat(field(expected, ERROR)).isZero();
    assertThat(expected.outcome().fields()).doesNotContainKey(LENGTH);
    assertThat(flags(expected) & RF).isEqualTo(RF);
  }

  /** 27.2.2: bit 11 is 0 in real-address mode. */
  @Test
  void inRealModeAnExceptionHasNoErrorCode() {
    Expected expected = only("rdpmc", "mode=real pmc_number=bad");

    assertThat(field(expected, EVENT)).isEqualTo(0x8000_030DL);
    assertThat(expected.outcome().fields()).doesNotContainKey(ERROR);
  }

  /** Table 27-10: 0F 01 /0 with [R11 + R14 * 4 + 20h] in 64-bit mode. */
  @Test
  void instructionInformationHasTheRegistersOfTheOperand() {
    Expected expected =
        only("sgdt.long", "mode=long64 addressing=sib_high icpt.descriptor_table=1");

    long scaleBy4 = 2, bits64 = 2 << 7, ds = 3 << 15, r14 = 14 << 18, r11 = 11 << 23;
    assertThat(field(expected, INFORMATION)).isEqualTo(scaleBy4 | bits64 | ds | r14 | r11);
    // Undefined are 6:2, 14:12, the operand size in 64-bit mode, 31:30, and what is above.
    assertThat(mask(expected, INFORMATION) & 0xFFFF_FFFFL).isEqualTo(0x3FFF_8783L);
    assertThat(field(expected, QUALIFICATION)).isEqualTo(0x20);
  }

  /** 27.2.1: displacement plus RIP of the next instruction; table 27-10: no base, no index. */
  @Test
  void aDisplacementFromRipIsReportedAsTheAddressItGives() {
    Expected expected =
        only("lgdt", "mode=long64 addressing=rip icpt.descriptor_table=1 table_identity=2");

    assertThat(field(expected, QUALIFICATION)).isEqualTo(Layout.DATA + 0x100);
    long noIndex = 1 << 22, noBase = 1 << 27, lgdt = 2L << 28;
    long valid = noIndex | noBase | lgdt;
    assertThat(field(expected, INFORMATION) & (valid | 3L << 28)).isEqualTo(valid);
    assertThat(mask(expected, INFORMATION) & (0x3C_0003L | 0x780_0000L)).isZero();
  }

  @Test
  void aDisplacementIsDefinedUpToTheAddressSizeOnly() {
    Expected expected = only("sgdt.legacy", "mode=prot16 addressing=bp icpt.descriptor_table=1");

    assertThat(field(expected, QUALIFICATION)).isEqualTo(0x20);
    assertThat(mask(expected, QUALIFICATION)).isEqualTo(0xFFFF);
  }

  /** Table 27-5: OUTS of 2 bytes with REP to port 60h; table 27-8; 27.2.1 guest-linear address. */
  @Test
  void repOutsReportsSegmentAddressSizeAndLinearAddress() {
    Expected expected =
        only("outsw.rep", "mode=prot32 seg=gs p66=1 rep=f3 icpt.io=1 io_size=2 io_str=1");

    assertThat(field(expected, QUALIFICATION)).isEqualTo(1 | 1 << 4 | 1 << 5 | 0x60 << 16);
    assertThat(field(expected, INFORMATION) & 0x3_8380).isEqualTo(1 << 7 | 5 << 15);
    assertThat(field(expected, "guest-linear address")).isEqualTo(Layout.DATA + 0x100);
    assertThat(field(expected, LENGTH)).isEqualTo(4);
  }

  /** 25.1.1: INS and OUTS exit before #GP of an unusable segment, whose address is undefined. */
  @Test
  void outsExitsBeforeTheFaultOfANullSegment() {
    Expected expected = only("outsb", "mode=prot32 mem.null=1 icpt.io=1 io_str=1");

    assertThat(expected.check()).isEqualTo("exit.io");
    assertThat(expected.outcome().fields()).doesNotContainKey("guest-linear address");
  }

  /** 25.1.1 and 25.1.3: faults of LMSW's operand come before its exit; table 27-3. */
  @Test
  void lmswReadsItsOperandBeforeItExits() {
    Expected faults = only("lmsw.mem", "mode=long64 mem.page=not_present cr0_mask=8 cr0_differs=8");
    Expected exits =
        only("lmsw.mem", "mode=long64 cr0_mask=8 cr0_differs=8 lmsw_mem=sets_ts cr0.ts=0");

    assertThat(faults.check()).isEqualTo("pf.mem_read");
    // TS is set by the source and by the shadow, which differs from CR0: no exit.
    assertThat(exits.check()).isEqualTo("none");
  }

  @Test
  void lmswFromMemoryReportsSourceDataAndLinearAddress() {
    Expected expected = only("lmsw.mem", "mode=long64 cr0_mask=8 lmsw_mem=sets_ts");

    long source = (setUp("lmsw.mem", "mode=long64").before().get(Register.CR0) | 8) & 0xFFFF;
    assertThat(field(expected, QUALIFICATION)).isEqualTo(3 << 4 | 1 << 6 | source << 16);
    assertThat(field(expected, "guest-linear address")).isEqualTo(Layout.DATA + 0x100);
  }

  /** 25.1.3: MOV DR exits before the privilege check and before #UD for DR4. */
  @Test
  void movDrExitsBeforeThePrivilegeCheck() {
    Expected expected =
        only(
            "mov_from_dr.dr4",
            "mode=long64 cpl=3 cr4.de=1 gpr=9 dr_number=4 dr_read=1 icpt.mov_dr=1");

    assertThat(expected.check()).isEqualTo("exit.mov_dr");
    assertThat(field(expected, QUALIFICATION)).isEqualTo(4 | 1 << 4 | 9 << 8);
  }

  /** 27.1: a debug exception that exits updates neither DR6 nor DR7; table 27-1. */
  @Test
  void generalDetectIsInTheQualificationAndNotInDr6() {
    Setup setup = setUp("mov_from_dr.dr6", "mode=long64 dr7.gd=1 dr_number=6 dr_read=1");
    Expected expected = ORACLE.expect(setup).allowed().get(0);

    assertThat(field(expected, QUALIFICATION)).isEqualTo(1 << 13);
    assertThat(expected.outcome().state().get(Register.DR6)).isEqualTo(0xFFFF_0FF0L);
    assertThat(expected.outcome().state().get(Register.DR7))
        .isEqualTo(setup.before().get(Register.DR7));
    assertThat(flags(expected) & RF).isEqualTo(RF);
  }

  /** 27.3.3, 17.3.1.1: RF is not set in the image of an instruction breakpoint. */
  @Test
  void anInstructionBreakpointSavesRfClear() {
    Expected expected = only("hlt.breakpoint", "mode=long64 dr7.l0=1 dr0_target=match");

    assertThat(field(expected, QUALIFICATION)).isEqualTo(1);
    assertThat(flags(expected) & RF).isZero();
  }

  /** 27.2.1: the address is in the qualification, and CR2 is as it was (27.1). */
  @Test
  void aPageFaultThatExitsLeavesCr2() {
    Expected expected = only("mov_load", "mode=long64 cpl=3 mem.page=supervisor");

    assertThat(field(expected, QUALIFICATION)).isEqualTo(Layout.DATA + 0x100);
    assertThat(field(expected, EVENT)).isEqualTo(0x8000_0B0EL);
    assertThat(field(expected, ERROR)).isEqualTo(5);
    assertThat(expected.outcome().state().get(Register.CR2)).isEqualTo(0x00C2_C2C0);
  }

  /** 25.2: mask and match against the bit of #PF; error code 2, a write to an absent page. */
  @ParameterizedTest
  @CsvSource({
    "1, any, EXIT", "1, never, DELIVERED", "1, writes, EXIT", "1, present, DELIVERED",
    "0, any, DELIVERED", "0, never, EXIT", "0, writes, DELIVERED", "0, present, EXIT",
  })
  void theFilterReversesTheBitForPageFaultsThatItDoesNotMeet(
      int bit, String filter, OutcomeKind kind) {
    String form = bit == 1 ? "mov_store.filter_set" : "mov_store.filter_clear";
    Expected expected =
        only(form, "mode=long64 mem.page=not_present icpt.exc_pf=" + bit + " pf_filter=" + filter);

    assertThat(expected.outcome().kind()).isEqualTo(kind);
  }

  /** 27.2.2 to 27.2.4: a software exception saves its own RIP and length. */
  @ParameterizedTest
  @CsvSource({"int3, 0x80000603", "into, 0x80000604", "int1, 0x80000501"})
  void aSoftwareExceptionSavesItsOwnRipAndLength(String form, String event) {
    String mode = form.equals("into") ? "mode=prot32 rflags.of=1" : "mode=prot32";
    Setup setup = setUp(form, mode);
    Expected expected = ORACLE.expect(setup).allowed().get(0);

    assertThat(field(expected, EVENT)).isEqualTo(Long.decode(event));
    assertThat(field(expected, LENGTH)).isEqualTo(1);
    assertThat(expected.outcome().state().get(Register.RIP))
        .isEqualTo(setup.before().get(Register.RIP));
    assertThat(flags(expected) & RF).isZero();
  }

  /** 27.2.3: the software interrupt in the IDT-vectoring information, with its length. */
  @Test
  void aFaultOfAnInterruptsGateNamesTheInterrupt() {
    Expected expected = only("int.n", "mode=prot32 imm8=0x80 gate=not_present");

    assertThat(field(expected, EVENT) & mask(expected, EVENT)).isEqualTo(0x8000_0B0BL);
    assertThat(field(expected, ERROR)).isEqualTo(0x80 << 3 | 2);
    assertThat(field(expected, VECTORING)).isEqualTo(0x8000_0480L);
    assertThat(field(expected, LENGTH)).isEqualTo(2);
    // Bit 12 is undefined in both.
    assertThat(mask(expected, EVENT) & 1 << 12).isZero();
    assertThat(mask(expected, VECTORING) & 1 << 12).isZero();
  }

  /** 27.2.3: a #GP of INT n for IOPL in virtual-8086 mode is not the delivery of an event. */
  @Test
  void theIoplCheckOfIntNIsNoDelivery() {
    Expected expected = only("int.n", "mode=v86 cpl=3 rflags.iopl=0");

    assertThat(expected.check()).isEqualTo("gp.iopl");
    assertThat(mask(expected, VECTORING)).isEqualTo(0x8000_0000L);
    assertThat(field(expected, VECTORING)).isZero();
  }

  /** 6.13: EXT is set for a fault during the delivery of an exception; 27.2.3. */
  @Test
  void aNestedFaultHasExtSetAndNamesTheFirst() {
    Expected expected = only("contributory", "mode=long64 cpl=3 idt.fault=gp_np icpt.exc_gp=0");

    assertThat(field(expected, ERROR)).isEqualTo(13 << 3 | 2 | 1);
    assertThat(field(expected, VECTORING)).isEqualTo(0x8000_0B0DL);
    assertThat(field(expected, "IDT-vectoring error code")).isZero();
  }

  /** 27.2.3: neither a double nor a triple fault is the delivery of what led to it. */
  @Test
  void aDoubleFaultHasNoVectoringInformation() {
    Expected expected =
        only("double_fault", "mode=long64 cpl=3 idt.fault=gp_np icpt.exc_gp=0 icpt.exc_np=0");

    assertThat(field(expected, EVENT)).isEqualTo(0x8000_0B08L);
    assertThat(field(expected, VECTORING)).isZero();
  }

  @Test
  void aTripleFaultExitsWithReason2() {
    Expected expected =
        only(
            "triple_fault",
            "mode=prot32 cpl=3 idt.fault=df_np icpt.exc_gp=0 icpt.exc_np=0 icpt.exc_df=0");

    assertThat(expected.outcome().code()).isEqualTo(2);
    assertThat(field(expected, VECTORING)).isZero();
  }

  /** Table 27-2; 27.2.3: a task gate in the IDT; 27.2.4: its length. */
  @Test
  void anInterruptThroughATaskGateIsATaskSwitchFromTheIdt() {
    Expected expected = only("int_task_gate", "mode=prot32 imm8=0x80 ts.kind=int ts.via=gate");

    assertThat(expected.outcome().code()).isEqualTo(9);
    assertThat(field(expected, QUALIFICATION)).isEqualTo(0x70 | 3L << 30);
    assertThat(field(expected, VECTORING)).isEqualTo(0x8000_0480L);
    assertThat(field(expected, LENGTH)).isEqualTo(2);
    assertThat(mask(expected, EVENT)).isEqualTo(0x8000_0000L);
  }

  /** 25.3: masked bits read from the shadow, and are left alone where nothing exits. */
  @Test
  void aMaskedBitOfCr0ReadsFromTheShadowAndIsNotWritten() {
    Expected reads = only("mov_from_cr.cr0", "mode=long64 gpr=3 cr0_mask=8 cr0_differs=8");
    long cr0 = setUp("mov_from_cr.cr0", "mode=long64").before().get(Register.CR0);
    assertThat(reads.outcome().state().get(Register.RBX)).isEqualTo(cr0 ^ 8);

    Expected writes =
        only("mov_to_cr.cr0", "mode=long64 gpr=3 cr0_mask=8 cr0_differs=8 cr0_value=toggles_ts_wp");
    assertThat(writes.outcome().kind()).isEqualTo(OutcomeKind.RETIRED);
    assertThat(writes.outcome().state().get(Register.CR0)).isEqualTo(cr0 ^ 0x10000);
  }

  /** 25.1.3: an exit unless the source matches the shadow in every bit of the mask. */
  @ParameterizedTest
  @CsvSource({
    "8, 0, toggles_ts, exit.cr0_write", "8, 8, same, exit.cr0_write",
    "8, 8, toggles_ts, none", "8, 0, toggles_wp, none",
    "0x20, 0x20, toggles_ne, none", "0, 0, toggles_ne, gp.cr0_fixed",
  })
  void cr0WritesExitWhereTheShadowDiffers(
      String mask, String differs, String value, String winner) {
    Expected expected =
        only(
            "mov_to_cr.cr0",
            "mode=long64 cr0_mask=" + mask + " cr0_differs=" + differs + " cr0_value=" + value);

    assertThat(expected.check()).isEqualTo(winner);
  }

  /** 25.1.3: only the first CR3-target values count. */
  @ParameterizedTest
  @CsvSource({"0, exit.cr3_load", "1, exit.cr3_load", "2, none", "4, none"})
  void aCr3TargetCountsUpToTheCount(int count, String winner) {
    Expected expected =
        only(
            "mov_to_cr.cr3",
            "mode=long64 icpt.cr3_load=1 cr3_target_1=match cr3_value=pwt cr3_target_count="
                + count);

    assertThat(expected.check()).isEqualTo(winner);
  }

  /** 29.3, 29.1.2, 27.3.3: VTPR is written, CR8 is not, and the next RIP is saved. */
  @Test
  void movCr8BelowTheThresholdExitsBehindItself() {
    Setup setup =
        setUp(
            "mov_to_cr.cr8_tpr",
            "mode=long64 gpr2=8 ctl.tpr_shadow=1 vtpr=0x9F tpr_threshold=9 cr8_tpr=8");
    Expected expected = ORACLE.expect(setup).allowed().get(0);

    assertThat(expected.outcome().code()).isEqualTo(43);
    assertThat(expected.outcome().state().get(Register.RIP))
        .isEqualTo(setup.before().get(Register.RIP) + setup.length());
    assertThat(expected.outcome().state().get(Register.CR8))
        .isEqualTo(setup.before().get(Register.CR8));
    assertThat(expected.outcome().changes())
        .anySatisfy(
            patch -> {
              assertThat(patch.address()).isEqualTo(Layout.VIRTUAL_APIC + 0x80);
              assertThat(patch.bytes()).containsExactly(0x80);
            });
    assertThat(expected.outcome().fields()).doesNotContainKey(LENGTH);
  }

  @Test
  void movCr8AtTheThresholdCompletes() {
    Expected expected =
        only(
            "mov_to_cr.cr8_tpr",
            "mode=long64 gpr2=8 ctl.tpr_shadow=1 vtpr=0x9F tpr_threshold=9 cr8_tpr=9");

    assertThat(expected.outcome().kind()).isEqualTo(OutcomeKind.RETIRED);
  }

  /** 25.1.3: an access that goes on from FFFFh to 0 exits under bitmaps, whatever they say. */
  @Test
  void anAccessThatWrapsExitsUnderBitmaps() {
    Expected expected =
        only("in.ax_dx_end", "mode=prot32 port=0xFFFF p66=1 io_size=2 io_type=1 icpt.io_bitmap=1");

    assertThat(expected.check()).isEqualTo("exit.io_bitmap");
    assertThat(field(expected, QUALIFICATION)).isEqualTo(1 | 1 << 3 | 0xFFFF_0000L);
  }

  /** 24.6.2: without their activation secondary controls are taken for 0. */
  @Test
  void aSecondaryControlDoesNothingWithoutItsActivation() {
    String both = "mode=long64 icpt.wbinvd=1 ctl.secondary=";

    assertThat(only("wbinvd", both + 1).check()).isEqualTo("exit.wbinvd");
    assertThat(only("wbinvd", both + 0).check()).isEqualTo("none");
    assertThat(only("rdtscp", "mode=long64 icpt.rdtsc=1 ctl.secondary=0").check())
        .isEqualTo("ud.off_rdtscp");
  }

  /** 30.2, 30.3 VMPTRLD: error 9 in the current VMCS, ZF and no other flag. */
  @Test
  void vmptrldOfABadPointerIsVmfailValid9() {
    Expected expected =
        only("vmptrld", "mode=long64 guest=0 vmcs_pointer=unaligned rflags.cf=1 rflags.of=1");

    assertThat(expected.outcome().kind()).isEqualTo(OutcomeKind.RETIRED);
    assertThat(expected.outcome().code()).isEqualTo(9);
    assertThat(field(expected, "vm instruction error")).isEqualTo(9);
    assertThat(flags(expected) & 0x8D5).isEqualTo(0x40);
  }

  @Test
  void withoutACurrentVmcsItIsVmfailInvalid() {
    Expected expected = only("vmptrld", "mode=long64 guest=0 vmcs_pointer=unaligned current=none");

    assertThat(expected.outcome().code()).isEqualTo(-1);
    assertThat(flags(expected) & 0x8D5).isEqualTo(1);
  }

  /** 30.3: in a guest VMLAUNCH exits at every CPL; in root operation CPL comes first. */
  @Test
  void vmxInstructionsExitBeforeTheirPrivilegeCheck() {
    assertThat(only("vmlaunch", "mode=long64 cpl=3").check()).isEqualTo("exit.vmlaunch");
    assertThat(only("vmlaunch", "mode=long64 cpl=3 guest=0").check()).isEqualTo("gp.cpl");
    assertThat(only("vmlaunch", "mode=long64 guest=0").check()).isEqualTo("vmfail.launched");
  }

  /** 30.3 VMLAUNCH: blocking by MOV SS is looked at before the launch state. */
  @Test
  void movSsBeforeVmlaunchIsError26() {
    Expected expected = only("vmlaunch", "mode=long64 guest=0 mov_ss=1");

    assertThat(expected.outcome().code()).isEqualTo(26);
    assertThat(expected.outcome().state().get(Register.INTERRUPT_SHADOW)).isZero();
  }

  /**
   * 26.2.4: outside IA-32e mode a host of 64 bits is refused; 26.2: before the controls or after.
   */
  @Test
  void outsideLongModeTheHostOfEveryCaseIsRefused() {
    String controls = " guest=0 current=clear vmwrite.pin_based_vm_execution_controls=no_default1";
    Expectation protectedMode = ORACLE.expect(setUp("vmlaunch", "mode=prot32" + controls));

    assertThat(protectedMode.allowed())
        .extracting(Expected::check)
        .containsExactlyInAnyOrder("vmfail.controls", "vmfail.host");
    assertThat(only("vmlaunch", "mode=prot32 guest=0 current=clear").check())
        .isEqualTo("vmfail.host");
    assertThat(only("vmlaunch", "mode=long64" + controls).check()).isEqualTo("vmfail.controls");
  }

  /** 30.3 VMREAD: the field is checked before the operand; VMWRITE: the other way round. */
  @Test
  void vmreadLooksAtTheFieldFirstAndVmwriteAtTheOperand() {
    String bad = "mode=long64 guest=0 field=0x1000 mem.page=not_present";

    assertThat(only("vmread.mem", bad).check()).isEqualTo("vmfail.field");
    assertThat(only("vmwrite.mem", bad).check()).isEqualTo("pf.mem_read");
  }

  /** 25.3: what VMREAD reads under shadowing is the shadow VMCS's. */
  @Test
  void vmreadInAGuestReadsTheShadowVmcs() {
    Expected expected = only("vmread.reg", "mode=long64 ctl.vmcs_shadowing=1 link=1 gpr=3 gpr2=0");

    assertThat(expected.outcome().kind()).isEqualTo(OutcomeKind.RETIRED);
    assertThat(expected.outcome().state().get(Register.RBX)).isEqualTo(0x5AD0_6666_7777_8888L);
  }

  /** 27.3.2: DEBUGCTL and the host's registers behind an exit; 27.5.3: limits of FFFFh. */
  @Test
  void theHostGoesOnAtItsRipWithWhatTheVmcsHas() {
    Expected expected = only("cpuid", "mode=long64");

    assertThat(field(expected, "host RIP")).isEqualTo(Layout.HOST_EXIT);
    assertThat(field(expected, "host RFLAGS")).isEqualTo(2);
    assertThat(field(expected, "host DR7")).isEqualTo(0x400);
    assertThat(field(expected, "host GDTR_LIMIT")).isEqualTo(0xFFFF);
    assertThat(field(expected, "host CR3")).isEqualTo(Layout.HOST_PML4);
  }

  /** 25.3: IRET unblocks NMIs unless NMI exiting is 1. */
  @Test
  void iretUnblocksNmisUnlessTheyExit() {
    assertThat(nmiMasked("icpt.nmi=0")).isZero();
    assertThat(nmiMasked("icpt.nmi=1")).isEqualTo(1);
  }

  /** 17.4.3, 27.1: a #DB that is delivered clears BTF, one that exits does not. */
  @Test
  void aTrapBehindABranchGoesOnAtItsTarget() {
    Expected exits = only("jmp_near.btf", JUMP);
    assertThat(exits.outcome().state().get(Register.DEBUGCTL)).isEqualTo(2);
    long target = setUp("jmp_near.btf", JUMP).before().get(Register.RIP) + 2 + 4;
    assertThat(exits.outcome().state().get(Register.RIP)).isEqualTo(target);

    Expected delivered = only("jmp_near.btf", JUMP + " icpt.exc_db=0");
    assertThat(delivered.outcome().state().get(Register.DEBUGCTL)).isZero();
  }

  /** 27.3.4: bit 14 of the pending debug exceptions is the single step that MTF comes before. */
  @Test
  void anMtfExitBehindASingleStepSavesItAsPending() {
    Expected expected = only("nop.mtf", "mode=long64 mtf=1 single_step=1");

    assertThat(expected.outcome().code()).isEqualTo(37);
    assertThat(field(expected, "guest pending debug exceptions")).isEqualTo(0x4000);
    assertThat(expected.outcome().state().get(Register.DR6))
        .isEqualTo(setUp("nop.mtf", "mode=long64 mtf=1 single_step=1").before().get(Register.DR6));
  }

  private static long nmiMasked(String control) {
    return only("iret.q", "mode=long64 rex_w=1 nmi_masked=1 " + control)
        .outcome()
        .state()
        .get(Register.NMI_MASKED);
  }

  /** 6.14.5 has SS null then; INT n of volume 2 lets it be. */
  @Test
  void aStackOfTheIstLeavesSsOpenAtTheSamePrivilege() {
    Expected open = only("int.target", "mode=long64 gate.leads=ist7");
    assertThat(mask(open, "SS_SEL"))
        .isEqualTo(~setUp("int.target", "mode=long64").before().get(Register.SS_SEL));
    assertThat(open.unspecified()).contains(Register.SS_ATTR, Register.SS_LIMIT, Register.SS_BASE);

    Expected same = only("int.target", "mode=long64");
    assertThat(mask(same, "SS_SEL")).isEqualTo(-1);
    assertThat(same.unspecified()).doesNotContain(Register.SS_ATTR);

    Expected inner = only("int.target", "mode=long64 gate.leads=ist7 cpl=3");
    assertThat(mask(inner, "SS_SEL")).isEqualTo(-1);
    assertThat(inner.outcome().state().get(Register.SS_SEL)).isZero();
  }
}

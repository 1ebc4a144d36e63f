package dev.precept.generator.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Case;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.Layout;
import dev.precept.cases.Register;
import dev.precept.generator.Assignment;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What VMX variables become in memory, fields and code; sections are of the SDM, volume 3. */
class VmxBuildersTest {
  private static final Tables TABLES = TableLoader.load("vmx").orThrow();

  private static Setup setUp(String form, String assignment) {
    return new CaseBuilder(TABLES)
        .setUp(
            TABLES.forms().stream().filter(f -> f.id().equals(form)).findFirst().orElseThrow(),
            Assignment.parse(TABLES, assignment),
            "test");
  }

  private static long field(Case made, int encoding) {
    return made.controlBlock().fields().get(encoding);
  }

  /** 24.6.4: ports 8000h to FFFFh have a bitmap of their own. */
  @Test
  void aDwordAtPort7FFDHasItsLastByteInBitmapB() {
    Memory memory =
        setUp(
                "in.eax_dx_between",
                "mode=prot32 port=0x7FFD io_size=4 io_type=1 icpt.io_bitmap=1 io_bitmap=8")
            .memory();

    assertThat(memory.read(Layout.IO_BITMAP_A + 0xFFF, 1)).isZero();
    assertThat(memory.read(Layout.IO_BITMAP_B, 1)).isEqualTo(1);
  }

  @Test
  void thePortBelowTheAccessIsABitOfItsOwn() {
    Memory memory =
        setUp("in.al_dx", "mode=prot32 port=8 io_type=1 icpt.io_bitmap=1 io_bitmap=0x80").memory();

    assertThat(memory.read(Layout.IO_BITMAP_A, 2)).isEqualTo(0x0080);
  }

  /** 24.6.9: read low, read high, write low, write high, 1 KiB each. */
  @ParameterizedTest
  @CsvSource({
    "0x174, 1, 0x02E, 0x10", "0x174, 2, 0x82E, 0x10",
    "0xC0000081, 1, 0x410, 0x02", "0xC0000081, 2, 0xC10, 0x02",
  })
  void anMsrHasItsBitInTheBitmapOfItsRangeAndAccess(
      String msr, int mask, String offset, String bit) {
    Memory memory = setUp("rdmsr", "mode=prot32 msr=" + msr + " msr_bitmap=" + mask).memory();

    assertThat(memory.read(Layout.MSR_BITMAPS + Long.decode(offset), 1))
        .isEqualTo(Long.decode(bit));
  }

  @Test
  void theBitOfAnMsrThatNoBitmapCoversIsNowhere() {
    Memory memory = setUp("rdmsr.range_ends", "mode=prot32 msr=0x2000 msr_bitmap=3").memory();

    for (long at = 0; at < 0x1000; at += 8) {
      assertThat(memory.read(Layout.MSR_BITMAPS + at, 8)).isZero();
    }
  }

  /** 24.6.15: bit n of the bitmap for encoding n; the other bitmap the other way round. */
  @Test
  void theVmreadBitmapHasTheFieldsBitAndTheVmwriteBitmapAllOthers() {
    Setup setup =
        setUp("vmread.reg", "mode=long64 ctl.vmcs_shadowing=1 link=1 field=0x0800 vmread_bitmap=1");

    assertThat(setup.memory().read(Layout.VMREAD_BITMAP + 0x100, 1)).isEqualTo(1);
    assertThat(setup.memory().read(Layout.VMREAD_BITMAP + 0x101, 1)).isZero();
    assertThat(setup.memory().read(Layout.VMWRITE_BITMAP + 0x100, 1)).isEqualTo(0xFE);
    assertThat(field(setup.testCase(), 0x2026)).isEqualTo(Layout.VMREAD_BITMAP);
    assertThat(field(setup.testCase(), 0x2028)).isEqualTo(Layout.VMWRITE_BITMAP);
  }

  /** MOV RDI, 6C00h (host CR0); VMWRITE RDI, GS:[disp32]; MOV RDI, its own value. */
  @Test
  void aVmwriteRunsBeforeVmlaunchAndLeavesItsRegistersAlone() {
    Setup setup = setUp("vmlaunch", "mode=long64 vmx_operation=1 guest=0 vmwrite.host_cr0=no_ne");
    Memory memory = setup.memory();
    long at = setup.testCase().code().address() - 10 - 9 - 5;

    assertThat(setup.testCase().steps()).isEqualTo(4);
    assertThat(memory.read(at, 5)).isEqualTo(0x00_0000_6C00_BFL);
    assertThat(memory.read(at + 5, 5)).isEqualTo(0x25_3C_79_0F_65L);
    long operand = setup.before().get(Register.GS_BASE) + memory.read(at + 10, 4);
    assertThat(memory.read(operand, 8)).isEqualTo(0x8001_0011L);
    assertThat(memory.read(at + 14, 2)).isEqualTo(0xBF48);
    assertThat(memory.read(at + 16, 8)).isEqualTo(setup.before().get(Register.RDI));
  }

  /** Only the case's own VMCS is spoilt; 681Eh is the guest's RIP. */
  @Test
  void aSpoiltFieldIsInTheVmcsAndNotInTheGuestsState() {
    Setup setup = setUp("vmlaunch.entry", "mode=long64 entry.rip=bad");

    assertThat(field(setup.testCase(), 0x681E)).isEqualTo(0x8000_0000_0000_0000L);
    assertThat(setup.before().get(Register.RIP)).isLessThan(0x1_0000_0000L);
  }

  /** 24.10: the link pointer, and bit 31 of the region's first doubleword. */
  @Test
  void aLinkedVmcsIsAShadowVmcs() {
    Setup setup = setUp("vmread.reg", "mode=long64 ctl.vmcs_shadowing=1 link=1");

    assertThat(field(setup.testCase(), 0x2800)).isEqualTo(Layout.SHADOW_CONTROL_BLOCK);
    assertThat(setup.memory().read(Layout.SHADOW_CONTROL_BLOCK, 4)).isEqualTo(0x8000_0000L);
    assertThat(setup.testCase().controlBlock().shadow()).isPresent();
  }

  @Test
  void withoutOneTheLinkPointerIsAllOnes() {
    assertThat(field(setUp("rdtsc", "mode=long64").testCase(), 0x2800)).isEqualTo(-1);
  }

  /** 24.6.6: the shadow differs from the register in the bits that the variable says. */
  @Test
  void aReadShadowDiffersFromItsRegisterInTheBitsNamed() {
    Setup setup = setUp("clts", "mode=long64 cr0.ts=1 cr0_mask=8 cr0_differs=8");

    assertThat(field(setup.testCase(), 0x6000)).isEqualTo(8);
    assertThat(field(setup.testCase(), 0x6004) ^ setup.before().get(Register.CR0)).isEqualTo(8);
  }

  @Test
  void aCr3TargetThatMatchesIsWhatIsWritten() {
    Setup setup = setUp("mov_to_cr.cr3", "mode=long64 gpr=9 cr3_value=pwt cr3_target_2=match");

    assertThat(field(setup.testCase(), 0x600C)).isEqualTo(setup.before().get(Register.R9));
    assertThat(field(setup.testCase(), 0x6008)).isNotEqualTo(setup.before().get(Register.R9));
  }

  /** 26.3.1.1: a guest without paging is an unrestricted guest, with EPT. */
  @Test
  void aGuestInRealModeIsUnrestrictedWithEpt() {
    Case made = setUp("hlt", "mode=real").testCase();

    assertThat(field(made, 0x401E) & 0x82).isEqualTo(0x82);
    assertThat(field(made, 0x201A)).isEqualTo(Layout.EPT_PML4 | 0x1E);
  }

  @Test
  void otherGuestsHaveNoEpt() {
    assertThat(setUp("hlt", "mode=prot32").testCase().controlBlock().fields())
        .doesNotContainKey(0x201A);
  }

  /** 24.4.1, table 24-2. */
  @Test
  void accessRightsHaveGranularityInBit15AndUnusableInBit16() {
    Case made = setUp("mov_load", "mode=prot32 mem.null=1").testCase();

    assertThat(field(made, 0x4816)).isEqualTo(0xC09B);
    assertThat(field(made, 0x481A)).isEqualTo(0x1_0000);
  }

  @Test
  void aGuestThatIsToExitAtOnceStandsAtAUd2ThatExits() {
    Setup setup = setUp("hlt", "mode=long64 guest=0 single_step=0");
    Case made = setup.testCase();

    long rip = field(made, 0x681E);
    assertThat(rip).isEqualTo(setup.before().get(Register.RIP) + setup.length());
    assertThat(made.initialByte(rip) & 0xFF).isEqualTo(0x0F);
    assertThat(made.initialByte(rip + 1) & 0xFF).isEqualTo(0x0B);
    assertThat(field(made, 0x4004) & 1 << 6).isNotZero();
  }

  @Test
  void outsideVmxOperationThereIsNoControlBlock() {
    Case made = setUp("hlt", "mode=prot32 guest=0 vmx_operation=0 cr4.vmxe=0").testCase();

    assertThat(made.controlBlock().present()).isFalse();
  }

  /** VMCLEAR of the current VMCS, VMPTRLD of it: 66 0F C7 /6, 0F C7 /6, through GS. */
  @Test
  void aClearCurrentVmcsComesOfVmclearAndVmptrld() {
    Setup setup = setUp("vmresume", "mode=long64 guest=0 current=clear");

    assertThat(setup.testCase().steps()).isEqualTo(3);
    long at = setup.testCase().state().get(Register.RIP);
    assertThat(setup.memory().read(at, 6)).isEqualTo(0x2534_C70F_6665L);
    assertThat(setup.memory().read(at + 10, 5)).isEqualTo(0x25_34C7_0F65L);
    long offset = setup.memory().read(at + 6, 4);
    long pointer = setup.testCase().state().get(Register.GS_BASE) + offset;
    assertThat(setup.memory().read(pointer, 8)).isEqualTo(Layout.CONTROL_BLOCK);
  }

  @Test
  void movSsReadsTheSelectorThatSsHas() {
    Setup setup = setUp("vmlaunch", "mode=prot16 guest=0 mov_ss=1");

    long at = Layout.CODE + setup.testCase().state().get(Register.RIP);
    assertThat(setup.memory().read(at, 3)).isEqualTo(0x16_8E65L);
    long pointer = setup.testCase().state().get(Register.GS_BASE) + setup.memory().read(at + 3, 2);
    assertThat(setup.memory().read(pointer, 2))
        .isEqualTo(setup.testCase().state().get(Register.SS_SEL));
    assertThat(setup.before().get(Register.INTERRUPT_SHADOW)).isEqualTo(1);
  }

  @Test
  void aCapabilityOfVmxIsABitOfItsMsr() {
    Case made = setUp("invept", "mode=long64 feat.invept=0").testCase();

    assertThat(made.features()).contains(new FeatureBit(0x48C, 0, FeatureBit.MSR, 20, false));
  }

  @Test
  void aFieldOfTertiaryControlsIsWrittenOnlyWhereTheyAreActive() {
    assertThat(
            setUp("loadiwkey", "mode=long64 icpt.loadiwkey=1").testCase().controlBlock().fields())
        .containsEntry(0x2034, 1L);
    assertThat(setUp("hlt", "mode=long64 icpt.loadiwkey=1").testCase().controlBlock().fields())
        .doesNotContainKey(0x2034);
  }
}

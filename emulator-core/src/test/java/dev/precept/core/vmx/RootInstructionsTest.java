package dev.precept.core.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuFault;
import dev.precept.core.CpuModel;
import dev.precept.core.CpuState;
import dev.precept.core.Msr;
import dev.precept.core.StepResult;
import dev.precept.core.Virtualization;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The VMX instructions outside a guest (SDM vol. 3C, 30.2, 30.3). Memory operands are at [RSI]. */
class RootInstructionsTest {
  private static final long CF = CpuState.CF, ZF = CpuState.ZF;
  private static final String VMCLEAR = "660FC736",
      VMPTRLD = "0FC736",
      VMPTRST = "0FC73E",
      VMREAD = "0F78D8",
      VMWRITE = "0F79D8",
      VMLAUNCH = "0F01C2",
      VMRESUME = "0F01C3",
      VMXOFF = "0F01C4",
      VMXON = "F30FC736",
      VMCALL = "0F01C1",
      INVEPT = "660F38801E",
      INVVPID = "660F38811E",
      VMFUNC = "0F01D4";

  static List<String> allButVmxon() {
    return List.of(
        VMCLEAR, VMPTRLD, VMPTRST, VMREAD, VMWRITE, VMLAUNCH, VMRESUME, VMXOFF, VMCALL, INVEPT,
        INVVPID);
  }

  static List<String> withMemoryOperands() {
    return List.of(VMCLEAR, VMPTRLD, VMPTRST, INVEPT, INVVPID, "0F781E", "0F791E");
  }

  static List<String> all() {
    return List.of(
        VMCLEAR, VMPTRLD, VMPTRST, VMREAD, VMWRITE, VMLAUNCH, VMRESUME, VMXOFF, VMCALL, INVEPT,
        INVVPID, VMXON);
  }

  private static VmxMachine off() {
    VmxMachine m = new VmxMachine();
    m.host(VMXOFF);
    return m;
  }

  private static void assertFails(VmxMachine m, int error) {
    assertThat(m.status()).isEqualTo(ZF);
    assertThat(m.get(VmcsField.VM_INSTRUCTION_ERROR)).isEqualTo(error);
  }

  private static VmxMachine succeeds(VmxMachine m, String code) {
    m.state.rflags |= 0x8D5;
    m.host(code);
    assertThat(m.state.rip).isEqualTo(VmxMachine.HOST_CODE + code.length() / 2);
    assertThat(m.status()).isZero();
    return m;
  }

  @ParameterizedTest
  @MethodSource("allButVmxon")
  void outsideVmxOperationTheyAreUndefined(String code) {
    VmxMachine m = off();

    m.host(code);

    assertThat(m.hostException()).isEqualTo(CpuFault.UD);
  }

  @ParameterizedTest
  @MethodSource("all")
  void inCompatibilityModeTheyAreUndefined(String code) {
    VmxMachine m = new VmxMachine();
    m.state.cs.set(0x18, 0xC9B, 0xFFFF_FFFFL, 0);

    m.host(code);

    assertThat(m.hostException()).isEqualTo(CpuFault.UD);
  }

  @ParameterizedTest
  @MethodSource("all")
  void aboveCplZeroTheyAreProtected(String code) {
    VmxMachine m = new VmxMachine();
    m.memory.write64(VmxMachine.TSS + 4, VmxMachine.STACK);
    m.state.cs.set(0x1B, 0xAFB, 0xFFFF_FFFFL, 0);
    m.state.ss.set(0x23, 0xCF3, 0xFFFF_FFFFL, 0);
    m.state.cpl = 3;

    m.host(code);

    assertThat(m.hostException()).isEqualTo(CpuFault.GP);
    assertThat(m.memory.read64(m.state.gpr[4])).isZero();
  }

  @ParameterizedTest
  @MethodSource("all")
  void onAProcessorWithoutTheStrategyTheyAreUndefined(String code) {
    VmxMachine m = new VmxMachine(CpuModel.intel(), Virtualization.NONE);

    m.host(code);

    assertThat(m.hostException()).isEqualTo(CpuFault.UD);
  }

  @Test
  void vmfuncIsUndefinedInRootOperation() {
    VmxMachine m = new VmxMachine();

    m.host(VMFUNC);

    assertThat(m.hostException()).isEqualTo(CpuFault.UD);
  }

  @ParameterizedTest
  @MethodSource("withMemoryOperands")
  void operandsThatAreNotThereFaultAsTheyShould(String code) {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[6] = VmxMachine.UNMAPPED;
    m.state.gpr[3] = code.startsWith("660F38") ? 1 : VmcsField.GUEST_CR0.encoding;

    m.host(code);

    assertThat(m.hostException()).isEqualTo(CpuFault.PF);
    assertThat(m.state.cr2).isEqualTo(VmxMachine.UNMAPPED);
  }

  @ParameterizedTest
  @MethodSource("withMemoryOperands")
  void operandsAtNoncanonicalAddressesAreProtected(String code) {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[6] = 1L << 47;
    m.state.gpr[3] = code.startsWith("660F38") ? 1 : VmcsField.GUEST_CR0.encoding;

    m.host(code);

    assertThat(m.hostException()).isEqualTo(CpuFault.GP);
  }

  @ParameterizedTest
  @MethodSource("withMemoryOperands")
  void operandsInTheStackSegmentRaiseStackFaults(String code) {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[6] = 1L << 47;
    m.state.gpr[3] = code.startsWith("660F38") ? 1 : VmcsField.GUEST_CR0.encoding;
    // The same with [RBP]: SS. ModRM is the last byte; its rm becomes 5 with a displacement.
    int last = Integer.parseInt(code.substring(code.length() - 2), 16);
    m.state.gpr[5] = 1L << 47;

    m.host(code.substring(0, code.length() - 2) + "%02X00".formatted((last & 0x38) | 0x45));

    assertThat(m.hostException()).isEqualTo(CpuFault.SS);
  }

  // VMXON

  @Test
  void vmxonEntersRootOperation() {
    VmxMachine m = off();
    m.memory.write64(VmxMachine.DATA, VmxMachine.VMXON);

    succeeds(m, VMXON);

    assertThat(m.vmx.on()).isTrue();
    assertThat(m.vmx.inGuest()).isFalse();
    assertThat(m.vmx.currentVmcs()).isEqualTo(-1L);
  }

  @Test
  void vmxonWithoutVmxeIsUndefined() {
    VmxMachine m = off();
    m.state.cr4 &= ~CpuState.CR4_VMXE;

    m.host(VMXON);

    assertThat(m.hostException()).isEqualTo(CpuFault.UD);
  }

  @ParameterizedTest
  @CsvSource({
    "0, fixed CR0 bits",
    "1, CR4 bits",
    "2, feature control not locked",
    "3, not enabled"
  })
  void vmxonIsProtected(int what, String why) {
    VmxMachine m = off();
    m.memory.write64(VmxMachine.DATA, VmxMachine.VMXON);
    switch (what) {
      case 0 -> m.state.cr0 &= ~CpuState.CR0_NE;
      case 1 -> m.state.cr4 |= 1L << 31;
      case 2 -> m.state.featureControl = 4;
      default -> m.state.featureControl = 1;
    }
    // The operand is not looked at yet.
    m.state.gpr[6] = VmxMachine.UNMAPPED;

    m.host(VMXON);

    assertThat(m.hostException()).isEqualTo(CpuFault.GP);
    assertThat(m.memory.read64(m.state.gpr[4])).isZero();
  }

  @ParameterizedTest
  @CsvSource({"1008, not aligned", "10000000001000, too wide", "9000, other revision"})
  void vmxonFailsInvalid(String pointer, String why) {
    VmxMachine m = off();
    m.memory.write64(VmxMachine.DATA, Long.parseLong(pointer, 16));

    m.host(VMXON);

    assertThat(m.status()).isEqualTo(CF);
    assertThat(m.vmx.on()).isFalse();
  }

  @Test
  void vmxonOfARegionWithBit31SetFails() {
    VmxMachine m = off();
    m.memory.write64(VmxMachine.DATA, VmxMachine.VMXON);
    m.memory.write8(VmxMachine.VMXON + 3, 0x80);

    m.host(VMXON);

    assertThat(m.status()).isEqualTo(CF);
  }

  @Test
  void vmxonFaultsOnItsOperandLast() {
    VmxMachine m = off();
    m.state.gpr[6] = VmxMachine.UNMAPPED;

    m.host(VMXON);

    assertThat(m.hostException()).isEqualTo(CpuFault.PF);
  }

  @Test
  void vmxonInRootOperationFailsWhateverItsOperand() {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[6] = VmxMachine.UNMAPPED;

    m.host(VMXON);

    assertFails(m, 15);
  }

  @Test
  void withoutACurrentVmcsNoErrorNumberIsWritten() {
    VmxMachine m = new VmxMachine();

    m.host(VMXON);

    assertThat(m.status()).isEqualTo(CF);
    assertThat(m.get(VmcsField.VM_INSTRUCTION_ERROR)).isZero();
  }

  @Test
  void vmxonEndsMonitoring() {
    VmxMachine m = off();
    m.memory.write64(VmxMachine.DATA, VmxMachine.VMXON);
    m.state.monitorArmed = true;

    succeeds(m, VMXON);

    assertThat(m.state.monitorArmed).isFalse();
  }

  // VMXOFF

  @Test
  void vmxoffLeavesVmxOperation() {
    VmxMachine m = new VmxMachine().current();

    succeeds(m, VMXOFF);

    assertThat(m.vmx.on()).isFalse();
    assertThat(m.vmx.currentVmcs()).isEqualTo(-1L);
  }

  // VMPTRLD and VMPTRST

  @Test
  void vmptrldMakesAVmcsCurrent() {
    VmxMachine m = succeeds(new VmxMachine(), VMPTRLD);

    assertThat(m.vmx.currentVmcs()).isEqualTo(VmxMachine.VMCS);
  }

  @ParameterizedTest
  @CsvSource({
    "2008, 9, not aligned",
    "10000000002000, 9, too wide",
    "1000, 10, VMXON pointer",
    "9000, 11, other revision"
  })
  void vmptrldFails(String pointer, int error, String why) {
    VmxMachine m = new VmxMachine().current();
    m.memory.write64(VmxMachine.DATA, Long.parseLong(pointer, 16));

    m.host(VMPTRLD);

    assertFails(m, error);
    assertThat(m.vmx.currentVmcs()).isEqualTo(VmxMachine.VMCS);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aShadowVmcsIsLoadedOnlyWhereShadowingExists(boolean shadowing) {
    long allowed = CpuModel.intel().vmxCapabilities.procBased2;
    long without = allowed & ~((long) VmxControls.ProcBased2.VMCS_SHADOWING << 32);
    CpuModel model =
        CpuModel.intelBuilder()
            .capability(Msr.VMX_PROCBASED_CTLS2, shadowing ? allowed : without)
            .build();
    VmxMachine m = new VmxMachine(model).current();
    VmcsRegion.formatShadow(m.memory, VmxMachine.SHADOW_VMCS, model);
    m.memory.write64(VmxMachine.DATA, VmxMachine.SHADOW_VMCS);

    m.host(VMPTRLD);

    assertThat(m.failure()).isEqualTo(shadowing ? 0 : 11);
    assertThat(m.vmx.currentVmcs()).isEqualTo(shadowing ? VmxMachine.SHADOW_VMCS : VmxMachine.VMCS);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void vmptrstStoresThePointer(boolean current) {
    VmxMachine m = new VmxMachine();
    if (current) {
      m.current();
    }

    succeeds(m, VMPTRST);

    assertThat(m.memory.read64(VmxMachine.DATA)).isEqualTo(current ? VmxMachine.VMCS : -1L);
  }

  @Test
  void withBit48OfBasicPointersHave32Bits() {
    long basic = CpuModel.intel().vmxCapabilities.basic | 1L << 48;
    CpuModel model = CpuModel.intelBuilder().capability(Msr.VMX_BASIC, basic).build();
    VmxMachine m = new VmxMachine(model).current();
    m.memory.write64(VmxMachine.DATA, 1L << 32);

    m.host(VMPTRLD);

    assertFails(m, 9);
  }

  // VMCLEAR

  @Test
  void vmclearOfTheCurrentVmcsLeavesNone() {
    VmxMachine m = succeeds(new VmxMachine().current(), VMCLEAR);

    assertThat(m.vmx.currentVmcs()).isEqualTo(-1L);
  }

  @Test
  void vmclearOfAnotherVmcsLeavesTheCurrentOne() {
    VmxMachine m = new VmxMachine().current();
    m.memory.write64(VmxMachine.DATA, VmxMachine.SHADOW_VMCS);

    succeeds(m, VMCLEAR);

    assertThat(m.vmx.currentVmcs()).isEqualTo(VmxMachine.VMCS);
  }

  @ParameterizedTest
  @CsvSource({"2008, 2", "10000000002000, 2", "1000, 3"})
  void vmclearFails(String pointer, int error) {
    VmxMachine m = new VmxMachine().current();
    m.memory.write64(VmxMachine.DATA, Long.parseLong(pointer, 16));

    m.host(VMCLEAR);

    assertFails(m, error);
  }

  @Test
  void vmclearMakesALaunchedVmcsLaunchableAgain() {
    VmxMachine m = new VmxMachine().code("0FA2").current();
    m.host(VMLAUNCH);
    m.cpu.step();
    m.host(VMLAUNCH);
    assertFails(m, 4);
    m.state.gpr[6] = VmxMachine.DATA;

    succeeds(m, VMCLEAR);
    succeeds(m, VMPTRLD);
    m.host(VMLAUNCH);

    assertThat(m.vmx.inGuest()).isTrue();
  }

  // VMREAD and VMWRITE: RBX has the encoding, RAX the value

  @Test
  void vmwriteThenVmreadGivesTheValueBack() {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[3] = VmcsField.TSC_OFFSET.encoding;
    m.state.gpr[0] = 0x1122_3344_5566_7788L;
    succeeds(m, VMWRITE);
    m.state.gpr[0] = 0;

    succeeds(m, VMREAD);

    assertThat(m.state.gpr[0]).isEqualTo(0x1122_3344_5566_7788L);
  }

  @ParameterizedTest
  @CsvSource({
    "800, 1122334455667788, 7788, 16 bits wide",
    "4004, 1122334455667788, 55667788, 32 bits wide",
    "2010, 1122334455667788, 1122334455667788, 64 bits wide",
    "2011, 1122334455667788, 55667788, high half",
    "6000, 1122334455667788, 1122334455667788, natural width"
  })
  void fieldsHaveTheirWidth(String encoding, String written, String read, String why) {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[3] = Long.parseLong(encoding, 16);
    m.state.gpr[0] = Long.parseLong(written, 16);
    succeeds(m, VMWRITE);
    m.state.gpr[0] = -1L;

    succeeds(m, VMREAD);

    assertThat(m.state.gpr[0]).isEqualTo(Long.parseLong(read, 16));
  }

  @Test
  void theHighHalfIsWrittenAlone() {
    VmxMachine m = new VmxMachine().set(VmcsField.TSC_OFFSET, 0x1111_1111_2222_2222L).current();
    m.state.gpr[3] = VmcsField.TSC_OFFSET.encoding + 1L;
    m.state.gpr[0] = 0x3333_3333L;

    succeeds(m, VMWRITE);

    assertThat(m.get(VmcsField.TSC_OFFSET)).isEqualTo(0x3333_3333_2222_2222L);
  }

  @Test
  void in32BitModeOperandsHave32BitsAndFullAccessMeansTheLowHalf() {
    VmxMachine m = new VmxMachine().set(VmcsField.TSC_OFFSET, 0x1111_1111_2222_2222L).current();
    // 32-bit protected mode, no paging: VMX operation would not allow it, the instruction does.
    m.state.efer = 0;
    m.state.cr0 &= ~CpuState.CR0_PG;
    m.state.cs.set(0x08, 0xC9B, 0xFFFF_FFFFL, 0);
    m.state.gpr[3] = VmcsField.TSC_OFFSET.encoding;
    m.memory.write64(VmxMachine.DATA, -1L);

    m.host("0F781E");

    assertThat(m.status()).isZero();
    assertThat(m.memory.read64(VmxMachine.DATA)).isEqualTo(0xFFFF_FFFF_2222_2222L);
    m.state.gpr[0] = 0x4444_4444L;
    m.host(VMWRITE);
    // 24.11.2: a full access of a 64-bit field outside 64-bit mode clears bits 63:32 when writing.
    assertThat(m.get(VmcsField.TSC_OFFSET)).isEqualTo(0x4444_4444L);
  }

  @Test
  void theMemoryOperandIsAsWideAsTheMode() {
    VmxMachine m = new VmxMachine().set(VmcsField.GUEST_CR0, 0x21).current();
    m.state.gpr[3] = VmcsField.GUEST_ES_SELECTOR.encoding;
    m.memory.write64(VmxMachine.DATA, -1L);

    succeeds(m, "0F781E");

    assertThat(m.memory.read64(VmxMachine.DATA)).isEqualTo(0x10);
  }

  @ParameterizedTest
  @ValueSource(strings = {"7FFE", "6801000", "100000800", "FFFFFFFFFFFF0800", "801"})
  void unsupportedFieldsFail(String encoding) {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[3] = Long.parseUnsignedLong(encoding, 16);

    m.host(VMREAD);
    assertFails(m, 12);
    m.set(VmcsField.VM_INSTRUCTION_ERROR, 0);
    m.host(VMWRITE);

    assertFails(m, 12);
  }

  @Test
  void aFieldWhoseFeatureIsMissingIsUnsupported() {
    long allowed = CpuModel.intel().vmxCapabilities.procBased2;
    long without = allowed & ~((long) VmxControls.ProcBased2.ENABLE_EPT << 32);
    CpuModel model = CpuModel.intelBuilder().capability(Msr.VMX_PROCBASED_CTLS2, without).build();
    VmxMachine m = new VmxMachine(model).current();
    m.state.gpr[3] = VmcsField.EPT_POINTER.encoding;

    m.host(VMREAD);

    assertFails(m, 12);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void exitInformationIsWrittenOnlyWhereTheCapabilityAllows(boolean allowed) {
    long misc = CpuModel.intel().vmxCapabilities.misc & ~(1L << 29);
    CpuModel model =
        CpuModel.intelBuilder().capability(Msr.VMX_MISC, misc | (allowed ? 1L << 29 : 0)).build();
    VmxMachine m = new VmxMachine(model).current();
    m.state.gpr[3] = VmcsField.EXIT_QUALIFICATION.encoding;
    m.state.gpr[0] = 77;

    m.host(VMWRITE);

    if (allowed) {
      assertThat(m.status()).isZero();
      assertThat(m.qualification()).isEqualTo(77);
    } else {
      assertFails(m, 13);
      assertThat(m.qualification()).isZero();
    }
  }

  @Test
  void withoutACurrentVmcsTheyFailInvalidBeforeTheyAccessMemory() {
    VmxMachine m = new VmxMachine();
    m.state.gpr[6] = VmxMachine.UNMAPPED;

    m.host("0F781E");
    assertThat(m.status()).isEqualTo(CF);
    m.host("0F791E");

    assertThat(m.status()).isEqualTo(CF);
  }

  @Test
  void vmreadOfAnUnsupportedFieldDoesNotAccessItsDestination() {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[6] = VmxMachine.UNMAPPED;
    m.state.gpr[3] = 0x7FFE;

    m.host("0F781E");

    assertFails(m, 12);
  }

  @Test
  void vmwriteReadsItsSourceBeforeItLooksAtTheField() {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[6] = VmxMachine.UNMAPPED;
    m.state.gpr[3] = 0x7FFE;

    m.host("0F791E");

    assertThat(m.hostException()).isEqualTo(CpuFault.PF);
  }

  // VMLAUNCH, VMRESUME, VMCALL

  @ParameterizedTest
  @ValueSource(strings = {VMLAUNCH, VMRESUME})
  void entryWithoutACurrentVmcsFailsInvalid(String code) {
    VmxMachine m = new VmxMachine();

    m.host(code);

    assertThat(m.status()).isEqualTo(CF);
  }

  @ParameterizedTest
  @ValueSource(strings = {VMLAUNCH, VMRESUME})
  void entryByAShadowVmcsFailsInvalid(String code) {
    VmxMachine m = new VmxMachine();
    VmcsRegion.formatShadow(m.memory, VmxMachine.SHADOW_VMCS, m.cpu.model);
    m.memory.write64(VmxMachine.DATA, VmxMachine.SHADOW_VMCS);
    m.host(VMPTRLD);

    m.host(code);

    assertThat(m.status()).isEqualTo(CF);
  }

  @ParameterizedTest
  @ValueSource(strings = {VMLAUNCH, VMRESUME})
  void entryBehindMovSsFailsBeforeTheLaunchStateIsLookedAt(String code) {
    VmxMachine m = new VmxMachine().current();
    VmcsRegion.setLaunched(m.memory, VmxMachine.VMCS, code.equals(VMLAUNCH));
    m.state.interruptShadow = true;
    m.state.movSsShadow = true;

    m.host(code);

    assertFails(m, 26);
  }

  @Test
  void blockingByStiDoesNotKeepFromEntering() {
    VmxMachine m = new VmxMachine().current();
    m.state.interruptShadow = true;

    m.host(VMLAUNCH);

    assertThat(m.vmx.inGuest()).isTrue();
  }

  @Test
  void vmresumeOfAClearVmcsFails() {
    VmxMachine m = new VmxMachine().set(VmcsField.PIN_BASED_CONTROLS, 0).current();

    m.host(VMRESUME);

    assertFails(m, 5);
  }

  @Test
  void vmlaunchOfALaunchedVmcsFailsBeforeItsFieldsAreChecked() {
    VmxMachine m = new VmxMachine().set(VmcsField.PIN_BASED_CONTROLS, 0).current();
    VmcsRegion.setLaunched(m.memory, VmxMachine.VMCS, true);

    m.host(VMLAUNCH);

    assertFails(m, 4);
  }

  @Test
  void aFailingEntrySingleStepsAndASucceedingOneDoesNot() {
    VmxMachine fails = new VmxMachine().set(VmcsField.PIN_BASED_CONTROLS, 0).current();
    fails.state.rflags |= CpuState.TF;
    VmxMachine enters = new VmxMachine().code("90").current();
    enters.state.rflags |= CpuState.TF;

    fails.host(VMLAUNCH);
    enters.host(VMLAUNCH);

    assertThat(fails.hostException()).isEqualTo(CpuFault.DB);
    assertThat(enters.vmx.inGuest()).isTrue();
    assertThat(enters.state.rip).isEqualTo(VmxMachine.GUEST_CODE);
    assertThat(enters.cpu.step()).isEqualTo(StepResult.RETIRED);
  }

  @Test
  void anEntryThatFailsForGuestStateDoesNotSingleStep() {
    VmxMachine m = new VmxMachine().set(VmcsField.GUEST_RFLAGS, 0).current();
    m.state.rflags |= CpuState.TF;

    m.host(VMLAUNCH);

    assertThat(m.reason()).isEqualTo(0x8000_0021L);
    assertThat(m.state.rip).isEqualTo(VmxMachine.HOST_EXIT);
  }

  @Test
  void vmcallInRootOperationFails() {
    VmxMachine m = new VmxMachine().current();

    m.host(VMCALL);

    assertFails(m, 1);
  }

  // INVEPT and INVVPID

  @ParameterizedTest
  @CsvSource({
    "1, 701E, 0, single context",
    "1, 7006, 28, no legal EPTP",
    "2, 7006, 0, all contexts",
    "0, 701E, 28, no such type",
    "3, 701E, 28, no such type",
    "100000001, 701E, 28, the type has 64 bits"
  })
  void invept(String type, String pointer, int error, String why) {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[3] = Long.parseLong(type, 16);
    m.memory.write64(VmxMachine.DATA, Long.parseLong(pointer, 16));

    m.host(INVEPT);

    assertThat(m.failure()).isEqualTo(error);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, 1000, 0, individual address",
    "0, 0, 1000, 28, VPID 0",
    "0, 1, 800000000000, 28, not canonical",
    "1, 1, 800000000000, 0, address not looked at",
    "1, 0, 0, 28, VPID 0",
    "2, 0, 0, 0, all contexts",
    "2, 10000, 0, 28, reserved bits",
    "3, 1, 0, 0, retaining globals",
    "3, 0, 0, 28, VPID 0",
    "4, 1, 0, 28, no such type"
  })
  void invvpid(String type, String vpid, String address, int error, String why) {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[3] = Long.parseLong(type, 16);
    m.memory.write64(VmxMachine.DATA, Long.parseLong(vpid, 16));
    m.memory.write64(VmxMachine.DATA + 8, Long.parseLong(address, 16));

    m.host(INVVPID);

    assertThat(m.failure()).isEqualTo(error);
  }

  @ParameterizedTest
  @ValueSource(strings = {INVEPT, INVVPID})
  void anUnsupportedTypeFailsBeforeTheDescriptorIsRead(String code) {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[3] = 7;
    m.state.gpr[6] = VmxMachine.UNMAPPED;

    m.host(code);

    assertFails(m, 28);
  }

  @ParameterizedTest
  @CsvSource({INVEPT + ", 20", INVVPID + ", 32"})
  void withoutTheCapabilityTheyAreUndefined(String code, int bit) {
    long can = CpuModel.intel().vmxCapabilities.eptVpid & ~(1L << bit);
    CpuModel model = CpuModel.intelBuilder().capability(Msr.VMX_EPT_VPID_CAP, can).build();
    VmxMachine m = new VmxMachine(model).current();

    m.host(code);

    assertThat(m.hostException()).isEqualTo(CpuFault.UD);
  }

  @ParameterizedTest
  @ValueSource(strings = {"660FC7F6", "660F3880C0", "660F3881C0", "F30FC7F6"})
  void registerFormsAreNotTheseInstructions(String code) {
    VmxMachine m = new VmxMachine().current();
    long pointer = m.vmx.currentVmcs();

    m.host(code);

    // 66 0F C7 /6 with a register is RDRAND.
    assertThat(m.hostException()).isEqualTo(code.equals("660FC7F6") ? -1 : CpuFault.UD);
    assertThat(m.vmx.currentVmcs()).isEqualTo(pointer);
  }

  @ParameterizedTest
  @CsvSource({"0F7806", "660F78D8", "F30F79D8"})
  void prefixesOfVmreadAndVmwrite(String code) {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[0] = VmcsField.GUEST_CR0.encoding;

    m.host(code);

    assertThat(m.hostException()).isEqualTo(code.equals("0F7806") ? -1 : CpuFault.UD);
  }

  @Test
  void segmentLimitsHoldIn32BitMode() {
    VmxMachine m = new VmxMachine();
    m.state.efer = 0;
    m.state.cr0 &= ~CpuState.CR0_PG;
    m.state.cs.set(0x08, 0xC9B, 0xFFFF_FFFFL, 0);
    m.memory.write64(VmxMachine.GDT + 8, 0x00CF_9B00_0000_FFFFL);
    m.state.ds.set(0x10, 0x493, VmxMachine.DATA + 6, 0);
    long gate = VmxMachine.handler(CpuFault.GP);
    m.memory.write64(
        VmxMachine.IDT + 8L * CpuFault.GP,
        (gate & 0xFFFF) | 0x08L << 16 | 0x8EL << 40 | gate >> 16 << 48);
    m.memory.write(VmxMachine.HOST_CODE, VmxMachine.bytes(VMPTRLD));

    m.cpu.step();

    assertThat(m.hostException()).isEqualTo(CpuFault.GP);
  }
}

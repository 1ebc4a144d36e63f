package dev.precept.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where an Intel processor's model and base instructions differ from an AMD one's (SDM). */
class IntelTest {
  private static TestMachine long64(int cpl) {
    return TestMachine.long64(CpuModel.intel(), cpl);
  }

  private static TestMachine protected32(int cpl) {
    return TestMachine.protected32(CpuModel.intel(), cpl);
  }

  private static TestMachine compatibility(int cpl) {
    TestMachine m = long64(cpl);
    m.state.cs.attributes = (m.state.cs.attributes & ~0x200) | 0x400;
    return m;
  }

  private static void raises(TestMachine m, int vector) {
    assertThat(m.step()).isEqualTo(StepResult.DELIVERED);
    assertThat(m.cpu.lastVector).isEqualTo(vector);
  }

  private static TestMachine msr(String opcode, int msr, long value) {
    TestMachine m = long64(0).code(0x0F, opcode.equals("WRMSR") ? 0x30 : 0x32);
    m.state.gpr[1] = msr & 0xFFFF_FFFFL;
    m.state.gpr[0] = value & 0xFFFF_FFFFL;
    m.state.gpr[2] = value >>> 32;
    return m;
  }

  // The model

  @Test
  void cpuidTellsTheVendor() {
    TestMachine m = long64(0).code(0x0F, 0xA2);
    m.state.gpr[0] = 0;

    m.step();

    // "GenuineIntel" in EBX, EDX, ECX.
    assertThat(m.state.gpr[3]).isEqualTo(0x756E_6547L);
    assertThat(m.state.gpr[2]).isEqualTo(0x4965_6E69L);
    assertThat(m.state.gpr[1]).isEqualTo(0x6C65_746EL);
  }

  @Test
  void cpuidTellsThatVmxExistsAndSvmDoesNot() {
    assertThat(CpuModel.intel().cpuid(1, 0, 2) >>> 5 & 1).isOne();
    assertThat(CpuModel.intel().cpuid(0x8000_0001, 0, 2) >>> 2 & 1).isZero();
    assertThat(CpuModel.amd().cpuid(1, 0, 2) >>> 5 & 1).isZero();
  }

  @Test
  void capabilityMsrsReadAsTheModelSaysAndCannotBeWritten() {
    long basic = CpuModel.intel().vmxCapabilities.basic;
    TestMachine m = msr("RDMSR", 0x480, 0);

    m.step();

    assertThat(m.state.gpr[2] << 32 | m.state.gpr[0]).isEqualTo(basic);
    raises(msr("WRMSR", 0x480, basic), CpuFault.GP);
  }

  @Test
  void capabilityMsrsNeedTheVmxFeature() {
    CpuModel model = CpuModel.intelBuilder().bit(1, 0, 2, 5, false).build();
    TestMachine m = TestMachine.long64(model, 0).code(0x0F, 0x32);
    m.state.gpr[1] = 0x480;

    raises(m, CpuFault.GP);
  }

  @Test
  void aCapabilityThatIsSetIsRead() {
    CpuModel model = CpuModel.intelBuilder().capability(Msr.VMX_MISC, 0x1234).build();

    assertThat(model.vmxCapabilities.misc).isEqualTo(0x1234);
    assertThat(model.toBuilder().build().vmxCapabilities.misc).isEqualTo(0x1234);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x47F, 0x493, 0x10})
  void onlyCapabilityMsrsAreCapabilities(int index) {
    CpuModel.Builder builder = CpuModel.intelBuilder();

    assertThatThrownBy(() -> builder.capability(index, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("%X".formatted(index));
  }

  @Test
  void theCapabilitiesOfTheModelAreConsistentWithEachOther() {
    VmxCapabilities may = CpuModel.intel().vmxCapabilities;

    // Appendix A.1: 4 KiB at most, write-back memory; A.3 to A.5: a control that must be 1 may be.
    assertThat(may.basic >>> 32 & 0x1FFF).isBetween(1L, 4096L);
    assertThat(may.basic >>> 50 & 0xF).isEqualTo(6);
    assertThat(may.revision()).isNotNegative();
    for (long allowed :
        new long[] {may.pinBased, may.procBased, may.procBased2, may.exit, may.entry}) {
      assertThat(allowed & ~(allowed >>> 32) & 0xFFFF_FFFFL).isZero();
    }
    assertThat(may.cr0Fixed0 & ~may.cr0Fixed1).isZero();
    assertThat(may.cr4Fixed0 & ~may.cr4Fixed1).isZero();
    // A.7, A.8: PE, NE and PG; VMXE.
    assertThat(may.cr0Fixed0 & 0xFFFF_FFFFL).isEqualTo(0x8000_0021L);
    assertThat(may.cr4Fixed0).isEqualTo(0x2000);
  }

  // SYSCALL, SYSRET

  @ParameterizedTest
  @ValueSource(ints = {0x05, 0x07})
  void syscallAndSysretExistIn64BitModeOnly(int opcode) {
    TestMachine legacy = protected32(0).code(0x0F, opcode);
    legacy.state.efer |= CpuState.EFER_SCE;
    TestMachine compatibility = compatibility(0).code(0x0F, opcode);
    compatibility.state.efer |= CpuState.EFER_SCE;

    raises(legacy, CpuFault.UD);
    raises(compatibility, CpuFault.UD);
  }

  @Test
  void syscallWorksIn64BitMode() {
    TestMachine m = long64(3).code(0x0F, 0x05);
    m.state.efer |= CpuState.EFER_SCE;
    m.state.lstar = 0x1234_5678;
    m.state.star = 0x8L << 32;

    m.step();

    assertThat(m.state.rip).isEqualTo(0x1234_5678);
    assertThat(m.state.cpl).isZero();
  }

  @Test
  void sysretToANoncanonicalAddressIsProtectedAtCplZero() {
    TestMachine m = long64(0).code(0x48, 0x0F, 0x07);
    m.state.efer |= CpuState.EFER_SCE;
    m.state.gpr[1] = 1L << 47;

    raises(m, CpuFault.GP);
    assertThat(m.state.cpl).isZero();
  }

  @Test
  void sysretLoadsSsWithFixedValues() {
    TestMachine m = long64(0).code(0x48, 0x0F, 0x07);
    m.state.efer |= CpuState.EFER_SCE;
    m.state.star = 0x10L << 48;
    m.state.ss.base = 0x1234;
    m.state.gpr[1] = 0x4000;

    m.step();

    assertThat(m.state.ss.selector).isEqualTo(0x1B);
    assertThat(m.state.ss.base).isZero();
    assertThat(m.state.ss.limit).isEqualTo(0xFFFF_FFFFL);
    assertThat(m.state.cs.selector).isEqualTo(0x23);
  }

  // SYSENTER, SYSEXIT

  @Test
  void sysenterWorksInLongMode() {
    TestMachine m = long64(3).code(0x0F, 0x34);
    m.state.sysenterCs = 0x08;
    m.state.sysenterEip = 0xFFFF_8000_0000_1000L;
    m.state.sysenterEsp = 0xFFFF_8000_0000_2000L;
    m.state.rflags |= CpuState.IF;

    m.step();

    assertThat(m.state.rip).isEqualTo(0xFFFF_8000_0000_1000L);
    assertThat(m.state.gpr[4]).isEqualTo(0xFFFF_8000_0000_2000L);
    assertThat(m.state.cpl).isZero();
    assertThat(m.state.code64()).isTrue();
    assertThat(m.state.ss.selector).isEqualTo(0x10);
    assertThat(m.state.flag(CpuState.IF)).isFalse();
  }

  @Test
  void sysenterOfANullSelectorIsProtected() {
    TestMachine m = long64(3).code(0x0F, 0x34);
    m.state.sysenterCs = 3;

    raises(m, CpuFault.GP);
  }

  @Test
  void sysexitOf64BitsReturnsTo64BitMode() {
    TestMachine m = long64(0).code(0x48, 0x0F, 0x35);
    m.state.sysenterCs = 0x08;
    m.state.gpr[1] = 0x1_0000_2000L;
    m.state.gpr[2] = 0x1_0000_1000L;

    m.step();

    assertThat(m.state.rip).isEqualTo(0x1_0000_1000L);
    assertThat(m.state.gpr[4]).isEqualTo(0x1_0000_2000L);
    assertThat(m.state.cpl).isEqualTo(3);
    assertThat(m.state.cs.selector).isEqualTo(0x2B);
    assertThat(m.state.ss.selector).isEqualTo(0x33);
    assertThat(m.state.code64()).isTrue();
  }

  @Test
  void sysexitOf32BitsReturnsToCompatibilityMode() {
    TestMachine m = long64(0).code(0x0F, 0x35);
    m.state.sysenterCs = 0x08;
    m.state.gpr[1] = 0x1_0000_2000L;
    m.state.gpr[2] = 0x1_0000_1000L;

    m.step();

    assertThat(m.state.rip).isEqualTo(0x1000);
    assertThat(m.state.gpr[4]).isEqualTo(0x2000);
    assertThat(m.state.cs.selector).isEqualTo(0x1B);
    assertThat(m.state.code64()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"1, 0x48", "2, 0x48", "1, 0x40", "2, 0x40"})
  void sysexitToNoncanonicalAddressesIsProtected(int register, int prefix) {
    TestMachine m = long64(0).code(prefix, 0x0F, 0x35);
    m.state.sysenterCs = 0x08;
    m.state.gpr[register] = 1L << 47;

    raises(m, CpuFault.GP);
  }

  // Control and debug registers

  @Test
  void lockMovCr0IsNotMovCr8() {
    raises(long64(0).code(0xF0, 0x0F, 0x20, 0xC0), CpuFault.UD);
  }

  @Test
  void aSingleStepUnderBtfTrapsBehindTakenBranchesOnly() {
    TestMachine m = long64(0).code(0x90, 0xEB, 0x10);
    m.state.debugCtl = 2;
    m.state.rflags |= CpuState.TF;

    assertThat(m.step()).isEqualTo(StepResult.RETIRED);
    raises(m, CpuFault.DB);
    assertThat(m.state.dr[6] & CpuState.DR6_BS).isNotZero();
  }

  @Test
  void movSsHoldsTheSingleStepTrapBackForOneInstruction() {
    TestMachine m = long64(0).code(0x8E, 0xD0, 0x90, 0x90);
    m.state.gpr[0] = TestMachine.KERNEL_SS;
    m.state.rflags |= CpuState.TF;

    assertThat(m.step()).isEqualTo(StepResult.RETIRED);
    raises(m, CpuFault.DB);
  }

  // MSRs

  @ParameterizedTest
  @ValueSource(strings = {"C0010015", "C0010114", "C0010117", "C0010118", "C0000104"})
  void msrsOfAmdDoNotExist(String msr) {
    raises(msr("RDMSR", (int) Long.parseLong(msr, 16), 0), CpuFault.GP);
  }

  @ParameterizedTest
  @CsvSource({
    "176, 0000800000000000, not canonical",
    "175, 0000800000000000, not canonical",
    "1D9, 4, reserved",
    "C0000103, 100000000, upper half",
    "C0000080, 1000, SVME",
    "D90, 0, no such MSR",
    "3A, 2, VMX in SMX without its bits",
    "E1, 2, reserved",
    "D93, 80100000, reserved",
    "DA0, 1, not a supervisor state"
  })
  void illegalWritesAreProtected(String msr, String value, String why) {
    CpuModel model = CpuModel.intelBuilder().bit(1, 0, 2, 6, false).build();
    TestMachine m = TestMachine.long64(model, 0).code(0x0F, 0x30);
    long written = Long.parseUnsignedLong(value, 16);
    m.state.gpr[1] = Long.parseLong(msr, 16);
    m.state.gpr[0] = written & 0xFFFF_FFFFL;
    m.state.gpr[2] = written >>> 32;

    raises(m, CpuFault.GP);
  }

  @ParameterizedTest
  @CsvSource({
    "176, FFFF800000000000",
    "1D9, 3",
    "C0000103, FFFFFFFF",
    "3A, 5",
    "E1, FFFFFFFD",
    "D93, 800FFFFF",
    "DA0, 400"
  })
  void legalWritesAreReadBack(String msr, String value) {
    long written = Long.parseUnsignedLong(value, 16);
    TestMachine m = msr("WRMSR", (int) Long.parseLong(msr, 16), written);
    m.code(0x0F, 0x30, 0x0F, 0x32);

    assertThat(m.step()).isEqualTo(StepResult.RETIRED);
    m.state.gpr[0] = 0;
    m.state.gpr[2] = 0;
    m.step();

    assertThat(m.state.gpr[2] << 32 | m.state.gpr[0]).isEqualTo(written);
  }

  @Test
  void aLockedFeatureControlCannotBeWritten() {
    TestMachine m = msr("WRMSR", 0x3A, 5);
    m.state.featureControl = 1;

    raises(m, CpuFault.GP);
  }

  @Test
  void writesOfLmaAreIgnored() {
    TestMachine m = msr("WRMSR", 0xC000_0080, CpuState.EFER_LME | CpuState.EFER_NXE);

    assertThat(m.step()).isEqualTo(StepResult.RETIRED);

    assertThat(m.state.efer & CpuState.EFER_LMA).isNotZero();
  }

  // MONITOR, MWAIT

  @Test
  void monitorLooksAtAllOfRcx() {
    TestMachine m = long64(0).code(0x0F, 0x01, 0xC8);
    m.state.gpr[0] = 0x8000;
    m.state.gpr[1] = 1L << 32;

    raises(m, CpuFault.GP);
  }

  @Test
  void mwaitLooksAtAllOfRcx() {
    TestMachine m = long64(0).code(0x0F, 0x01, 0xC9);
    m.state.gpr[1] = 1L << 32;

    raises(m, CpuFault.GP);
  }
}

package dev.precept.core.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuFault;
import dev.precept.core.CpuState;
import dev.precept.core.StepResult;
import dev.precept.core.vmx.VmxControls.ProcBased;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Control registers through guest/host masks and read shadows, CR3 targets, the TPR shadow, and
 * bits fixed in VMX operation (SDM vol. 3C, 23.8, 25.1.3, 25.3, 29.1).
 */
class MasksAndShadowsTest {
  private static final long CR0 = 0x8000_0031L;

  private static VmxMachine cr0(String mask, String shadow, String code) {
    return new VmxMachine()
        .set(VmcsField.CR0_GUEST_HOST_MASK, Long.parseUnsignedLong(mask, 16))
        .set(VmcsField.CR0_READ_SHADOW, Long.parseLong(shadow, 16))
        .code(code);
  }

  private static VmxMachine cr4(String mask, String shadow, String code) {
    return new VmxMachine()
        .set(VmcsField.CR4_GUEST_HOST_MASK, Long.parseUnsignedLong(mask, 16))
        .set(VmcsField.CR4_READ_SHADOW, Long.parseLong(shadow, 16))
        .code(code);
  }

  @ParameterizedTest
  @CsvSource({
    "0, FFFFFFFF, 80000031",
    "FFFFFFFF, 8, 8",
    "A, 8, 80000039",
    "20, 0, 80000011",
    "FFFFFFFFFFFFFFFF, 1122334455667788, 1122334455667788"
  })
  void cr0ReadsThroughMaskAndShadow(String mask, String shadow, String value) {
    VmxMachine m = cr0(mask, shadow, "0F20C3");

    assertThat(m.run()).isEqualTo(StepResult.RETIRED);

    assertThat(m.state.gpr[3]).isEqualTo(Long.parseLong(value, 16));
  }

  @ParameterizedTest
  @CsvSource({"0, FFFF, 2020", "2000, 0, 20", "2004, 4, 24"})
  void cr4ReadsThroughMaskAndShadow(String mask, String shadow, String value) {
    VmxMachine m = cr4(mask, shadow, "0F20E3");

    m.run();

    assertThat(m.state.gpr[3]).isEqualTo(Long.parseLong(value, 16));
  }

  @ParameterizedTest
  @CsvSource({
    "660F01E3, 1111111111110008, 16-bit register",
    "0F01E3, 70008, 32-bit register",
    "480F01E3, 70008, 64-bit register"
  })
  void smswReadsThroughMaskAndShadow(String code, String value, String why) {
    VmxMachine m = cr0("FFFFFFFF", "70008", code);
    m.state.gpr[3] = 0x1111_1111_1111_1111L;

    m.run();

    assertThat(m.state.gpr[3]).isEqualTo(Long.parseLong(value, 16));
  }

  @Test
  void smswToMemoryStoresSixteenBits() {
    VmxMachine m = cr0("F", "8", "0F0123");
    m.state.gpr[3] = VmxMachine.DATA + 8;
    m.memory.write64(VmxMachine.DATA + 8, -1L);

    m.run();

    assertThat(m.memory.read64(VmxMachine.DATA + 8)).isEqualTo(0xFFFF_FFFF_FFFF_0038L);
  }

  @ParameterizedTest
  @CsvSource({
    "10000, 0, 80010031, true, differs from the shadow in a host bit",
    "10000, 10000, 80000031, true, differs from the shadow in a host bit",
    "10000, 10000, 80010031, false, as the shadow has it",
    "0, 10000, 80010031, false, no host bits"
  })
  void movToCr0ExitsIfAHostBitDiffersFromTheShadow(
      String mask, String shadow, String value, boolean exits, String why) {
    VmxMachine m = cr0(mask, shadow, "0F22C3");
    m.state.gpr[3] = Long.parseLong(value, 16);

    m.run();

    assertThat(m.vmx.inGuest()).isEqualTo(!exits);
  }

  @Test
  void movToCr0LeavesHostBitsAsTheyAre() {
    VmxMachine m = cr0("50000", "10000", "0F22C3");
    m.set(VmcsField.GUEST_CR0, CR0 | 0x4_0000);
    m.state.gpr[3] = CR0 | 0x1_0008;

    m.run();

    assertThat(m.reason()).as("AM is a host bit and 0 in the shadow").isZero();
    assertThat(m.state.cr0).isEqualTo(CR0 | 0x4_0008);
  }

  @Test
  void movToCr4LeavesHostBitsAsTheyAre() {
    VmxMachine m = cr4("2000", "0", "0F22E3");
    m.state.gpr[3] = CpuState.CR4_PAE | CpuState.CR4_TSD;

    m.run();

    assertThat(m.vmx.inGuest()).isTrue();
    assertThat(m.state.cr4).isEqualTo(CpuState.CR4_VMXE | CpuState.CR4_PAE | CpuState.CR4_TSD);
  }

  @ParameterizedTest
  @CsvSource({"2004, 0, 24, true", "2004, 4, 24, false", "2004, 4, 20, true", "0, 4, 2020, false"})
  void movToCr4ExitsIfAHostBitDiffersFromTheShadow(
      String mask, String shadow, String value, boolean exits) {
    VmxMachine m = cr4(mask, shadow, "0F22E3");
    m.state.gpr[3] = Long.parseLong(value, 16);

    m.run();

    assertThat(m.vmx.inGuest()).isEqualTo(!exits);
  }

  @ParameterizedTest
  @CsvSource({
    "0F22C3, 80000011, NE clear",
    "0F22C3, 31, PG clear",
    "0F22E3, 20, VMXE clear",
  })
  void fixedBitsAreProtectedInAGuest(String code, String value, String why) {
    VmxMachine m = new VmxMachine().code(code);
    m.state.gpr[3] = Long.parseLong(value, 16);

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.GP);
  }

  @ParameterizedTest
  @CsvSource({"0F22C3, 80000011, NE clear", "0F22E3, 20, VMXE clear"})
  void fixedBitsAreProtectedInRootOperation(String code, String value, String why) {
    VmxMachine m = new VmxMachine();
    m.state.gpr[3] = Long.parseLong(value, 16);

    m.host(code);

    assertThat(m.hostException()).isEqualTo(CpuFault.GP);
  }

  @Test
  void outsideVmxOperationTheyAreFree() {
    VmxMachine m = new VmxMachine();
    m.host("0F01C4");
    m.state.gpr[3] = 0x20;

    m.host("0F22E3");

    assertThat(m.state.cr4).isEqualTo(0x20);
  }

  @Test
  void aHostBitKeepsAFixedBitFromBeingWritten() {
    VmxMachine m = cr0("20", "0", "0F22C3");
    m.state.gpr[3] = 0x8000_0011L;

    m.run();

    assertThat(m.vmx.inGuest()).isTrue();
    assertThat(m.state.cr0).isEqualTo(CR0);
  }

  @Test
  void anUnrestrictedGuestLeavesPagingAndProtectedMode() {
    VmxMachine m = new VmxMachine().realMode().code("0F22C3");
    m.state.gpr[3] = CpuState.CR0_ET | CpuState.CR0_NE | CpuState.CR0_PE;

    m.run();

    assertThat(m.vmx.inGuest()).isTrue();
    assertThat(m.state.cr0 & CpuState.CR0_PE).isNotZero();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, false, false, not the host's",
    "8, 0, false, true, the shadow says it is clear already",
    "8, 8, true, true, the host's",
    "0, 8, false, false, the shadow does not matter"
  })
  void clts(String mask, String shadow, boolean exits, boolean remains, String why) {
    VmxMachine m = cr0(mask, shadow, "0F06").set(VmcsField.GUEST_CR0, CR0 | CpuState.CR0_TS);

    m.run();

    assertThat(m.vmx.inGuest()).isEqualTo(!exits);
    if (exits) {
      assertThat(m.get(VmcsField.GUEST_CR0) & CpuState.CR0_TS).isNotZero();
    } else {
      assertThat((m.state.cr0 & CpuState.CR0_TS) != 0).isEqualTo(remains);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "E, 0, 1, false, only PE which is not the host's",
    "E, 0, 3, true, MP",
    "E, 2, 3, false, MP as in the shadow",
    "E, E, 7, true, TS clear",
    "1, 1, 0, false, LMSW cannot clear PE",
    "1, 0, 1, true, PE set",
    "1, 0, 0, false, PE clear as in the shadow",
    "1, 1, 1, false, PE as in the shadow",
    "10, 0, FFF1, false, only the low four bits",
    "0, F, 1, false, no host bits"
  })
  void lmsw(String mask, String shadow, String word, boolean exits, String why) {
    VmxMachine m = cr0(mask, shadow, "0F01F3");
    m.state.gpr[3] = Long.parseLong(word, 16);

    m.run();

    assertThat(m.vmx.inGuest()).isEqualTo(!exits);
  }

  @Test
  void lmswLeavesHostBitsAsTheyAre() {
    VmxMachine m = cr0("A", "0", "0F01F3").set(VmcsField.GUEST_CR0, CR0 | CpuState.CR0_TS);
    m.state.gpr[3] = 4;

    m.run();

    assertThat(m.vmx.inGuest()).isTrue();
    assertThat(m.state.cr0).isEqualTo(CR0 | CpuState.CR0_TS | CpuState.CR0_EM);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 50000, true",
    "1, 0, 50000, false",
    "1, 0, 50008, true",
    "4, 3, 50000, false",
    "3, 3, 50000, true"
  })
  void cr3TargetsDoNotExit(int count, int index, String value, boolean exits) {
    VmxMachine m = new VmxMachine().proc(ProcBased.CR3_LOAD_EXITING).code("0F22DB");
    VmcsField target = index == 0 ? VmcsField.CR3_TARGET_VALUE_0 : VmcsField.CR3_TARGET_VALUE_3;
    m.set(VmcsField.CR3_TARGET_COUNT, count).set(target, VmxMachine.PAGES);
    m.state.gpr[3] = Long.parseLong(value, 16);

    m.run();

    assertThat(m.vmx.inGuest()).isEqualTo(!exits);
  }

  // TPR shadow

  @Test
  void movFromCr8ReadsTheVirtualTpr() {
    VmxMachine m = new VmxMachine().proc(ProcBased.USE_TPR_SHADOW).code("440F20C3");
    m.memory.write32(VmxMachine.VAPIC + 0x80, 0xA5);
    m.state.gpr[3] = -1L;

    m.run();

    assertThat(m.state.gpr[3]).isEqualTo(0xA);
  }

  @Test
  void movToCr8WritesTheVirtualTprAndNotTheTpr() {
    VmxMachine m = new VmxMachine().proc(ProcBased.USE_TPR_SHADOW).code("440F22C3");
    m.memory.write32(VmxMachine.VAPIC + 0x80, 0x1122_33A5);
    m.state.cr8 = 3;
    m.state.gpr[3] = 9;

    assertThat(m.run()).isEqualTo(StepResult.RETIRED);

    assertThat(m.memory.read32(VmxMachine.VAPIC + 0x80)).isEqualTo(0x90);
    assertThat(m.state.cr8).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({"5, 5, false", "5, 4, true", "0, 0, false", "15, 14, true"})
  void aVirtualTprBelowTheThresholdExitsBehindTheWrite(int threshold, int value, boolean exits) {
    VmxMachine m = new VmxMachine().proc(ProcBased.USE_TPR_SHADOW).code("440F22C3");
    m.set(VmcsField.TPR_THRESHOLD, threshold);
    m.memory.write32(VmxMachine.VAPIC + 0x80, 0xF0);
    m.state.gpr[3] = value;

    m.run();

    assertThat(m.vmx.inGuest()).isEqualTo(!exits);
    assertThat(m.memory.read32(VmxMachine.VAPIC + 0x80)).isEqualTo(value << 4);
    if (exits) {
      assertThat(m.reason()).isEqualTo(43);
      assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE + 4);
      assertThat(m.qualification()).isZero();
    }
  }

  @Test
  void theTprExitLeavesTheSingleStepTrapPending() {
    VmxMachine m = new VmxMachine().proc(ProcBased.USE_TPR_SHADOW).code("440F22C3");
    m.set(VmcsField.TPR_THRESHOLD, 5).set(VmcsField.GUEST_RFLAGS, CpuState.TF | 2);
    m.memory.write32(VmxMachine.VAPIC + 0x80, 0xF0);
    m.state.gpr[3] = 1;

    m.run();

    assertThat(m.reason()).isEqualTo(43);
    assertThat(m.get(VmcsField.GUEST_PENDING_DEBUG_EXCEPTIONS)).isEqualTo(1 << 14);
  }

  @Test
  void theTprExitEndsBlockingByMovSs() {
    VmxMachine m = new VmxMachine().proc(ProcBased.USE_TPR_SHADOW).code("440F22C3");
    m.set(VmcsField.TPR_THRESHOLD, 5).set(VmcsField.GUEST_INTERRUPTIBILITY_STATE, 2);
    m.memory.write32(VmxMachine.VAPIC + 0x80, 0xF0);
    m.state.gpr[3] = 1;

    m.run();

    assertThat(m.reason()).isEqualTo(43);
    assertThat(m.get(VmcsField.GUEST_INTERRUPTIBILITY_STATE)).isZero();
  }

  @Test
  void theReservedBitsOfCr8ComeBeforeTheTprShadow() {
    VmxMachine m = new VmxMachine().proc(ProcBased.USE_TPR_SHADOW).code("440F22C3");
    m.state.gpr[3] = 16;

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.GP);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0F20C3", "0F20D3", "0F20DB", "0F20E3", "0F22D3"})
  void withoutControlsControlRegistersDoNotExit(String code) {
    VmxMachine m = new VmxMachine().code(code);
    m.state.gpr[3] = 0x1234;

    assertThat(m.run()).isEqualTo(StepResult.RETIRED);
  }
}

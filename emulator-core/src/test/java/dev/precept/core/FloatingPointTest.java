package dev.precept.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** FNINIT, FWAIT and MOVAPS, and what CR0 and CR4 make of them (APM vol. 2, 3.1.1 and 3.1.3). */
class FloatingPointTest {
  private static final int DATA = 0x5_0000;

  private static TestMachine machine(long cr0, int... code) {
    TestMachine m = TestMachine.long64(0).code(code);
    m.state.cr0 |= cr0;
    m.state.cr4 |= CpuState.CR4_OSFXSR;
    m.state.gpr[0] = DATA;
    return m;
  }

  private static TestMachine fninit(long cr0) {
    return machine(cr0, 0xDB, 0xE3);
  }

  private static TestMachine fwait(long cr0) {
    return machine(cr0, 0x9B);
  }

  /** MOVAPS XMM1, [RAX]. */
  private static TestMachine load(long cr0) {
    return machine(cr0, 0x0F, 0x28, 0x08);
  }

  private static void raises(TestMachine m, int vector) {
    assertThat(m.step()).isEqualTo(StepResult.DELIVERED);
    assertThat(m.cpu.lastVector).isEqualTo(vector);
  }

  private static void retires(TestMachine m) {
    assertThat(m.step()).isEqualTo(StepResult.RETIRED);
  }

  @Test
  void fninitMasksAllExceptions() {
    TestMachine m = fninit(0);
    retires(m);
    assertThat(m.state.x87Control).isEqualTo(0x37F);
  }

  @Test
  void fninitEmptiesAllRegisters() {
    TestMachine m = fninit(0);
    retires(m);
    assertThat(m.state.x87Tag).isEqualTo(0xFFFF);
  }

  @Test
  void fninitClearsTheStatusWordWithoutRaisingItsPendingException() {
    TestMachine m = fninit(CpuState.CR0_NE);
    m.state.x87Status = 0x81;
    retires(m);
    assertThat(m.state.x87Status).isZero();
  }

  @ParameterizedTest(name = "CR0 {0}")
  @ValueSource(longs = {CpuState.CR0_EM, CpuState.CR0_TS})
  void fninitIsNotAvailableUnderEmOrTs(long cr0) {
    raises(fninit(cr0), CpuFault.NM);
  }

  @Test
  void fwaitIsNotAvailableUnderMpAndTs() {
    raises(fwait(CpuState.CR0_MP | CpuState.CR0_TS), CpuFault.NM);
  }

  @ParameterizedTest(name = "CR0 {0}")
  @ValueSource(longs = {0, CpuState.CR0_EM, CpuState.CR0_TS, CpuState.CR0_MP})
  void fwaitHeedsTsOnlyTogetherWithMp(long cr0) {
    retires(fwait(cr0));
  }

  @Test
  void fwaitRaisesAPendingException() {
    TestMachine m = fwait(CpuState.CR0_NE);
    m.state.x87Status = 0x81;
    raises(m, CpuFault.MF);
  }

  @Test
  void otherX87OpcodesAreUndefined() {
    raises(machine(0, 0xDB, 0xE2), CpuFault.UD);
  }

  @Test
  void movapsLoadsSixteenBytes() {
    TestMachine m = load(0);
    m.memory.write64(DATA, 0x1122);
    m.memory.write64(DATA + 8, 0x3344);
    retires(m);
    assertThat(m.state.xmmLow[1]).isEqualTo(0x1122);
    assertThat(m.state.xmmHigh[1]).isEqualTo(0x3344);
  }

  @Test
  void movapsStoresSixteenBytes() {
    TestMachine m = machine(0, 0x0F, 0x29, 0x08);
    m.state.xmmLow[1] = 0x1122;
    m.state.xmmHigh[1] = 0x3344;
    retires(m);
    assertThat(m.memory.read64(DATA)).isEqualTo(0x1122);
    assertThat(m.memory.read64(DATA + 8)).isEqualTo(0x3344);
  }

  @Test
  void movapsCopiesARegisterThatRexExtends() {
    TestMachine m = machine(0, 0x44, 0x0F, 0x28, 0xCA);
    m.state.xmmHigh[2] = 0x55;
    retires(m);
    assertThat(m.state.xmmHigh[9]).isEqualTo(0x55);
  }

  @Test
  void movapsIsUndefinedUnderEm() {
    raises(load(CpuState.CR0_EM | CpuState.CR0_TS), CpuFault.UD);
  }

  @Test
  void movapsIsUndefinedWithoutOsfxsr() {
    TestMachine m = load(0);
    m.state.cr4 &= ~CpuState.CR4_OSFXSR;
    raises(m, CpuFault.UD);
  }

  @Test
  void movapsIsNotAvailableUnderTs() {
    raises(load(CpuState.CR0_TS), CpuFault.NM);
  }

  @Test
  void aMisalignedOperandOfMovapsRaisesGpBeforeItsPageFault() {
    TestMachine m = load(0);
    m.memory.write64(TestMachine.TABLES + 0x2000 + 8 * 3, 0);
    m.state.gpr[0] = 0x60_0008;
    raises(m, CpuFault.GP);
    assertThat(m.cpu.lastErrorCode).isZero();
  }

  @Test
  void movapsWithAnOperandSizePrefixIsAnotherInstruction() {
    raises(machine(0, 0x66, 0x0F, 0x28, 0x08), CpuFault.UD);
  }
}

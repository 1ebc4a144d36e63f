package dev.precept.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Memory operands of more than one part (BOUND's pair, SGDT's and SIDT's pseudo-descriptor): the
 * segment's limit holds for all of the operand before any page or alignment of it is looked at.
 */
class OperandCheckTest {
  private static final int ABSENT_PAGE = 0x40_0000;

  /**
   * 32-bit protected mode at CPL 3 with 4 MiB pages, the one at 40_0000h absent, with alignment
   * checks, EAX being the operand's address.
   */
  private static TestMachine user(int operand, int... code) {
    TestMachine m = TestMachine.protected32(3);
    m.memory.write32(TestMachine.TABLES, 0x87);
    m.state.cr3 = TestMachine.TABLES;
    m.state.cr4 = CpuState.CR4_PSE;
    m.state.cr0 |= CpuState.CR0_PG | CpuState.CR0_AM;
    m.state.rflags |= CpuState.AC;
    m.state.gpr[0] = operand;
    return m.code(code);
  }

  private static TestMachine bound(int operand) {
    return user(operand, 0x62, 0x08);
  }

  private static void raises(TestMachine m, int vector) {
    assertThat(m.step()).isEqualTo(StepResult.DELIVERED);
    assertThat(m.cpu.lastVector).isEqualTo(vector);
  }

  @Test
  void theLimitOfBoundsUpperBoundPrecedesThePageFaultOfItsLowerBound() {
    TestMachine m = bound(ABSENT_PAGE);
    m.state.ds.limit = ABSENT_PAGE + 6;
    raises(m, CpuFault.GP);
  }

  @Test
  void theLimitOfBoundsUpperBoundPrecedesTheAlignmentOfItsLowerBound() {
    TestMachine m = bound(0x5_0001);
    m.state.ds.limit = 0x5_0007;
    raises(m, CpuFault.GP);
  }

  @Test
  void thePageOfBoundsUpperBoundPrecedesTheAlignmentOfItsLowerBound() {
    raises(bound(ABSENT_PAGE - 5), CpuFault.PF);
  }

  @Test
  void aMisalignedPairOfBoundsRaisesAc() {
    raises(bound(0x5_0002), CpuFault.AC);
  }

  @Test
  void boundsNeedOnlyTheAlignmentOfOneBound() {
    TestMachine m = bound(0x5_0004);
    m.memory.write32(0x5_0008, 9);
    m.state.gpr[1] = 9;
    assertThat(m.step()).isEqualTo(StepResult.RETIRED);
  }

  @Test
  void anIndexAboveTheUpperBoundRaisesBr() {
    TestMachine m = bound(0x5_0004);
    m.memory.write32(0x5_0008, 9);
    m.state.gpr[1] = 10;
    raises(m, CpuFault.BR);
  }

  @ParameterizedTest(name = "0F 01 /{0}")
  @ValueSource(ints = {0, 1})
  void aPseudoDescriptorStoredToAnOddAddressRaisesAc(int reg) {
    raises(user(0x5_0001, 0x0F, 0x01, reg << 3), CpuFault.AC);
  }

  @ParameterizedTest(name = "0F 01 /{0}")
  @ValueSource(ints = {0, 1})
  void aPseudoDescriptorIsNotStoredInPartWhenItRaisesAc(int reg) {
    TestMachine m = user(0x5_0001, 0x0F, 0x01, reg << 3);
    m.step();
    assertThat(m.memory.read64(0x5_0000)).isZero();
  }

  @Test
  void aPseudoDescriptorIsStoredToAnOddAddressWithoutAlignmentChecks() {
    TestMachine m = user(0x5_0001, 0x0F, 0x01, 0x00);
    m.state.rflags &= ~CpuState.AC;
    m.step();
    assertThat(m.memory.read16(0x5_0001)).isEqualTo(0xFF);
  }

  @Test
  void theLimitOfThePseudoDescriptorsLastBytePrecedesItsAlignment() {
    TestMachine m = user(0x5_0001, 0x0F, 0x01, 0x00);
    m.state.ds.limit = 0x5_0005;
    raises(m, CpuFault.GP);
  }

  @Test
  void thePageOfThePseudoDescriptorsLastBytePrecedesItsAlignment() {
    raises(user(ABSENT_PAGE - 3, 0x0F, 0x01, 0x00), CpuFault.PF);
  }
}

package dev.precept.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Virtual-8086 mode, segment limits, interrupt shadow, far transfers and string instructions. */
class ModeTest {
  private static TestMachine v86(int iopl) {
    TestMachine m = TestMachine.protected32(3);
    m.state.rflags |= CpuState.VM | (long) iopl << 12;
    for (Segment segment : m.state.sreg) {
      m.cpu.segments.makeV86(segment, 0x1000);
    }
    m.state.rip = 0;
    m.state.gpr[4] = 0x8000;
    return m;
  }

  private static void raises(TestMachine m, int vector) {
    assertThat(m.step()).isEqualTo(StepResult.DELIVERED);
    assertThat(m.cpu.lastVector).isEqualTo(vector);
  }

  @Test
  void pushfBelowIoplThreeInVirtual8086ModeRaisesGp() {
    raises(v86(0).code(0x9C), CpuFault.GP);
  }

  @Test
  void pushfUnderVmePushesVifAsIfAndIoplThree() {
    TestMachine m = v86(0).code(0x9C);
    m.state.cr4 |= CpuState.CR4_VME;
    m.state.rflags |= CpuState.VIF;
    assertThat(m.step()).isEqualTo(StepResult.RETIRED);
    assertThat(m.memory.read16(0x1_0000 + 0x7FFE)).isEqualTo(0x3202);
  }

  @Test
  void popfUnderVmeWithIfAndVipRaisesGp() {
    TestMachine m = v86(0).code(0x9D);
    m.state.cr4 |= CpuState.CR4_VME;
    m.state.rflags |= CpuState.VIP;
    m.memory.write16(0x1_8000, 0x202);
    raises(m, CpuFault.GP);
  }

  @Test
  void iretdUnderVmeBelowIoplThreeRaisesGpOnceItsPopsSucceed() {
    TestMachine m = v86(0).code(0x66, 0xCF);
    m.state.cr4 |= CpuState.CR4_VME;
    raises(m, CpuFault.GP);
  }

  @Test
  void iretdUnderVmeBelowIoplThreeRaisesAStackFaultOfItsPopsFirst() {
    TestMachine m = v86(0).code(0x66, 0xCF);
    m.state.cr4 |= CpuState.CR4_VME;
    m.state.gpr[4] = 0xFFFE;
    raises(m, CpuFault.SS);
  }

  @Test
  void iretBelowIoplThreeWithoutVmeRaisesGpBeforeItsPops() {
    TestMachine m = v86(0).code(0xCF);
    m.state.gpr[4] = 0xFFFF;
    raises(m, CpuFault.GP);
  }

  @Test
  void intBelowIoplThreeWithoutVmeRaisesGpZero() {
    TestMachine m = v86(0).code(0xCD, 0x21);
    raises(m, CpuFault.GP);
    assertThat(m.cpu.lastErrorCode).isZero();
  }

  @Test
  void intUnderVmeWithAClearRedirectionBitStaysInVirtual8086Mode() {
    TestMachine m = v86(0).code(0xCD, 0x21);
    m.state.cr4 |= CpuState.CR4_VME;
    m.memory.write16(TestMachine.TSS + 0x66, 0x88);
    m.memory.write16(0x21 * 4, 0x1234);
    m.memory.write16(0x21 * 4 + 2, 0x2000);
    m.step();
    assertThat(m.state.v86()).isTrue();
    assertThat(m.state.cs.selector).isEqualTo(0x2000);
    assertThat(m.state.rip).isEqualTo(0x1234);
  }

  @Test
  void hltInVirtual8086ModeRaisesGp() {
    raises(v86(3).code(0xF4), CpuFault.GP);
  }

  @Test
  void anAccessBeyondTheDataSegmentLimitRaisesGp() {
    TestMachine m = TestMachine.protected32(0).code(0xA1, 0xFD, 0x0F, 0, 0);
    m.state.ds.limit = 0xFFF;
    raises(m, CpuFault.GP);
  }

  @Test
  void theLastByteInsideTheLimitIsAccessible() {
    TestMachine m = TestMachine.protected32(0).code(0xA1, 0xFC, 0x0F, 0, 0);
    m.state.ds.limit = 0xFFF;
    assertThat(m.step()).isEqualTo(StepResult.RETIRED);
  }

  @Test
  void anExpandDownSegmentIsValidAboveItsLimitOnly() {
    TestMachine below = TestMachine.protected32(0).code(0xA1, 0xFF, 0x0F, 0, 0);
    below.state.ds.attributes = 0xC97;
    below.state.ds.limit = 0xFFF;
    raises(below, CpuFault.GP);
    TestMachine above = TestMachine.protected32(0).code(0xA1, 0x00, 0x10, 0, 0);
    above.state.ds.attributes = 0xC97;
    above.state.ds.limit = 0xFFF;
    assertThat(above.step()).isEqualTo(StepResult.RETIRED);
  }

  @Test
  void aPushBeyondTheStackLimitRaisesSs() {
    TestMachine m = TestMachine.protected32(3).code(0x50);
    m.state.ss.limit = 0xFFF;
    raises(m, CpuFault.SS);
  }

  @Test
  void aNullDataSegmentCannotBeRead() {
    TestMachine m = TestMachine.protected32(0).code(0xA1, 0, 0, 0, 0);
    m.state.ds.set(0, 0, 0, 0);
    raises(m, CpuFault.GP);
  }

  @Test
  void loadingSsWithANullSelectorRaisesGp() {
    TestMachine m = TestMachine.protected32(0).code(0x8E, 0xD0);
    raises(m, CpuFault.GP);
  }

  @Test
  void loadingAnAbsentStackSegmentRaisesSsWithItsSelector() {
    TestMachine m = TestMachine.protected32(0).code(0x8E, 0xD0);
    m.descriptor(0x30, 0, 0xFFFFF, 0xC13);
    m.state.gpr[0] = 0x30;
    raises(m, CpuFault.SS);
    assertThat(m.cpu.lastErrorCode).isEqualTo(0x30);
  }

  @Test
  void loadingAnAbsentDataSegmentRaisesNp() {
    TestMachine m = TestMachine.protected32(0).code(0x8E, 0xD8);
    m.descriptor(0x30, 0, 0xFFFFF, 0xC13);
    m.state.gpr[0] = 0x30;
    raises(m, CpuFault.NP);
  }

  @Test
  void stiThatSetsIfCastsAShadowOverOneInstruction() {
    TestMachine m = TestMachine.protected32(0).code(0xFB, 0x90);
    m.step();
    assertThat(m.state.interruptShadow).isTrue();
    m.step();
    assertThat(m.state.interruptShadow).isFalse();
  }

  @Test
  void stiThatFindsIfSetCastsNoShadow() {
    TestMachine m = TestMachine.protected32(0).code(0xFB);
    m.state.rflags |= CpuState.IF;
    m.step();
    assertThat(m.state.interruptShadow).isFalse();
  }

  @Test
  void loadingSsHoldsOffTheSingleStepTrap() {
    TestMachine m = TestMachine.protected32(0).code(0x8E, 0xD0);
    m.state.gpr[0] = TestMachine.KERNEL_SS;
    m.state.rflags |= CpuState.TF;
    assertThat(m.step()).isEqualTo(StepResult.RETIRED);
    assertThat(m.state.interruptShadow).isTrue();
  }

  @Test
  void aFarCallPushesCsAndEip() {
    TestMachine m = TestMachine.protected32(0).code(0x9A, 0, 0, 5, 0, TestMachine.KERNEL_CS, 0);
    m.step();
    assertThat(m.state.rip).isEqualTo(0x5_0000);
    assertThat(m.memory.read32(TestMachine.STACK - 8)).isEqualTo(TestMachine.CODE + 7);
    assertThat(m.memory.read32(TestMachine.STACK - 4)).isEqualTo(TestMachine.KERNEL_CS);
  }

  @Test
  void aCallGateToMorePrivilegeCopiesParametersToTheInnerStack() {
    TestMachine m = TestMachine.protected32(3).code(0x9A, 0, 0, 0, 0, 0x33, 0);
    // A 32-bit call gate of DPL 3 with one parameter, to 8:50000h.
    m.memory.write64(TestMachine.GDT + 0x30, 0x0005_EC01_0008_0000L);
    m.memory.write32(TestMachine.STACK, 0xCAFE);
    assertThat(m.step()).isEqualTo(StepResult.RETIRED);
    assertThat(m.state.cpl).isZero();
    assertThat(m.state.gpr[4]).isEqualTo(TestMachine.INNER_STACK - 20);
    assertThat(m.memory.read32(TestMachine.INNER_STACK - 12)).isEqualTo(0xCAFE);
    assertThat(m.memory.read32(TestMachine.INNER_STACK - 16)).isEqualTo(TestMachine.USER_CS);
  }

  @Test
  void aFarReturnToLessPrivilegeNullsPrivilegedDataSegments() {
    TestMachine m = TestMachine.protected32(0).code(0xCB);
    m.memory.write32(TestMachine.STACK, TestMachine.CODE);
    m.memory.write32(TestMachine.STACK + 4, TestMachine.USER_CS);
    m.memory.write32(TestMachine.STACK + 8, 0x2_8000);
    m.memory.write32(TestMachine.STACK + 12, TestMachine.USER_SS);
    assertThat(m.step()).isEqualTo(StepResult.RETIRED);
    assertThat(m.state.cpl).isEqualTo(3);
    assertThat(m.state.gpr[4]).isEqualTo(0x2_8000);
    assertThat(m.state.ds.present()).isFalse();
  }

  @Test
  void iretWithVmSetEntersVirtual8086Mode() {
    TestMachine m = TestMachine.protected32(0).code(0xCF);
    int[] frame = {0x100, 0x1000, 0x2_0002, 0x8000, 0x2000, 0x3000, 0x4000, 0x5000, 0x6000};
    for (int i = 0; i < frame.length; i++) {
      m.memory.write32(TestMachine.STACK + 4L * i, frame[i]);
    }
    m.step();
    assertThat(m.state.v86()).isTrue();
    assertThat(m.state.cpl).isEqualTo(3);
    assertThat(m.state.ds.base).isEqualTo(0x4_0000);
    assertThat(m.state.gs.selector).isEqualTo(0x6000);
    assertThat(m.state.rip).isEqualTo(0x100);
  }

  @Test
  void iretWithNtInLongModeRaisesGp() {
    TestMachine m = TestMachine.long64(0).code(0x48, 0xCF);
    m.state.rflags |= CpuState.NT;
    raises(m, CpuFault.GP);
  }

  @Test
  void aFaultInARepeatedStoreKeepsTheIterationsDone() {
    TestMachine m = TestMachine.protected32(0).code(0xF3, 0xAA);
    m.state.es.limit = 0x9_0001;
    m.state.gpr[7] = 0x9_0000;
    m.state.gpr[1] = 5;
    raises(m, CpuFault.GP);
    assertThat(m.state.gpr[1]).isEqualTo(3);
    assertThat(m.state.gpr[7]).isEqualTo(0x9_0002);
  }

  @Test
  void aRepeatedInsWithCountZeroDoesNothing() {
    TestMachine m = TestMachine.protected32(3).code(0xF3, 0x6C);
    m.memory.write8(TestMachine.TSS + 0x68, 0xFF);
    m.state.gpr[1] = 0;
    assertThat(m.step()).isEqualTo(StepResult.RETIRED);
  }

  @Test
  void aDataBreakpointTrapsBehindTheAccess() {
    TestMachine m = TestMachine.protected32(0).code(0xA3, 0, 0, 9, 0);
    m.state.dr[0] = 0x9_0000;
    m.state.dr[7] = 0x400 | 1 | 1 << 16;
    raises(m, CpuFault.DB);
    assertThat(m.state.dr[6] & 0xF).isEqualTo(1);
    assertThat(m.memory.read32(m.state.gpr[4])).isEqualTo(TestMachine.CODE + 5);
  }

  @Test
  void aCodeBreakpointFaultsBeforeTheInstruction() {
    TestMachine m = TestMachine.protected32(0).code(0xF4);
    m.state.dr[1] = TestMachine.CODE;
    m.state.dr[7] = 0x400 | 4;
    raises(m, CpuFault.DB);
    assertThat(m.memory.read32(m.state.gpr[4])).isEqualTo(TestMachine.CODE);
  }

  @Test
  void resumeFlagHoldsOffACodeBreakpointOnce() {
    TestMachine m = TestMachine.protected32(0).code(0x90);
    m.state.dr[1] = TestMachine.CODE;
    m.state.dr[7] = 0x400 | 4;
    m.state.rflags |= CpuState.RF;
    assertThat(m.step()).isEqualTo(StepResult.RETIRED);
    assertThat(m.state.rflags & CpuState.RF).isZero();
  }

  @Test
  void rsmOutsideSmmRaisesUd() {
    raises(TestMachine.protected32(0).code(0x0F, 0xAA), CpuFault.UD);
  }

  @Test
  void rsmLoadsTheStateSaveArea() {
    TestMachine m = TestMachine.protected32(0).code(0x0F, 0xAA);
    m.state.smm = true;
    long base = m.state.smbase + 0xFE00;
    m.memory.write64(base + 0x158, 0x10);
    m.memory.write64(base + 0x170, 0x46);
    m.memory.write64(base + 0x178, 0x1234);
    m.memory.write64(base + 0x1F8, 0xAAAA);
    m.memory.write32(base + 0x100, 0x3_0000);
    m.memory.write16(base + 0x10, 0x2000);
    assertThat(m.step()).isEqualTo(StepResult.RETIRED);
    assertThat(m.state.smm).isFalse();
    assertThat(m.state.rip).isEqualTo(0x1234);
    assertThat(m.state.gpr[0]).isEqualTo(0xAAAA);
    assertThat(m.state.rflags).isEqualTo(0x46);
    assertThat(m.state.cs.selector).isEqualTo(0x2000);
  }
}

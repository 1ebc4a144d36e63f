package dev.precept.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Delivery through IVT and IDT (APM vol. 2, 8.6 to 8.9). */
class EventDeliveryTest {
  private static final long UD_HANDLER = TestMachine.HANDLERS + 0x100L * CpuFault.UD;

  @Test
  void anExceptionAtCplThreeInLongModeSwitchesToTheTssStack() {
    TestMachine m = TestMachine.long64(3).code(0x0F, 0x0B);
    assertThat(m.step()).isEqualTo(StepResult.DELIVERED);
    long rsp = TestMachine.INNER_STACK - 40;
    assertThat(m.state.rip).isEqualTo(UD_HANDLER);
    assertThat(m.state.cpl).isZero();
    assertThat(m.state.gpr[4]).isEqualTo(rsp);
    assertThat(m.memory.read64(rsp)).isEqualTo(TestMachine.CODE);
    assertThat(m.memory.read64(rsp + 8)).isEqualTo(TestMachine.USER_CS);
    assertThat(m.memory.read64(rsp + 16)).isEqualTo(2 | CpuState.RF);
    assertThat(m.memory.read64(rsp + 24)).isEqualTo(TestMachine.STACK);
    assertThat(m.memory.read64(rsp + 32)).isEqualTo(TestMachine.USER_SS);
  }

  @Test
  void ssIsNullAfterAPrivilegeChangeInLongMode() {
    TestMachine m = TestMachine.long64(3).code(0x0F, 0x0B);
    m.step();
    assertThat(m.state.ss.selector).isZero();
  }

  @Test
  void anInterruptStackTableEntryWinsOverTheCurrentStack() {
    TestMachine m = TestMachine.long64(0).code(0x0F, 0x0B);
    m.memory.write64(TestMachine.TSS + 0x24, 0x3_8000);
    m.gate64(CpuFault.UD, TestMachine.KERNEL_CS, UD_HANDLER, 0x8E, 1);
    m.step();
    assertThat(m.state.gpr[4]).isEqualTo(0x3_8000 - 40);
  }

  @Test
  void anExceptionAtCplThreeInProtectedModeSwitchesToTheTssStack() {
    TestMachine m = TestMachine.protected32(3).code(0x0F, 0x0B);
    m.step();
    long esp = TestMachine.INNER_STACK - 20;
    assertThat(m.state.gpr[4]).isEqualTo(esp);
    assertThat(m.state.ss.selector).isEqualTo(TestMachine.KERNEL_SS);
    assertThat(m.memory.read32(esp)).isEqualTo(TestMachine.CODE);
    assertThat(m.memory.read32(esp + 12)).isEqualTo(TestMachine.STACK);
    assertThat(m.memory.read32(esp + 16)).isEqualTo(TestMachine.USER_SS);
  }

  @Test
  void realModePushesThreeWordsAndNoErrorCode() {
    TestMachine m = TestMachine.real().code(0x0F, 0x0B);
    m.step();
    assertThat(m.state.gpr[4]).isEqualTo(0xFFF0 - 6);
    assertThat(m.state.cs.selector).isEqualTo(TestMachine.HANDLERS >> 4);
    assertThat(m.state.rip).isEqualTo(0x600);
    assertThat(m.cpu.lastHasErrorCode).isFalse();
  }

  @Test
  void anExceptionInVirtual8086ModePushesNineDoublewords() {
    TestMachine m = TestMachine.protected32(3);
    CpuState s = m.state;
    s.rflags |= CpuState.VM;
    for (Segment segment : s.sreg) {
      m.cpu.segments.makeV86(segment, 0x1000);
    }
    s.rip = 0;
    s.gpr[4] = 0x8000;
    m.code(0x0F, 0x0B);
    m.step();
    long esp = TestMachine.INNER_STACK - 36;
    assertThat(s.gpr[4]).isEqualTo(esp);
    assertThat(s.rflags & CpuState.VM).isZero();
    assertThat(m.memory.read32(esp + 8) & CpuState.VM).isNotZero();
    assertThat(m.memory.read32(esp + 16)).isEqualTo(0x1000);
    assertThat(s.ds.selector).isZero();
  }

  @Test
  void anIntThroughAGateOfMorePrivilegeRaisesGpWithTheVectorAndIdt() {
    TestMachine m = TestMachine.long64(3).code(0xCD, 0x80);
    m.step();
    assertThat(m.cpu.lastVector).isEqualTo(CpuFault.GP);
    assertThat(m.cpu.lastErrorCode).isEqualTo(0x80 * 8 + 2);
  }

  @Test
  void anIntThroughAGateOfDplThreeIsDeliveredWithTheNextRip() {
    TestMachine m = TestMachine.long64(3).code(0xCD, 0x80);
    m.gate64(0x80, TestMachine.KERNEL_CS, TestMachine.HANDLERS, 0xEE, 0);
    m.step();
    assertThat(m.cpu.lastVector).isEqualTo(0x80);
    assertThat(m.memory.read64(m.state.gpr[4])).isEqualTo(TestMachine.CODE + 2);
  }

  @Test
  void anAbsentGateOfAnIntIsDeliveredAsNpWithoutExt() {
    TestMachine m = TestMachine.long64(0).code(0xCD, 0x80);
    m.gate64(0x80, TestMachine.KERNEL_CS, TestMachine.HANDLERS, 0x0E, 0);
    m.step();
    assertThat(m.cpu.lastVector).isEqualTo(CpuFault.NP);
    assertThat(m.cpu.lastErrorCode).isEqualTo(0x80 * 8 + 2);
  }

  @Test
  void anAbsentGateOfABenignExceptionIsDeliveredAsNpWithExt() {
    TestMachine m = TestMachine.long64(0).code(0x0F, 0x0B);
    m.gate64(CpuFault.UD, TestMachine.KERNEL_CS, 0, 0x0E, 0);
    m.step();
    assertThat(m.cpu.lastVector).isEqualTo(CpuFault.NP);
    assertThat(m.cpu.lastErrorCode).isEqualTo(CpuFault.UD * 8 + 3);
  }

  @Test
  void twoContributoryExceptionsMakeADoubleFault() {
    // LGDT-style #GP: a non-canonical read, whose gate is absent.
    TestMachine m = TestMachine.long64(0).code(0x8B, 0x00);
    m.state.gpr[0] = 1L << 62;
    m.gate64(CpuFault.GP, TestMachine.KERNEL_CS, 0, 0x0E, 0);
    m.step();
    assertThat(m.cpu.lastVector).isEqualTo(CpuFault.DF);
    assertThat(m.cpu.lastErrorCode).isZero();
    assertThat(m.cpu.lastHasErrorCode).isTrue();
  }

  @Test
  void aContributoryExceptionDuringDoubleFaultDeliveryShutsDown() {
    TestMachine m = TestMachine.long64(0).code(0x8B, 0x00);
    m.state.gpr[0] = 1L << 62;
    m.state.idtrLimit = 0;
    assertThat(m.step()).isEqualTo(StepResult.SHUTDOWN);
    assertThat(m.step()).isEqualTo(StepResult.SHUTDOWN);
  }

  @Test
  void singleStepTrapsBehindTheInstruction() {
    TestMachine m = TestMachine.long64(0).code(0x90);
    m.state.rflags |= CpuState.TF;
    m.step();
    assertThat(m.cpu.lastVector).isEqualTo(CpuFault.DB);
    assertThat(m.memory.read64(m.state.gpr[4])).isEqualTo(TestMachine.CODE + 1);
    assertThat(m.state.dr[6] & CpuState.DR6_BS).isNotZero();
  }

  @Test
  void icebpLeavesDr6Alone() {
    TestMachine m = TestMachine.long64(0).code(0xF1);
    m.step();
    assertThat(m.cpu.lastVector).isEqualTo(CpuFault.DB);
    assertThat(m.state.dr[6]).isEqualTo(CpuState.DR6_FIXED);
    assertThat(m.memory.read64(m.state.gpr[4])).isEqualTo(TestMachine.CODE + 1);
  }

  @Test
  void aFaultingPopLeavesTheStackPointer() {
    // POP [rax] with a non-canonical rax: the pop itself succeeds, the store faults.
    TestMachine m = TestMachine.long64(3).code(0x8F, 0x00);
    m.state.gpr[0] = 1L << 62;
    m.step();
    assertThat(m.memory.read64(TestMachine.INNER_STACK - 16)).isEqualTo(TestMachine.STACK);
  }

  @Test
  void iretToUserRestoresWhatDeliveryPushed() {
    TestMachine m = TestMachine.long64(3).code(0x0F, 0x0B);
    m.memory.write8(UD_HANDLER, 0x48);
    m.memory.write8(UD_HANDLER + 1, 0xCF);
    m.step();
    assertThat(m.step()).isEqualTo(StepResult.RETIRED);
    assertThat(m.state.cpl).isEqualTo(3);
    assertThat(m.state.rip).isEqualTo(TestMachine.CODE);
    assertThat(m.state.gpr[4]).isEqualTo(TestMachine.STACK);
    assertThat(m.state.ss.selector).isEqualTo(TestMachine.USER_SS);
    assertThat(m.state.rflags & CpuState.RF).isNotZero();
  }

  @Test
  void anEventThroughATaskGateSwitchesTasks() {
    TestMachine m = TestMachine.protected32(0).code(0x0F, 0x0B);
    newTask(m);
    m.gate32(CpuFault.UD, 0x30, 0, 0x85);
    m.step();
    assertThat(m.state.tr.selector).isEqualTo(0x30);
    assertThat(m.state.rip).isEqualTo(0x5_0000);
    assertThat(m.memory.read16(0x9000)).isEqualTo(TestMachine.TR);
    assertThat(m.state.rflags & CpuState.NT).isNotZero();
    assertThat(m.memory.read32(TestMachine.TSS + 0x20)).isEqualTo(TestMachine.CODE);
  }

  @Test
  void aJumpToABusyTssRaisesGpWithItsSelector() {
    TestMachine m = TestMachine.protected32(0).code(0xEA, 0, 0, 0, 0, TestMachine.TR, 0);
    m.step();
    assertThat(m.cpu.lastVector).isEqualTo(CpuFault.GP);
    assertThat(m.cpu.lastErrorCode).isEqualTo(TestMachine.TR);
  }

  @Test
  void aJumpToATssClearsTheOldBusyBitAndSetsTheNewOne() {
    TestMachine m = TestMachine.protected32(0).code(0xEA, 0, 0, 0, 0, 0x30, 0);
    newTask(m);
    assertThat(m.step()).isEqualTo(StepResult.RETIRED);
    assertThat(m.memory.read8(TestMachine.GDT + TestMachine.TR + 5)).isEqualTo(0x89);
    assertThat(m.memory.read8(TestMachine.GDT + 0x30 + 5)).isEqualTo(0x8B);
    assertThat(m.state.cr0 & CpuState.CR0_TS).isNotZero();
  }

  private static void newTask(TestMachine m) {
    m.descriptor(0x30, 0x9000, 0x67, 0x089);
    m.memory.write32(0x9000 + 0x20, 0x5_0000);
    m.memory.write32(0x9000 + 0x24, 2);
    m.memory.write32(0x9000 + 0x38, 0x2_8000);
    for (int i = 0; i < 6; i++) {
      m.memory.write16(
          0x9000 + 0x48 + 4 * i, i == Segment.CS ? TestMachine.KERNEL_CS : TestMachine.KERNEL_SS);
    }
  }
}

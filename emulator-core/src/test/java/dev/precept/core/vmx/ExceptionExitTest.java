package dev.precept.core.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuFault;
import dev.precept.core.CpuState;
import dev.precept.core.StepResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Exits for exceptions, triple faults and task switches (SDM vol. 3C, 25.2, 25.4.2, 27.1, 27.2.2,
 * 27.2.3).
 */
class ExceptionExitTest {
  private static final long VALID = 0x8000_0000L, ERROR_CODE = 0x800, HARDWARE = 0x300;

  private static VmxMachine bitmap(String code, int... vectors) {
    int bits = 0;
    for (int vector : vectors) {
      bits |= 1 << vector;
    }
    return new VmxMachine().code(code).set(VmcsField.EXCEPTION_BITMAP, bits & 0xFFFF_FFFFL);
  }

  private static long interruption(VmxMachine m) {
    return m.get(VmcsField.VM_EXIT_INTERRUPTION_INFORMATION);
  }

  @Test
  void anExceptionWhoseBitIsSetExits() {
    VmxMachine m = bitmap("0F0B", CpuFault.UD);

    assertThat(m.run()).isEqualTo(StepResult.EXITED);

    assertThat(m.reason()).isZero();
    assertThat(interruption(m)).isEqualTo(VALID | HARDWARE | CpuFault.UD);
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE);
    assertThat(m.get(VmcsField.GUEST_RFLAGS))
        .as("RF as the fault would push it")
        .isEqualTo(0x1_0002);
    assertThat(m.qualification()).isZero();
    assertThat(m.get(VmcsField.VM_EXIT_INSTRUCTION_LENGTH)).isZero();
  }

  @Test
  void anExceptionWhoseBitIsClearIsDelivered() {
    VmxMachine m = bitmap("0F0B", CpuFault.GP).gate(CpuFault.UD);

    assertThat(m.run()).isEqualTo(StepResult.DELIVERED);

    assertThat(m.state.rip).isEqualTo(VmxMachine.handler(CpuFault.UD));
  }

  @Test
  void anErrorCodeIsReported() {
    // MOV DS, AX with AX = 7FF8h, beyond the GDT.
    VmxMachine m = bitmap("8ED8", CpuFault.GP);
    m.state.gpr[0] = 0x7FF8;

    m.run();

    assertThat(interruption(m)).isEqualTo(VALID | ERROR_CODE | HARDWARE | CpuFault.GP);
    assertThat(m.get(VmcsField.VM_EXIT_INTERRUPTION_ERROR_CODE)).isEqualTo(0x7FF8);
  }

  @Test
  void realAddressModeHasNoErrorCodes() {
    // MOV AX, [FFFFh]: beyond the segment limit.
    VmxMachine m = new VmxMachine().realMode().code("A1FFFF");

    m.run();

    assertThat(interruption(m)).isEqualTo(VALID | HARDWARE | CpuFault.GP);
  }

  @Test
  void aPageFaultReportsItsAddressAndLeavesCr2Alone() {
    VmxMachine m = bitmap("8B03", CpuFault.PF);
    m.launch();
    m.state.gpr[3] = VmxMachine.UNMAPPED + 5;
    m.state.cr2 = 0x77;

    m.cpu.step();

    assertThat(m.qualification()).isEqualTo(VmxMachine.UNMAPPED + 5);
    assertThat(m.state.cr2).isEqualTo(0x77);
    assertThat(interruption(m)).isEqualTo(VALID | ERROR_CODE | HARDWARE | CpuFault.PF);
  }

  @ParameterizedTest(name = "bit {0}, mask {1}, match {2}, write {3}")
  @CsvSource({
    "true, 0, 0, false, true", "true, 0, 1, false, false", "false, 0, 0, false, false",
    "false, 0, 1, false, true", "true, 2, 2, true, true", "true, 2, 2, false, false",
    "false, 2, 2, true, false", "false, 2, 2, false, true", "true, 0x1F, 2, true, true"
  })
  void pageFaultsAreFilteredByErrorCode(
      boolean bit, String mask, String match, boolean write, boolean exits) {
    VmxMachine m = bitmap(write ? "8903" : "8B03", bit ? CpuFault.PF : 0).gate(CpuFault.PF);
    m.set(VmcsField.PAGE_FAULT_ERROR_CODE_MASK, Integer.decode(mask));
    m.set(VmcsField.PAGE_FAULT_ERROR_CODE_MATCH, Integer.decode(match));
    m.launch();
    m.state.gpr[3] = VmxMachine.UNMAPPED;

    int result = m.cpu.step();

    assertThat(result).isEqualTo(exits ? StepResult.EXITED : StepResult.DELIVERED);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"CC, 3, 1", "F3CC, 3, 2"})
  void breakpointsAreSoftwareExceptionsWithALength(String code, int vector, int length) {
    VmxMachine m = bitmap(code, vector);

    m.run();

    assertThat(interruption(m)).isEqualTo(VALID | 0x600 | vector);
    assertThat(m.get(VmcsField.VM_EXIT_INSTRUCTION_LENGTH)).isEqualTo(length);
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE);
    assertThat(m.get(VmcsField.GUEST_RFLAGS)).isEqualTo(2);
  }

  @Test
  void overflowIsASoftwareException() {
    VmxMachine m = bitmap("CE", CpuFault.OF).protected32();
    m.set(VmcsField.GUEST_RFLAGS, 0x802);

    m.run();

    assertThat(interruption(m)).isEqualTo(VALID | 0x600 | CpuFault.OF);
  }

  @Test
  void boundIsAHardwareException() {
    VmxMachine m = bitmap("6203", CpuFault.BR).protected32();
    m.state.gpr[0] = 9;
    m.state.gpr[3] = VmxMachine.DATA + 0x40;

    m.run();

    assertThat(interruption(m)).isEqualTo(VALID | HARDWARE | CpuFault.BR);
  }

  @Test
  void int1IsAPrivilegedSoftwareException() {
    VmxMachine m = bitmap("F1", CpuFault.DB);

    m.run();

    assertThat(interruption(m)).isEqualTo(VALID | 0x500 | CpuFault.DB);
    assertThat(m.qualification()).isZero();
    assertThat(m.get(VmcsField.VM_EXIT_INSTRUCTION_LENGTH)).isEqualTo(1);
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE);
  }

  @Test
  void softwareInterruptsDoNotLookAtTheBitmap() {
    VmxMachine m = new VmxMachine().code("CD06").gate(6);

    assertThat(m.run()).isEqualTo(StepResult.DELIVERED);
  }

  @Test
  void aSingleStepReportsBsAndLeavesDr6Alone() {
    VmxMachine m = bitmap("90", CpuFault.DB).set(VmcsField.GUEST_RFLAGS, 0x102);

    m.run();

    assertThat(interruption(m)).isEqualTo(VALID | HARDWARE | CpuFault.DB);
    assertThat(m.qualification()).isEqualTo(0x4000);
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE + 1);
    assertThat(m.state.dr[6]).isEqualTo(CpuState.DR6_FIXED);
    assertThat(m.get(VmcsField.GUEST_PENDING_DEBUG_EXCEPTIONS)).isZero();
  }

  @Test
  void generalDetectReportsBdAndLeavesDr7Alone() {
    VmxMachine m = bitmap("0F21C3", CpuFault.DB).set(VmcsField.GUEST_DR7, 0x2400);

    m.run();

    assertThat(m.qualification()).isEqualTo(0x2000);
    assertThat(m.get(VmcsField.GUEST_DR7)).isEqualTo(0x2400);
  }

  @Test
  void aDeliveredDebugExceptionWritesDr6AndClearsGeneralDetect() {
    VmxMachine m = bitmap("0F21C3", CpuFault.UD).set(VmcsField.GUEST_DR7, 0x2400);

    m.gate(CpuFault.DB).run();

    assertThat(m.state.dr[6]).isEqualTo(CpuState.DR6_FIXED | CpuState.DR6_BD);
    assertThat(m.state.dr[7]).isEqualTo(0x400);
  }

  @Test
  void aFaultDuringDeliveryReportsBothEvents() {
    // UD2, whose gate is not there: #NP with the selector error code of the IDT entry.
    VmxMachine m = bitmap("0F0B", CpuFault.GP);
    m.set(VmcsField.GUEST_INTERRUPTIBILITY_STATE, 2);

    m.run();

    assertThat(interruption(m)).isEqualTo(VALID | ERROR_CODE | HARDWARE | CpuFault.GP);
    assertThat(m.get(VmcsField.VM_EXIT_INTERRUPTION_ERROR_CODE)).isEqualTo(6 * 8 + 3);
    assertThat(m.get(VmcsField.IDT_VECTORING_INFORMATION)).isEqualTo(VALID | HARDWARE | 6);
    assertThat(m.get(VmcsField.GUEST_INTERRUPTIBILITY_STATE)).isZero();
  }

  @Test
  void aFaultDuringDeliveryOfASoftwareInterruptReportsItsLength() {
    VmxMachine m = bitmap("CD80", CpuFault.GP);

    m.run();

    assertThat(m.get(VmcsField.IDT_VECTORING_INFORMATION)).isEqualTo(VALID | 0x400 | 0x80);
    assertThat(m.get(VmcsField.VM_EXIT_INSTRUCTION_LENGTH)).isEqualTo(2);
    assertThat(m.get(VmcsField.VM_EXIT_INTERRUPTION_ERROR_CODE)).isEqualTo(0x80 * 8 + 2);
  }

  @Test
  void theFaultOfIntInVirtual8086ModeBelowIoplThreeIsNotDuringDelivery() {
    VmxMachine m = new VmxMachine().virtual8086().code("CD21");

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.GP);
    assertThat(m.get(VmcsField.IDT_VECTORING_INFORMATION)).isZero();
  }

  @Test
  void anErrorCodeOfTheEventBeingDeliveredIsReported() {
    VmxMachine m = bitmap("8ED8", CpuFault.NP);
    m.state.gpr[0] = 0x7FF8;
    m.gate(CpuFault.GP);
    // The gate of #GP is there but not present.
    m.memory.write8(VmxMachine.IDT + 16 * CpuFault.GP + 5, 0x0E);

    m.run();

    assertThat(interruption(m) & 0xFF).isEqualTo(CpuFault.NP);
    assertThat(m.get(VmcsField.IDT_VECTORING_INFORMATION))
        .isEqualTo(VALID | ERROR_CODE | HARDWARE | CpuFault.GP);
    assertThat(m.get(VmcsField.IDT_VECTORING_ERROR_CODE)).isEqualTo(0x7FF8);
  }

  @Test
  void aDoubleFaultThatExitsWasNotDeliveredByAnything() {
    VmxMachine m = bitmap("8ED8", CpuFault.DF);
    m.state.gpr[0] = 0x7FF8;

    m.run();

    assertThat(interruption(m)).isEqualTo(VALID | ERROR_CODE | HARDWARE | CpuFault.DF);
    assertThat(m.get(VmcsField.IDT_VECTORING_INFORMATION)).isZero();
  }

  @Test
  void aTripleFaultExits() {
    VmxMachine m = bitmap("8ED8");
    m.state.gpr[0] = 0x7FF8;

    assertThat(m.run()).isEqualTo(StepResult.EXITED);

    assertThat(m.reason()).isEqualTo(ExitReason.TRIPLE_FAULT);
    assertThat(m.get(VmcsField.IDT_VECTORING_INFORMATION)).isZero();
    assertThat(interruption(m)).isZero();
    assertThat(m.get(VmcsField.GUEST_ACTIVITY_STATE)).isZero();
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE);
  }

  @Test
  void aPageFaultThatBecomesADoubleFaultUpdatesCr2() {
    // The IDT itself is not mapped: the #PF's delivery meets a #PF, hence #DF.
    VmxMachine m = bitmap("8B03", CpuFault.DF).set(VmcsField.GUEST_IDTR_BASE, 0x5000_0000L);
    m.launch();
    m.state.gpr[3] = VmxMachine.UNMAPPED;

    m.cpu.step();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.DF);
    assertThat(m.state.cr2).isEqualTo(0x5000_00E0L);
  }

  private static VmxMachine taskGate(int vector) {
    VmxMachine m = new VmxMachine().protected32();
    // IDT entry: task gate for selector 30h; GDT entry 6: available 32-bit TSS.
    m.memory.write64(VmxMachine.IDT + 8L * vector, 0x0000_E500_0030_0000L);
    m.memory.write64(VmxMachine.GDT + 0x30, 0x0000_8903_3000_0067L);
    return m;
  }

  @Test
  void aTaskGateInTheIdtExits() {
    VmxMachine m = taskGate(6).code("0F0B").set(VmcsField.EXCEPTION_BITMAP, 0);

    m.run();

    assertThat(m.reason()).isEqualTo(ExitReason.TASK_SWITCH);
    assertThat(m.qualification()).isEqualTo(0xC000_0030L);
    assertThat(m.get(VmcsField.IDT_VECTORING_INFORMATION)).isEqualTo(VALID | HARDWARE | 6);
    assertThat(interruption(m)).isZero();
    assertThat(m.get(VmcsField.GUEST_RFLAGS) & CpuState.RF).isNotZero();
    assertThat(m.get(VmcsField.GUEST_TR_SELECTOR)).isEqualTo(0x28);
  }

  @Test
  void aSoftwareInterruptThroughATaskGateReportsItsLength() {
    VmxMachine m = taskGate(0x30).code("CD30");

    m.run();

    assertThat(m.reason()).isEqualTo(ExitReason.TASK_SWITCH);
    assertThat(m.get(VmcsField.IDT_VECTORING_INFORMATION)).isEqualTo(VALID | 0x400 | 0x30);
    assertThat(m.get(VmcsField.VM_EXIT_INSTRUCTION_LENGTH)).isEqualTo(2);
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"9A000000003000, 0", "EA000000003000, 80000000"})
  void callAndJumpToATaskExit(String code, String source) {
    VmxMachine m = taskGate(6).code(code);

    m.run();

    assertThat(m.reason()).isEqualTo(ExitReason.TASK_SWITCH);
    assertThat(m.qualification()).isEqualTo(Long.parseLong(source, 16) | 0x30);
    assertThat(m.get(VmcsField.VM_EXIT_INSTRUCTION_LENGTH)).isEqualTo(7);
    assertThat(m.get(VmcsField.IDT_VECTORING_INFORMATION)).isZero();
  }

  @Test
  void iretToAnotherTaskExits() {
    VmxMachine m = taskGate(6).code("CF").set(VmcsField.GUEST_RFLAGS, 0x4002);
    m.memory.write16(VmxMachine.TSS, 0x30);
    m.memory.write8(VmxMachine.GDT + 0x35, 0x8B);

    m.run();

    assertThat(m.reason()).isEqualTo(ExitReason.TASK_SWITCH);
    assertThat(m.qualification()).isEqualTo(0x4000_0030L);
    assertThat(m.get(VmcsField.GUEST_RFLAGS) & CpuState.NT).isNotZero();
  }

  @Test
  void theChecksOfTheNewTssComeBeforeTheExit() {
    VmxMachine m = taskGate(6).code("9A000000003000");
    m.memory.write8(VmxMachine.GDT + 0x35, 0x09);

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.NP);
  }
}

package dev.precept.core.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuFault;
import dev.precept.core.CpuState;
import dev.precept.core.StepResult;
import dev.precept.core.vmx.VmxControls.PinBased;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Event injection at VM entry (SDM vol. 3C, 26.5, 26.6.1 to 26.6.3). */
class EventInjectionTest {
  private static VmxMachine injecting(String event, int vector) {
    VmxMachine m = new VmxMachine().set(VmcsField.GUEST_RFLAGS, 0x202).gate(vector);
    return m.set(VmcsField.VM_ENTRY_INTERRUPTION_INFORMATION, Long.parseLong(event, 16));
  }

  /** Quadword {@code index} of the frame on the handler's stack. */
  private static long frame(VmxMachine m, int index) {
    return m.memory.read64(m.state.gpr[4] + 8L * index);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"80000020, 32", "80000202, 2", "80000306, 6"})
  void interruptsNmisAndFaultsReturnToTheGuestsRip(String event, int vector) {
    VmxMachine m = injecting(event, vector);

    assertThat(m.launch()).isEqualTo(StepResult.DELIVERED);

    assertThat(m.vmx.inGuest()).isTrue();
    assertThat(m.state.rip).isEqualTo(VmxMachine.handler(vector));
    assertThat(frame(m, 0)).isEqualTo(VmxMachine.GUEST_CODE);
    assertThat(frame(m, 2)).as("RF is not modified by the type of event").isEqualTo(0x202);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"80000480, 128", "80000603, 3", "80000604, 4", "80000501, 1"})
  void softwareEventsReturnBehindTheInstruction(String event, int vector) {
    VmxMachine m = injecting(event, vector).set(VmcsField.VM_ENTRY_INSTRUCTION_LENGTH, 2);

    m.launch();

    assertThat(m.state.rip).isEqualTo(VmxMachine.handler(vector));
    assertThat(frame(m, 0)).isEqualTo(VmxMachine.GUEST_CODE + 2);
  }

  @Test
  void theErrorCodeIsPushed() {
    VmxMachine m = injecting("80000B0D", 13).set(VmcsField.VM_ENTRY_EXCEPTION_ERROR_CODE, 0x18);

    m.launch();

    assertThat(frame(m, 0)).isEqualTo(0x18);
    assertThat(frame(m, 1)).isEqualTo(VmxMachine.GUEST_CODE);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "80000480, 128, true",
    "80000603, 3, true",
    "80000303, 3, false",
    "80000020, 32, false"
  })
  void softwareEventsNeedAGateOfSufficientPrivilege(String event, int vector, boolean fails) {
    VmxMachine m = injecting(event, vector).cpl3();
    m.memory.write8(VmxMachine.IDT + 16L * vector + 5, 0x8E);
    m.memory.write64(VmxMachine.TSS + 4, VmxMachine.STACK);

    m.launch();

    assertThat(m.vmx.inGuest()).isEqualTo(!fails);
    if (fails) {
      assertThat(m.exceptionVector()).isEqualTo(CpuFault.GP);
      assertThat(m.get(VmcsField.VM_EXIT_INTERRUPTION_ERROR_CODE)).isEqualTo(vector * 8 + 2);
    }
  }

  @Test
  void anInjectedExceptionDoesNotExitByItself() {
    assertThat(injecting("80000306", 6).launch()).isEqualTo(StepResult.DELIVERED);
  }

  @Test
  void anExceptionDuringInjectionExitsWithTheInjectedEventAsIdtVectoring() {
    VmxMachine m = new VmxMachine().set(VmcsField.VM_ENTRY_INTERRUPTION_INFORMATION, 0x8000_0480L);
    m.set(VmcsField.VM_ENTRY_INSTRUCTION_LENGTH, 5);

    assertThat(m.launch()).isEqualTo(StepResult.EXITED);

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.GP);
    assertThat(m.get(VmcsField.IDT_VECTORING_INFORMATION)).isEqualTo(0x8000_0480L);
    assertThat(m.get(VmcsField.VM_EXIT_INSTRUCTION_LENGTH)).isEqualTo(5);
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE);
    assertThat(m.get(VmcsField.EXIT_REASON)).isZero();
  }

  @ParameterizedTest(name = "{0} sets EXT {1}")
  @CsvSource({
    "80000020, true",
    "80000202, true",
    "80000306, true",
    "80000501, true",
    "80000480, false",
    "80000603, false"
  })
  void theErrorCodeOfANestedExceptionHasExtByTheTypeOfEvent(String event, boolean ext) {
    VmxMachine m = injecting(event, 0x33).set(VmcsField.VM_ENTRY_INSTRUCTION_LENGTH, 1);

    m.launch();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.GP);
    assertThat(m.get(VmcsField.VM_EXIT_INTERRUPTION_ERROR_CODE) & 1).isEqualTo(ext ? 1 : 0);
  }

  @Test
  void injectingADebugExceptionLeavesDr6AndDr7Alone() {
    VmxMachine m = injecting("80000301", 1).set(VmcsField.GUEST_DR7, 0x2400);

    m.launch();

    assertThat(m.state.dr[6]).isEqualTo(CpuState.DR6_FIXED);
    assertThat(m.state.dr[7]).isEqualTo(0x2400);
  }

  @Test
  void injectionEndsBlockingAndInactivity() {
    VmxMachine m = injecting("80000020", 0x20).set(VmcsField.GUEST_ACTIVITY_STATE, 1);

    m.launch();

    assertThat(m.state.halted).isFalse();
    assertThat(m.state.interruptShadow).isFalse();
  }

  @Test
  void realAddressModeEventsGoThroughTheVectorTable() {
    VmxMachine m = new VmxMachine().realMode();
    m.memory.write32(VmxMachine.IDT + 0x20 * 4, 0x3400_0123);
    m.set(VmcsField.GUEST_RFLAGS, 0x202);
    m.set(VmcsField.VM_ENTRY_INTERRUPTION_INFORMATION, 0x8000_0020L);

    m.launch();

    assertThat(m.state.cs.base).isEqualTo(0x3_4000);
    assertThat(m.state.rip).isEqualTo(0x123);
  }

  @Test
  void aSoftwareInterruptIntoVirtual8086ModeIsNotKeptOutByIopl() {
    VmxMachine m = new VmxMachine().virtual8086();
    m.memory.write64(VmxMachine.GDT + 8, 0x00CF_9B00_0000_FFFFL);
    m.memory.write64(VmxMachine.GDT + 0x10, 0x00CF_9300_0000_FFFFL);
    m.memory.write32(VmxMachine.TSS + 4, (int) VmxMachine.STACK);
    m.memory.write16(VmxMachine.TSS + 8, 0x10);
    m.memory.write64(VmxMachine.IDT + 8 * 0x80, 0x0003_EE00_0008_4800L);
    m.set(VmcsField.VM_ENTRY_INTERRUPTION_INFORMATION, 0x8000_0480L);
    m.set(VmcsField.VM_ENTRY_INSTRUCTION_LENGTH, 2);

    assertThat(m.launch()).isEqualTo(StepResult.DELIVERED);

    assertThat(m.state.rip).isEqualTo(0x3_4800);
    assertThat(m.memory.read32(m.state.gpr[4])).isEqualTo(2);
  }

  @Test
  void virtualModeExtensionsRedirectAnInjectedSoftwareInterrupt() {
    VmxMachine m = new VmxMachine().virtual8086();
    m.set(VmcsField.GUEST_CR4, m.get(VmcsField.GUEST_CR4) | CpuState.CR4_VME);
    // I/O bitmap at 88h, so that the redirection bitmap, all 0, is at 68h.
    m.memory.write16(VmxMachine.TSS + 0x66, 0x88);
    m.set(VmcsField.GUEST_TR_LIMIT, 0xFFF);
    m.memory.write32(4 * 0x80, 0x3400_0055);
    m.set(VmcsField.VM_ENTRY_INTERRUPTION_INFORMATION, 0x8000_0480L);
    m.set(VmcsField.VM_ENTRY_INSTRUCTION_LENGTH, 2);

    assertThat(m.launch()).isEqualTo(StepResult.DELIVERED);

    assertThat(m.state.v86()).isTrue();
    assertThat(m.state.rip).isEqualTo(0x55);
    assertThat(m.state.cs.selector).isEqualTo(0x3400);
  }

  @Test
  void anInjectedNmiBlocksNmis() {
    VmxMachine m = injecting("80000202", 2);

    m.launch();

    assertThat(m.state.nmiMasked).isTrue();
  }

  @Test
  void withVirtualNmisAnInjectedNmiBlocksVirtualNmisOnly() {
    VmxMachine m = injecting("80000202", 2).virtualNmis();
    m.memory.write(VmxMachine.handler(2), VmxMachine.bytes("0FA2"));

    m.launch();
    assertThat(m.state.nmiMasked).isFalse();
    m.cpu.step();

    assertThat(m.get(VmcsField.GUEST_INTERRUPTIBILITY_STATE)).isEqualTo(8);
  }

  @Test
  void injectionLosesPendingDebugExceptions() {
    VmxMachine m = injecting("80000020", 0x20);
    m.set(VmcsField.GUEST_PENDING_DEBUG_EXCEPTIONS, 0x4000);
    m.memory.write(VmxMachine.handler(0x20), VmxMachine.bytes("0FA2"));

    m.run();

    assertThat(m.reason()).isEqualTo(ExitReason.CPUID);
  }

  @Test
  void iretOfAGuestUnblocksNmisUnlessTheyExit() {
    VmxMachine plain = new VmxMachine().code("48CF").set(VmcsField.GUEST_INTERRUPTIBILITY_STATE, 8);
    VmxMachine exiting = new VmxMachine().code("48CF").pin(PinBased.NMI_EXITING);
    exiting.set(VmcsField.GUEST_INTERRUPTIBILITY_STATE, 8);

    plain.run();
    exiting.run();

    // IRET finds a null CS on the stack: #GP, which exits, but unblocks NMIs all the same.
    assertThat(plain.get(VmcsField.VM_EXIT_INTERRUPTION_INFORMATION)).isEqualTo(0x8000_1B0DL);
    assertThat(plain.get(VmcsField.GUEST_INTERRUPTIBILITY_STATE)).isZero();
    assertThat(exiting.get(VmcsField.GUEST_INTERRUPTIBILITY_STATE)).isEqualTo(8);
  }

  @Test
  void iretOfAGuestUnblocksVirtualNmis() {
    VmxMachine m = new VmxMachine().code("48CF").virtualNmis();
    m.set(VmcsField.GUEST_INTERRUPTIBILITY_STATE, 8).run();

    assertThat(m.get(VmcsField.VM_EXIT_INTERRUPTION_INFORMATION)).isEqualTo(0x8000_1B0DL);
    assertThat(m.get(VmcsField.GUEST_INTERRUPTIBILITY_STATE)).isZero();
  }
}

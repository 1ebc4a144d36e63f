package dev.precept.core.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuFault;
import dev.precept.core.CpuState;
import dev.precept.core.StepResult;
import dev.precept.core.vmx.VmxControls.PinBased;
import dev.precept.core.vmx.VmxControls.ProcBased;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What comes between a guest's instructions: windows, preemption timer, monitor trap flag, pending
 * debug exceptions (SDM vol. 3C, 25.2, 25.5.1, 25.5.2, 26.6).
 */
class GuestEventsTest {
  @ParameterizedTest(name = "RFLAGS {0}, interruptibility {1}")
  @CsvSource({"0x202, 0, true", "0x2, 0, false", "0x202, 1, false", "0x202, 2, false"})
  void theInterruptWindowOpensWithIfAndWithoutBlocking(String rflags, int blocked, boolean exits) {
    VmxMachine m = new VmxMachine().code("90").proc(ProcBased.INTERRUPT_WINDOW_EXITING);
    m.set(VmcsField.GUEST_RFLAGS, Long.decode(rflags));
    m.set(VmcsField.GUEST_INTERRUPTIBILITY_STATE, blocked);

    int result = m.run();

    assertThat(result).isEqualTo(exits ? StepResult.EXITED : StepResult.RETIRED);
    if (exits) {
      assertThat(m.reason()).isEqualTo(ExitReason.INTERRUPT_WINDOW);
      assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE);
    }
  }

  @Test
  void theInterruptWindowOpensBehindTheShadowOfSti() {
    VmxMachine m = new VmxMachine().code("FB9090").proc(ProcBased.INTERRUPT_WINDOW_EXITING);

    m.run();
    m.cpu.step();
    assertThat(m.vmx.inGuest()).isTrue();
    m.cpu.step();

    assertThat(m.reason()).isEqualTo(ExitReason.INTERRUPT_WINDOW);
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE + 2);
  }

  @Test
  void theInterruptWindowWakesFromHalt() {
    VmxMachine m = new VmxMachine().set(VmcsField.GUEST_ACTIVITY_STATE, 1);
    m.proc(ProcBased.INTERRUPT_WINDOW_EXITING).set(VmcsField.GUEST_RFLAGS, 0x202);

    m.run();

    assertThat(m.reason()).isEqualTo(ExitReason.INTERRUPT_WINDOW);
    assertThat(m.get(VmcsField.GUEST_ACTIVITY_STATE)).isEqualTo(1);
    assertThat(m.state.halted).isFalse();
  }

  @ParameterizedTest(name = "interruptibility {0}")
  @CsvSource({"0, true", "8, false", "2, false", "1, false"})
  void theNmiWindowOpensWithoutBlocking(int blocked, boolean exits) {
    VmxMachine m = new VmxMachine().code("90").virtualNmis().proc(ProcBased.NMI_WINDOW_EXITING);
    m.set(VmcsField.GUEST_INTERRUPTIBILITY_STATE, blocked);
    m.set(VmcsField.GUEST_RFLAGS, 0x202);

    int result = m.run();

    assertThat(result).isEqualTo(exits ? StepResult.EXITED : StepResult.RETIRED);
    if (exits) {
      assertThat(m.reason()).isEqualTo(ExitReason.NMI_WINDOW);
    }
  }

  @Test
  void theNmiWindowWakesFromShutdownAndTheInterruptWindowDoesNot() {
    VmxMachine nmi = new VmxMachine().virtualNmis().proc(ProcBased.NMI_WINDOW_EXITING);
    VmxMachine interrupt = new VmxMachine().proc(ProcBased.INTERRUPT_WINDOW_EXITING);
    nmi.set(VmcsField.GUEST_ACTIVITY_STATE, 2);
    interrupt.set(VmcsField.GUEST_ACTIVITY_STATE, 2).set(VmcsField.GUEST_RFLAGS, 0x202);

    assertThat(nmi.run()).isEqualTo(StepResult.EXITED);
    assertThat(nmi.get(VmcsField.GUEST_ACTIVITY_STATE)).isEqualTo(2);
    assertThat(interrupt.run()).isEqualTo(StepResult.SHUTDOWN);
  }

  @ParameterizedTest(name = "timer {0}")
  @CsvSource({"0", "1", "3"})
  void thePreemptionTimerLetsThatManyInstructionsRun(int timer) {
    VmxMachine m = new VmxMachine().code("90".repeat(8));
    m.pin(PinBased.ACTIVATE_VMX_PREEMPTION_TIMER);
    m.set(VmcsField.VMX_PREEMPTION_TIMER_VALUE, timer);
    m.launch();

    for (int i = 0; i < timer; i++) {
      assertThat(m.cpu.step()).isEqualTo(StepResult.RETIRED);
    }
    assertThat(m.cpu.step()).isEqualTo(StepResult.EXITED);

    assertThat(m.reason()).isEqualTo(ExitReason.VMX_PREEMPTION_TIMER_EXPIRED);
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE + timer);
  }

  @Test
  void thePreemptionTimerWakesFromHalt() {
    VmxMachine m = new VmxMachine().code("F4").pin(PinBased.ACTIVATE_VMX_PREEMPTION_TIMER);
    m.set(VmcsField.VMX_PREEMPTION_TIMER_VALUE, 3).launch();

    assertThat(m.cpu.step()).isEqualTo(StepResult.HALTED);
    assertThat(m.cpu.step()).isEqualTo(StepResult.HALTED);
    assertThat(m.cpu.step()).isEqualTo(StepResult.HALTED);
    assertThat(m.cpu.step()).isEqualTo(StepResult.EXITED);

    assertThat(m.get(VmcsField.GUEST_ACTIVITY_STATE)).isEqualTo(1);
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE + 1);
  }

  @Test
  void thePreemptionTimerComesBeforeTheNmiWindowAndThatBeforeTheInterruptWindow() {
    VmxMachine timer = new VmxMachine().virtualNmis().set(VmcsField.GUEST_RFLAGS, 0x202);
    timer.proc(ProcBased.NMI_WINDOW_EXITING | ProcBased.INTERRUPT_WINDOW_EXITING);
    timer.pin(PinBased.ACTIVATE_VMX_PREEMPTION_TIMER).run();
    VmxMachine nmi = new VmxMachine().virtualNmis().set(VmcsField.GUEST_RFLAGS, 0x202);
    nmi.proc(ProcBased.NMI_WINDOW_EXITING | ProcBased.INTERRUPT_WINDOW_EXITING).run();

    assertThat(timer.reason()).isEqualTo(ExitReason.VMX_PREEMPTION_TIMER_EXPIRED);
    assertThat(nmi.reason()).isEqualTo(ExitReason.NMI_WINDOW);
  }

  @Test
  void theMonitorTrapFlagExitsBehindOneInstruction() {
    VmxMachine m = new VmxMachine().code("9090").proc(ProcBased.MONITOR_TRAP_FLAG);

    assertThat(m.run()).isEqualTo(StepResult.RETIRED);
    assertThat(m.cpu.step()).isEqualTo(StepResult.EXITED);

    assertThat(m.reason()).isEqualTo(ExitReason.MONITOR_TRAP_FLAG);
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE + 1);
  }

  @Test
  void theMonitorTrapFlagExitsBehindTheDeliveryOfAFault() {
    VmxMachine m = new VmxMachine().code("0F0B").proc(ProcBased.MONITOR_TRAP_FLAG).gate(6);
    m.set(VmcsField.EXCEPTION_BITMAP, 0);

    assertThat(m.run()).isEqualTo(StepResult.DELIVERED);
    m.cpu.step();

    assertThat(m.reason()).isEqualTo(ExitReason.MONITOR_TRAP_FLAG);
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.handler(6));
  }

  @Test
  void theMonitorTrapFlagExitsBehindOneIterationOfARepeatedInstruction() {
    VmxMachine m = new VmxMachine().code("F3AA").proc(ProcBased.MONITOR_TRAP_FLAG);
    m.launch();
    m.state.gpr[1] = 5;
    m.state.gpr[7] = VmxMachine.DATA + 0x100;

    m.cpu.step();
    m.cpu.step();

    assertThat(m.reason()).isEqualTo(ExitReason.MONITOR_TRAP_FLAG);
    assertThat(m.state.gpr[1]).isEqualTo(4);
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE);
  }

  @Test
  void theMonitorTrapFlagComesBeforeTheSingleStepTrapWhichStaysPending() {
    VmxMachine m = new VmxMachine().code("90").proc(ProcBased.MONITOR_TRAP_FLAG);
    m.set(VmcsField.GUEST_RFLAGS, 0x102);

    assertThat(m.run()).isEqualTo(StepResult.EXITED);

    assertThat(m.reason()).isEqualTo(ExitReason.MONITOR_TRAP_FLAG);
    assertThat(m.get(VmcsField.GUEST_PENDING_DEBUG_EXCEPTIONS)).isEqualTo(0x4000);
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE + 1);
  }

  @Test
  void theMonitorTrapFlagExitsFromHalt() {
    VmxMachine m = new VmxMachine().code("F4").proc(ProcBased.MONITOR_TRAP_FLAG);

    assertThat(m.run()).isEqualTo(StepResult.HALTED);
    assertThat(m.cpu.step()).isEqualTo(StepResult.EXITED);

    assertThat(m.get(VmcsField.GUEST_ACTIVITY_STATE)).isEqualTo(1);
  }

  @Test
  void anotherExitForestallsTheMonitorTrapFlag() {
    VmxMachine m = new VmxMachine().code("0FA2").proc(ProcBased.MONITOR_TRAP_FLAG);

    m.run();

    assertThat(m.reason()).isEqualTo(ExitReason.CPUID);
  }

  @Test
  void behindAnInjectedEventTheMonitorTrapFlagExitsBeforeAnyInstruction() {
    VmxMachine m = new VmxMachine().proc(ProcBased.MONITOR_TRAP_FLAG).gate(6);
    m.set(VmcsField.VM_ENTRY_INTERRUPTION_INFORMATION, 0x8000_0306L);

    assertThat(m.launch()).isEqualTo(StepResult.DELIVERED);
    m.cpu.step();

    assertThat(m.reason()).isEqualTo(ExitReason.MONITOR_TRAP_FLAG);
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.handler(6));
  }

  @Test
  void anInjectedMonitorTrapFlagExitNeedsNoControl() {
    VmxMachine m = new VmxMachine().code("90");
    m.set(VmcsField.VM_ENTRY_INTERRUPTION_INFORMATION, 0x8000_0700L);
    m.set(VmcsField.GUEST_PENDING_DEBUG_EXCEPTIONS, 0x1003);

    m.run();

    assertThat(m.reason()).isEqualTo(ExitReason.MONITOR_TRAP_FLAG);
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE);
    assertThat(m.get(VmcsField.GUEST_PENDING_DEBUG_EXCEPTIONS)).isEqualTo(0x1003);
  }

  @ParameterizedTest(name = "pending {0}")
  @CsvSource({"0x4000, 0x4000", "0x1003, 3", "0x500F, 0x400F"})
  void pendingDebugExceptionsComeBeforeTheFirstInstruction(String pending, String dr6) {
    VmxMachine m = new VmxMachine().code("90");
    m.set(VmcsField.GUEST_PENDING_DEBUG_EXCEPTIONS, Long.decode(pending));

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.DB);
    assertThat(m.qualification()).isEqualTo(Long.decode(dr6));
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE);
  }

  @Test
  void breakpointBitsWithoutAnEnabledBreakpointArePendingInNameOnly() {
    VmxMachine m = new VmxMachine().code("90");
    m.set(VmcsField.GUEST_PENDING_DEBUG_EXCEPTIONS, 3);

    assertThat(m.run()).isEqualTo(StepResult.RETIRED);
  }

  @Test
  void aDeliveredPendingDebugExceptionWritesDr6() {
    VmxMachine m = new VmxMachine().set(VmcsField.GUEST_PENDING_DEBUG_EXCEPTIONS, 0x4000).gate(1);
    m.set(VmcsField.EXCEPTION_BITMAP, 0);

    assertThat(m.run()).isEqualTo(StepResult.DELIVERED);

    assertThat(m.state.dr[6]).isEqualTo(CpuState.DR6_FIXED | CpuState.DR6_BS);
  }

  @Test
  void blockingByMovSsHoldsPendingDebugExceptionsBackForOneInstruction() {
    VmxMachine m = new VmxMachine().code("90").set(VmcsField.GUEST_INTERRUPTIBILITY_STATE, 2);
    m.set(VmcsField.GUEST_PENDING_DEBUG_EXCEPTIONS, 0x1001).run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.DB);
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE + 1);
    assertThat(m.get(VmcsField.GUEST_INTERRUPTIBILITY_STATE)).isZero();
  }

  @Test
  void anExitUnderBlockingByMovSsSavesWhatIsPending() {
    VmxMachine m = new VmxMachine().code("0FA2").set(VmcsField.GUEST_INTERRUPTIBILITY_STATE, 2);
    m.set(VmcsField.GUEST_PENDING_DEBUG_EXCEPTIONS, 0x1001).run();

    assertThat(m.get(VmcsField.GUEST_PENDING_DEBUG_EXCEPTIONS)).isEqualTo(0x1001);
    assertThat(m.get(VmcsField.GUEST_INTERRUPTIBILITY_STATE)).isEqualTo(2);
  }

  @Test
  void aDataBreakpointOfMovSsIsHeldBack() {
    VmxMachine m = new VmxMachine().code("8E13 0FA2").gate(1);
    m.set(VmcsField.GUEST_DR7, 0x400 | 1 | 0xF << 16);
    m.launch();
    m.state.dr[0] = VmxMachine.DATA + 0x40;
    m.state.gpr[3] = VmxMachine.DATA + 0x40;

    m.cpu.step();
    m.cpu.step();

    assertThat(m.reason()).isEqualTo(ExitReason.CPUID);
    assertThat(m.get(VmcsField.GUEST_PENDING_DEBUG_EXCEPTIONS)).isEqualTo(0x1001);
    assertThat(m.get(VmcsField.GUEST_INTERRUPTIBILITY_STATE)).isEqualTo(2);
  }

  @Test
  void blockingByStiIsSaved() {
    VmxMachine m = new VmxMachine().code("FB 0FA2");
    m.run();
    m.cpu.step();

    assertThat(m.get(VmcsField.GUEST_INTERRUPTIBILITY_STATE)).isEqualTo(1);
  }

  @Test
  void pendingDebugExceptionsComeBeforeThePreemptionTimer() {
    VmxMachine m = new VmxMachine().pin(PinBased.ACTIVATE_VMX_PREEMPTION_TIMER);
    m.set(VmcsField.GUEST_PENDING_DEBUG_EXCEPTIONS, 0x4000).run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.DB);
  }

  @Test
  void branchTraceSingleStepsBehindTakenBranchesOnly() {
    VmxMachine m = new VmxMachine().code("90 EB00").set(VmcsField.GUEST_RFLAGS, 0x102);
    m.set(VmcsField.GUEST_IA32_DEBUGCTL, 2);

    assertThat(m.run()).isEqualTo(StepResult.RETIRED);
    // JMP +0 goes to the next instruction: it is taken all the same, but not seen as such here.
    m.memory.write(VmxMachine.GUEST_CODE + 1, VmxMachine.bytes("EB01"));
    assertThat(m.cpu.step()).isEqualTo(StepResult.EXITED);

    assertThat(m.qualification()).isEqualTo(0x4000);
  }
}

package dev.precept.core.vmx;

import dev.precept.core.Cpu;
import dev.precept.core.CpuFault;
import dev.precept.core.CpuState;
import dev.precept.core.ExitSignal;
import dev.precept.core.vmx.VmxControls.PinBased;
import dev.precept.core.vmx.VmxControls.ProcBased;

/**
 * The events of a running guest that are no instruction's own: the monitor trap flag, pending debug
 * exceptions, the VMX-preemption timer, the windows, and what IRET unblocks.
 *
 * <p>Source: SDM vol. 3C, 25.2, 25.3 (IRET), 25.5.1, 25.5.2, 26.6.3.
 */
final class GuestEvents {
  private final ActiveControls controls;
  private final GuestRun run;
  private final ExitSwitch exit;

  GuestEvents(ActiveControls controls, GuestRun run, ExitSwitch exit) {
    this.controls = controls;
    this.run = run;
    this.exit = exit;
  }

  /** What comes between two instructions, highest priority first. */
  void boundary(Cpu cpu) {
    run.boundaries++;
    run.unblockedByIret = false;
    long pending = run.pendingDebug;
    if (run.trapFlagPending) {
      exit.monitorTrapFlag(cpu, pending);
      throw ExitSignal.INSTANCE;
    }
    run.trapFlagPending = controls.proc(ProcBased.MONITOR_TRAP_FLAG);
    cpu.singleIteration = run.trapFlagPending;
    if (pending != 0) {
      run.pendingDebug = 0;
      CpuFault debug = cpu.fault(CpuFault.DB);
      debug.dr6 = pending;
      debug.trap = true;
      throw debug;
    }
    wake(cpu, cpu.state.interruptShadow);
    if (controls.proc(ProcBased.INTERRUPT_WINDOW_EXITING)
        && cpu.state.flag(CpuState.IF)
        && !cpu.state.interruptShadow) {
      exit.boundary(cpu, ExitReason.INTERRUPT_WINDOW);
      throw ExitSignal.INSTANCE;
    }
  }

  /**
   * Exits that wake the processor even from shutdown: preemption timer, NMI window.
   *
   * @param blocked by MOV SS or by STI; the latter keeps the NMI window shut in newer printings and
   *     may do so in older ones
   */
  private void wake(Cpu cpu, boolean blocked) {
    if (exit.timerExpired(cpu)) {
      exit.boundary(cpu, ExitReason.VMX_PREEMPTION_TIMER_EXPIRED);
      throw ExitSignal.INSTANCE;
    }
    if (controls.proc(ProcBased.NMI_WINDOW_EXITING) && !run.virtualNmiBlocking && !blocked) {
      exit.boundary(cpu, ExitReason.NMI_WINDOW);
      throw ExitSignal.INSTANCE;
    }
  }

  void asleep(Cpu cpu) {
    run.boundaries++;
    wake(cpu, false);
  }

  /** An MTF exit comes before the debug trap of the instruction it follows (25.5.2). */
  void debugTrap(Cpu cpu, long dr6) {
    if (run.trapFlagPending) {
      exit.monitorTrapFlag(cpu, dr6);
      throw ExitSignal.INSTANCE;
    }
  }

  /** IRET unblocks NMIs, or virtual NMIs, even if it faults then (25.3). */
  void iretBegins(Cpu cpu) {
    if (!controls.pin(PinBased.NMI_EXITING)) {
      run.unblockedByIret = cpu.state.nmiMasked;
      cpu.state.nmiMasked = false;
    } else if (controls.virtualNmis()) {
      run.unblockedByIret = run.virtualNmiBlocking;
      run.virtualNmiBlocking = false;
    }
  }
}

package dev.precept.core.vmx;

import dev.precept.core.Cpu;
import dev.precept.core.CpuFault;
import dev.precept.core.CpuState;
import dev.precept.core.EventDelivery;
import dev.precept.core.ExitSignal;
import dev.precept.core.vmx.VmxControls.PinBased;
import dev.precept.core.vmx.VmxControls.ProcBased;

/**
 * VM entry behind its basic checks: checks of controls and host, checks and loading of the guest,
 * MSR loading, event injection.
 *
 * <p>Source: SDM vol. 3C, chapter 26.
 */
final class EntrySwitch {
  /** What {@link #enter} returns if the VM entry succeeded. */
  static final int ENTERED = 0;

  private static final int ERROR_CODE = 1 << 11;

  private final Vmcs vmcs;
  private final ActiveControls controls;
  private final GuestRun run;
  private final ExitSwitch exit;

  EntrySwitch(Vmcs vmcs, ActiveControls controls, GuestRun run, ExitSwitch exit) {
    this.vmcs = vmcs;
    this.controls = controls;
    this.run = run;
    this.exit = exit;
  }

  /**
   * Enters the guest of the current VMCS.
   *
   * @return {@link #ENTERED}, or the VM-instruction error number
   * @throws ExitSignal after a VM-entry failure: the host state of the VMCS is loaded
   */
  int enter(Cpu cpu) {
    controls.load(vmcs);
    if (!ControlChecks.legal(cpu.memory, cpu.model, vmcs, controls)) {
      controls.clear();
      return VmInstructionError.VM_ENTRY_INVALID_CONTROL_FIELD;
    }
    if (!HostChecks.legal(cpu.model, cpu.state, vmcs, controls)) {
      controls.clear();
      return VmInstructionError.VM_ENTRY_INVALID_HOST_STATE_FIELD;
    }
    cpu.noRollBack();
    int failure = GuestChecks.check(cpu, vmcs, controls);
    if (failure != GuestChecks.PASS) {
      exit.entryFailure(cpu, ExitReason.ENTRY_FAILURE_GUEST_STATE, failure);
      throw ExitSignal.INSTANCE;
    }
    GuestArea.load(cpu, vmcs, controls);
    cpu.state.monitorArmed = false;
    int entry =
        MsrArea.load(
            cpu,
            vmcs.read(VmcsField.VM_ENTRY_MSR_LOAD_ADDRESS),
            vmcs.read(VmcsField.VM_ENTRY_MSR_LOAD_COUNT));
    if (entry != MsrArea.DONE) {
      exit.entryFailure(cpu, ExitReason.ENTRY_FAILURE_MSR_LOADING, entry);
      throw ExitSignal.INSTANCE;
    }
    vmcs.setLaunched();
    begin(cpu);
    return ENTERED;
  }

  private void begin(Cpu cpu) {
    run.begin();
    run.timer =
        controls.pin(PinBased.ACTIVATE_VMX_PREEMPTION_TIMER)
            ? vmcs.read(VmcsField.VMX_PREEMPTION_TIMER_VALUE)
            : 0;
    cpu.stateReplaced = true;
    CpuState state = cpu.state;
    int blocking = vmcs.read32(VmcsField.GUEST_INTERRUPTIBILITY_STATE);
    int event = controls.entryEvent;
    int type = event >>> 8 & 7;
    boolean vectoring = event < 0 && type != ControlChecks.OTHER_EVENT;
    blockNmis(state, (blocking & GuestChecks.BLOCKING_BY_NMI) != 0);
    state.interruptShadow = false;
    state.movSsShadow = false;
    state.heldDebug = 0;
    if (vectoring) {
      // Debug exceptions that were pending are lost (26.6.3).
      run.trapFlagPending = controls.proc(ProcBased.MONITOR_TRAP_FLAG);
      inject(cpu, type);
      return;
    }
    run.trapFlagPending = event < 0;
    resume(state, blocking);
  }

  /** Under "virtual NMIs" the bit is about virtual NMIs, and real ones are not blocked (26.6.1). */
  private void blockNmis(CpuState state, boolean blocked) {
    run.virtualNmiBlocking = controls.virtualNmis() && blocked;
    state.nmiMasked = !controls.virtualNmis() && blocked;
  }

  /** Activity state, blocking by STI and MOV SS, pending debug exceptions (26.6.1 to 26.6.3). */
  private void resume(CpuState state, int blocking) {
    boolean movSs = (blocking & GuestChecks.BLOCKING_BY_MOV_SS) != 0;
    state.movSsShadow = movSs;
    state.interruptShadow = movSs || (blocking & GuestChecks.BLOCKING_BY_STI) != 0;
    int activity = vmcs.read32(VmcsField.GUEST_ACTIVITY_STATE);
    state.halted = activity == GuestChecks.HLT;
    state.shutdown = activity == GuestChecks.SHUTDOWN;
    long pending = vmcs.read(VmcsField.GUEST_PENDING_DEBUG_EXCEPTIONS);
    boolean valid = (pending & (GuestChecks.BS | GuestChecks.ENABLED_BREAKPOINT)) != 0;
    if (valid && !state.shutdown) {
      long dr6 = pending & (0xF | GuestChecks.BS);
      if (movSs) {
        state.heldDebug = dr6;
      } else {
        run.pendingDebug = dr6;
      }
    }
  }

  /** Delivers the event; it exits by itself never, but what its delivery meets may (26.5.1). */
  private void inject(Cpu cpu, int type) {
    CpuState state = cpu.state;
    int event = controls.entryEvent;
    int vector = event & 0xFF;
    boolean software =
        type == EventDelivery.SOFTWARE
            || type == EventDelivery.ICEBP
            || type == EventDelivery.SOFTWARE_EXCEPTION;
    long returnRip = software ? state.rip + controls.entryLength : state.rip;
    if (!state.code64()) {
      returnRip &= 0xFFFF_FFFFL;
    }
    if (type == EventDelivery.NMI && vector == CpuFault.NMI) {
      blockNmis(state, true);
    }
    run.injecting = true;
    cpu.inject(
        type,
        vector,
        (event & ERROR_CODE) != 0,
        controls.entryErrorCode,
        returnRip,
        state.rflags,
        type == EventDelivery.SOFTWARE);
    run.injecting = false;
  }
}

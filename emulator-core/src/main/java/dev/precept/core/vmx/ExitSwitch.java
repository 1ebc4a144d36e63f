package dev.precept.core.vmx;

import dev.precept.core.Cpu;
import dev.precept.core.CpuFault;
import dev.precept.core.CpuState;
import dev.precept.core.EventDelivery;
import dev.precept.core.ExitSignal;
import dev.precept.core.Instruction;
import dev.precept.core.ReservedBits;
import dev.precept.core.vmx.VmxControls.PinBased;
import dev.precept.core.vmx.VmxControls.VmEntry;
import dev.precept.core.vmx.VmxControls.VmExit;

/**
 * VM exits: records why, saves the guest, loads the host.
 *
 * <p>VM-exit information fields that the manual leaves undefined for an exit are written as 0.
 *
 * <p>Source: SDM vol. 3C, chapter 27.
 */
final class ExitSwitch {
  /** Bits of an interruption-information field (tables 24-15, 24-16). */
  private static final int VALID = 1 << 31, ERROR_CODE = 1 << 11, UNBLOCKED = 1 << 12;

  private static final int TYPE_SHIFT = 8;

  /** Bit 12 of the exit qualification of an EPT violation: NMI unblocking due to IRET. */
  private static final long EPT_UNBLOCKED = 1 << 12;

  /** IA32_VMX_MISC bit 5: exits store LMA in the "IA-32e mode guest" control. */
  private static final long STORE_LMA = 1 << 5;

  private static final int TIMER_RATE = 0x1F;

  /** VMX-abort indicators (27.7). */
  private static final int ABORT_SAVING_MSRS = 1,
      ABORT_HOST_PDPTES = 2,
      ABORT_LOADING_MSRS = 4,
      ABORT_ADDRESS_SPACE = 6;

  private final Vmcs vmcs;
  private final ActiveControls controls;
  private final GuestRun run;

  // The exit being made.
  private int reason;
  private long qualification;
  private long guestLinear;
  private long guestPhysical;
  private int interruption;
  private int errorCode;
  private int instructionLength;
  private int instructionInformation;
  private long rip;
  private long rflags;
  private long pendingDebug;

  /** An event was being delivered, and is what IDT-vectoring information tells (27.2.3). */
  private boolean duringDelivery;

  private boolean vectoring;

  ExitSwitch(Vmcs vmcs, ActiveControls controls, GuestRun run) {
    this.vmcs = vmcs;
    this.controls = controls;
    this.run = run;
  }

  private void begin(Cpu cpu, int newReason, long newQualification) {
    reason = newReason;
    qualification = newQualification;
    guestLinear = 0;
    guestPhysical = 0;
    interruption = 0;
    errorCode = 0;
    instructionLength = deliveredInstructionLength(cpu);
    instructionInformation = 0;
    rip = cpu.state.rip;
    rflags = cpu.state.rflags;
    boolean movSs = cpu.state.interruptShadow && cpu.state.movSsShadow;
    pendingDebug = movSs ? pending(cpu.breakpoints.held()) : 0;
    duringDelivery = cpu.delivering >= 0;
    vectoring = duringDelivery;
  }

  /**
   * Length of the instruction whose software interrupt or exception is being delivered, or the one
   * that VM entry gives for the event it injects; 0 if there is none (27.2.4).
   */
  private int deliveredInstructionLength(Cpu cpu) {
    if (cpu.delivering < 0 || cpu.deliveringType < EventDelivery.SOFTWARE) {
      return 0;
    }
    return run.injecting ? controls.entryLength : cpu.insn.length;
  }

  /** DR6 bits as pending debug exceptions: an enabled breakpoint is bit 12 (table 24-4). */
  private static long pending(long dr6) {
    long breakpoints = dr6 & 0xF;
    long enabled = breakpoints != 0 ? GuestChecks.ENABLED_BREAKPOINT : 0;
    return breakpoints | enabled | (dr6 & GuestChecks.BS);
  }

  /** Fault-like exit of an instruction: nothing of it has happened. */
  void instruction(Cpu cpu, Instruction insn, int why, long what, int information, long linear) {
    begin(cpu, why, what);
    instructionLength = insn.length;
    instructionInformation = information;
    guestLinear = linear;
    rflags &= ~CpuState.RF;
    leave(cpu);
  }

  /** Trap-like exit: the instruction has completed but for RIP. */
  void trap(Cpu cpu, Instruction insn, int why) {
    begin(cpu, why, 0);
    rip = insn.nextRip;
    rflags &= ~CpuState.RF;
    pendingDebug = pending(cpu.trapBits());
    cpu.state.interruptShadow = false;
    leave(cpu);
  }

  /** Exit on an instruction boundary: RIP is where the guest will go on. */
  void boundary(Cpu cpu, int why) {
    begin(cpu, why, 0);
    leave(cpu);
  }

  /** MTF exit on an instruction boundary at which debug exceptions with these DR6 bits pend. */
  void monitorTrapFlag(Cpu cpu, long dr6) {
    begin(cpu, ExitReason.MONITOR_TRAP_FLAG, 0);
    pendingDebug = pending(dr6);
    leave(cpu);
  }

  /** Exit for an exception whose bit in the exception bitmap asks for it (27.2.2). */
  void exception(Cpu cpu, CpuFault fault) {
    CpuState state = cpu.state;
    begin(cpu, ExitReason.EXCEPTION_OR_NMI, 0);
    int type = fault.software ? EventDelivery.SOFTWARE_EXCEPTION : EventDelivery.EXCEPTION;
    interruption = VALID | type << TYPE_SHIFT | fault.vector;
    if (fault.hasErrorCode && !state.realMode()) {
      interruption |= ERROR_CODE;
      errorCode = fault.errorCode;
    }
    if (run.unblockedByIret && !duringDelivery && fault.vector != CpuFault.DF) {
      interruption |= UNBLOCKED;
    }
    if (fault.vector == CpuFault.PF) {
      qualification = narrow(state, fault.address);
    }
    if (fault.vector == CpuFault.DB) {
      qualification = fault.dr6;
      pendingDebug = 0;
    }
    if (fault.software) {
      instructionLength = cpu.insn.length;
    }
    rflags = cpu.events.flagsImage(fault);
    if (fault.vector == CpuFault.DF) {
      // The double fault causes the exit directly: no event was being delivered (27.2.3).
      vectoring = false;
      instructionLength = 0;
    }
    leave(cpu);
  }

  /** Exit for the #DB of INT1: privileged software exception, of which DR6 would say nothing. */
  void icebp(Cpu cpu) {
    begin(cpu, ExitReason.EXCEPTION_OR_NMI, 0);
    interruption = VALID | EventDelivery.ICEBP << TYPE_SHIFT | CpuFault.DB;
    instructionLength = cpu.insn.length;
    rflags &= ~CpuState.RF;
    pendingDebug = 0;
    leave(cpu);
  }

  /** Triple fault; nothing is being delivered then (27.2.3). */
  void tripleFault(Cpu cpu) {
    begin(cpu, ExitReason.TRIPLE_FAULT, 0);
    instructionLength = 0;
    vectoring = false;
    leave(cpu);
  }

  /** Exit for a task switch; {@code rf} is RFLAGS.RF as the old TSS would have it. */
  void taskSwitch(Cpu cpu, long what, boolean byInstruction, boolean rf) {
    begin(cpu, ExitReason.TASK_SWITCH, what);
    if (byInstruction) {
      instructionLength = cpu.insn.length;
    }
    rflags = rf ? rflags | CpuState.RF : rflags & ~CpuState.RF;
    leave(cpu);
  }

  /**
   * Exit for an EPT violation; what to throw.
   *
   * @param what the exit qualification, with {@link #unblocked}
   */
  RuntimeException eptViolation(Cpu cpu, long physical, long what) {
    cpu.rollBack();
    begin(cpu, ExitReason.EPT_VIOLATION, what);
    guestLinear = linear(cpu);
    return eptExit(cpu, physical);
  }

  /** Bit 12 of the qualification of exits that an access of an IRET makes (27.2.1). */
  long unblocked(Cpu cpu) {
    return run.unblockedByIret && cpu.delivering < 0 ? EPT_UNBLOCKED : 0;
  }

  /** The guest-linear address of an EPT violation; 0 where the access has none. */
  static long linear(Cpu cpu) {
    return cpu.mmu.hasLinear ? narrow(cpu.state, cpu.mmu.linear) : 0;
  }

  /** Exit because the page-modification log is full; what to throw. */
  RuntimeException pageModificationLogFull(Cpu cpu) {
    cpu.rollBack();
    begin(cpu, ExitReason.PAGE_MODIFICATION_LOG_FULL, unblocked(cpu));
    return eptExit(cpu, 0);
  }

  /** Exit for an EPT misconfiguration; what to throw. */
  RuntimeException eptMisconfiguration(Cpu cpu, long physical) {
    cpu.rollBack();
    begin(cpu, ExitReason.EPT_MISCONFIGURATION, 0);
    return eptExit(cpu, physical);
  }

  private RuntimeException eptExit(Cpu cpu, long physical) {
    guestPhysical = physical;
    rflags = duringDelivery ? cpu.deliveringFlags : rflags | CpuState.RF;
    leave(cpu);
    return ExitSignal.INSTANCE;
  }

  /** Bits 63:32 of linear addresses are cleared outside 64-bit mode (27.2.1). */
  private static long narrow(CpuState state, long linear) {
    return state.code64() ? linear : linear & 0xFFFF_FFFFL;
  }

  /** Writes what the exit reports and saves, then turns to the host. */
  private void leave(Cpu cpu) {
    record(cpu);
    saveGuest(cpu);
    boolean guestLongMode = cpu.state.longMode();
    updateEntryControls(cpu);
    run.active = false;
    cpu.delivering = -1;
    long address = vmcs.read(VmcsField.VM_EXIT_MSR_STORE_ADDRESS);
    long count = vmcs.read(VmcsField.VM_EXIT_MSR_STORE_COUNT);
    if (MsrArea.store(cpu, address, count) != MsrArea.DONE) {
      abort(cpu, ABORT_SAVING_MSRS);
    } else if (guestLongMode && !controls.exit(VmExit.HOST_ADDRESS_SPACE_SIZE)) {
      abort(cpu, ABORT_ADDRESS_SPACE);
    } else {
      loadHost(cpu);
    }
    controls.clear();
  }

  private void record(Cpu cpu) {
    vmcs.write(VmcsField.EXIT_REASON, reason);
    vmcs.write(VmcsField.EXIT_QUALIFICATION, qualification);
    vmcs.write(VmcsField.GUEST_LINEAR_ADDRESS, guestLinear);
    vmcs.write(VmcsField.GUEST_PHYSICAL_ADDRESS, guestPhysical);
    vmcs.write(VmcsField.VM_EXIT_INTERRUPTION_INFORMATION, interruption);
    vmcs.write(VmcsField.VM_EXIT_INTERRUPTION_ERROR_CODE, errorCode);
    vmcs.write(VmcsField.VM_EXIT_INSTRUCTION_LENGTH, instructionLength);
    vmcs.write(VmcsField.VM_EXIT_INSTRUCTION_INFORMATION, instructionInformation);
    int event = 0;
    int eventErrorCode = 0;
    if (vectoring) {
      event = VALID | cpu.deliveringType << TYPE_SHIFT | cpu.delivering;
      if (cpu.deliveringHasErrorCode && !cpu.state.realMode()) {
        event |= ERROR_CODE;
        eventErrorCode = cpu.deliveringErrorCode;
      }
    }
    vmcs.write(VmcsField.IDT_VECTORING_INFORMATION, event);
    vmcs.write(VmcsField.IDT_VECTORING_ERROR_CODE, eventErrorCode);
  }

  private void updateEntryControls(Cpu cpu) {
    vmcs.write(VmcsField.VM_ENTRY_INTERRUPTION_INFORMATION, controls.entryEvent & ~VALID);
    if ((cpu.model.vmxCapabilities.misc & STORE_LMA) != 0) {
      int entry = controls.entry & ~VmEntry.IA32E_MODE_GUEST;
      entry |= cpu.state.longMode() ? VmEntry.IA32E_MODE_GUEST : 0;
      vmcs.write(VmcsField.VM_ENTRY_CONTROLS, entry);
    }
  }

  private void saveGuest(Cpu cpu) {
    CpuState state = cpu.state;
    GuestArea.save(cpu, vmcs, controls);
    vmcs.write(VmcsField.GUEST_RIP, rip);
    vmcs.write(VmcsField.GUEST_RFLAGS, rflags);
    // An event that causes the exit indirectly has ended blocking and inactivity (27.1).
    int activity =
        state.shutdown
            ? GuestChecks.SHUTDOWN
            : state.halted && !duringDelivery ? GuestChecks.HLT : GuestChecks.ACTIVE;
    vmcs.write(VmcsField.GUEST_ACTIVITY_STATE, activity);
    int blocking = 0;
    if (state.interruptShadow && !duringDelivery) {
      blocking = state.movSsShadow ? GuestChecks.BLOCKING_BY_MOV_SS : GuestChecks.BLOCKING_BY_STI;
    }
    boolean nmiBlocked = controls.virtualNmis() ? run.virtualNmiBlocking : state.nmiMasked;
    blocking |= nmiBlocked ? GuestChecks.BLOCKING_BY_NMI : 0;
    vmcs.write(VmcsField.GUEST_INTERRUPTIBILITY_STATE, blocking);
    vmcs.write(VmcsField.GUEST_PENDING_DEBUG_EXCEPTIONS, duringDelivery ? 0 : pendingDebug);
    if (controls.exit(VmExit.SAVE_VMX_PREEMPTION_TIMER_VALUE)) {
      vmcs.write(VmcsField.VMX_PREEMPTION_TIMER_VALUE, timerLeft(cpu));
    }
  }

  /** What is left of the VMX-preemption timer. */
  long timerLeft(Cpu cpu) {
    return run.timerLeft((int) cpu.model.vmxCapabilities.misc & TIMER_RATE);
  }

  /** Whether the VMX-preemption timer is on and has counted down to zero. */
  boolean timerExpired(Cpu cpu) {
    return controls.pin(PinBased.ACTIVATE_VMX_PREEMPTION_TIMER) && timerLeft(cpu) == 0;
  }

  /** Turns to the host after a failed VM entry (26.7): nothing of the guest is saved. */
  void entryFailure(Cpu cpu, int why, long what) {
    vmcs.write(VmcsField.EXIT_REASON, why | ExitReason.ENTRY_FAILURE);
    vmcs.write(VmcsField.EXIT_QUALIFICATION, what);
    run.active = false;
    cpu.delivering = -1;
    loadHost(cpu);
    controls.clear();
  }

  private void loadHost(Cpu cpu) {
    CpuState state = cpu.state;
    HostArea.load(cpu, vmcs, controls);
    if (ReservedBits.legacyPae(state.cr0, state.cr4, state.efer)
        && !cpu.mmu.pdptesValid(state.cr3)) {
      abort(cpu, ABORT_HOST_PDPTES);
      return;
    }
    long address = vmcs.read(VmcsField.VM_EXIT_MSR_LOAD_ADDRESS);
    long count = vmcs.read(VmcsField.VM_EXIT_MSR_LOAD_COUNT);
    if (MsrArea.load(cpu, address, count) != MsrArea.DONE) {
      abort(cpu, ABORT_LOADING_MSRS);
    }
  }

  /** A VMX abort: only RESET ends the shutdown that it leads to (27.7). */
  private void abort(Cpu cpu, int indicator) {
    VmcsRegion.setAbortIndicator(cpu.memory, vmcs.pointer, indicator);
    cpu.state.shutdown = true;
  }

  /** Value that WRMSRLIST was about to write; with the exit that follows. */
  void recordMsrData(long value) {
    vmcs.write(VmcsField.MSR_DATA, value);
  }
}

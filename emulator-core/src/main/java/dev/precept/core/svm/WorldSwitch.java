package dev.precept.core.svm;

import dev.precept.core.Cpu;
import dev.precept.core.CpuFault;
import dev.precept.core.CpuState;
import dev.precept.core.EventDelivery;
import dev.precept.core.ExitSignal;
import dev.precept.core.Instruction;
import dev.precept.core.Mmu;
import dev.precept.core.PhysicalMemory;

/**
 * VMRUN and #VMEXIT: the switch between host and guest, with event injection and virtual
 * interrupts.
 *
 * <p>Source: APM vol. 2, 15.5, 15.6, 15.7, 15.20, 15.21.
 */
final class WorldSwitch {
  /** EXITINTINFO and EVENTINJ bits (figures 15-1 and 15-5). */
  private static final long EVENT_VALID = 1L << 31, EVENT_HAS_ERROR_CODE = 1L << 11;

  private static final int EVENT_TYPE_SHIFT = 8;

  /** Bits of the virtual-interrupt word that #VMEXIT writes back (table B-1). */
  private static final long WRITTEN_BACK =
      VmcbControls.V_TPR
          | VmcbControls.V_IRQ
          | VmcbControls.V_GIF
          | VmcbControls.V_NMI
          | VmcbControls.V_NMI_MASK;

  /** Most guest instruction bytes that a #PF intercept records (table 15-6). */
  private static final int MAX_BYTES = 15;

  private final VmcbControls controls;
  private final HostState host = new HostState();
  private final NestedPaging nested = new NestedPaging(this);
  private boolean inGuest;

  /** Guest instruction bytes are being read: what faults then only ends the reading. */
  private boolean recording;

  private long vmcb;
  private boolean hostTrapPending;

  /** V_TPR of the running guest, bits 3:0. */
  private long virtualTpr;

  WorldSwitch(VmcbControls controls) {
    this.controls = controls;
  }

  /** Takes over everything that {@code other} holds; the controls are shared with {@link Svm}. */
  void copyFrom(WorldSwitch other) {
    controls.copyFrom(other.controls);
    host.copyFrom(other.host);
    nested.copyFrom(other.nested);
    inGuest = other.inGuest;
    recording = other.recording;
    vmcb = other.vmcb;
    hostTrapPending = other.hostTrapPending;
    virtualTpr = other.virtualTpr;
  }

  boolean inGuest() {
    return inGuest;
  }

  /** Saves the host, loads and checks the guest, injects an event; or exits. */
  void vmrun(Cpu cpu, Instruction insn, long pa) {
    CpuState state = cpu.state;
    PhysicalMemory memory = cpu.memory;
    host.save(state, insn.sequentialRip);
    vmcb = pa;
    controls.load(memory, pa, cpu.model);
    if (controls.nestedPaging()) {
      nested.enter(state, memory.read64(pa + VmcbLayout.N_CR3));
      state.pat = memory.read64(pa + VmcbLayout.G_PAT);
    }
    GuestState.load(cpu, pa);
    if (controls.lbrVirtualization()) {
      state.debugCtl = memory.read64(pa + VmcbLayout.DBGCTL);
      for (int i = 0; i < state.lastBranch.length; i++) {
        state.lastBranch[i] = memory.read64(pa + VmcbLayout.BR_FROM + 8L * i);
      }
    }
    virtualTpr = controls.virtualInterrupt & 0xF;
    if (controls.virtualInterrupt(VmcbControls.V_INTR_MASKING)) {
      // The guest's CR8 is V_TPR; the host's TPR goes on to govern physical interrupts (15.21.2).
      state.cr8 = virtualTpr;
    }
    inGuest = true;
    if (!ConsistencyChecks.legal(cpu, controls, host.paging(), pa)) {
      exit(cpu, ExitCode.VMEXIT_INVALID, 0, 0, 0);
      throw ExitSignal.INSTANCE;
    }
    state.gif = true;
    // The guest's RF and interrupt shadow count for its first instruction, and its TF traps only
    // after that (15.5.1).
    cpu.stateReplaced = true;
    inject(cpu);
  }

  /** Exit for an instruction, IOIO or MSR intercept: nRIP is the next sequential one (15.7.1). */
  void exitInstruction(Cpu cpu, Instruction insn, int code, long info1, long info2) {
    exit(cpu, code, info1, info2, insn.sequentialRip);
  }

  /** Exit after {@code insn} completed: the saved state is the one behind it. */
  void exitTrap(Cpu cpu, Instruction insn, int code, long info1) {
    CpuState state = cpu.state;
    state.rip = insn.nextRip;
    state.rflags &= ~CpuState.RF;
    state.interruptShadow = false;
    exit(cpu, code, info1, 0, 0);
  }

  /** Exit for an exception intercept (15.12). */
  void exitException(Cpu cpu, CpuFault fault, int code) {
    int vector = fault.vector;
    long info1 = fault.hasErrorCode ? fault.errorCode & 0xFFFF_FFFFL : 0;
    long info2 = vector == CpuFault.PF ? fault.address : 0;
    // INT3, INTO and BOUND report their own rIP and have an nRIP; other exceptions have none.
    boolean byInstruction = vector == CpuFault.BP || vector == CpuFault.OF || vector == CpuFault.BR;
    long nrip = byInstruction ? cpu.insn.sequentialRip : 0;
    int bytes = 0;
    if (vector == CpuFault.PF && cpu.model.svmFeatures.decodeAssists && !fault.fetch) {
      bytes = recordInstructionBytes(cpu);
    }
    exit(cpu, code, info1, info2, nrip);
    if (bytes > 0) {
      cpu.memory.write8(vmcb + VmcbLayout.BYTES_FETCHED, bytes);
    }
  }

  /** Translates a guest-physical address (15.25). */
  long translate(Cpu cpu, long address, int access, boolean tableWalk) {
    return nested.translate(cpu, address, access, tableWalk);
  }

  /** Exit for a nested page fault; returns what to throw. */
  RuntimeException nestedFault(Cpu cpu, long info1, long address, boolean fetch) {
    if (recording) {
      return cpu.fault(CpuFault.PF, 0);
    }
    int bytes = fetch || !cpu.model.svmFeatures.decodeAssists ? 0 : recordInstructionBytes(cpu);
    exit(cpu, ExitCode.VMEXIT_NPF, info1, address, 0);
    if (bytes > 0) {
      cpu.memory.write8(vmcb + VmcbLayout.BYTES_FETCHED, bytes);
    }
    return ExitSignal.INSTANCE;
  }

  /** #VMEXIT: saves the guest and why it exited, reloads the host (15.6). */
  void exit(Cpu cpu, int code, long info1, long info2, long nrip) {
    CpuState state = cpu.state;
    PhysicalMemory memory = cpu.memory;
    long exitIntInfo = exitIntInfo(cpu);
    GuestState.save(cpu, vmcb);
    if (controls.lbrVirtualization()) {
      memory.write64(vmcb + VmcbLayout.DBGCTL, state.debugCtl);
      for (int i = 0; i < state.lastBranch.length; i++) {
        memory.write64(vmcb + VmcbLayout.BR_FROM + 8L * i, state.lastBranch[i]);
      }
    }
    if (controls.nestedPaging()) {
      memory.write64(vmcb + VmcbLayout.G_PAT, state.pat);
    }
    if (cpu.delivering == CpuFault.NMI && cpu.deliveringType == EventDelivery.NMI) {
      // 15.21.10: an exit during delivery of the virtual NMI saves V_NMI_MASK as 0.
      controls.virtualInterrupt &= ~VmcbControls.V_NMI_MASK;
    }
    long word = memory.read64(vmcb + VmcbLayout.VIRTUAL_INTERRUPT) & ~WRITTEN_BACK;
    word |= (controls.virtualInterrupt & (WRITTEN_BACK & ~VmcbControls.V_TPR)) | virtualTpr;
    memory.write64(vmcb + VmcbLayout.VIRTUAL_INTERRUPT, word);
    memory.write64(vmcb + VmcbLayout.EXITCODE, code);
    memory.write64(vmcb + VmcbLayout.EXITINFO1, info1);
    memory.write64(vmcb + VmcbLayout.EXITINFO2, info2);
    memory.write64(vmcb + VmcbLayout.EXITINTINFO, exitIntInfo);
    memory.write64(vmcb + VmcbLayout.EVENTINJ, 0);
    if (cpu.model.svmFeatures.nrips) {
      memory.write64(vmcb + VmcbLayout.NRIP, nrip);
    }
    if (cpu.model.svmFeatures.decodeAssists) {
      memory.write8(vmcb + VmcbLayout.BYTES_FETCHED, 0);
    }
    if (cpu.model.svmFeatures.busLockThreshold) {
      memory.write16(vmcb + VmcbLayout.BUS_LOCK_THRESHOLD_COUNTER, controls.busLockCounter);
    }
    host.restore(
        state,
        controls.virtualInterrupt(VmcbControls.V_INTR_MASKING),
        controls.lbrVirtualization(),
        controls.nestedPaging());
    controls.clear();
    inGuest = false;
    hostTrapPending = host.singleStep();
    state.gif = false;
    state.interruptShadow = false;
    state.halted = false;
    cpu.delivering = -1;
    if (!GuestState.legalPdptes(cpu)) {
      state.shutdown = true;
    }
  }

  /** Forgets the guest, as RESET does; nothing is written back. */
  void reset() {
    controls.clear();
    inGuest = false;
    hostTrapPending = false;
  }

  /** CR8 was written: V_TPR follows it, whether or not it is masked (15.21.2). */
  void tprWritten(Cpu cpu) {
    virtualTpr = cpu.state.cr8 & 0xF;
  }

  /** The #DB trap that the host's TF asks for behind the VMRUN that has just ended. */
  void hostTrap(Cpu cpu) {
    if (hostTrapPending) {
      hostTrapPending = false;
      CpuFault debug = cpu.fault(CpuFault.DB);
      debug.dr6 = CpuState.DR6_BS;
      debug.trap = true;
      throw debug;
    }
  }

  /** Takes a pending virtual NMI or interrupt if it may be taken now, or exits for it. */
  void virtualInterrupt(Cpu cpu) {
    CpuState state = cpu.state;
    boolean gif =
        state.gif
            && (!controls.virtualInterrupt(VmcbControls.V_GIF_ENABLE)
                || controls.virtualInterrupt(VmcbControls.V_GIF));
    if (!gif || state.interruptShadow) {
      return;
    }
    if (controls.virtualInterrupt(VmcbControls.V_NMI | VmcbControls.V_NMI_ENABLE)
        && !controls.virtualInterrupt(VmcbControls.V_NMI_MASK)) {
      controls.virtualInterrupt &= ~VmcbControls.V_NMI;
      controls.virtualInterrupt |= VmcbControls.V_NMI_MASK;
      deliver(cpu, CpuFault.NMI, EventDelivery.NMI);
      return;
    }
    if (!controls.virtualInterrupt(VmcbControls.V_IRQ)
        || controls.virtualInterrupt(VmcbControls.AVIC_ENABLE)
        || !state.flag(CpuState.IF)) {
      return;
    }
    long priority = (controls.virtualInterrupt & VmcbControls.V_INTR_PRIO) >>> 16;
    if (!controls.virtualInterrupt(VmcbControls.V_IGN_TPR) && priority <= virtualTpr) {
      return;
    }
    if (controls.intercepts(ExitCode.VMEXIT_VINTR)) {
      // The interrupt has not been taken and stays pending in V_IRQ (15.13.5).
      exit(cpu, ExitCode.VMEXIT_VINTR, 0, 0, 0);
      throw ExitSignal.INSTANCE;
    }
    controls.virtualInterrupt &= ~VmcbControls.V_IRQ;
    int vector = (int) (controls.virtualInterrupt >>> 32) & 0xFF;
    deliver(cpu, vector, EventDelivery.INTR);
  }

  /** Delivers EVENTINJ's event; it is not intercepted, but faults during its delivery are. */
  private void inject(Cpu cpu) {
    long event = controls.eventInjection;
    if ((event & EVENT_VALID) == 0) {
      return;
    }
    int type = (int) (event >>> EVENT_TYPE_SHIFT) & 7;
    int vector = type == EventDelivery.NMI ? CpuFault.NMI : (int) event & 0xFF;
    if (type == EventDelivery.NMI && controls.virtualInterrupt(VmcbControls.V_NMI_ENABLE)) {
      controls.virtualInterrupt |= VmcbControls.V_NMI_MASK;
    }
    // INTn, and vectors 3 and 4 as if by INT3 and INTO: DPL is checked and, as for the
    // instructions, the return address is the next instruction, which the VMM gives in nRIP.
    if (type == EventDelivery.EXCEPTION && (vector == CpuFault.BP || vector == CpuFault.OF)) {
      type = EventDelivery.SOFTWARE_EXCEPTION;
    }
    boolean software = type == EventDelivery.SOFTWARE || type == EventDelivery.SOFTWARE_EXCEPTION;
    long returnRip = software && cpu.model.svmFeatures.nrips ? controls.nrip : cpu.state.rip;
    boolean hasErrorCode = (event & EVENT_HAS_ERROR_CODE) != 0;
    long flags = cpu.state.rflags;
    // An injected NMI does not block further NMIs (15.20). Faults push RF set (8.2.2).
    if (type == EventDelivery.EXCEPTION && vector != CpuFault.DB && vector != CpuFault.DF) {
      flags |= CpuState.RF;
    }
    cpu.inject(type, vector, hasErrorCode, (int) (event >>> 32), returnRip, flags, false);
  }

  private static void deliver(Cpu cpu, int vector, int type) {
    cpu.state.halted = false;
    cpu.inject(type, vector, false, 0, cpu.state.rip, cpu.state.rflags, false);
  }

  private static long exitIntInfo(Cpu cpu) {
    if (cpu.delivering < 0) {
      return 0;
    }
    // INT1, INT3 and INTO count as exceptions here (table 15-1, note).
    int type =
        cpu.deliveringType > EventDelivery.SOFTWARE ? EventDelivery.EXCEPTION : cpu.deliveringType;
    long info = EVENT_VALID | (long) type << EVENT_TYPE_SHIFT | cpu.delivering;
    if (cpu.deliveringHasErrorCode) {
      info |= EVENT_HAS_ERROR_CODE | (long) cpu.deliveringErrorCode << 32;
    }
    return info;
  }

  /**
   * Stores up to 15 bytes from CS:rIP, as many as can be fetched, and returns how many (15.8.4).
   * Overwrites the CPU's one {@link CpuFault}.
   */
  private int recordInstructionBytes(Cpu cpu) {
    CpuState state = cpu.state;
    boolean code64 = state.code64();
    int count = 0;
    recording = true;
    try {
      while (count < MAX_BYTES) {
        long offset = state.rip + count;
        long linear = offset;
        if (!code64) {
          offset &= 0xFFFF_FFFFL;
          if (offset > state.cs.limit) {
            break;
          }
          linear = (state.cs.base + offset) & 0xFFFF_FFFFL;
        } else if (!Mmu.canonical(linear)) {
          break;
        }
        long pa = cpu.mmu.translate(linear, Mmu.FETCH | cpu.userAccess());
        cpu.memory.write8(vmcb + VmcbLayout.GUEST_INSTRUCTION_BYTES + count, cpu.memory.read8(pa));
        count++;
      }
    } catch (CpuFault end) {
      // "records as many bytes as could be fetched"
      return count;
    } finally {
      recording = false;
    }
    return count;
  }
}

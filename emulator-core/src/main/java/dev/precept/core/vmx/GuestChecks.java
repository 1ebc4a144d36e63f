package dev.precept.core.vmx;

import dev.precept.core.Cpu;
import dev.precept.core.CpuModel;
import dev.precept.core.CpuState;
import dev.precept.core.EventDelivery;
import dev.precept.core.Mmu;
import dev.precept.core.ReservedBits;
import dev.precept.core.vmx.VmxControls.ProcBased2;
import dev.precept.core.vmx.VmxControls.VmEntry;

/**
 * The checks that VM entry makes on the guest-state area; failing one is a VM-entry failure with
 * exit reason 33. Segment registers are checked by {@link GuestSegmentChecks}.
 *
 * <p>Source: SDM vol. 3C, 26.3.1 "Checks on the Guest State Area".
 */
final class GuestChecks {
  /** What {@link #check} returns if all is legal. */
  static final int PASS = -1;

  /** Exit qualifications of exit reason 33 (26.7). */
  private static final int GENERAL = 0, PDPTE = 2, LINK_POINTER = 4;

  /** Activity states (24.4.2). */
  static final int ACTIVE = 0, HLT = 1, SHUTDOWN = 2, WAIT_FOR_SIPI = 3;

  /** IA32_VMX_MISC bit 6 and following: activity states 1 and following are supported. */
  private static final int ACTIVITY_SHIFT = 5;

  /** Interruptibility state (table 24-3). */
  static final int BLOCKING_BY_STI = 1,
      BLOCKING_BY_MOV_SS = 2,
      BLOCKING_BY_SMI = 4,
      BLOCKING_BY_NMI = 8;

  /** Pending debug exceptions (table 24-4). */
  static final long ENABLED_BREAKPOINT = 1 << 12, BS = 1 << 14;

  private static final long PENDING_DEFINED = 0xF | ENABLED_BREAKPOINT | BS;

  private static final long RFLAGS_RESERVED = ~0x3F_FFFFL | 1 << 15 | 1 << 5 | 1 << 3;

  private static final long DEBUGCTL_BTF = 2;

  private final Cpu cpu;
  private final Vmcs vmcs;
  private final ActiveControls controls;
  private final boolean longMode;
  private final long cr0;
  private final long cr4;
  private final long rflags;

  private GuestChecks(Cpu cpu, Vmcs vmcs, ActiveControls controls) {
    this.cpu = cpu;
    this.vmcs = vmcs;
    this.controls = controls;
    longMode = controls.entry(VmEntry.IA32E_MODE_GUEST);
    cr0 = vmcs.read(VmcsField.GUEST_CR0);
    cr4 = vmcs.read(VmcsField.GUEST_CR4);
    rflags = vmcs.read(VmcsField.GUEST_RFLAGS);
  }

  /** {@link #PASS}, or the exit qualification of the VM-entry failure. */
  static int check(Cpu cpu, Vmcs vmcs, ActiveControls controls) {
    GuestChecks checks = new GuestChecks(cpu, vmcs, controls);
    boolean legal =
        checks.controlRegisters()
            && checks.msrs()
            && new GuestSegmentChecks(vmcs, controls).legal()
            && checks.descriptorTables()
            && checks.ripAndRflags()
            && checks.activity()
            && checks.interruptibility()
            && checks.pendingDebug();
    if (!legal) {
      return GENERAL;
    }
    return !checks.linkPointer() ? LINK_POINTER : checks.pdptes() ? PASS : PDPTE;
  }

  private boolean controlRegisters() {
    CpuModel model = cpu.model;
    boolean pg = (cr0 & CpuState.CR0_PG) != 0;
    boolean pe = (cr0 & CpuState.CR0_PE) != 0;
    long notChecked = CpuState.CR0_NW | CpuState.CR0_CD;
    if (controls.unrestrictedGuest()) {
      notChecked |= CpuState.CR0_PE | CpuState.CR0_PG;
    }
    if (!model.vmxCapabilities.cr0Supported(cr0, notChecked)
        || (pg && !pe)
        || !model.vmxCapabilities.cr4Supported(cr4)) {
      return false;
    }
    if (longMode && !(pg && (cr4 & CpuState.CR4_PAE) != 0)) {
      return false;
    }
    if (!longMode && (cr4 & CpuState.CR4_PCIDE) != 0) {
      return false;
    }
    if (ReservedBits.beyondPhysical(model, vmcs.read(VmcsField.GUEST_CR3))) {
      return false;
    }
    return !controls.entry(VmEntry.LOAD_DEBUG_CONTROLS)
        || (vmcs.read(VmcsField.GUEST_DR7) >>> 32 == 0
            && (vmcs.read(VmcsField.GUEST_IA32_DEBUGCTL) & ~ReservedBits.INTEL_DEBUGCTL) == 0);
  }

  private boolean msrs() {
    if (!Mmu.canonical(vmcs.read(VmcsField.GUEST_IA32_SYSENTER_ESP))
        || !Mmu.canonical(vmcs.read(VmcsField.GUEST_IA32_SYSENTER_EIP))) {
      return false;
    }
    if (controls.entry(VmEntry.LOAD_IA32_PAT)
        && !ReservedBits.patLegal(vmcs.read(VmcsField.GUEST_IA32_PAT))) {
      return false;
    }
    if (!controls.entry(VmEntry.LOAD_IA32_EFER)) {
      return true;
    }
    long efer = vmcs.read(VmcsField.GUEST_IA32_EFER);
    boolean lma = (efer & CpuState.EFER_LMA) != 0;
    boolean lme = (efer & CpuState.EFER_LME) != 0;
    return (efer & ~ReservedBits.efer(cpu.model)) == 0
        && lma == longMode
        && (lma == lme || (cr0 & CpuState.CR0_PG) == 0);
  }

  private boolean descriptorTables() {
    return Mmu.canonical(vmcs.read(VmcsField.GUEST_GDTR_BASE))
        && Mmu.canonical(vmcs.read(VmcsField.GUEST_IDTR_BASE))
        && vmcs.read(VmcsField.GUEST_GDTR_LIMIT) >>> 16 == 0
        && vmcs.read(VmcsField.GUEST_IDTR_LIMIT) >>> 16 == 0;
  }

  private boolean ripAndRflags() {
    long rip = vmcs.read(VmcsField.GUEST_RIP);
    boolean code64 =
        longMode
            && (vmcs.read(VmcsField.GUEST_CS_ACCESS_RIGHTS) & GuestSegmentChecks.LONG_CODE) != 0;
    // Bits 63:48 are to be identical, with 48 linear-address bits (26.3.1.4). Bit 47 may differ:
    // such
    // an RIP is not canonical, and the first fetch faults.
    long high = code64 ? rip >> 48 : rip >>> 32;
    if (high != 0 && !(code64 && high == -1)) {
      return false;
    }
    if ((rflags & RFLAGS_RESERVED) != 0 || (rflags & 2) == 0) {
      return false;
    }
    boolean vm = (rflags & CpuState.VM) != 0;
    if (vm && (longMode || (cr0 & CpuState.CR0_PE) == 0)) {
      return false;
    }
    return !injects(EventDelivery.INTR) || (rflags & CpuState.IF) != 0;
  }

  /** Whether VM entry injects an event of this type. */
  private boolean injects(int type) {
    return injects() && injectedType() == type;
  }

  private boolean injects() {
    return controls.entryEvent < 0;
  }

  private int injectedType() {
    return controls.entryEvent >>> 8 & 7;
  }

  private boolean activity() {
    int state = vmcs.read32(VmcsField.GUEST_ACTIVITY_STATE);
    if (state == ACTIVE) {
      return true;
    }
    boolean supported =
        state > 0
            && state <= WAIT_FOR_SIPI
            && (cpu.model.vmxCapabilities.misc >>> (ACTIVITY_SHIFT + state) & 1) != 0;
    int shadows = BLOCKING_BY_STI | BLOCKING_BY_MOV_SS;
    if (!supported || (interruptibilityState() & shadows) != 0) {
      return false;
    }
    int dpl = vmcs.read32(VmcsField.GUEST_SS_ACCESS_RIGHTS) >> 5 & 3;
    if (state == HLT && dpl != 0) {
      return false;
    }
    return !injects() || wakes(state);
  }

  /** Whether the injected event would not be blocked in an inactive state (26.3.1.5). */
  private boolean wakes(int state) {
    int vector = controls.entryEvent & 0xFF;
    boolean exception = injects(EventDelivery.EXCEPTION);
    boolean nmi = injects(EventDelivery.NMI);
    boolean machineCheck = exception && vector == 18;
    return switch (state) {
      case HLT ->
          nmi
              || machineCheck
              || injects(EventDelivery.INTR)
              || (exception && vector == 1)
              || injects(ControlChecks.OTHER_EVENT);
      case SHUTDOWN -> nmi || machineCheck;
      default -> false;
    };
  }

  private int interruptibilityState() {
    return vmcs.read32(VmcsField.GUEST_INTERRUPTIBILITY_STATE);
  }

  /** The processor is never in SMM here, so blocking by SMI must be 0; nor is there an enclave. */
  private boolean interruptibility() {
    int state = interruptibilityState();
    boolean sti = (state & BLOCKING_BY_STI) != 0;
    boolean movSs = (state & BLOCKING_BY_MOV_SS) != 0;
    if ((state & ~(BLOCKING_BY_STI | BLOCKING_BY_MOV_SS | BLOCKING_BY_NMI)) != 0
        || (sti && movSs)) {
      return false;
    }
    if (sti && (rflags & CpuState.IF) == 0) {
      return false;
    }
    if (injects(EventDelivery.INTR)) {
      return !sti && !movSs;
    }
    if (injects(EventDelivery.NMI)) {
      boolean blocked = controls.virtualNmis() && (state & BLOCKING_BY_NMI) != 0;
      return !movSs && !blocked;
    }
    return true;
  }

  private boolean pendingDebug() {
    long pending = vmcs.read(VmcsField.GUEST_PENDING_DEBUG_EXCEPTIONS);
    if ((pending & ~PENDING_DEFINED) != 0) {
      return false;
    }
    boolean held =
        (interruptibilityState() & (BLOCKING_BY_STI | BLOCKING_BY_MOV_SS)) != 0
            || vmcs.read32(VmcsField.GUEST_ACTIVITY_STATE) == HLT;
    boolean singleStep =
        (rflags & CpuState.TF) != 0
            && (vmcs.read(VmcsField.GUEST_IA32_DEBUGCTL) & DEBUGCTL_BTF) == 0;
    return !held || ((pending & BS) != 0) == singleStep;
  }

  private boolean linkPointer() {
    long pointer = vmcs.read(VmcsField.VMCS_LINK_POINTER);
    if (pointer == Vmcs.NONE) {
      return true;
    }
    if (!ControlChecks.page(cpu.model, pointer) || pointer == vmcs.pointer) {
      return false;
    }
    int expected = cpu.model.vmxCapabilities.revision();
    expected |= controls.proc2(ProcBased2.VMCS_SHADOWING) ? VmcsRegion.SHADOW : 0;
    return VmcsRegion.header(cpu.memory, pointer) == expected;
  }

  /** PAE paging: the entries of the guest-state area under EPT, else those that CR3 refers to. */
  private boolean pdptes() {
    boolean pae = (cr0 & CpuState.CR0_PG) != 0 && (cr4 & CpuState.CR4_PAE) != 0 && !longMode;
    if (!pae) {
      return true;
    }
    if (!controls.ept()) {
      return cpu.mmu.pdptesValid(vmcs.read(VmcsField.GUEST_CR3));
    }
    return cpu.mmu.pdpteValid(vmcs.read(VmcsField.GUEST_PDPTE0))
        && cpu.mmu.pdpteValid(vmcs.read(VmcsField.GUEST_PDPTE1))
        && cpu.mmu.pdpteValid(vmcs.read(VmcsField.GUEST_PDPTE2))
        && cpu.mmu.pdpteValid(vmcs.read(VmcsField.GUEST_PDPTE3));
  }
}

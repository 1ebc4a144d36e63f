package dev.precept.core.vmx;

import dev.precept.core.Cpu;
import dev.precept.core.CpuState;
import dev.precept.core.ReservedBits;
import dev.precept.core.Segment;
import dev.precept.core.vmx.VmxControls.ProcBased2;
import dev.precept.core.vmx.VmxControls.VmEntry;
import dev.precept.core.vmx.VmxControls.VmExit;

/**
 * Moves register state between the processor and the guest-state area: what VM entry loads and VM
 * exit saves.
 *
 * <p>Source: SDM vol. 3C, 26.3.2 "Loading Guest State", 27.3 "Saving Guest State".
 */
final class GuestArea {
  /** Selector, base, limit and access-rights fields of ES to GS by Sreg number, LDTR, TR. */
  private static final VmcsField[] SELECTORS = {
    VmcsField.GUEST_ES_SELECTOR,
    VmcsField.GUEST_CS_SELECTOR,
    VmcsField.GUEST_SS_SELECTOR,
    VmcsField.GUEST_DS_SELECTOR,
    VmcsField.GUEST_FS_SELECTOR,
    VmcsField.GUEST_GS_SELECTOR,
    VmcsField.GUEST_LDTR_SELECTOR,
    VmcsField.GUEST_TR_SELECTOR
  };

  private static final VmcsField[] BASES = {
    VmcsField.GUEST_ES_BASE,
    VmcsField.GUEST_CS_BASE,
    VmcsField.GUEST_SS_BASE,
    VmcsField.GUEST_DS_BASE,
    VmcsField.GUEST_FS_BASE,
    VmcsField.GUEST_GS_BASE,
    VmcsField.GUEST_LDTR_BASE,
    VmcsField.GUEST_TR_BASE
  };

  private static final VmcsField[] LIMITS = {
    VmcsField.GUEST_ES_LIMIT,
    VmcsField.GUEST_CS_LIMIT,
    VmcsField.GUEST_SS_LIMIT,
    VmcsField.GUEST_DS_LIMIT,
    VmcsField.GUEST_FS_LIMIT,
    VmcsField.GUEST_GS_LIMIT,
    VmcsField.GUEST_LDTR_LIMIT,
    VmcsField.GUEST_TR_LIMIT
  };

  private static final VmcsField[] ACCESS_RIGHTS = {
    VmcsField.GUEST_ES_ACCESS_RIGHTS,
    VmcsField.GUEST_CS_ACCESS_RIGHTS,
    VmcsField.GUEST_SS_ACCESS_RIGHTS,
    VmcsField.GUEST_DS_ACCESS_RIGHTS,
    VmcsField.GUEST_FS_ACCESS_RIGHTS,
    VmcsField.GUEST_GS_ACCESS_RIGHTS,
    VmcsField.GUEST_LDTR_ACCESS_RIGHTS,
    VmcsField.GUEST_TR_ACCESS_RIGHTS
  };

  static final int LDTR = 6, TR = 7, SEGMENTS = 8;

  /** CR0 bits that neither VM entry nor VM exit changes: ET, 15:6, 17, 28:19, NW, CD. */
  static final long CR0_KEPT =
      CpuState.CR0_ET | 0xFFC0L | 1L << 17 | 0x1FF8_0000L | CpuState.CR0_NW | CpuState.CR0_CD;

  /** DR7 bits 12, 14 and 15 always load as 0, bit 10 as 1. */
  private static final long DR7_ZERO = 0xD000, DR7_ONE = 0x400;

  private GuestArea() {}

  static VmcsField selector(int segment) {
    return SELECTORS[segment];
  }

  static VmcsField base(int segment) {
    return BASES[segment];
  }

  static VmcsField limit(int segment) {
    return LIMITS[segment];
  }

  static VmcsField accessRights(int segment) {
    return ACCESS_RIGHTS[segment];
  }

  private static Segment register(CpuState state, int segment) {
    return switch (segment) {
      case LDTR -> state.ldtr;
      case TR -> state.tr;
      default -> state.sreg[segment];
    };
  }

  /** Loads all registers; legality was checked before. */
  static void load(Cpu cpu, Vmcs vmcs, ActiveControls controls) {
    CpuState state = cpu.state;
    state.cr0 = (vmcs.read(VmcsField.GUEST_CR0) & ~CR0_KEPT) | (state.cr0 & CR0_KEPT);
    state.cr3 = vmcs.read(VmcsField.GUEST_CR3);
    state.cr4 = vmcs.read(VmcsField.GUEST_CR4);
    if (controls.entry(VmEntry.LOAD_DEBUG_CONTROLS)) {
      state.dr[7] = (vmcs.read(VmcsField.GUEST_DR7) & ~DR7_ZERO) | DR7_ONE;
      state.debugCtl = vmcs.read(VmcsField.GUEST_IA32_DEBUGCTL);
    }
    state.sysenterCs = vmcs.read(VmcsField.GUEST_IA32_SYSENTER_CS);
    state.sysenterEsp = vmcs.read(VmcsField.GUEST_IA32_SYSENTER_ESP);
    state.sysenterEip = vmcs.read(VmcsField.GUEST_IA32_SYSENTER_EIP);
    if (controls.entry(VmEntry.LOAD_IA32_PAT)) {
      state.pat = vmcs.read(VmcsField.GUEST_IA32_PAT);
    }
    loadEfer(state, vmcs, controls);
    for (int segment = 0; segment < SEGMENTS; segment++) {
      loadSegment(state, vmcs, segment);
    }
    state.cpl = vmcs.read32(VmcsField.GUEST_SS_ACCESS_RIGHTS) >> 5 & 3;
    state.gdtrBase = vmcs.read(VmcsField.GUEST_GDTR_BASE);
    state.gdtrLimit = vmcs.read(VmcsField.GUEST_GDTR_LIMIT);
    state.idtrBase = vmcs.read(VmcsField.GUEST_IDTR_BASE);
    state.idtrLimit = vmcs.read(VmcsField.GUEST_IDTR_LIMIT);
    state.gpr[4] = vmcs.read(VmcsField.GUEST_RSP);
    state.rip = vmcs.read(VmcsField.GUEST_RIP);
    state.rflags = vmcs.read(VmcsField.GUEST_RFLAGS);
    if (controls.ept()) {
      state.pdpte[0] = vmcs.read(VmcsField.GUEST_PDPTE0);
      state.pdpte[1] = vmcs.read(VmcsField.GUEST_PDPTE1);
      state.pdpte[2] = vmcs.read(VmcsField.GUEST_PDPTE2);
      state.pdpte[3] = vmcs.read(VmcsField.GUEST_PDPTE3);
    }
  }

  private static void loadEfer(CpuState state, Vmcs vmcs, ActiveControls controls) {
    if (controls.entry(VmEntry.LOAD_IA32_EFER)) {
      state.efer = vmcs.read(VmcsField.GUEST_IA32_EFER);
      return;
    }
    boolean longMode = controls.entry(VmEntry.IA32E_MODE_GUEST);
    long changed = CpuState.EFER_LMA | (state.paging() ? CpuState.EFER_LME : 0);
    state.efer = longMode ? state.efer | changed : state.efer & ~changed;
  }

  private static void loadSegment(CpuState state, Vmcs vmcs, int segment) {
    int rights = vmcs.read32(ACCESS_RIGHTS[segment]);
    int attributes = AccessRights.attributes(rights);
    if (segment != Segment.CS && !AccessRights.usable(rights)) {
      // Undefined but for SS.B, which is set; what is not present faults when it is used.
      attributes = segment == Segment.SS ? Segment.DB : 0;
    }
    long base = vmcs.read(BASES[segment]);
    boolean wide = segment >= Segment.FS;
    register(state, segment)
        .set(
            vmcs.read32(SELECTORS[segment]),
            attributes,
            vmcs.read(LIMITS[segment]),
            wide ? base : base & 0xFFFF_FFFFL);
  }

  /** Saves all registers but RIP and RFLAGS, which depend on the cause of the exit. */
  static void save(Cpu cpu, Vmcs vmcs, ActiveControls controls) {
    CpuState state = cpu.state;
    vmcs.write(VmcsField.GUEST_CR0, state.cr0);
    vmcs.write(VmcsField.GUEST_CR3, state.cr3);
    vmcs.write(VmcsField.GUEST_CR4, state.cr4);
    if (controls.exit(VmExit.SAVE_DEBUG_CONTROLS)) {
      vmcs.write(VmcsField.GUEST_DR7, state.dr[7]);
      vmcs.write(VmcsField.GUEST_IA32_DEBUGCTL, state.debugCtl);
    }
    vmcs.write(VmcsField.GUEST_IA32_SYSENTER_CS, state.sysenterCs);
    vmcs.write(VmcsField.GUEST_IA32_SYSENTER_ESP, state.sysenterEsp);
    vmcs.write(VmcsField.GUEST_IA32_SYSENTER_EIP, state.sysenterEip);
    if (controls.exit(VmExit.SAVE_IA32_PAT)) {
      vmcs.write(VmcsField.GUEST_IA32_PAT, state.pat);
    }
    if (controls.exit(VmExit.SAVE_IA32_EFER)) {
      vmcs.write(VmcsField.GUEST_IA32_EFER, state.efer);
    }
    for (int segment = 0; segment < SEGMENTS; segment++) {
      saveSegment(state, vmcs, segment);
    }
    vmcs.write(VmcsField.GUEST_GDTR_BASE, state.gdtrBase);
    vmcs.write(VmcsField.GUEST_GDTR_LIMIT, state.gdtrLimit);
    vmcs.write(VmcsField.GUEST_IDTR_BASE, state.idtrBase);
    vmcs.write(VmcsField.GUEST_IDTR_LIMIT, state.idtrLimit);
    vmcs.write(VmcsField.GUEST_RSP, state.gpr[4]);
    if (controls.proc2(ProcBased2.ENABLE_PML)) {
      vmcs.write(VmcsField.PML_INDEX, controls.pmlIndex);
    }
    if (controls.ept() && ReservedBits.legacyPae(state.cr0, state.cr4, state.efer)) {
      vmcs.write(VmcsField.GUEST_PDPTE0, state.pdpte[0]);
      vmcs.write(VmcsField.GUEST_PDPTE1, state.pdpte[1]);
      vmcs.write(VmcsField.GUEST_PDPTE2, state.pdpte[2]);
      vmcs.write(VmcsField.GUEST_PDPTE3, state.pdpte[3]);
    }
  }

  private static void saveSegment(CpuState state, Vmcs vmcs, int segment) {
    Segment register = register(state, segment);
    int rights = AccessRights.of(register);
    if (segment == Segment.SS) {
      // SS.DPL is the CPL, usable or not (24.4.1).
      rights = (rights & ~(3 << 5)) | state.cpl << 5;
    }
    vmcs.write(SELECTORS[segment], register.selector);
    vmcs.write(BASES[segment], register.base);
    vmcs.write(LIMITS[segment], register.limit);
    vmcs.write(ACCESS_RIGHTS[segment], rights);
  }
}

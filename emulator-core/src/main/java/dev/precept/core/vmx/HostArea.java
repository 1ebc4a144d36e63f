package dev.precept.core.vmx;

import dev.precept.core.Cpu;
import dev.precept.core.CpuModel;
import dev.precept.core.CpuState;
import dev.precept.core.ReservedBits;
import dev.precept.core.Segment;
import dev.precept.core.vmx.VmxControls.VmExit;

/**
 * Loads the host from the host-state area, the VM-exit controls and the values that are the same on
 * every VM exit.
 *
 * <p>Source: SDM vol. 3C, 27.5 "Loading Host State".
 */
final class HostArea {
  private static final int CODE = 0x89B, DATA = 0xC93, BUSY_TSS = 0x08B;

  private static final long DR7 = 0x400;

  private HostArea() {}

  static void load(Cpu cpu, Vmcs vmcs, ActiveControls controls) {
    boolean longMode = controls.exit(VmExit.HOST_ADDRESS_SPACE_SIZE);
    loadControlRegisters(cpu, vmcs, longMode);
    CpuState state = cpu.state;
    state.dr[7] = DR7;
    state.debugCtl = 0;
    state.sysenterCs = vmcs.read(VmcsField.HOST_IA32_SYSENTER_CS);
    state.sysenterEsp = canonical(vmcs.read(VmcsField.HOST_IA32_SYSENTER_ESP));
    state.sysenterEip = canonical(vmcs.read(VmcsField.HOST_IA32_SYSENTER_EIP));
    if (controls.exit(VmExit.LOAD_IA32_PAT)) {
      state.pat = vmcs.read(VmcsField.HOST_IA32_PAT);
    }
    if (controls.exit(VmExit.LOAD_IA32_EFER)) {
      state.efer = vmcs.read(VmcsField.HOST_IA32_EFER) & ReservedBits.efer(cpu.model);
    }
    long modeBits = CpuState.EFER_LMA | CpuState.EFER_LME;
    state.efer = longMode ? state.efer | modeBits : state.efer & ~modeBits;
    loadSegments(state, vmcs, longMode);
    state.rip = vmcs.read(VmcsField.HOST_RIP);
    state.gpr[4] = vmcs.read(VmcsField.HOST_RSP);
    state.rflags = 2;
    state.cpl = 0;
    state.interruptShadow = false;
    state.movSsShadow = false;
    state.heldDebug = 0;
    state.halted = false;
    state.shutdown = false;
    state.monitorArmed = false;
  }

  private static void loadControlRegisters(Cpu cpu, Vmcs vmcs, boolean longMode) {
    CpuState state = cpu.state;
    CpuModel model = cpu.model;
    long cr0 = vmcs.read(VmcsField.HOST_CR0) | model.vmxCapabilities.cr0Fixed0;
    cr0 &= model.vmxCapabilities.cr0Fixed1;
    state.cr0 = (cr0 & ~GuestArea.CR0_KEPT) | (state.cr0 & GuestArea.CR0_KEPT);
    state.cr3 = vmcs.read(VmcsField.HOST_CR3) & (1L << model.physicalAddressBits) - 1;
    long cr4 = vmcs.read(VmcsField.HOST_CR4) | model.vmxCapabilities.cr4Fixed0;
    cr4 &= model.vmxCapabilities.cr4Fixed1;
    state.cr4 = longMode ? cr4 | CpuState.CR4_PAE : cr4 & ~CpuState.CR4_PCIDE;
  }

  private static void loadSegments(CpuState state, Vmcs vmcs, boolean longMode) {
    int size = longMode ? Segment.L : Segment.DB;
    state.cs.set(vmcs.read32(VmcsField.HOST_CS_SELECTOR), CODE | size, 0xFFFF_FFFFL, 0);
    data(state.ss, vmcs.read32(VmcsField.HOST_SS_SELECTOR), 0);
    data(state.ds, vmcs.read32(VmcsField.HOST_DS_SELECTOR), 0);
    data(state.es, vmcs.read32(VmcsField.HOST_ES_SELECTOR), 0);
    data(
        state.fs,
        vmcs.read32(VmcsField.HOST_FS_SELECTOR),
        canonical(vmcs.read(VmcsField.HOST_FS_BASE)));
    data(
        state.gs,
        vmcs.read32(VmcsField.HOST_GS_SELECTOR),
        canonical(vmcs.read(VmcsField.HOST_GS_BASE)));
    state.tr.set(
        vmcs.read32(VmcsField.HOST_TR_SELECTOR),
        BUSY_TSS,
        0x67,
        canonical(vmcs.read(VmcsField.HOST_TR_BASE)));
    state.ldtr.set(0, 0, 0, 0);
    state.gdtrBase = canonical(vmcs.read(VmcsField.HOST_GDTR_BASE));
    state.idtrBase = canonical(vmcs.read(VmcsField.HOST_IDTR_BASE));
    state.gdtrLimit = 0xFFFF;
    state.idtrLimit = 0xFFFF;
  }

  /** A flat data segment; a null selector leaves it unusable, with SS.B set all the same. */
  private static void data(Segment segment, int selector, long base) {
    boolean usable = selector != 0;
    segment.set(selector, usable ? DATA : Segment.DB, usable ? 0xFFFF_FFFFL : 0, base);
  }

  /** Bits 63:48 become bit 47. */
  private static long canonical(long address) {
    return address << 16 >> 16;
  }
}

package dev.precept.core.svm;

import dev.precept.core.Cpu;
import dev.precept.core.CpuState;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.ReservedBits;
import dev.precept.core.Segment;

/**
 * Moves guest state between the processor and the state-save area: what VMRUN and #VMEXIT move, and
 * what VMLOAD and VMSAVE move.
 *
 * <p>Source: APM vol. 2, 15.5.1, 15.5.2, 15.6 and table B-2.
 */
final class GuestState {
  /** RFLAGS bits that exist; bit 1 always reads 1. */
  private static final long RFLAGS_DEFINED = 0x3F_7FD5;

  private static final int ATTRIBUTES = 0xFFF;

  private GuestState() {}

  /** Loads what VMRUN loads. Legality is checked afterwards, on the state so loaded. */
  static void load(Cpu cpu, long vmcb) {
    PhysicalMemory memory = cpu.memory;
    CpuState state = cpu.state;
    // Table B-2: of the bases of ES, CS, SS and DS only the lower 32 bits are implemented.
    loadSegment(memory, vmcb + VmcbLayout.ES, state.es, false);
    loadSegment(memory, vmcb + VmcbLayout.CS, state.cs, false);
    loadSegment(memory, vmcb + VmcbLayout.SS, state.ss, false);
    loadSegment(memory, vmcb + VmcbLayout.DS, state.ds, false);
    state.gdtrLimit = memory.read16(vmcb + VmcbLayout.GDTR + VmcbLayout.SEGMENT_LIMIT);
    state.gdtrBase = canonical(memory.read64(vmcb + VmcbLayout.GDTR + VmcbLayout.SEGMENT_BASE));
    state.idtrLimit = memory.read16(vmcb + VmcbLayout.IDTR + VmcbLayout.SEGMENT_LIMIT);
    state.idtrBase = canonical(memory.read64(vmcb + VmcbLayout.IDTR + VmcbLayout.SEGMENT_BASE));
    state.efer = memory.read64(vmcb + VmcbLayout.EFER);
    state.cr0 = memory.read64(vmcb + VmcbLayout.CR0);
    state.cr2 = memory.read64(vmcb + VmcbLayout.CR2);
    state.cr3 = memory.read64(vmcb + VmcbLayout.CR3);
    state.cr4 = memory.read64(vmcb + VmcbLayout.CR4);
    state.dr[6] = memory.read64(vmcb + VmcbLayout.DR6);
    state.dr[7] = memory.read64(vmcb + VmcbLayout.DR7);
    state.rflags = (memory.read64(vmcb + VmcbLayout.RFLAGS) & RFLAGS_DEFINED) | 2;
    state.rip = memory.read64(vmcb + VmcbLayout.RIP);
    state.gpr[4] = memory.read64(vmcb + VmcbLayout.RSP);
    state.gpr[0] = memory.read64(vmcb + VmcbLayout.RAX);
    state.interruptShadow = (memory.read8(vmcb + VmcbLayout.INTERRUPT_SHADOW) & 1) != 0;
    int cpl = memory.read8(vmcb + VmcbLayout.CPL) & 3;
    state.cpl = state.realMode() ? 0 : state.v86() ? 3 : cpl;
  }

  /** Writes back the same subset. */
  static void save(Cpu cpu, long vmcb) {
    PhysicalMemory memory = cpu.memory;
    CpuState state = cpu.state;
    saveSegment(memory, vmcb + VmcbLayout.ES, state.es);
    saveSegment(memory, vmcb + VmcbLayout.CS, state.cs);
    saveSegment(memory, vmcb + VmcbLayout.SS, state.ss);
    saveSegment(memory, vmcb + VmcbLayout.DS, state.ds);
    memory.write32(vmcb + VmcbLayout.GDTR + VmcbLayout.SEGMENT_LIMIT, (int) state.gdtrLimit);
    memory.write64(vmcb + VmcbLayout.GDTR + VmcbLayout.SEGMENT_BASE, state.gdtrBase);
    memory.write32(vmcb + VmcbLayout.IDTR + VmcbLayout.SEGMENT_LIMIT, (int) state.idtrLimit);
    memory.write64(vmcb + VmcbLayout.IDTR + VmcbLayout.SEGMENT_BASE, state.idtrBase);
    memory.write64(vmcb + VmcbLayout.EFER, state.efer);
    memory.write64(vmcb + VmcbLayout.CR0, state.cr0);
    memory.write64(vmcb + VmcbLayout.CR2, state.cr2);
    memory.write64(vmcb + VmcbLayout.CR3, state.cr3);
    memory.write64(vmcb + VmcbLayout.CR4, state.cr4);
    memory.write64(vmcb + VmcbLayout.DR6, state.dr[6]);
    memory.write64(vmcb + VmcbLayout.DR7, state.dr[7]);
    memory.write64(vmcb + VmcbLayout.RFLAGS, state.rflags);
    memory.write64(vmcb + VmcbLayout.RIP, state.rip);
    memory.write64(vmcb + VmcbLayout.RSP, state.gpr[4]);
    memory.write64(vmcb + VmcbLayout.RAX, state.gpr[0]);
    memory.write8(vmcb + VmcbLayout.CPL, state.cpl);
    int shadow = memory.read8(vmcb + VmcbLayout.INTERRUPT_SHADOW) & ~1;
    memory.write8(vmcb + VmcbLayout.INTERRUPT_SHADOW, shadow | (state.interruptShadow ? 1 : 0));
  }

  /** VMLOAD. */
  static void vmload(Cpu cpu, long vmcb) {
    PhysicalMemory memory = cpu.memory;
    CpuState state = cpu.state;
    loadSegment(memory, vmcb + VmcbLayout.FS, state.fs, true);
    loadSegment(memory, vmcb + VmcbLayout.GS, state.gs, true);
    loadSegment(memory, vmcb + VmcbLayout.TR, state.tr, true);
    loadSegment(memory, vmcb + VmcbLayout.LDTR, state.ldtr, true);
    state.kernelGsBase = canonical(memory.read64(vmcb + VmcbLayout.KERNEL_GS_BASE));
    state.star = memory.read64(vmcb + VmcbLayout.STAR);
    state.lstar = canonical(memory.read64(vmcb + VmcbLayout.LSTAR));
    state.cstar = canonical(memory.read64(vmcb + VmcbLayout.CSTAR));
    state.sfmask = memory.read64(vmcb + VmcbLayout.SFMASK);
    state.sysenterCs = memory.read64(vmcb + VmcbLayout.SYSENTER_CS);
    state.sysenterEsp = memory.read64(vmcb + VmcbLayout.SYSENTER_ESP);
    state.sysenterEip = memory.read64(vmcb + VmcbLayout.SYSENTER_EIP);
  }

  /** VMSAVE. */
  static void vmsave(Cpu cpu, long vmcb) {
    PhysicalMemory memory = cpu.memory;
    CpuState state = cpu.state;
    saveSegment(memory, vmcb + VmcbLayout.FS, state.fs);
    saveSegment(memory, vmcb + VmcbLayout.GS, state.gs);
    saveSegment(memory, vmcb + VmcbLayout.TR, state.tr);
    saveSegment(memory, vmcb + VmcbLayout.LDTR, state.ldtr);
    memory.write64(vmcb + VmcbLayout.KERNEL_GS_BASE, state.kernelGsBase);
    memory.write64(vmcb + VmcbLayout.STAR, state.star);
    memory.write64(vmcb + VmcbLayout.LSTAR, state.lstar);
    memory.write64(vmcb + VmcbLayout.CSTAR, state.cstar);
    memory.write64(vmcb + VmcbLayout.SFMASK, state.sfmask);
    memory.write64(vmcb + VmcbLayout.SYSENTER_CS, state.sysenterCs);
    memory.write64(vmcb + VmcbLayout.SYSENTER_ESP, state.sysenterEsp);
    memory.write64(vmcb + VmcbLayout.SYSENTER_EIP, state.sysenterEip);
  }

  /** Whether legacy PAE paging, if the state selects it, finds legal pointer entries at CR3. */
  static boolean legalPdptes(Cpu cpu) {
    CpuState state = cpu.state;
    return !ReservedBits.legacyPae(state.cr0, state.cr4, state.efer)
        || cpu.mmu.pdptesValid(state.cr3);
  }

  /** Sign-extends bit 47, as VMRUN and VMLOAD do with every base they load (15.5.1). */
  private static long canonical(long address) {
    return address << 16 >> 16;
  }

  private static void loadSegment(PhysicalMemory memory, long at, Segment segment, boolean wide) {
    long base = memory.read64(at + VmcbLayout.SEGMENT_BASE);
    segment.set(
        memory.read16(at + VmcbLayout.SEGMENT_SELECTOR),
        memory.read16(at + VmcbLayout.SEGMENT_ATTRIB) & ATTRIBUTES,
        memory.read32(at + VmcbLayout.SEGMENT_LIMIT) & 0xFFFF_FFFFL,
        wide ? canonical(base) : base & 0xFFFF_FFFFL);
  }

  private static void saveSegment(PhysicalMemory memory, long at, Segment segment) {
    memory.write16(at + VmcbLayout.SEGMENT_SELECTOR, segment.selector);
    memory.write16(at + VmcbLayout.SEGMENT_ATTRIB, segment.attributes);
    memory.write32(at + VmcbLayout.SEGMENT_LIMIT, (int) segment.limit);
    memory.write64(at + VmcbLayout.SEGMENT_BASE, segment.base);
  }
}

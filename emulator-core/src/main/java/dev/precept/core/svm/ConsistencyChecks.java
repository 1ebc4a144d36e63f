package dev.precept.core.svm;

import dev.precept.core.Cpu;
import dev.precept.core.CpuFault;
import dev.precept.core.CpuModel;
import dev.precept.core.CpuState;
import dev.precept.core.EventDelivery;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.ReservedBits;
import dev.precept.core.Segment;

/**
 * The illegal state combinations that make VMRUN exit with VMEXIT_INVALID.
 *
 * <p>Source: APM vol. 2, 15.5.1 "Canonicalization and Consistency Checks", 15.20 for event
 * injection, 15.21.10 for virtual NMIs, 15.25.3 for nested paging, 15.29.4.1 for x2AVIC.
 */
final class ConsistencyChecks {
  /** Last byte of the IOPM relative to its base: 64K+3 bits. */
  private static final long IOPM_LAST_BYTE = 0x2000;

  /** Last byte of the MSRPM relative to its base: four vectors of 2 KiB. */
  private static final long MSRPM_LAST_BYTE = 0x1FFF;

  /** Vectors that are exceptions on every processor modelled here; not 2 (NMI), 9, 15, ... */
  private static final int EXCEPTIONS =
      1 << CpuFault.DE
          | 1 << CpuFault.DB
          | 1 << CpuFault.BP
          | 1 << CpuFault.OF
          | 1 << CpuFault.BR
          | 1 << CpuFault.UD
          | 1 << CpuFault.NM
          | 1 << CpuFault.DF
          | 1 << CpuFault.TS
          | 1 << CpuFault.NP
          | 1 << CpuFault.SS
          | 1 << CpuFault.GP
          | 1 << CpuFault.PF
          | 1 << CpuFault.MF
          | 1 << CpuFault.AC
          | 1 << CpuFault.MC
          | 1 << CpuFault.XF
          | 1 << CpuFault.SX;

  private ConsistencyChecks() {}

  /** Whether the guest state just loaded and {@code controls} may run. */
  static boolean legal(Cpu cpu, VmcbControls controls, boolean hostPaging, long vmcb) {
    return legalControlRegisters(cpu)
        && legalControls(cpu, controls, hostPaging, vmcb)
        && legalInjection(cpu, controls.eventInjection);
  }

  private static boolean legalControlRegisters(Cpu cpu) {
    CpuState state = cpu.state;
    CpuModel model = cpu.model;
    long cr0 = state.cr0;
    long cr4 = state.cr4;
    long efer = state.efer;
    if ((efer & CpuState.EFER_SVME) == 0 || (efer & ~ReservedBits.efer(model)) != 0) {
      return false;
    }
    if ((cr0 & (CpuState.CR0_CD | CpuState.CR0_NW)) == CpuState.CR0_NW || cr0 >>> 32 != 0) {
      return false;
    }
    if (ReservedBits.beyondPhysical(model, state.cr3)) {
      return false;
    }
    if ((cr4 & ~ReservedBits.cr4(model)) != 0
        || ((cr4 & CpuState.CR4_CET) != 0 && (cr0 & CpuState.CR0_WP) == 0)) {
      return false;
    }
    if (state.dr[6] >>> 32 != 0 || state.dr[7] >>> 32 != 0) {
      return false;
    }
    boolean longModePaging = (efer & CpuState.EFER_LME) != 0 && (cr0 & CpuState.CR0_PG) != 0;
    if (longModePaging && ((cr4 & CpuState.CR4_PAE) == 0 || (cr0 & CpuState.CR0_PE) == 0)) {
      return false;
    }
    int longAndBig = Segment.L | Segment.DB;
    return !longModePaging || (state.cs.attributes & longAndBig) != longAndBig;
  }

  private static boolean legalControls(
      Cpu cpu, VmcbControls controls, boolean hostPaging, long vmcb) {
    CpuModel model = cpu.model;
    if (!controls.intercepts(ExitCode.VMEXIT_VMRUN) || controls.asid == 0) {
      return false;
    }
    if (ReservedBits.beyondPhysical(model, controls.iopmBase + IOPM_LAST_BYTE)
        || ReservedBits.beyondPhysical(model, controls.msrpmBase + MSRPM_LAST_BYTE)) {
      return false;
    }
    if (controls.virtualInterrupt(VmcbControls.V_NMI_ENABLE)
        && !controls.intercepts(ExitCode.VMEXIT_NMI)) {
      return false;
    }
    if (controls.virtualInterrupt(VmcbControls.X2AVIC_ENABLE)
        && !controls.virtualInterrupt(VmcbControls.AVIC_ENABLE)) {
      return false;
    }
    if (controls.nestedPaging()) {
      return hostPaging && legalNested(cpu.memory, model, vmcb);
    }
    return GuestState.legalPdptes(cpu);
  }

  private static boolean legalNested(PhysicalMemory memory, CpuModel model, long vmcb) {
    if (ReservedBits.beyondPhysical(model, memory.read64(vmcb + VmcbLayout.N_CR3))) {
      return false;
    }
    // Types 2 and 3 are reserved (table 7-9).
    return ReservedBits.patLegal(memory.read64(vmcb + VmcbLayout.G_PAT));
  }

  /** Whether EVENTINJ is empty or injects an event that exists and can happen in the guest. */
  static boolean legalInjection(Cpu cpu, long event) {
    if ((event & 1L << 31) == 0) {
      return true;
    }
    int vector = (int) event & 0xFF;
    return switch ((int) (event >>> 8) & 7) {
      case EventDelivery.INTR, EventDelivery.NMI, EventDelivery.SOFTWARE -> true;
      case EventDelivery.EXCEPTION -> legalException(cpu, vector);
      default -> false;
    };
  }

  private static boolean legalException(Cpu cpu, int vector) {
    if (vector > 31) {
      return false;
    }
    if (vector == CpuFault.CP) {
      return cpu.model.shadowStack;
    }
    // BOUND and INTO do not exist in 64-bit mode, so their exceptions are impossible there.
    if ((vector == CpuFault.BR || vector == CpuFault.OF) && cpu.state.code64()) {
      return false;
    }
    return (EXCEPTIONS >>> vector & 1) != 0;
  }
}

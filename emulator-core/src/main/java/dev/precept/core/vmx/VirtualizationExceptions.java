package dev.precept.core.vmx;

import dev.precept.core.Cpu;
import dev.precept.core.CpuState;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.vmx.VmxControls.ProcBased2;

/**
 * EPT violations that become virtualization exceptions (#VE) of the guest.
 *
 * <p>Source: SDM vol. 3C, 25.5.6.
 */
final class VirtualizationExceptions {
  /** The value at offset 4 of the information area that keeps further ones away. */
  private static final int BUSY = 0xFFFF_FFFF;

  private final ActiveControls controls;

  VirtualizationExceptions(ActiveControls controls) {
    this.controls = controls;
  }

  /**
   * Whether a convertible EPT violation is a virtualization exception; if so, the information area
   * says what the exit would have said (table 25-1).
   */
  boolean instead(Cpu cpu, long guestPhysical, long qualification) {
    PhysicalMemory memory = cpu.memory;
    long area = controls.virtualizationExceptions;
    if (!controls.proc2(ProcBased2.EPT_VIOLATION_VE)
        || (cpu.state.cr0 & CpuState.CR0_PE) == 0
        || cpu.delivering >= 0
        || memory.read32(area + 4) != 0) {
      return false;
    }
    memory.write32(area, ExitReason.EPT_VIOLATION);
    memory.write32(area + 4, BUSY);
    memory.write64(area + 8, qualification);
    memory.write64(area + 16, ExitSwitch.linear(cpu));
    memory.write64(area + 24, guestPhysical);
    memory.write16(area + 32, controls.eptpIndex);
    return true;
  }
}

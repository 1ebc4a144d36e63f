package dev.precept.core.vmx;

import dev.precept.core.Cpu;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.vmx.VmxControls.ProcBased2;

/**
 * Page-modification logging: which pages a guest has written to since their dirty flags for EPT
 * were cleared.
 *
 * <p>Source: SDM vol. 3C, 28.2.5.
 */
final class PageModificationLog {
  private static final int ENTRIES = 512;

  private static final long PAGE = 0xFFF;

  private final ActiveControls controls;
  private final ExitSwitch exit;

  PageModificationLog(ActiveControls controls, ExitSwitch exit) {
    this.controls = controls;
    this.exit = exit;
  }

  /** To be called before an accessed or dirty flag for EPT is set: exits if there is no room. */
  void examine(Cpu cpu) {
    if (on() && controls.pmlIndex >= ENTRIES) {
      throw exit.pageModificationLogFull(cpu);
    }
  }

  /** A dirty flag for EPT has become 1 for an access at {@code guestPhysical}. */
  void add(PhysicalMemory memory, long guestPhysical) {
    if (on()) {
      memory.write64(controls.pmlAddress + 8L * controls.pmlIndex, guestPhysical & ~PAGE);
      controls.pmlIndex = controls.pmlIndex - 1 & 0xFFFF;
    }
  }

  private boolean on() {
    return controls.proc2(ProcBased2.ENABLE_PML);
  }
}

package dev.precept.core.vmx;

import dev.precept.core.Cpu;
import dev.precept.core.CpuFault;
import dev.precept.core.Msr;
import dev.precept.core.instructions.MsrFile;

/**
 * The MSR areas of VM entry and VM exit: 16 bytes an entry, MSR number in the first doubleword,
 * which a doubleword of zeros and the value follow.
 *
 * <p>Source: SDM vol. 3C, 24.7.2, 26.4, 27.4, 27.6.
 */
final class MsrArea {
  static final int ENTRY_SIZE = 16;

  /** What {@link #load} and {@link #store} return if every entry could be processed. */
  static final int DONE = 0;

  /**
   * IA32_VMX_MISC bits 27:25 times 512, plus 512, is the most entries that are processed. What more
   * entries do is undefined (A.6); here the first of them fails.
   */
  private static final int MAXIMUM_SHIFT = 25, MAXIMUM_UNIT = 512;

  private MsrArea() {}

  /**
   * Loads MSRs as WRMSR does.
   *
   * @return {@link #DONE}, or the number of the entry that failed, from 1 on
   */
  static int load(Cpu cpu, long address, long count) {
    for (int i = 1; i <= count; i++, address += ENTRY_SIZE) {
      int msr = cpu.memory.read32(address);
      if (i > maximum(cpu) || illegal(cpu, address, msr) || isSegmentBase(msr)) {
        return i;
      }
      try {
        MsrFile.write(cpu, msr, cpu.memory.read64(address + 8));
      } catch (CpuFault fault) {
        return i;
      }
    }
    return DONE;
  }

  /** Stores MSRs as RDMSR reads them; returns as {@link #load} does. */
  static int store(Cpu cpu, long address, long count) {
    for (int i = 1; i <= count; i++, address += ENTRY_SIZE) {
      int msr = cpu.memory.read32(address);
      if (i > maximum(cpu) || illegal(cpu, address, msr)) {
        return i;
      }
      try {
        cpu.memory.write64(address + 8, MsrFile.read(cpu, msr));
      } catch (CpuFault fault) {
        return i;
      }
    }
    return DONE;
  }

  private static int maximum(Cpu cpu) {
    int units = (int) (cpu.model.vmxCapabilities.misc >>> MAXIMUM_SHIFT) & 7;
    return MAXIMUM_UNIT * (units + 1);
  }

  /** Reserved bits, and the MSRs by which x2APIC registers are accessed: 800h to 8FFh. */
  private static boolean illegal(Cpu cpu, long address, int msr) {
    return cpu.memory.read32(address + 4) != 0 || msr >>> 8 == 8;
  }

  private static boolean isSegmentBase(int msr) {
    return msr == Msr.FS_BASE || msr == Msr.GS_BASE;
  }
}

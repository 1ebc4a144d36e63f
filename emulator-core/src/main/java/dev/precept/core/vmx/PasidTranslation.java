package dev.precept.core.vmx;

import dev.precept.core.Cpu;
import dev.precept.core.ExitSignal;
import dev.precept.core.Instruction;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.ReservedBits;

/**
 * PASID translation for ENQCMD and ENQCMDS: guest PASID bit 19 selects a directory, bits 18:10 an
 * entry of it that refers to a table, bits 9:0 the entry there that holds the host PASID.
 *
 * <p>Source: newer printings of SDM vol. 3C, "PASID Translation"; "Exit Qualification" for what a
 * failure reports.
 */
final class PasidTranslation {
  private static final long DIRECTORY_PRESENT = 1, DIRECTORY_RESERVED = 0xFFE;
  private static final int TABLE_VALID = 1 << 31, TABLE_RESERVED = 0x7FF0_0000;

  static final int PASID = 0xF_FFFF;

  private static final int OPCODE_PREFIX_ENQCMD = 0xF2;

  private final ActiveControls controls;
  private final ExitSwitch exit;

  PasidTranslation(ActiveControls controls, ExitSwitch exit) {
    this.controls = controls;
    this.exit = exit;
  }

  /** The host PASID of the guest PASID in {@code command}, which a failure reports as it is. */
  int translate(Cpu cpu, Instruction insn, int command) {
    long reported = command & 0xFFFF_FFFFL;
    int pasid = command & PASID;
    PhysicalMemory memory = cpu.memory;
    boolean high = (pasid >>> 19 & 1) != 0;
    long directory = high ? controls.highPasidDirectory : controls.lowPasidDirectory;
    long entry = memory.read64(directory + (pasid >>> 10 & 0x1FF) * 8L);
    long table = entry & ~0xFFFL;
    if ((entry & DIRECTORY_PRESENT) == 0
        || (entry & DIRECTORY_RESERVED) != 0
        || ReservedBits.beyondPhysical(cpu.model, table)) {
      throw failure(cpu, insn, reported);
    }
    int host = memory.read32(table + (pasid & 0x3FF) * 4L);
    if ((host & TABLE_VALID) == 0 || (host & TABLE_RESERVED) != 0) {
      throw failure(cpu, insn, reported);
    }
    return host & PASID;
  }

  private RuntimeException failure(Cpu cpu, Instruction insn, long reported) {
    boolean user = insn.rep == OPCODE_PREFIX_ENQCMD;
    exit.instruction(
        cpu,
        insn,
        user
            ? ExitReason.ENQCMD_PASID_TRANSLATION_FAILURE
            : ExitReason.ENQCMDS_PASID_TRANSLATION_FAILURE,
        reported,
        0,
        0);
    return ExitSignal.INSTANCE;
  }
}

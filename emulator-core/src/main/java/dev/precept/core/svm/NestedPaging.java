package dev.precept.core.svm;

import dev.precept.core.Cpu;
import dev.precept.core.CpuModel;
import dev.precept.core.CpuState;
import dev.precept.core.Mmu;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.ReservedBits;

/**
 * The nested walk from guest-physical to system-physical addresses, in the paging mode that the
 * host was in at VMRUN. Every nested access counts as a user access.
 *
 * <p>Source: APM vol. 2, 15.25.5 "Nested table walk", 15.25.6 "Nested page faults".
 */
final class NestedPaging {
  /** EXITINFO1 bits of a nested page fault (15.25.6). */
  private static final long FAULT_PRESENT = 1,
      FAULT_WRITE = 1 << 1,
      FAULT_USER = 1 << 2,
      FAULT_RESERVED = 1 << 3,
      FAULT_FETCH = 1 << 4,
      FAULT_FINAL_ADDRESS = 1L << 32,
      FAULT_TABLE_WALK = 1L << 33;

  private static final long P = 1, W = 2, U = 4, A = 1 << 5, D = 1 << 6, PS = 1 << 7, NX = 1L << 63;

  private static final long ADDRESS = 0x000F_FFFF_FFFF_F000L;

  private final WorldSwitch world;
  private long root;
  private boolean longMode;
  private boolean pae;
  private boolean pse;
  private boolean noExecute;

  NestedPaging(WorldSwitch world) {
    this.world = world;
  }

  /** Takes over everything that {@code other} holds. */
  void copyFrom(NestedPaging other) {
    root = other.root;
    longMode = other.longMode;
    pae = other.pae;
    pse = other.pse;
    noExecute = other.noExecute;
  }

  /** Takes over the host's paging mode, which is still in {@code host}, and nCR3. */
  void enter(CpuState host, long ncr3) {
    root = ncr3;
    longMode = host.longMode();
    pae = (host.cr4 & CpuState.CR4_PAE) != 0;
    pse = (host.cr4 & CpuState.CR4_PSE) != 0;
    noExecute = (host.efer & CpuState.EFER_NXE) != 0;
  }

  /** System-physical address of {@code address}; exits with VMEXIT_NPF if there is none. */
  long translate(Cpu cpu, long address, int access, boolean tableWalk) {
    long code = FAULT_USER | (tableWalk ? FAULT_TABLE_WALK : FAULT_FINAL_ADDRESS);
    // "Nested table walks for guest page tables are always treated as data writes" (15.25.5).
    boolean write = tableWalk || (access & Mmu.WRITE) != 0;
    boolean fetch = (access & Mmu.FETCH) != 0 && noExecute && (longMode || pae);
    code |= write ? FAULT_WRITE : 0;
    code |= fetch ? FAULT_FETCH : 0;
    if (!longMode && address >>> 32 != 0) {
      throw world.nestedFault(cpu, code, address, fetch);
    }
    int bits = longMode || pae ? 9 : 10;
    int size = longMode || pae ? 8 : 4;
    int shift = longMode ? 39 : pae ? 30 : 22;
    PhysicalMemory memory = cpu.memory;
    long table = longMode || !pae ? root & ADDRESS : root & 0xFFFF_FFE0L;
    long rights = W | U;
    boolean executable = true;
    while (true) {
      long at = table + (address >>> shift & (1 << bits) - 1) * size;
      long entry = memory.read(at, size);
      boolean pointer = pae && !longMode && shift == 30;
      if ((entry & P) == 0) {
        throw world.nestedFault(cpu, code, address, (access & Mmu.FETCH) != 0);
      }
      boolean leaf = shift == 12 || (!pointer && (entry & PS) != 0 && (size == 8 || pse));
      if (size == 8 && reserved(cpu.model, entry, shift, leaf, pointer)) {
        throw world.nestedFault(
            cpu, code | FAULT_PRESENT | FAULT_RESERVED, address, (access & Mmu.FETCH) != 0);
      }
      if (!pointer) {
        rights &= entry;
        executable &= size == 4 || (entry & NX) == 0;
      }
      if (leaf) {
        if ((rights & U) == 0 || (write && (rights & W) == 0) || (fetch && !executable)) {
          throw world.nestedFault(cpu, code | FAULT_PRESENT, address, (access & Mmu.FETCH) != 0);
        }
        memory.write(at, size, entry | A | (write ? D : 0));
        long offset = (1L << shift) - 1;
        return (entry & ADDRESS & ~offset) | (address & offset);
      }
      if (!pointer) {
        memory.write(at, size, entry | A);
      }
      table = entry & ADDRESS;
      shift -= bits;
    }
  }

  private boolean reserved(CpuModel model, long entry, int shift, boolean leaf, boolean pointer) {
    long address = entry & ADDRESS;
    if (ReservedBits.beyondPhysical(model, address) || (!noExecute && (entry & NX) != 0)) {
      return true;
    }
    if (pointer) {
      // Bits 2:1 and 8:5 of a PAE page-directory-pointer entry.
      return (entry & 0x1E6) != 0;
    }
    if (!leaf || shift == 12) {
      return false;
    }
    // 512 GiB pages do not exist, 1 GiB pages only with the feature; bits under the base are zero.
    boolean exists = shift == 21 || (shift == 30 && longMode && model.pages1g);
    return !exists || (address & (1L << shift) - 1 & ~0x1FFFL) != 0;
  }
}

package dev.precept.core.vmx;

import dev.precept.core.Cpu;
import dev.precept.core.CpuFault;
import dev.precept.core.CpuModel;
import dev.precept.core.Mmu;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.ReservedBits;

/**
 * EPT: the walk from guest-physical to physical addresses, in four levels. Nothing is cached.
 *
 * <p>Source: SDM vol. 3C, 28.2.
 */
final class ExtendedPaging {
  /** Entry bits (tables 28-1 to 28-6). */
  private static final long R = 1, W = 2, X = 4, RWX = 7, PS = 1 << 7, A = 1 << 8, D = 1 << 9;

  private static final long ADDRESS = 0x000F_FFFF_FFFF_F000L;

  /** Bits 7:3 of an entry that references another structure; bit 7 of those that cannot map. */
  private static final long RESERVED_TABLE = 0xF8;

  /** A walk of four levels translates bits 47:0; an address with more is a violation. */
  private static final int LEVEL_4_BITS = 48;

  /**
   * EPTP: memory type 2:0, page-walk length less one 5:3, accessed/dirty enable 6 (24-8), and with
   * CET access rights of supervisor shadow-stack pages 7.
   */
  private static final long SHADOW_STACK = 1 << 7,
      ACCESSED_DIRTY = 1 << 6,
      LENGTH_4 = 3 << 3,
      WRITE_BACK = 6;

  /** IA32_VMX_EPT_VPID_CAP bits (A.10). */
  private static final long CAN_EXECUTE_ONLY = 1,
      CAN_WALK_4 = 1 << 6,
      CAN_UC = 1 << 8,
      CAN_WB = 1 << 14,
      CAN_2M = 1 << 16,
      CAN_1G = 1 << 17,
      CAN_ACCESSED_DIRTY = 1 << 21,
      CAN_SHADOW_STACK = 1 << 23;

  /** Exit qualification of an EPT violation (table 27-7). */
  private static final long READ = 1,
      WRITE = 1 << 1,
      FETCH = 1 << 2,
      LINEAR_VALID = 1 << 7,
      FINAL_ADDRESS = 1 << 8;

  private static final int ALLOWED_SHIFT = 3;

  /** Bit 63 of an entry that maps a page or is not present: suppress #VE (25.5.6.1). */
  private static final long SUPPRESS = 1L << 63;

  private final ActiveControls controls;
  private final ExitSwitch exit;
  private final PageModificationLog log;
  private final VirtualizationExceptions exceptions;

  ExtendedPaging(ActiveControls controls, ExitSwitch exit) {
    this.controls = controls;
    this.exit = exit;
    log = new PageModificationLog(controls, exit);
    exceptions = new VirtualizationExceptions(controls);
  }

  /** Whether VM entry accepts {@code pointer} as an EPTP (26.2.1.1). */
  static boolean pointerLegal(CpuModel model, long pointer) {
    long can = model.vmxCapabilities.eptVpid;
    long type = pointer & 7;
    boolean typeExists =
        (type == 0 && (can & CAN_UC) != 0) || (type == WRITE_BACK && (can & CAN_WB) != 0);
    boolean flags = (pointer & ACCESSED_DIRTY) == 0 || (can & CAN_ACCESSED_DIRTY) != 0;
    boolean shadowStack = (pointer & SHADOW_STACK) == 0 || (can & CAN_SHADOW_STACK) != 0;
    return typeExists
        && flags
        && shadowStack
        && (pointer & 0x38) == LENGTH_4
        && (can & CAN_WALK_4) != 0
        && (pointer & 0xF00) == 0
        && !ReservedBits.beyondPhysical(model, pointer);
  }

  /** Physical address of {@code address}; exits, or raises #VE, if there is none. */
  long translate(Cpu cpu, long address, int access, boolean tableWalk) {
    boolean flags = (controls.eptPointer & ACCESSED_DIRTY) != 0;
    // With accessed and dirty flags for EPT, accesses to guest page tables count as writes, but
    // for those that load the page-directory-pointer entries (28.2.3.2).
    boolean asWrite = tableWalk && flags && cpu.mmu.hasLinear;
    boolean write = (access & Mmu.WRITE) != 0 || asWrite;
    boolean fetch = (access & Mmu.FETCH) != 0;
    // A write to a guest page table updates a flag and is no read.
    boolean read = !fetch && (!write || asWrite);
    long qualification = (read ? READ : 0) | (write ? WRITE : 0) | (fetch ? FETCH : 0);
    if (address >>> LEVEL_4_BITS != 0) {
      throw violation(cpu, address, qualification, SUPPRESS, tableWalk);
    }
    PhysicalMemory memory = cpu.memory;
    long table = controls.eptPointer & ADDRESS;
    long rights = RWX;
    for (int shift = 39; ; shift -= 9) {
      long at = table + (address >>> shift & 0x1FF) * 8;
      long entry = memory.read64(at);
      if ((entry & RWX) == 0) {
        throw violation(cpu, address, qualification, entry & SUPPRESS, tableWalk);
      }
      boolean leaf = shift == 12 || (shift < 39 && (entry & PS) != 0);
      if (misconfigured(cpu.model, entry, shift, leaf)) {
        throw exit.eptMisconfiguration(cpu, address);
      }
      rights &= entry;
      if (flags && (entry & A) == 0) {
        log.examine(cpu);
        entry |= A;
        memory.write64(at, entry);
      }
      if (leaf) {
        long needed = (read ? R : 0) | (write ? W : 0) | (fetch ? X : 0);
        if ((rights & needed) != needed) {
          long allowed = (rights & RWX) | (entry & SUPPRESS);
          throw violation(cpu, address, qualification, allowed, tableWalk);
        }
        if (flags && write && (entry & D) == 0) {
          log.examine(cpu);
          memory.write64(at, entry | D);
          log.add(memory, address);
        }
        long offset = (1L << shift) - 1;
        return (entry & ADDRESS & ~offset) | (address & offset);
      }
      table = entry & ADDRESS;
    }
  }

  private static boolean misconfigured(CpuModel model, long entry, int shift, boolean leaf) {
    long can = model.vmxCapabilities.eptVpid;
    boolean writeWithoutRead = (entry & (R | W)) == W;
    boolean executeOnly = (entry & RWX) == X && (can & CAN_EXECUTE_ONLY) == 0;
    if (writeWithoutRead || executeOnly || ReservedBits.beyondPhysical(model, entry & ADDRESS)) {
      return true;
    }
    if (!leaf) {
      return (entry & RESERVED_TABLE) != 0;
    }
    long type = entry >>> 3 & 7;
    boolean exists =
        shift == 12 || (shift == 21 && (can & CAN_2M) != 0) || (shift == 30 && (can & CAN_1G) != 0);
    boolean aligned = (entry & ADDRESS & (1L << shift) - 1) == 0;
    return !exists || !aligned || type == 2 || type == 3 || type == 7;
  }

  /**
   * What to throw for an EPT violation.
   *
   * @param entry rights that the entries of all levels allow, and {@link #SUPPRESS}
   */
  private RuntimeException violation(
      Cpu cpu, long address, long access, long entry, boolean tableWalk) {
    long qualification = access | (entry & RWX) << ALLOWED_SHIFT | exit.unblocked(cpu);
    if (cpu.mmu.hasLinear) {
      qualification |= LINEAR_VALID | (tableWalk ? 0 : FINAL_ADDRESS);
    }
    return (entry & SUPPRESS) == 0 && exceptions.instead(cpu, address, qualification)
        ? cpu.fault(CpuFault.VE)
        : exit.eptViolation(cpu, address, qualification);
  }
}

package dev.precept.core;

/**
 * Linear memory: paging in its three legacy forms (32-bit with PSE, PAE, 4-level), permissions and
 * accessed/dirty bits (APM vol. 2, chapter 5), over {@link PhysicalMemory}. There is no TLB: every
 * access walks, so that no test sees a stale translation. The PAE page-directory-pointer entries
 * are read at each walk too, as APM vol. 2, 15.25.10 has it for guests.
 */
public final class Mmu {
  /** Access is a write; bit 1 of the #PF error code. */
  public static final int WRITE = 2;

  /** Access is a user access (CPL 3, not an implicit system access); bit 2. */
  public static final int USER = 4;

  /** Access is an instruction fetch; bit 4. */
  public static final int FETCH = 16;

  /** A supervisor access that is implicit (GDT, IDT, TSS): never exempt from SMAP by RFLAGS.AC. */
  public static final int IMPLICIT = 32;

  /** Misaligned accesses raise #AC (CPL 3, CR0.AM and RFLAGS.AC). */
  public static final int ALIGNED = 64;

  private static final int PF_P = 1;
  private static final int PF_RSVD = 8;

  private static final long PTE_P = 1;
  private static final long PTE_RW = 2;
  private static final long PTE_US = 4;
  private static final long PTE_A = 32;
  private static final long PTE_D = 64;
  private static final long PTE_PS = 128;
  private static final long PTE_NX = 1L << 63;
  private static final long ADDRESS = 0x000F_FFFF_FFFF_F000L;

  private final Cpu cpu;

  // Entries of the walk under way: system-physical address and value, top level first.
  private final long[] entryAddress = new long[4];
  private final long[] entryGuestAddress = new long[4];
  private final long[] entry = new long[4];
  private int depth;
  private final long[] pointers = new long[4];

  /** Linear address being translated, for exits of nested paging; see {@link #hasLinear}. */
  public long linear;

  /** False while page-directory-pointer entries are loaded: no linear address is involved. */
  public boolean hasLinear;

  Mmu(Cpu cpu) {
    this.cpu = cpu;
  }

  /** Whether {@code linear} is canonical: bits 63:47 all equal. */
  public static boolean canonical(long linear) {
    return linear << 16 >> 16 == linear;
  }

  /**
   * Translates a linear address, setting accessed and dirty bits if it succeeds.
   *
   * @param linear linear address
   * @param access {@link #WRITE}, {@link #USER}, {@link #FETCH}, {@link #IMPLICIT}, ored
   * @return system-physical address
   * @throws CpuFault #PF
   */
  public long translate(long linear, int access) {
    CpuState s = cpu.state;
    long address = s.longMode() ? linear : linear & 0xFFFF_FFFFL;
    this.linear = address;
    hasLinear = true;
    return physical(s.paging() ? walk(linear, access) : address, access);
  }

  private long physical(long address, int access) {
    return cpu.virtualization.nested(cpu)
        ? cpu.virtualization.translate(cpu, address, access, false)
        : address;
  }

  private long walk(long linear, int access) {
    CpuState s = cpu.state;
    depth = 0;
    if (s.longMode()) {
      return walkLong(linear, access);
    }
    if ((s.cr4 & CpuState.CR4_PAE) != 0) {
      return walkPae(linear & 0xFFFF_FFFFL, access);
    }
    return walk32(linear & 0xFFFF_FFFFL, access);
  }

  private long walkLong(long linear, int access) {
    long table = cpu.state.cr3 & ADDRESS;
    long reserved = reservedAddressBits();
    for (int shift = 39; ; shift -= 9) {
      long e = next(table + (linear >>> shift & 0x1FF) * 8, 8, linear, access);
      long bad = reserved;
      boolean leaf = shift == 12;
      if (shift == 39) {
        // PML4E: bits 8:7 must be zero (APM vol. 2, figure 5-19).
        bad |= 0x180;
      } else if (shift == 30) {
        leaf = (e & PTE_PS) != 0;
        bad |= leaf ? cpu.model.pages1g ? 0x3FFF_E000L : PTE_PS : 0x100;
      } else if (shift == 21) {
        leaf = (e & PTE_PS) != 0;
        bad |= leaf ? 0x1F_E000L : 0;
      }
      if ((e & bad) != 0) {
        throw pageFault(linear, access, PF_P | PF_RSVD);
      }
      if (leaf) {
        return finish(linear, access, shift, 8);
      }
      table = e & ADDRESS;
    }
  }

  private long walkPae(long linear, int access) {
    int index = (int) (linear >>> 30);
    long pointer =
        cpu.virtualization.pdptesInRegisters(cpu)
            ? cpu.state.pdpte[index]
            : readEntry((cpu.state.cr3 & 0xFFFF_FFE0L) + index * 8L, 8);
    if ((pointer & PTE_P) == 0) {
      throw pageFault(linear, access, 0);
    }
    if ((pointer & pdpteReserved()) != 0) {
      throw pageFault(linear, access, PF_P | PF_RSVD);
    }
    long table = pointer & ADDRESS;
    long reserved = reservedAddressBits() | 0x7FF0_0000_0000_0000L;
    for (int shift = 21; ; shift -= 9) {
      long e = next(table + (linear >>> shift & 0x1FF) * 8, 8, linear, access);
      boolean leaf = shift == 12 || (e & PTE_PS) != 0;
      long bad = reserved | (leaf && shift == 21 ? 0x1F_E000L : 0);
      if ((e & bad) != 0) {
        throw pageFault(linear, access, PF_P | PF_RSVD);
      }
      if (leaf) {
        return finish(linear, access, shift, 8);
      }
      table = e & ADDRESS;
    }
  }

  private long walk32(long linear, int access) {
    long e = next((cpu.state.cr3 & 0xFFFF_F000L) + (linear >>> 22) * 4, 4, linear, access);
    if ((e & PTE_PS) != 0 && (cpu.state.cr4 & CpuState.CR4_PSE) != 0) {
      // PSE-36: physical bits 39:32 in bits 20:13; bit 21 is reserved (APM vol. 2, 5.2.2).
      long bad = cpu.model.pse36 ? 1 << 21 : 0x3F_E000L;
      if ((e & bad) != 0) {
        throw pageFault(linear, access, PF_P | PF_RSVD);
      }
      long base = (e & 0xFFC0_0000L) | (e >>> 13 & 0xFF) << 32;
      check(linear, access, 4);
      return base | (linear & 0x3F_FFFF);
    }
    next((e & 0xFFFF_F000L) + (linear >>> 12 & 0x3FF) * 4, 4, linear, access);
    return finish(linear, access, 12, 4);
  }

  /** Reads the next entry of the walk; #PF if it is not present. */
  private long next(long address, int size, long linear, int access) {
    long system = tableAddress(address, 0);
    long e = cpu.memory.read(system, size);
    if ((e & PTE_P) == 0) {
      throw pageFault(linear, access, 0);
    }
    entryAddress[depth] = system;
    entryGuestAddress[depth] = address;
    entry[depth++] = e;
    return e;
  }

  private long readEntry(long address, int size) {
    return cpu.memory.read(tableAddress(address, 0), size);
  }

  private long tableAddress(long address, int write) {
    return cpu.virtualization.nested(cpu)
        ? cpu.virtualization.translate(cpu, address, write | USER, true)
        : address;
  }

  private long finish(long linear, int access, int shift, int size) {
    long leaf = entry[depth - 1];
    check(linear, access, size);
    long mask = (1L << shift) - 1;
    return (leaf & ADDRESS & ~mask) | (linear & mask);
  }

  /** Permissions over all levels, then accessed and dirty bits. */
  private void check(long linear, int access, int size) {
    CpuState s = cpu.state;
    long all = -1;
    long nx = 0;
    for (int i = 0; i < depth; i++) {
      all &= entry[i];
      nx |= entry[i];
    }
    boolean userPage = (all & PTE_US) != 0;
    boolean user = (access & USER) != 0;
    boolean fetch = (access & FETCH) != 0;
    boolean ok = userPage || !user;
    if ((access & WRITE) != 0 && (all & PTE_RW) == 0) {
      ok &= !user && (s.cr0 & CpuState.CR0_WP) == 0;
    }
    if (fetch) {
      ok &= size != 8 || (nx & PTE_NX) == 0 || (s.efer & CpuState.EFER_NXE) == 0;
      ok &= user || !userPage || (s.cr4 & CpuState.CR4_SMEP) == 0;
    } else if (!user && userPage && (s.cr4 & CpuState.CR4_SMAP) != 0) {
      // Explicit supervisor accesses may set RFLAGS.AC aside; implicit ones may not (5.6.6).
      ok &= (access & IMPLICIT) == 0 && s.flag(CpuState.AC);
    }
    if (!ok) {
      throw pageFault(linear, access, PF_P);
    }
    for (int i = 0; i < depth; i++) {
      long set = PTE_A | (i == depth - 1 && (access & WRITE) != 0 ? PTE_D : 0);
      if ((entry[i] & set) != set) {
        tableAddress(entryGuestAddress[i], WRITE);
        cpu.memory.write(entryAddress[i], size, entry[i] | set);
      }
    }
  }

  private long reservedAddressBits() {
    long reserved = ADDRESS & -1L << cpu.model.physicalAddressBits;
    return (cpu.state.efer & CpuState.EFER_NXE) != 0 ? reserved : reserved | PTE_NX;
  }

  private long pdpteReserved() {
    // Bits 2:1, 8:5 and all above the physical width (APM vol. 2, figure 5-9).
    return 0x1E6L | -1L << cpu.model.physicalAddressBits;
  }

  /**
   * Whether the four page-directory-pointer entries at {@code cr3} have no reserved bit set;
   * loading CR3, CR0 or CR4 under PAE raises #GP(0) if not.
   */
  public boolean pdptesValid(long cr3) {
    hasLinear = false;
    boolean valid = true;
    for (int i = 0; i < 4; i++) {
      pointers[i] = readEntry((cr3 & 0xFFFF_FFE0L) + i * 8L, 8);
      valid &= pdpteValid(pointers[i]);
    }
    return valid;
  }

  /** Whether a page-directory-pointer entry is not present or has no reserved bit set. */
  public boolean pdpteValid(long pointer) {
    return (pointer & PTE_P) == 0 || (pointer & pdpteReserved()) == 0;
  }

  /** Keeps the entries that {@link #pdptesValid} has just read in {@link CpuState#pdpte}. */
  public void loadPdptes() {
    System.arraycopy(pointers, 0, cpu.state.pdpte, 0, 4);
  }

  private CpuFault pageFault(long linear, int access, int cause) {
    CpuState s = cpu.state;
    int code = cause | (access & (WRITE | USER));
    boolean nx = (s.cr4 & CpuState.CR4_PAE) != 0 && (s.efer & CpuState.EFER_NXE) != 0;
    if ((access & FETCH) != 0 && (nx || (s.cr4 & CpuState.CR4_SMEP) != 0)) {
      code |= FETCH;
    }
    CpuFault fault = cpu.fault(CpuFault.PF, code);
    fault.fetch = (access & FETCH) != 0;
    fault.address = s.longMode() ? linear : linear & 0xFFFF_FFFFL;
    return fault;
  }

  /** Reads {@code size} bytes (1 to 8) at a linear address. */
  public long read(long linear, int size, int access) {
    long first = translate(linear, access);
    if ((linear & 0xFFF) + size <= 0x1000) {
      align(linear, size, access);
      cpu.breakpoints.data(linear, size, access);
      return cpu.memory.read(first, size);
    }
    int head = (int) (0x1000 - (linear & 0xFFF));
    long second = translate(wrap(linear + head), access);
    align(linear, size, access);
    cpu.breakpoints.data(linear, size, access);
    return cpu.memory.read(first, head) | cpu.memory.read(second, size - head) << (8 * head);
  }

  /** Writes {@code size} bytes (1 to 8) at a linear address; all pages are checked first. */
  public void write(long linear, int size, long value, int access) {
    long first = translate(linear, access | WRITE);
    if ((linear & 0xFFF) + size <= 0x1000) {
      align(linear, size, access);
      cpu.breakpoints.data(linear, size, access | WRITE);
      cpu.memory.write(first, size, value);
      return;
    }
    int head = (int) (0x1000 - (linear & 0xFFF));
    long second = translate(wrap(linear + head), access | WRITE);
    align(linear, size, access);
    cpu.breakpoints.data(linear, size, access | WRITE);
    cpu.memory.write(first, head, value);
    cpu.memory.write(second, size - head, value >>> (8 * head));
  }

  /** Checks that an access of {@code size} bytes (1 to 4096) would succeed, without making it. */
  public void probe(long linear, int size, int access) {
    translate(linear, access);
    if ((linear & 0xFFF) + size > 0x1000) {
      translate(wrap(linear + 0x1000 - (linear & 0xFFF)), access);
    }
    align(linear, size, access);
  }

  // A page fault is found before the alignment check (APM vol. 2, table 8-8 lists #AC last).
  private void align(long linear, int size, int access) {
    if ((access & ALIGNED) != 0 && (linear & (Integer.highestOneBit(size) - 1)) != 0) {
      throw cpu.fault(CpuFault.AC, 0);
    }
  }

  private long wrap(long linear) {
    return cpu.state.longMode() ? linear : linear & 0xFFFF_FFFFL;
  }
}

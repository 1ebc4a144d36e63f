package dev.precept.core;

/** Breakpoints by DR0 to DR3 and DR7 (APM vol. 2, 13.1), and the #DB trap that is gathering. */
public final class Breakpoints {
  private final Cpu cpu;

  /** DR6 bits of the #DB trap that follows the instruction being executed; 0 for none. */
  long pending;

  /** Those of {@link #pending} that blocking by MOV SS held back from the last instruction. */
  long held;

  Breakpoints(Cpu cpu) {
    this.cpu = cpu;
  }

  /** Notes matches of DR0-DR3 with a data access; the #DB trap follows the instruction. */
  void data(long linear, int size, int access) {
    long dr7 = cpu.state.dr[7];
    if ((dr7 & 0xFF) == 0 || (access & Mmu.IMPLICIT) != 0) {
      return;
    }
    for (int n = 0; n < 4; n++) {
      int rw = (int) (dr7 >> (16 + 4 * n)) & 3;
      if ((dr7 >> (2 * n) & 3) != 0 && (rw == 3 || (rw == 1 && (access & Mmu.WRITE) != 0))) {
        int encoded = (int) (dr7 >> (18 + 4 * n)) & 3;
        int length = encoded == 2 ? 8 : encoded + 1;
        long from = cpu.state.dr[n] & -(long) length;
        if (linear < from + length && from < linear + size) {
          pending |= 1L << n;
        }
      }
    }
  }

  /** Notes a match of DR0-DR3 with an I/O port (CR4.DE). */
  public void io(int port, int size) {
    long dr7 = cpu.state.dr[7];
    if ((dr7 & 0xFF) == 0 || (cpu.state.cr4 & CpuState.CR4_DE) == 0) {
      return;
    }
    for (int n = 0; n < 4; n++) {
      if ((dr7 >> (2 * n) & 3) != 0 && (dr7 >> (16 + 4 * n) & 3) == 2) {
        int length = (int) (dr7 >> (18 + 4 * n) & 3) + 1;
        long from = cpu.state.dr[n] & -(long) length & 0xFFFF;
        if (port < from + length && from < port + size) {
          pending |= 1L << n;
        }
      }
    }
  }

  /** #DB fault if the instruction about to be fetched has a breakpoint. */
  void code() {
    long linear =
        cpu.state.code64() ? cpu.state.rip : (cpu.state.cs.base + cpu.state.rip) & 0xFFFF_FFFFL;
    long hit = 0;
    for (int n = 0; n < 4; n++) {
      if ((cpu.state.dr[7] >> (2 * n) & 3) != 0
          && (cpu.state.dr[7] >> (16 + 4 * n) & 3) == 0
          && cpu.state.dr[n] == linear) {
        hit |= 1L << n;
      }
    }
    if (hit != 0) {
      CpuFault debug = cpu.fault(CpuFault.DB);
      debug.dr6 = hit;
      throw debug;
    }
  }

  /** Adds {@code bits} to the DR6 bits of a #DB trap behind this instruction (task switch: BT). */
  public void add(long bits) {
    pending |= bits;
  }

  /** DR6 bits of the #DB trap that is gathering behind this instruction; 0 for none. */
  public long pending() {
    return pending;
  }

  /** DR6 bits of the debug exceptions that MOV SS held back before this instruction. */
  public long held() {
    return held;
  }
}

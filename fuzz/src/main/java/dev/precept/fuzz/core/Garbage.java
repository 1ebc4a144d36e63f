package dev.precept.fuzz.core;

import dev.precept.core.CpuState;
import dev.precept.core.Segment;

/** Gives a register, by its number, any value at all. */
final class Garbage {
  private static final int OTHERS = 45;

  private Garbage() {}

  /**
   * Changes one register.
   *
   * @param number 0 to 15 general registers, then the rest; taken modulo how many there are
   */
  static void put(CpuState s, int number, long v) {
    int n = number % (16 + OTHERS + 4 * 8);
    if (n < 16) {
      s.gpr[n] = v;
    } else if (n < 16 + OTHERS) {
      other(s, n - 16, v);
    } else {
      segment(s, n - 16 - OTHERS, v);
    }
  }

  private static void segment(CpuState s, int n, long v) {
    Segment segment =
        switch (n / 4) {
          case 6 -> s.ldtr;
          case 7 -> s.tr;
          default -> s.sreg[n / 4];
        };
    switch (n % 4) {
      case 0 -> segment.selector = (int) v & 0xFFFF;
      case 1 -> segment.attributes = (int) v & 0xFFFF;
      case 2 -> segment.limit = v & 0xFFFF_FFFFL;
      default -> segment.base = v;
    }
  }

  private static void other(CpuState s, int n, long v) {
    boolean set = (v & 1) != 0;
    switch (n) {
      case 0 -> s.rip = v;
      case 1 -> s.rflags = (v & 0x3F_FFFF) | 2;
      case 2 -> s.cr0 = v;
      case 3 -> s.cr2 = v;
      case 4 -> s.cr3 = v;
      case 5 -> s.cr4 = v;
      case 6 -> s.cr8 = v;
      case 7 -> s.dr[0] = v;
      case 8 -> s.dr[1] = v;
      case 9 -> s.dr[2] = v;
      case 10 -> s.dr[3] = v;
      case 11 -> s.dr[6] = v;
      case 12 -> s.dr[7] = v;
      case 13 -> s.efer = v;
      case 14 -> s.xcr0 = v;
      case 15 -> s.gdtrBase = v;
      case 16 -> s.gdtrLimit = v & 0xFFFF;
      case 17 -> s.idtrBase = v;
      case 18 -> s.idtrLimit = v & 0xFFFF;
      case 19 -> s.cpl = (int) v & 3;
      case 20 -> s.star = v;
      case 21 -> s.lstar = v;
      case 22 -> s.cstar = v;
      case 23 -> s.sfmask = v;
      case 24 -> s.kernelGsBase = v;
      case 25 -> s.sysenterCs = v;
      case 26 -> s.sysenterEsp = v;
      case 27 -> s.sysenterEip = v;
      case 28 -> s.pat = v;
      case 29 -> s.debugCtl = v;
      case 30 -> s.tscAux = v;
      case 31 -> s.vmCr = v;
      case 32 -> s.vmHsavePa = v;
      case 33 -> s.apicBase = v;
      case 34 -> s.smbase = v;
      case 35 -> s.tsc = v;
      case 36 -> s.tscRatio = v;
      case 37 -> s.featureControl = v;
      case 38 -> s.xss = v;
      case 39 -> s.interruptShadow = set;
      case 40 -> s.gif = set;
      case 41 -> s.nmiMasked = set;
      case 42 -> s.smm = set;
      case 43 -> s.halted = set;
      default -> s.x87Status = (int) v & 0xFFFF;
    }
  }
}

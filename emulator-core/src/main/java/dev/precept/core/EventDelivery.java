package dev.precept.core;

/**
 * Exceptions and interrupts: intercept hook, combination into #DF and shutdown, and what
 * virtual-mode extensions redirect (APM vol. 2, chapter 8). {@link GateTransfer} brings them to
 * their handlers.
 */
public final class EventDelivery {
  /**
   * Event types, numbered as interruption types are (SDM vol. 3C, table 24-13): external interrupt,
   * NMI, hardware exception, software interrupt, privileged software exception (INT1), software
   * exception (INT3, INTO). SVM's EVENTINJ and EXITINTINFO have the first four, with the same
   * numbers (APM vol. 2, table 15-9).
   */
  public static final int INTR = 0,
      NMI = 2,
      EXCEPTION = 3,
      SOFTWARE = 4,
      ICEBP = 5,
      SOFTWARE_EXCEPTION = 6;

  /** DR7.GD, which a #DB clears. */
  private static final long DR7_GD = 1L << 13;

  /** A chain of benign exceptions this long means that nothing can be delivered at all. */
  private static final int CHAIN_LIMIT = 8;

  private final Cpu cpu;

  EventDelivery(Cpu cpu) {
    this.cpu = cpu;
  }

  /**
   * Delivers an exception, and whatever it leads to.
   *
   * @return {@link StepResult#DELIVERED}, {@link StepResult#SHUTDOWN} or {@link StepResult#EXITED}
   */
  int raise(CpuFault first) {
    CpuState s = cpu.state;
    CpuFault f = first;
    for (int chain = 0; ; chain++) {
      cpu.virtualization.exception(cpu, f);
      if (f.vector == CpuFault.DB) {
        recordDebug(f);
      }
      if (f.vector == CpuFault.PF && cpu.model.intel) {
        // CR2 is written even if this page fault becomes a double fault (SDM vol. 3A, 6.15, #PF).
        s.cr2 = f.address;
      }
      if (cpu.delivering >= 0 && cpu.deliveringType == EXCEPTION) {
        if ((cpu.delivering == CpuFault.DF && !benign(f.vector)) || chain >= CHAIN_LIMIT) {
          return shutdown(f.vector);
        }
        if (doubleFault(cpu.delivering, f.vector)) {
          f = cpu.fault(CpuFault.DF, 0);
          cpu.virtualization.exception(cpu, f);
        }
      }
      int vector = f.vector;
      if (vector == CpuFault.PF) {
        s.cr2 = f.address;
      }
      boolean software = f.software;
      long flags = flagsImage(f);
      long returnRip = software ? cpu.insn.sequentialRip : s.rip;
      begin(vector, software ? SOFTWARE_EXCEPTION : EXCEPTION, f.hasErrorCode, f.errorCode, flags);
      try {
        cpu.gates.transfer(
            vector, f.hasErrorCode, f.errorCode, returnRip, flags, software, software ? 0 : 1);
        return done();
      } catch (CpuFault next) {
        f = next;
      }
    }
  }

  /**
   * Writes what a #DB writes to DR6 and DR7 when it is delivered; doing so twice changes nothing.
   */
  public void recordDebug(CpuFault fault) {
    CpuState s = cpu.state;
    s.dr[6] = (s.dr[6] & ~0xFL) | fault.dr6;
    s.dr[7] &= ~DR7_GD;
    if (cpu.model.intel) {
      // A debug exception clears LBR and BTF (SDM vol. 3B, 17.4.1).
      s.debugCtl &= ~3L;
    }
  }

  /**
   * RFLAGS as an exception pushes it. Faults push RF set, so that the instruction breaks only once
   * when restarted (APM vol. 2, 8.2.2); an instruction breakpoint's #DB does not. Whether the #DB
   * of general detect does is said for Intel's processors only (SDM vol. 3B, 17.3.1.1).
   */
  public long flagsImage(CpuFault fault) {
    boolean generalDetect = cpu.model.intel && (fault.dr6 & CpuState.DR6_BD) != 0;
    boolean plain =
        fault.trap
            || fault.software
            || fault.vector == CpuFault.DF
            || (fault.vector == CpuFault.DB && !generalDetect);
    return plain ? cpu.state.rflags : cpu.state.rflags | CpuState.RF;
  }

  private void begin(int vector, int type, boolean hasErrorCode, int errorCode, long flags) {
    cpu.delivering = vector;
    cpu.deliveringFlags = flags;
    cpu.deliveringType = type;
    cpu.deliveringHasErrorCode = hasErrorCode;
    cpu.deliveringErrorCode = errorCode;
  }

  private int done() {
    cpu.lastVector = cpu.delivering;
    cpu.lastHasErrorCode = cpu.deliveringHasErrorCode && !cpu.state.realMode();
    cpu.lastErrorCode = cpu.lastHasErrorCode ? cpu.deliveringErrorCode : 0;
    cpu.delivering = -1;
    cpu.state.halted = false;
    cpu.state.interruptShadow = false;
    return StepResult.DELIVERED;
  }

  private int shutdown(int vector) {
    if (cpu.virtualization.shutdown(cpu)) {
      return StepResult.EXITED;
    }
    cpu.lastVector = vector;
    cpu.state.shutdown = true;
    return StepResult.SHUTDOWN;
  }

  /** INT n: called by its handler; sets {@link Cpu#result}, changes CS:rIP through the gate. */
  public void softwareInterrupt(int vector) {
    long flags = cpu.state.rflags & ~CpuState.RF;
    begin(vector, SOFTWARE, false, 0, flags);
    cpu.gates.transfer(vector, false, 0, cpu.insn.sequentialRip, flags, true, 0);
    finishHandler();
  }

  /** ICEBP: vector 1 without a privilege check and without touching DR6 (15.12.2). */
  public void icebp() {
    cpu.virtualization.icebp(cpu);
    long flags = cpu.state.rflags & ~CpuState.RF;
    begin(CpuFault.DB, ICEBP, false, 0, flags);
    cpu.gates.transfer(CpuFault.DB, false, 0, cpu.insn.sequentialRip, flags, false, 1);
    finishHandler();
  }

  private void finishHandler() {
    cpu.result = done();
    cpu.insn.nextRip = cpu.state.rip;
    cpu.keepRf = true;
  }

  int inject(
      int type,
      int vector,
      boolean hasErrorCode,
      int errorCode,
      long returnRip,
      long flags,
      boolean redirectable) {
    boolean software = type == SOFTWARE || type == SOFTWARE_EXCEPTION;
    begin(vector, type, hasErrorCode, errorCode, flags);
    int outcome;
    try {
      if (redirectable && cpu.state.v86() && virtualModeExtensions() && !throughIdt(vector)) {
        redirect(vector, returnRip);
      } else {
        int ext = software ? 0 : 1;
        cpu.gates.transfer(vector, hasErrorCode, errorCode, returnRip, flags, software, ext);
      }
      outcome = done();
    } catch (CpuFault f) {
      outcome = raise(f);
    }
    cpu.insn.nextRip = cpu.state.rip;
    cpu.keepRf = true;
    return outcome;
  }

  /** APM vol. 2, table 8-4: contributory are #DE #TS #NP #SS #GP #CP. */
  private static boolean contributory(int vector) {
    return switch (vector) {
      case CpuFault.DE, CpuFault.TS, CpuFault.NP, CpuFault.SS, CpuFault.GP, CpuFault.CP -> true;
      default -> false;
    };
  }

  private static boolean benign(int vector) {
    return !likePageFault(vector) && !contributory(vector);
  }

  /** Virtualization exceptions are as severe as page faults (SDM vol. 3C, 25.5.6.3). */
  private static boolean likePageFault(int vector) {
    return vector == CpuFault.PF || vector == CpuFault.VE;
  }

  private static boolean doubleFault(int first, int second) {
    return (contributory(first) && contributory(second))
        || (likePageFault(first) && (likePageFault(second) || contributory(second)));
  }

  private boolean virtualModeExtensions() {
    return (cpu.state.cr4 & CpuState.CR4_VME) != 0;
  }

  /**
   * Whether the TSS's interrupt-redirection bitmap, the 32 bytes below the I/O bitmap, sends INT n
   * of virtual-8086 mode through the IDT (APM vol. 2, 12.2.4).
   */
  public boolean throughIdt(int vector) {
    CpuState s = cpu.state;
    if (s.tr.limit < 0x67) {
      throw cpu.gp(0);
    }
    long base = cpu.mmu.read(s.tr.base + 0x66 & 0xFFFF_FFFFL, 2, Mmu.IMPLICIT);
    long at = base - 32 + (vector >> 3);
    if (at < 0 || at > s.tr.limit) {
      throw cpu.gp(0);
    }
    long bits = cpu.mmu.read(s.tr.base + at & 0xFFFF_FFFFL, 1, Mmu.IMPLICIT);
    return (bits >> (vector & 7) & 1) != 0;
  }

  /** INT n under virtual-mode extensions that stays in virtual-8086 mode; called by its handler. */
  public void redirectedInterrupt(int vector) {
    begin(vector, SOFTWARE, false, 0, cpu.state.rflags & ~CpuState.RF);
    redirect(vector, cpu.insn.sequentialRip);
    finishHandler();
  }

  /** RFLAGS as software in virtual-8086 mode below IOPL 3 sees them: IF is VIF, IOPL 3. */
  public static long virtualImage(CpuState s) {
    long flags = (s.rflags & ~CpuState.IF) | CpuState.IOPL;
    return s.flag(CpuState.VIF) ? flags | CpuState.IF : flags;
  }

  /** Through the vector table at linear address 0 (APM vol. 2, 8.2.3, table 8-7). */
  private void redirect(int vector, long returnRip) {
    CpuState s = cpu.state;
    long flags = s.iopl() < 3 ? virtualImage(s) : s.rflags;
    long entry = cpu.mmu.read(vector * 4L, 4, Mmu.USER);
    cpu.gates.throughVector(entry, returnRip, flags & ~CpuState.RF);
    s.rflags &= ~(s.iopl() == 3 ? CpuState.IF | CpuState.TF : CpuState.VIF | CpuState.TF);
  }
}

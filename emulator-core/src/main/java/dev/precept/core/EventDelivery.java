package dev.precept.core;

/**
 * Exceptions and interrupts: intercept hook, combination into #DF and shutdown, and the transfer
 * through IVT or IDT in every mode (APM vol. 2, chapter 8). Nothing but memory below the new stack
 * pointer is written before all checks of a transfer have passed.
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
  private final Segment newCs = new Segment();
  private final Segment newSs = new Segment();
  private final long[] frame = new long[10];
  private final long[] frameLinear = new long[10];
  private int frameCount;

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
        transfer(vector, f.hasErrorCode, f.errorCode, returnRip, flags, software, software ? 0 : 1);
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
    transfer(vector, false, 0, cpu.insn.sequentialRip, flags, true, 0);
    finishHandler();
  }

  /** ICEBP: vector 1 without a privilege check and without touching DR6 (15.12.2). */
  public void icebp() {
    cpu.virtualization.icebp(cpu);
    long flags = cpu.state.rflags & ~CpuState.RF;
    begin(CpuFault.DB, ICEBP, false, 0, flags);
    transfer(CpuFault.DB, false, 0, cpu.insn.sequentialRip, flags, false, 1);
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
        transfer(vector, hasErrorCode, errorCode, returnRip, flags, software, ext);
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
    return vector != CpuFault.PF && !contributory(vector);
  }

  private static boolean doubleFault(int first, int second) {
    return (contributory(first) && contributory(second))
        || (first == CpuFault.PF && (second == CpuFault.PF || contributory(second)));
  }

  private void transfer(
      int vector,
      boolean hasErrorCode,
      int errorCode,
      long returnRip,
      long flags,
      boolean software,
      int ext) {
    CpuState s = cpu.state;
    if (s.realMode()) {
      realMode(vector, returnRip);
    } else if (s.longMode()) {
      longMode(vector, hasErrorCode, errorCode, returnRip, flags, software, ext);
    } else {
      protectedMode(vector, hasErrorCode, errorCode, returnRip, flags, software, ext);
    }
  }

  private void realMode(int vector, long returnRip) {
    CpuState s = cpu.state;
    if (vector * 4 + 3 > (s.idtrLimit & 0xFFFF)) {
      throw cpu.gp(vector * 8 + 2);
    }
    long entry = cpu.mmu.read(s.idtrBase + vector * 4L & 0xFFFF_FFFFL, 4, Mmu.IMPLICIT);
    throughVector(entry, returnRip, s.rflags);
    s.rflags &= ~(CpuState.IF | CpuState.TF | CpuState.AC | CpuState.RF);
  }

  /** Pushes FLAGS, CS, IP and goes where a real-mode vector points: real mode, VME redirection. */
  public void throughVector(long entry, long returnRip, long flags) {
    CpuState s = cpu.state;
    long offset = entry & 0xFFFF;
    frameCount = 0;
    frame[frameCount++] = flags;
    frame[frameCount++] = s.cs.selector;
    frame[frameCount++] = returnRip;
    long mask = cpu.stackMask();
    long rsp = push(s.ss, s.gpr[4] & mask, mask, 2, s.cpl == 3 ? Mmu.USER : 0, 0, false);
    if (offset > s.cs.limit) {
      throw cpu.gp(0);
    }
    writeFrame(2, s.cpl == 3 ? Mmu.USER : 0);
    cpu.setRsp(rsp, mask);
    cpu.segments.loadRealCs((int) (entry >> 16) & 0xFFFF);
    s.rip = offset;
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
    throughVector(entry, returnRip, flags & ~CpuState.RF);
    s.rflags &= ~(s.iopl() == 3 ? CpuState.IF | CpuState.TF : CpuState.VIF | CpuState.TF);
  }

  private void protectedMode(
      int vector,
      boolean hasErrorCode,
      int errorCode,
      long returnRip,
      long flags,
      boolean software,
      int ext) {
    CpuState s = cpu.state;
    Segmentation seg = cpu.segments;
    int gateCode = vector * 8 + 2 + ext;
    if (vector * 8 + 7 > (s.idtrLimit & 0xFFFF)) {
      throw cpu.gp(gateCode);
    }
    long gate = cpu.mmu.read(s.idtrBase + vector * 8L & 0xFFFF_FFFFL, 8, Mmu.IMPLICIT);
    int type = (int) (gate >> 40) & 0x1F;
    boolean known =
        type == Segmentation.TASK_GATE
            || type == Segmentation.INTERRUPT_GATE16
            || type == Segmentation.TRAP_GATE16
            || type == Segmentation.INTERRUPT_GATE32
            || type == Segmentation.TRAP_GATE32;
    if (!known || (software && (gate >> 45 & 3) < s.cpl)) {
      throw cpu.gp(gateCode);
    }
    if ((gate >> 47 & 1) == 0) {
      throw cpu.fault(CpuFault.NP, gateCode);
    }
    int selector = (int) (gate >> 16) & 0xFFFF;
    if (type == Segmentation.TASK_GATE) {
      cpu.tasks.switchForEvent(selector, hasErrorCode, errorCode, returnRip, flags, ext);
      return;
    }
    int newCpl = target(selector, ext, false);
    boolean wide = type >= Segmentation.INTERRUPT_GATE32;
    int width = wide ? 4 : 2;
    long offset = wide ? (gate & 0xFFFF) | (gate >>> 32 & 0xFFFF_0000L) : gate & 0xFFFF;
    boolean v86 = s.v86();
    frameCount = 0;
    long mask;
    long rsp;
    if (newCpl < s.cpl) {
      long stack = innerStack(newCpl, ext);
      mask = newSs.big() ? 0xFFFF_FFFFL : 0xFFFF;
      if (v86) {
        frame[frameCount++] = s.gs.selector;
        frame[frameCount++] = s.fs.selector;
        frame[frameCount++] = s.ds.selector;
        frame[frameCount++] = s.es.selector;
      }
      frame[frameCount++] = s.ss.selector;
      frame[frameCount++] = s.gpr[4];
      pushReturn(flags, returnRip, hasErrorCode, errorCode);
      int access = s.cpl == 3 ? Mmu.IMPLICIT : 0;
      rsp = push(newSs, stack & mask, mask, width, access, (newSs.selector & 0xFFFC) | ext, true);
      offsetInside(offset, ext);
      writeFrame(width, access);
    } else {
      mask = s.ss.big() ? 0xFFFF_FFFFL : 0xFFFF;
      pushReturn(flags, returnRip, hasErrorCode, errorCode);
      int access = s.cpl == 3 ? Mmu.USER : 0;
      rsp = push(s.ss, s.gpr[4] & mask, mask, width, access, ext, true);
      offsetInside(offset, ext);
      writeFrame(width, access);
    }
    if (newCpl < s.cpl) {
      s.ss.set(newSs);
      s.gpr[4] = rsp;
      if (v86) {
        cpu.segments.nullSegment(s.es, 0);
        cpu.segments.nullSegment(s.ds, 0);
        cpu.segments.nullSegment(s.fs, 0);
        cpu.segments.nullSegment(s.gs, 0);
      }
    } else {
      cpu.setRsp(rsp, mask);
    }
    enter(newCpl, selector, offset, type);
    seg.descriptor = 0;
  }

  private void pushReturn(long flags, long returnRip, boolean hasErrorCode, int errorCode) {
    frame[frameCount++] = flags;
    frame[frameCount++] = cpu.state.cs.selector;
    frame[frameCount++] = returnRip;
    if (hasErrorCode) {
      frame[frameCount++] = errorCode;
    }
  }

  private void offsetInside(long offset, int ext) {
    if (offset > newCs.limit) {
      throw cpu.gp(ext);
    }
  }

  private void enter(int newCpl, int selector, long offset, int type) {
    CpuState s = cpu.state;
    newCs.selector = (selector & 0xFFFC) | newCpl;
    s.cs.set(newCs);
    s.cpl = newCpl;
    s.rip = offset;
    long clear = CpuState.TF | CpuState.NT | CpuState.RF | CpuState.VM;
    if ((type & 1) == 0) {
      clear |= CpuState.IF;
    }
    s.rflags &= ~clear;
  }

  /** Checks a gate's code segment, leaves it in {@link #newCs}, returns the new CPL. */
  private int target(int selector, int ext, boolean longMode) {
    CpuState s = cpu.state;
    Segmentation seg = cpu.segments;
    if (Segmentation.isNull(selector)) {
      throw cpu.gp(ext);
    }
    seg.read(selector, CpuFault.GP, ext);
    int code = (selector & 0xFFFC) | ext;
    if (!seg.isCode() || seg.dpl() > s.cpl) {
      throw cpu.gp(code);
    }
    if (longMode && (seg.attributes() & (Segment.L | Segment.DB)) != Segment.L) {
      throw cpu.gp(code);
    }
    int newCpl = seg.conforming() ? s.cpl : seg.dpl();
    if (s.v86() && newCpl != 0) {
      throw cpu.gp(code);
    }
    if (!seg.present()) {
      throw cpu.fault(CpuFault.NP, code);
    }
    seg.markAccessed();
    seg.unpack(newCs, selector);
    return newCpl;
  }

  /** Reads SS:eSP of {@code cpl} from the TSS; leaves SS in {@link #newSs}, returns eSP. */
  public long innerStack(int cpl, int ext) {
    CpuState s = cpu.state;
    Segmentation seg = cpu.segments;
    boolean wide = (s.tr.type() & 8) != 0;
    int at = wide ? 4 + 8 * cpl : 2 + 4 * cpl;
    int size = wide ? 4 : 2;
    if (at + size + 1 > s.tr.limit) {
      throw cpu.fault(CpuFault.TS, (s.tr.selector & 0xFFFC) | ext);
    }
    long sp = cpu.mmu.read(seg.wrap(s.tr.base + at), size, Mmu.IMPLICIT);
    int ss = (int) cpu.mmu.read(seg.wrap(s.tr.base + at + size), 2, Mmu.IMPLICIT);
    if (Segmentation.isNull(ss)) {
      throw cpu.fault(CpuFault.TS, ext);
    }
    seg.checkLoad(newSs, Segment.SS, ss, cpl, ext, CpuFault.TS);
    return sp;
  }

  /** The stack segment that {@link #innerStack} checked. */
  public Segment innerSegment() {
    return newSs;
  }

  /**
   * Works out and probes where {@link #frame} goes on a stack.
   *
   * @return the new stack pointer
   */
  private long push(
      Segment ss, long from, long mask, int width, int access, int code, boolean checkType) {
    long sp = from;
    for (int i = 0; i < frameCount; i++) {
      sp = (sp - width) & mask;
      long last = sp + width - 1;
      boolean bad;
      if ((ss.attributes & 0xC) == 4) {
        bad = sp <= ss.limit || last > (ss.big() ? 0xFFFF_FFFFL : 0xFFFF);
      } else {
        bad = last > ss.limit;
      }
      if (checkType && !cpu.state.v86()) {
        bad |= !ss.present() || (ss.attributes & 0x1A) != 0x12;
      }
      if (bad) {
        throw cpu.fault(CpuFault.SS, code);
      }
      frameLinear[i] = ss.base + sp & 0xFFFF_FFFFL;
      cpu.mmu.probe(frameLinear[i], width, access | Mmu.WRITE);
    }
    return sp;
  }

  private void writeFrame(int width, int access) {
    for (int i = 0; i < frameCount; i++) {
      cpu.mmu.write(frameLinear[i], width, frame[i], access);
    }
  }

  private void longMode(
      int vector,
      boolean hasErrorCode,
      int errorCode,
      long returnRip,
      long flags,
      boolean software,
      int ext) {
    CpuState s = cpu.state;
    int gateCode = vector * 8 + 2 + ext;
    if (vector * 16 + 15 > (s.idtrLimit & 0xFFFF)) {
      throw cpu.gp(gateCode);
    }
    long gate = cpu.mmu.read(s.idtrBase + vector * 16L, 8, Mmu.IMPLICIT);
    long high = cpu.mmu.read(s.idtrBase + vector * 16L + 8, 8, Mmu.IMPLICIT);
    int type = (int) (gate >> 40) & 0x1F;
    if ((type != Segmentation.INTERRUPT_GATE32 && type != Segmentation.TRAP_GATE32)
        || (software && (gate >> 45 & 3) < s.cpl)) {
      throw cpu.gp(gateCode);
    }
    if ((gate >> 47 & 1) == 0) {
      throw cpu.fault(CpuFault.NP, gateCode);
    }
    int selector = (int) (gate >> 16) & 0xFFFF;
    int newCpl = target(selector, ext, true);
    int ist = (int) (gate >> 32) & 7;
    long rsp;
    if (ist != 0) {
      rsp = tss64(0x1C + 8 * ist, ext);
    } else if (newCpl < s.cpl) {
      rsp = tss64(4 + 8 * newCpl, ext);
    } else {
      rsp = s.gpr[4];
    }
    rsp &= ~0xFL;
    frameCount = 0;
    frame[frameCount++] = s.ss.selector;
    frame[frameCount++] = s.gpr[4];
    pushReturn(flags, returnRip, hasErrorCode, errorCode);
    int access = newCpl == 3 ? Mmu.USER : s.cpl == 3 ? Mmu.IMPLICIT : 0;
    for (int i = 0; i < frameCount; i++) {
      rsp -= 8;
      if (!Mmu.canonical(rsp)) {
        throw cpu.fault(CpuFault.SS, ext);
      }
      frameLinear[i] = rsp;
      cpu.mmu.probe(rsp, 8, access | Mmu.WRITE);
    }
    long offset = (gate & 0xFFFF) | (gate >>> 32 & 0xFFFF_0000L) | high << 32;
    if (!Mmu.canonical(offset)) {
      throw cpu.gp(ext);
    }
    writeFrame(8, access);
    if (newCpl < s.cpl) {
      s.ss.set(newCpl, 0, 0, 0);
    }
    s.gpr[4] = rsp;
    enter(newCpl, selector, offset, type);
  }

  /** Reads a stack pointer from the 64-bit TSS (APM vol. 2, figure 12-8). */
  public long tss64(int at, int ext) {
    CpuState s = cpu.state;
    if (at + 7 > s.tr.limit) {
      throw cpu.fault(CpuFault.TS, (s.tr.selector & 0xFFFC) | ext);
    }
    long rsp = cpu.mmu.read(s.tr.base + at, 8, Mmu.IMPLICIT);
    if (!Mmu.canonical(rsp)) {
      throw cpu.fault(CpuFault.SS, ext);
    }
    return rsp;
  }
}

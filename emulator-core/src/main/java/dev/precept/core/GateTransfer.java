package dev.precept.core;

/**
 * The way to an event's handler: through the IVT in real mode, through a gate of the IDT in all
 * others, with the frame that the handler returns by (APM vol. 2, chapter 8). Nothing but memory
 * below the new stack pointer is written before all checks of a transfer have passed.
 */
public final class GateTransfer {
  private final Cpu cpu;
  private final Segment newCs = new Segment();
  private final Segment newSs = new Segment();
  private final long[] frame = new long[10];
  private final long[] frameLinear = new long[10];
  private int frameCount;

  GateTransfer(Cpu cpu) {
    this.cpu = cpu;
  }

  /** Goes to the handler of {@code vector} as the mode has it; {@code ext} is the EXT bit. */
  void transfer(
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
  void throughVector(long entry, long returnRip, long flags) {
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

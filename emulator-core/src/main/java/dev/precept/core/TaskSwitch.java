package dev.precept.core;

/**
 * Hardware task switching (APM vol. 2, 12.3): checks of the incoming TSS, then {@link
 * Virtualization#taskSwitch}, then the switch. Faults after that are the new task's.
 */
public final class TaskSwitch {
  private final Cpu cpu;
  private final Segment newTr = new Segment();
  private final Segment scratch = new Segment();
  private final int[] selectors = new int[6];

  TaskSwitch(Cpu cpu) {
    this.cpu = cpu;
  }

  /** Far JMP or CALL to a TSS descriptor or, after its own checks, through a task gate. */
  public void jumpOrCall(int tssSelector, boolean call, boolean throughGate) {
    CpuState s = cpu.state;
    checkTss(tssSelector, 0, false, CpuFault.GP);
    Segmentation seg = cpu.segments;
    if (!throughGate && (seg.dpl() < s.cpl || seg.dpl() < (tssSelector & 3))) {
      throw cpu.gp(tssSelector & 0xFFFC);
    }
    present(tssSelector, 0);
    switchTo(
        tssSelector,
        call ? Virtualization.TASK_CALL : Virtualization.TASK_JMP,
        false,
        0,
        cpu.insn.sequentialRip,
        s.rflags & ~CpuState.RF);
  }

  /** IRET with NT set: back to the task in the current TSS's link field. */
  public void returnToPrevious() {
    CpuState s = cpu.state;
    int link = (int) cpu.mmu.read(cpu.segments.wrap(s.tr.base), 2, Mmu.IMPLICIT);
    checkTss(link, 0, true, CpuFault.TS);
    present(link, 0);
    switchTo(
        link,
        Virtualization.TASK_IRET,
        false,
        0,
        cpu.insn.sequentialRip,
        s.rflags & ~(CpuState.NT | CpuState.RF));
  }

  /** An event through a task gate. */
  void switchForEvent(
      int selector, boolean hasErrorCode, int errorCode, long returnRip, long flags, int ext) {
    checkTss(selector, ext, false, CpuFault.GP);
    present(selector, ext);
    switchTo(selector, Virtualization.TASK_EVENT, hasErrorCode, errorCode, returnRip, flags);
    cpu.keepRf = true;
  }

  /** The TSS descriptor must be in the GDT and of the right type, available or busy. */
  private void checkTss(int selector, int ext, boolean busy, int vector) {
    int code = (selector & 0xFFFC) | ext;
    if (Segmentation.isNull(selector) || (selector & 4) != 0) {
      throw cpu.fault(vector, code);
    }
    Segmentation seg = cpu.segments;
    seg.read(selector, vector, ext);
    int type = seg.typeAndS();
    boolean ok =
        busy
            ? type == Segmentation.TSS16_BUSY || type == Segmentation.TSS32_BUSY
            : type == Segmentation.TSS16 || type == Segmentation.TSS32;
    if (!ok) {
      throw cpu.fault(vector, code);
    }
  }

  private void present(int selector, int ext) {
    Segmentation seg = cpu.segments;
    if (!seg.present()) {
      throw cpu.fault(CpuFault.NP, (selector & 0xFFFC) | ext);
    }
    long least = (seg.typeAndS() & 8) != 0 ? 0x67 : 0x2B;
    if (seg.limit() < least) {
      throw cpu.fault(CpuFault.TS, (selector & 0xFFFC) | ext);
    }
  }

  private void switchTo(
      int selector, int reason, boolean hasErrorCode, int errorCode, long returnRip, long flags) {
    CpuState s = cpu.state;
    Segmentation seg = cpu.segments;
    seg.unpack(newTr, selector);
    long newDescriptor = seg.descriptorAddress;
    boolean newWide = (newTr.type() & 8) != 0;
    cpu.virtualization.taskSwitch(
        cpu, selector, reason, hasErrorCode, errorCode, (flags & CpuState.RF) != 0);

    // Everything that the switch touches has to be there, before anything changes.
    boolean oldWide = (s.tr.type() & 8) != 0;
    probe(s.tr.base, oldWide ? 0x5F : 0x2A, Mmu.WRITE);
    probe(newTr.base, newWide ? 0x67 : 0x2B, reason == Virtualization.TASK_IRET ? 0 : Mmu.WRITE);
    boolean nested = reason == Virtualization.TASK_CALL || reason == Virtualization.TASK_EVENT;

    if (!nested) {
      seg.markBusy(s.gdtrBase + (s.tr.selector & 0xFFF8), false);
    }
    save(oldWide, returnRip, flags);
    if (nested) {
      put(newTr.base, 0, 2, s.tr.selector);
    }
    if (reason != Virtualization.TASK_IRET) {
      seg.markBusy(newDescriptor, true);
    }
    newTr.attributes |= 2;
    s.tr.set(newTr);
    s.cr0 |= CpuState.CR0_TS;
    cpu.noRollBack();
    load(newWide, nested);
    loadSegments();
    if (newWide && (get(s.tr.base, 0x64, 2) & 1) != 0) {
      cpu.breakpoints.add(CpuState.DR6_BT);
    }
    if (hasErrorCode) {
      cpu.push(newWide ? 4 : 2, errorCode);
    }
    if (s.rip > s.cs.limit) {
      throw cpu.gp(0);
    }
    cpu.insn.nextRip = s.rip;
    cpu.keepRf = true;
    cpu.singleStep = false;
  }

  private void probe(long base, int last, int access) {
    cpu.mmu.probe(base & 0xFFFF_FFFFL, 1, access | Mmu.IMPLICIT);
    cpu.mmu.probe(base + last & 0xFFFF_FFFFL, 1, access | Mmu.IMPLICIT);
  }

  private long get(long base, int at, int size) {
    return cpu.mmu.read(base + at & 0xFFFF_FFFFL, size, Mmu.IMPLICIT);
  }

  private void put(long base, int at, int size, long value) {
    cpu.mmu.write(base + at & 0xFFFF_FFFFL, size, value, Mmu.IMPLICIT);
  }

  private void save(boolean wide, long returnRip, long flags) {
    CpuState s = cpu.state;
    long base = s.tr.base;
    // 32-bit: EIP 20h, EFLAGS 24h, registers 28h, selectors 48h; 16-bit: 0Eh, 10h, 12h, 22h.
    int size = wide ? 4 : 2;
    put(base, wide ? 0x20 : 0x0E, size, returnRip);
    put(base, wide ? 0x24 : 0x10, size, flags);
    for (int i = 0; i < 8; i++) {
      put(base, (wide ? 0x28 : 0x12) + size * i, size, s.gpr[i]);
    }
    int count = wide ? 6 : 4;
    for (int i = 0; i < count; i++) {
      put(base, (wide ? 0x48 : 0x22) + size * i, 2, s.sreg[i].selector);
    }
  }

  private void load(boolean wide, boolean nested) {
    CpuState s = cpu.state;
    long base = s.tr.base;
    int size = wide ? 4 : 2;
    long cr3 = wide ? get(base, 0x1C, 4) : 0;
    s.rip = get(base, wide ? 0x20 : 0x0E, size);
    long flags = get(base, wide ? 0x24 : 0x10, size);
    for (int i = 0; i < 8; i++) {
      long value = get(base, (wide ? 0x28 : 0x12) + size * i, size);
      s.gpr[i] = wide ? value : value | 0xFFFF_0000L;
    }
    for (int i = 0; i < 6; i++) {
      selectors[i] = wide || i < 4 ? (int) get(base, (wide ? 0x48 : 0x22) + size * i, 2) : 0;
    }
    s.ldtr.set((int) get(base, wide ? 0x60 : 0x2A, 2), 0, 0, 0);
    s.rflags = (flags & 0x003F_7FD5L) | 2;
    if (nested) {
      s.rflags |= CpuState.NT;
    }
    if (wide && s.paging()) {
      s.cr3 = cr3;
    }
  }

  /** Descriptors of the new task; their faults are #TS in it. */
  private void loadSegments() {
    CpuState s = cpu.state;
    Segmentation seg = cpu.segments;
    for (int i = 0; i < 6; i++) {
      s.sreg[i].set(selectors[i], 0, 0, 0);
    }
    if (s.v86()) {
      for (int i = 0; i < 6; i++) {
        seg.makeV86(s.sreg[i], selectors[i]);
      }
      s.cpl = 3;
      loadLdt();
      return;
    }
    s.cpl = selectors[Segment.CS] & 3;
    loadLdt();
    int cs = selectors[Segment.CS];
    int code = cs & 0xFFFC;
    if (Segmentation.isNull(cs)) {
      throw cpu.fault(CpuFault.TS, code);
    }
    seg.read(cs, CpuFault.TS, 0);
    if (!seg.isCode() || (seg.conforming() ? seg.dpl() > (cs & 3) : seg.dpl() != (cs & 3))) {
      throw cpu.fault(CpuFault.TS, code);
    }
    if (!seg.present()) {
      throw cpu.fault(CpuFault.NP, code);
    }
    seg.markAccessed();
    seg.unpack(s.cs, cs);
    seg.checkLoad(scratch, Segment.SS, selectors[Segment.SS], s.cpl, 0, CpuFault.TS);
    s.ss.set(scratch);
    for (int i = 0; i < 6; i++) {
      if (i != Segment.CS && i != Segment.SS) {
        seg.checkLoad(scratch, i, selectors[i], s.cpl, 0, CpuFault.TS);
        s.sreg[i].set(scratch);
      }
    }
  }

  private void loadLdt() {
    CpuState s = cpu.state;
    Segmentation seg = cpu.segments;
    int selector = s.ldtr.selector;
    if (Segmentation.isNull(selector)) {
      return;
    }
    int code = selector & 0xFFFC;
    if ((selector & 4) != 0) {
      throw cpu.fault(CpuFault.TS, code);
    }
    seg.read(selector, CpuFault.TS, 0);
    if (seg.typeAndS() != Segmentation.LDT || !seg.present()) {
      throw cpu.fault(CpuFault.TS, code);
    }
    seg.unpack(s.ldtr, selector);
  }
}

package dev.precept.core.svm;

import dev.precept.core.CpuState;
import dev.precept.core.Segment;

/**
 * The host state that VMRUN saves and #VMEXIT reloads. It stays in the processor: the page at
 * VM_HSAVE_PA is not written, which the manual leaves to the implementation (APM vol. 2, 15.5.1,
 * "Saving Host State").
 */
final class HostState {
  /** DR7 with every breakpoint disabled; bit 10 always reads 1. */
  private static final long DR7_DISABLED = 0x400;

  private final Segment es = new Segment();
  private final Segment cs = new Segment();
  private final Segment ss = new Segment();
  private final Segment ds = new Segment();
  private long rip;
  private long rflags;
  private long rax;
  private long rsp;
  private long cr0;
  private long cr3;
  private long cr4;
  private long cr8;
  private long efer;
  private long gdtrBase;
  private long gdtrLimit;
  private long idtrBase;
  private long idtrLimit;
  private long debugCtl;
  private final long[] lastBranch = new long[4];
  private long pat;

  /** Takes over everything that {@code other} holds. */
  void copyFrom(HostState other) {
    es.set(other.es);
    cs.set(other.cs);
    ss.set(other.ss);
    ds.set(other.ds);
    rip = other.rip;
    rflags = other.rflags;
    rax = other.rax;
    rsp = other.rsp;
    cr0 = other.cr0;
    cr3 = other.cr3;
    cr4 = other.cr4;
    cr8 = other.cr8;
    efer = other.efer;
    gdtrBase = other.gdtrBase;
    gdtrLimit = other.gdtrLimit;
    idtrBase = other.idtrBase;
    idtrLimit = other.idtrLimit;
    debugCtl = other.debugCtl;
    System.arraycopy(other.lastBranch, 0, lastBranch, 0, lastBranch.length);
    pat = other.pat;
  }

  /** Saves what #VMEXIT will reload; {@code nextRip} is behind the VMRUN. */
  void save(CpuState state, long nextRip) {
    es.set(state.es);
    cs.set(state.cs);
    ss.set(state.ss);
    ds.set(state.ds);
    rip = nextRip;
    rflags = state.rflags;
    rax = state.gpr[0];
    rsp = state.gpr[4];
    cr0 = state.cr0;
    cr3 = state.cr3;
    cr4 = state.cr4;
    cr8 = state.cr8;
    efer = state.efer;
    gdtrBase = state.gdtrBase;
    gdtrLimit = state.gdtrLimit;
    idtrBase = state.idtrBase;
    idtrLimit = state.idtrLimit;
    debugCtl = state.debugCtl;
    System.arraycopy(state.lastBranch, 0, lastBranch, 0, lastBranch.length);
    pat = state.pat;
  }

  /** Reloads the host (APM vol. 2, 15.6); CR2, LDTR, TR, FS, GS keep the guest's values. */
  void restore(CpuState state, boolean restoreTpr, boolean restoreLbr, boolean restorePat) {
    state.es.set(es);
    state.cs.set(cs);
    state.ss.set(ss);
    state.ds.set(ds);
    state.rip = rip;
    // VMRUN has completed as a single instruction, which clears RF; VM is forced to 0.
    state.rflags = rflags & ~(CpuState.RF | CpuState.VM);
    state.gpr[0] = rax;
    state.gpr[4] = rsp;
    state.cr0 = cr0 | CpuState.CR0_PE;
    state.cr3 = cr3;
    state.cr4 = cr4;
    state.efer = efer;
    state.gdtrBase = gdtrBase;
    state.gdtrLimit = gdtrLimit;
    state.idtrBase = idtrBase;
    state.idtrLimit = idtrLimit;
    state.dr[7] = DR7_DISABLED;
    state.cpl = 0;
    if (restoreTpr) {
      state.cr8 = cr8;
    }
    if (restoreLbr) {
      state.debugCtl = debugCtl;
      System.arraycopy(lastBranch, 0, state.lastBranch, 0, lastBranch.length);
    }
    if (restorePat) {
      state.pat = pat;
    }
  }

  /** CR0.PG of the host, which nested paging needs. */
  boolean paging() {
    return (cr0 & CpuState.CR0_PG) != 0;
  }

  /** RFLAGS.TF of the host: a #DB trap follows the completed VMRUN (APM vol. 2, 15.5.1). */
  boolean singleStep() {
    return (rflags & CpuState.TF) != 0;
  }
}

package dev.precept.core.instructions;

import dev.precept.core.Cpu;
import dev.precept.core.CpuState;
import dev.precept.core.ExitSignal;
import dev.precept.core.Instruction;
import dev.precept.core.Intercept;
import dev.precept.core.Mmu;
import dev.precept.core.OpcodeMap;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.Segment;
import dev.precept.core.Stage;
import dev.precept.core.StepResult;

/**
 * RSM: returns from system-management mode by the AMD64 state-save area (APM vol. 2, table 10-1).
 * An SMI that interrupted a guest is not modelled: the SVM fields of the area are not looked at.
 */
public final class SystemManagementInstructions {
  private static final int AREA = 0xFE00;

  private SystemManagementInstructions() {}

  /** Adds this family's rows. */
  public static void register(OpcodeMap map) {
    // #UD outside SMM, but the intercept comes before any exception (table 15-7).
    map.row(0x0FAA, "RSM", 0, SystemManagementInstructions::resume)
        .svm(Intercept.RSM, Stage.BEFORE_EXCEPTIONS)
        .gate((cpu, insn) -> cpu.state.smm)
        .vmx(Intercept.RSM, Stage.AFTER_UD);
  }

  private static void resume(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    PhysicalMemory m = cpu.memory;
    long base = s.smbase + AREA;
    long cr0 = m.read64(base + 0x158);
    long cr4 = m.read64(base + 0x148);
    long efer = m.read64(base + 0xD0);
    if (!legal(cpu, cr0, cr4, efer, m.read64(base + 0x170))) {
      if (cpu.virtualization.shutdown(cpu)) {
        throw ExitSignal.INSTANCE;
      }
      s.shutdown = true;
      cpu.result = StepResult.SHUTDOWN;
      cpu.stateReplaced = true;
      return;
    }
    s.cr0 = cr0;
    s.cr4 = cr4;
    s.efer = efer;
    s.cr3 = m.read64(base + 0x150);
    s.dr[7] = (m.read64(base + 0x160) & 0xFFFF_FFFFL) | 0x400;
    s.dr[6] = (m.read64(base + 0x168) & 0xFFFF_FFFFL) | CpuState.DR6_FIXED;
    s.rflags = (m.read64(base + 0x170) & 0x3F_7FD5L) | 2;
    s.rip = m.read64(base + 0x178);
    for (int i = 0; i < 8; i++) {
      s.gpr[15 - i] = m.read64(base + 0x180 + 8L * i);
    }
    // RDI RSI RBP RSP RBX RDX RCX RAX follow, in descending register order.
    for (int i = 0; i < 8; i++) {
      s.gpr[7 - i] = m.read64(base + 0x1C0 + 8L * i);
    }
    for (int i = 0; i < 6; i++) {
      load(m, base + 0x10L * i, s.sreg[i]);
    }
    load(m, base + 0x70, s.ldtr);
    load(m, base + 0x90, s.tr);
    s.gdtrLimit = m.read16(base + 0x64);
    s.gdtrBase = m.read64(base + 0x68);
    s.idtrLimit = m.read16(base + 0x84);
    s.idtrBase = m.read64(base + 0x88);
    s.smbase = m.read32(base + 0x100) & 0xFFFF_FFFFL;
    s.cpl = s.realMode() ? 0 : s.v86() ? 3 : s.ss.dpl();
    s.smm = false;
    s.interruptShadow = false;
    // Auto-halt restart: back to the HLT (10.3.6).
    s.halted = (m.read8(base + 0xC9) & 1) != 0;
    cpu.stateReplaced = true;
    if (s.halted) {
      cpu.result = StepResult.HALTED;
    }
  }

  private static void load(PhysicalMemory m, long at, Segment segment) {
    segment.set(m.read16(at), m.read16(at + 2), m.read32(at + 4), m.read64(at + 8));
  }

  /** The combinations that shut the processor down (APM vol. 2, 10.4). */
  private static boolean legal(Cpu cpu, long cr0, long cr4, long efer, long rflags) {
    boolean pg = (cr0 & CpuState.CR0_PG) != 0;
    boolean pe = (cr0 & CpuState.CR0_PE) != 0;
    boolean nw = (cr0 & CpuState.CR0_NW) != 0;
    boolean cd = (cr0 & CpuState.CR0_CD) != 0;
    boolean lme = (efer & CpuState.EFER_LME) != 0;
    boolean lma = (efer & CpuState.EFER_LMA) != 0;
    boolean pae = (cr4 & CpuState.CR4_PAE) != 0;
    boolean vm = (rflags & CpuState.VM) != 0;
    return cr0 >>> 32 == 0
        && !(pg && !pe)
        && !(nw && !cd)
        && !(pg && lme && !pae)
        && lma == (lme && pg)
        && !(lma && vm)
        && Mmu.canonical(cpu.memory.read64(cpu.state.smbase + AREA + 0x178));
  }
}

package dev.precept.core.svm;

import static dev.precept.core.OpcodeRow.CPL0;
import static dev.precept.core.OpcodeRow.PROT;

import dev.precept.core.Cpu;
import dev.precept.core.CpuState;
import dev.precept.core.Instruction;
import dev.precept.core.Intercept;
import dev.precept.core.OpcodeMap;
import dev.precept.core.Segment;
import dev.precept.core.Stage;

/**
 * VMRUN, VMLOAD, VMSAVE, VMMCALL, STGI, CLGI, SKINIT and INVLPGA.
 *
 * <p>All but VMMCALL raise #UD where EFER.SVME is 0 or outside protected mode, then #GP(0) for CPL
 * or the physical address in rAX, and only then look at the intercept (APM vol. 2, 15.4, 15.5,
 * table 15-7).
 */
public final class SvmInstructions {
  /** VM_CR bits that SKINIT sets: DPD, R_INIT, DIS_A20M (15.27, 15.30.1). */
  private static final long VM_CR_SKINIT = 0b111;

  /** The secure loader block: 64 KiB, aligned. */
  private static final long SLB_SIZE = 0x1_0000;

  private SvmInstructions() {}

  /** Adds the rows; they are #UD on a CPU whose strategy is not {@link Svm}. */
  public static void register(OpcodeMap map) {
    map.exact(0x0F01, 0xD8, "VMRUN rAX.pa", CPL0 | PROT, SvmInstructions::vmrun)
        .gate(SvmInstructions::svme)
        .svm(Intercept.VMRUN, Stage.AFTER_PRIVILEGE);
    map.exact(0x0F01, 0xD9, "VMMCALL", 0, SvmInstructions::vmmcall)
        .svm(Intercept.VMMCALL, Stage.BEFORE_EXCEPTIONS);
    map.exact(0x0F01, 0xDA, "VMLOAD rAX.pa", CPL0 | PROT, SvmInstructions::vmload)
        .gate(SvmInstructions::svme)
        .svm(Intercept.VMLOAD, Stage.AFTER_PRIVILEGE);
    map.exact(0x0F01, 0xDB, "VMSAVE rAX.pa", CPL0 | PROT, SvmInstructions::vmsave)
        .gate(SvmInstructions::svme)
        .svm(Intercept.VMSAVE, Stage.AFTER_PRIVILEGE);
    map.exact(0x0F01, 0xDC, "STGI", CPL0 | PROT, SvmInstructions::stgi)
        .gate(SvmInstructions::svmeOrSkinit)
        .svm(Intercept.STGI, Stage.AFTER_PRIVILEGE);
    map.exact(0x0F01, 0xDD, "CLGI", CPL0 | PROT, SvmInstructions::clgi)
        .gate(SvmInstructions::svme)
        .svm(Intercept.CLGI, Stage.AFTER_PRIVILEGE);
    map.exact(0x0F01, 0xDE, "SKINIT", CPL0 | PROT, SvmInstructions::skinit)
        .gate(SvmInstructions::svmeOrSkinit)
        .svm(Intercept.SKINIT, Stage.AFTER_PRIVILEGE);
    map.exact(0x0F01, 0xDF, "INVLPGA", CPL0 | PROT, SvmInstructions::invlpga)
        .gate(SvmInstructions::svme)
        .svm(Intercept.INVLPGA, Stage.AFTER_PRIVILEGE);
  }

  private static boolean svme(Cpu cpu, Instruction insn) {
    return (cpu.state.efer & CpuState.EFER_SVME) != 0 && cpu.virtualization instanceof Svm;
  }

  private static boolean svmeOrSkinit(Cpu cpu, Instruction insn) {
    return ((cpu.state.efer & CpuState.EFER_SVME) != 0 || cpu.model.skinit)
        && cpu.virtualization instanceof Svm;
  }

  private static Svm svm(Cpu cpu) {
    return (Svm) cpu.virtualization;
  }

  private static void vmrun(Cpu cpu, Instruction insn) {
    svm(cpu).vmrun(cpu, insn, insn.physicalAddress);
  }

  /** Not intercepted, VMMCALL raises #UD (15.18). */
  private static void vmmcall(Cpu cpu, Instruction insn) {
    throw cpu.ud();
  }

  private static void vmload(Cpu cpu, Instruction insn) {
    GuestState.vmload(cpu, insn.physicalAddress);
  }

  private static void vmsave(Cpu cpu, Instruction insn) {
    GuestState.vmsave(cpu, insn.physicalAddress);
  }

  private static void stgi(Cpu cpu, Instruction insn) {
    svm(cpu).setGif(cpu, true);
  }

  private static void clgi(Cpu cpu, Instruction insn) {
    svm(cpu).setGif(cpu, false);
  }

  /** Translations are not cached, so there is nothing to invalidate. */
  private static void invlpga(Cpu cpu, Instruction insn) {}

  /**
   * SKINIT: starts the secure loader at EAX in flat 32-bit protected mode with GIF 0 (15.27.2). The
   * TPM transaction, which no processor state shows, is left out.
   */
  private static void skinit(Cpu cpu, Instruction insn) {
    CpuState state = cpu.state;
    long slb = state.gpr[0] & 0xFFFF_FFFFL & -SLB_SIZE;
    long entry = cpu.memory.read16(slb);
    for (int i = 0; i < state.gpr.length; i++) {
      state.gpr[i] = 0;
    }
    state.gpr[0] = slb;
    state.gpr[2] = cpu.model.cpuid(1, 0, 0) & 0xFFFF_FFFFL;
    state.gpr[4] = slb + SLB_SIZE;
    state.cr0 = CpuState.CR0_PE | CpuState.CR0_ET;
    state.cr2 = 0;
    state.cr3 = 0;
    state.cr4 = 0;
    state.efer = 0;
    state.dr[6] = CpuState.DR6_FIXED;
    state.dr[7] = 0x400;
    state.rflags = 2;
    state.cs.set(0x08, Segment.G | Segment.DB | 0x9B, 0xFFFF_FFFFL, 0);
    state.ss.set(0x10, Segment.G | Segment.DB | 0x93, 0xFFFF_FFFFL, 0);
    state.cpl = 0;
    state.gif = false;
    state.vmCr |= VM_CR_SKINIT;
    cpu.singleStep = false;
    insn.nextRip = slb + entry;
  }
}

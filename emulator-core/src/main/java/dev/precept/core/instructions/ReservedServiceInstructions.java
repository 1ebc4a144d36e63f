package dev.precept.core.instructions;

import static dev.precept.core.OpcodeRow.CPL0;
import static dev.precept.core.OpcodeRow.PROT;
import static dev.precept.core.OpcodeRow.REG;

import dev.precept.core.Cpu;
import dev.precept.core.CpuFault;
import dev.precept.core.CpuState;
import dev.precept.core.Instruction;
import dev.precept.core.Intercept;
import dev.precept.core.OpcodeMap;
import dev.precept.core.Stage;

/**
 * GETSEC, ENCLS, PCONFIG and LOADIWKEY: doors to parts of an Intel platform that is not there. The
 * instructions exist and make their checks, but there is no TXT chipset, no enclave page cache that
 * firmware has enabled and no PCONFIG target, so the first three end in the exception that the SDM
 * has for that; LOADIWKEY loads a key that nothing here can use.
 *
 * <p>Source: SDM vol. 2D, chapter 6 (GETSEC); vol. 3D, chapter 41 (ENCLS); vol. 2B, PCONFIG; vol.
 * 2A, LOADIWKEY.
 */
final class ReservedServiceInstructions {
  private static final int RAX = 0;

  private static final long STATUS =
      CpuState.CF | CpuState.PF | CpuState.AF | CpuState.ZF | CpuState.SF | CpuState.OF;

  /** LOADIWKEY: EAX[0] forbids backup, EAX[4:1] is the key source, 0 or 1. */
  private static final long NO_BACKUP = 1, RANDOM_KEY = 1 << 1;

  /** CPUID Fn0000_0019_ECX: backup can be forbidden; keys can be randomized. */
  private static final int CAN_FORBID_BACKUP = 1, CAN_RANDOMIZE = 2;

  private ReservedServiceInstructions() {}

  static void register(OpcodeMap map) {
    map.prefixed(0x0F37, 0, "GETSEC", 0, ReservedServiceInstructions::getsec)
        .gate((cpu, insn) -> cpu.model.smx && (cpu.state.cr4 & CpuState.CR4_SMXE) != 0)
        .vmx(Intercept.GETSEC, Stage.AFTER_UD);
    map.exact(0x0F01, 0xCF, 0, "ENCLS", PROT, ReservedServiceInstructions::nothingThere)
        .gate((cpu, insn) -> cpu.model.sgx1 && cpu.state.cpl == 0 && !cpu.state.smm)
        .vmx(Intercept.ENCLS, Stage.AFTER_UD);
    map.exact(0x0F01, 0xC5, 0, "PCONFIG", 0, ReservedServiceInstructions::nothingThere)
        .gate(ReservedServiceInstructions::pconfigExists)
        .vmx(Intercept.PCONFIG, Stage.AFTER_UD);
    map.prefixed(0x0F38DC, 0xF3, "LOADIWKEY Vo,Wo", CPL0 | REG, (cpu, insn) -> loadKey(cpu))
        .gate(ReservedServiceInstructions::keyLocker)
        .vmx(Intercept.LOADIWKEY, Stage.AFTER_PRIVILEGE);
  }

  /** Only GETSEC[CAPABILITIES] exists without a chipset, and reports that nothing else does. */
  private static void getsec(Cpu cpu, Instruction insn) {
    if (cpu.gpr(RAX, 4) != 0) {
      throw cpu.ud();
    }
    cpu.setGpr(RAX, 4, 0);
  }

  /** PCONFIG above CPL 0 is #UD, so in virtual-8086 mode too; real-address mode has it. */
  private static boolean pconfigExists(Cpu cpu, Instruction insn) {
    return cpu.model.pconfig
        && cpu.state.cpl == 0
        && cpu.virtualization.allows(cpu, Intercept.PCONFIG);
  }

  /** No leaf function is supported: #GP(0). */
  private static void nothingThere(Cpu cpu, Instruction insn) {
    throw cpu.gp(0);
  }

  private static boolean keyLocker(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    return cpu.model.keyLocker
        && (s.cr4 & CpuState.CR4_KL) != 0
        && (s.cr0 & CpuState.CR0_EM) == 0
        && (s.cr4 & CpuState.CR4_OSFXSR) != 0;
  }

  private static void loadKey(Cpu cpu) {
    CpuState s = cpu.state;
    if ((s.cr0 & CpuState.CR0_TS) != 0) {
      throw cpu.fault(CpuFault.NM);
    }
    long control = cpu.gpr(RAX, 4);
    int can = cpu.model.cpuid(0x19, 0, 2);
    boolean forbids = (control & NO_BACKUP) != 0;
    boolean randomizes = (control & RANDOM_KEY) != 0;
    if ((control & ~(NO_BACKUP | RANDOM_KEY)) != 0
        || (forbids && (can & CAN_FORBID_BACKUP) == 0)
        || (randomizes && (can & CAN_RANDOMIZE) == 0)) {
      throw cpu.gp(0);
    }
    // ZF would tell that no random key was to be had.
    s.rflags &= ~STATUS;
  }
}

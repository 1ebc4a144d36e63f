package dev.precept.core.instructions;

import static dev.precept.core.OpcodeRow.CPL0;
import static dev.precept.core.OpcodeRow.MEM;

import dev.precept.core.Cpu;
import dev.precept.core.CpuState;
import dev.precept.core.ExitSignal;
import dev.precept.core.Instruction;
import dev.precept.core.Intercept;
import dev.precept.core.Mmu;
import dev.precept.core.OpcodeMap;
import dev.precept.core.Stage;

/**
 * Cache and TLB management: INVD, WBINVD, WBNOINVD, INVLPG, INVLPGB, TLBSYNC, INVPCID, MCOMMIT.
 * There is neither cache nor TLB, so these only check and intercept.
 */
final class CacheInstructions {
  private static final int RAX = 0, RCX = 1, RDX = 2;

  /** INVLPGB: rAX bits 11:6, ECX bits 30:16 and EDX bits 31:28 are reserved (vol. 3). */
  private static final long INVLPGB_RAX_RESERVED = 0xFC0,
      INVLPGB_ECX_RESERVED = 0x7FFF_0000,
      INVLPGB_EDX_RESERVED = 0xF000_0000L;

  /** INVLPGB rAX bits: EDX holds a valid ASID; include nested translations. */
  private static final long INVLPGB_ASID_VALID = 1 << 2, INVLPGB_NESTED = 1 << 5;

  /** EFER.MCOMMIT. */
  private static final long EFER_MCOMMIT = 1 << 17;

  private CacheInstructions() {}

  static void register(OpcodeMap map) {
    map.row(0x0F08, "INVD", CPL0, CacheInstructions::nothing)
        .svm(Intercept.INVD, Stage.AFTER_PRIVILEGE)
        .vmx(Intercept.INVD, Stage.AFTER_PRIVILEGE);
    map.row(0x0F09, "WBINVD", CPL0, CacheInstructions::nothing)
        .svm(Intercept.WBINVD, Stage.AFTER_PRIVILEGE)
        .vmx(Intercept.WBINVD, Stage.AFTER_PRIVILEGE);
    // Without the feature the F3 prefix is ignored and this is a WBINVD: one intercept has both.
    map.prefixed(0x0F09, 0xF3, "WBNOINVD", CPL0, CacheInstructions::nothing)
        .svm(Intercept.WBNOINVD, Stage.AFTER_PRIVILEGE)
        .vmx(Intercept.WBNOINVD, Stage.AFTER_PRIVILEGE);
    map.memory(0x0F01, 7, "INVLPG M", CPL0 | MEM, CacheInstructions::nothing)
        .svm(Intercept.INVLPG, Stage.AFTER_PRIVILEGE)
        .vmx(Intercept.INVLPG, Stage.AFTER_PRIVILEGE);
    // F2 and F3 before these opcodes are SEV-SNP instructions.
    for (int prefix : new int[] {0, 0x66}) {
      map.exact(0x0F01, 0xFE, prefix, "INVLPGB", CPL0, CacheInstructions::invlpgb)
          .gate((cpu, insn) -> cpu.model.invlpgb)
          .svm(Intercept.INVLPGB, Stage.AFTER_PRIVILEGE);
      map.exact(0x0F01, 0xFF, prefix, "TLBSYNC", CPL0, CacheInstructions::nothing)
          .gate(CacheInstructions::broadcast)
          .svm(Intercept.TLBSYNC, Stage.AFTER_PRIVILEGE);
    }
    map.prefixed(0x0F3882, 0x66, "INVPCID Gy,M", CPL0 | MEM, CacheInstructions::invpcid)
        .gate((cpu, insn) -> cpu.model.invpcid && cpu.virtualization.allows(cpu, Intercept.INVPCID))
        .svm(Intercept.INVPCID, Stage.AFTER_PRIVILEGE)
        .vmx(Intercept.INVPCID, Stage.AFTER_PRIVILEGE);
    map.exact(0x0F01, 0xFA, 0xF3, "MCOMMIT", 0, CacheInstructions::mcommit)
        .gate(CacheInstructions::mcommitEnabled)
        .svm(Intercept.MCOMMIT, Stage.AFTER_UD);
  }

  private static void nothing(Cpu cpu, Instruction insn) {}

  private static boolean broadcast(Cpu cpu, Instruction insn) {
    return cpu.model.invlpgb && cpu.virtualization.allows(cpu, Intercept.INVLPGB);
  }

  /**
   * INVLPGB, past CPL and its own intercept. The exception cases have an intercept of their own.
   * Both intercepts take "priority over all exceptions except #GP for CPL<>0" (table 15-7), so also
   * over the #UD of a guest whose VMCB does not enable the instruction.
   */
  private static void invlpgb(Cpu cpu, Instruction insn) {
    boolean enabled = broadcast(cpu, insn);
    if (!enabled || illegal(cpu, insn)) {
      if (cpu.virtualization.intercept(cpu, Intercept.INVLPGB_ILLEGAL, insn)) {
        throw ExitSignal.INSTANCE;
      }
      throw enabled ? cpu.gp(0) : cpu.ud();
    }
  }

  private static boolean illegal(Cpu cpu, Instruction insn) {
    long rax = cpu.gpr(RAX, insn.addressSize);
    long ecx = cpu.gpr(RCX, 4);
    long edx = cpu.gpr(RDX, 4);
    return (rax & INVLPGB_RAX_RESERVED) != 0
        || (ecx & INVLPGB_ECX_RESERVED) != 0
        || (edx & INVLPGB_EDX_RESERVED) != 0
        || (ecx & 0xFFFF) > cpu.model.invlpgbCountMax
        || ((rax & INVLPGB_ASID_VALID) != 0 && (edx & 0xFFFF) >= cpu.model.svmFeatures.nasid)
        || ((rax & INVLPGB_NESTED) != 0 && !cpu.model.invlpgbNestedPages);
  }

  /** INVPCID: type in the register, descriptor (PCID 11:0, address 127:64) in memory. */
  private static void invpcid(Cpu cpu, Instruction insn) {
    long type = cpu.gpr(insn.reg, cpu.state.code64() ? 8 : 4);
    if (Long.compareUnsigned(type, 3) > 0) {
      throw cpu.gp(0);
    }
    long linear = cpu.linear(insn.segment, insn.offset, 16, false);
    int access = cpu.userAccess() & Mmu.USER;
    long pcid = cpu.mmu.read(linear, 8, access);
    long address = cpu.mmu.read(linear + 8, 8, access);
    boolean pcidEnabled = (cpu.state.cr4 & CpuState.CR4_PCIDE) != 0;
    if (pcid >>> 12 != 0
        || (type <= 1 && pcid != 0 && !pcidEnabled)
        || (type == 0 && !Mmu.canonical(address))) {
      throw cpu.gp(0);
    }
  }

  private static boolean mcommitEnabled(Cpu cpu, Instruction insn) {
    return cpu.model.mcommit && (cpu.state.efer & EFER_MCOMMIT) != 0;
  }

  /** All stores are committed at once and without error: CF is cleared. */
  private static void mcommit(Cpu cpu, Instruction insn) {
    cpu.state.rflags &= ~CpuState.CF;
  }
}

package dev.precept.core.instructions;

import dev.precept.core.Cpu;
import dev.precept.core.CpuState;
import dev.precept.core.Instruction;
import dev.precept.core.Intercept;
import dev.precept.core.OpcodeMap;
import dev.precept.core.Stage;

/**
 * RDTSC, RDTSCP, RDPMC, RDPRU, RDPID and CPUID: each "checks all exceptions before the SVM
 * intercept" (APM vol. 2, table 15-7); VMX exits come before RDPMC's check of the counter (SDM vol.
 * 3C, 25.1.1).
 */
final class TimestampInstructions {
  /** Legacy performance counters; with PerfCtrExtCore there are six. */
  private static final int LEGACY_COUNTERS = 4, CORE_COUNTERS = 6;

  /** First and behind-last RDPMC index of northbridge and L3 counters (vol. 3, "RDPMC"). */
  private static final int NB_FIRST = 6, L3_FIRST = 10, L3_END = 16;

  private static final int RAX = 0, RCX = 1, RDX = 2, RBX = 3;

  /** CPUID Fn0000_0001 bits that follow control state: ECX OSXSAVE, EDX APIC. */
  private static final int OSXSAVE = 1 << 27, APIC = 1 << 9;

  /** CPUID Fn0000_0007_ECX bit that follows CR4.PKE. */
  private static final int OSPKE = 1 << 4;

  /** APIC_BASE.AE. */
  private static final long APIC_ENABLE = 1 << 11;

  private TimestampInstructions() {}

  static void register(OpcodeMap map) {
    map.row(0x0F31, "RDTSC", 0, TimestampInstructions::rdtsc)
        .gate((cpu, insn) -> cpu.model.tsc)
        .privilege(TimestampInstructions::timeStampDisable)
        .svm(Intercept.RDTSC, Stage.AFTER_CHECKS)
        .vmx(Intercept.RDTSC, Stage.AFTER_PRIVILEGE);
    map.exact(0x0F01, 0xF9, "RDTSCP", 0, TimestampInstructions::rdtscp)
        .gate((cpu, insn) -> cpu.model.rdtscp && cpu.virtualization.allows(cpu, Intercept.RDTSCP))
        .privilege(TimestampInstructions::timeStampDisable)
        .svm(Intercept.RDTSCP, Stage.AFTER_CHECKS)
        .vmx(Intercept.RDTSCP, Stage.AFTER_PRIVILEGE);
    map.row(0x0F33, "RDPMC", 0, TimestampInstructions::rdpmc)
        .privilege(TimestampInstructions::counterEnable)
        .check(TimestampInstructions::counterExists)
        .svm(Intercept.RDPMC, Stage.AFTER_CHECKS)
        .vmx(Intercept.RDPMC, Stage.AFTER_PRIVILEGE);
    map.exact(0x0F01, 0xFD, "RDPRU", 0, TimestampInstructions::rdpru)
        .gate(TimestampInstructions::rdpruExists)
        .svm(Intercept.RDPRU, Stage.AFTER_CHECKS);
    map.registerForm(0x0FC7, 7, 0xF3, "RDPID Ev", 0, TimestampInstructions::rdpid)
        .gate((cpu, insn) -> cpu.model.rdpid && cpu.virtualization.allows(cpu, Intercept.RDPID));
    map.row(0x0FA2, "CPUID", 0, TimestampInstructions::cpuid)
        .svm(Intercept.CPUID, Stage.AFTER_CHECKS)
        .vmx(Intercept.CPUID, Stage.AFTER_PRIVILEGE);
  }

  static void timeStampDisable(Cpu cpu, Instruction insn) {
    if (disabled(cpu)) {
      throw cpu.gp(0);
    }
  }

  private static boolean disabled(Cpu cpu) {
    return cpu.state.cpl != 0 && (cpu.state.cr4 & CpuState.CR4_TSD) != 0;
  }

  private static void rdtsc(Cpu cpu, Instruction insn) {
    pair(cpu, cpu.virtualization.timestamp(cpu));
  }

  private static void rdtscp(Cpu cpu, Instruction insn) {
    pair(cpu, cpu.virtualization.timestamp(cpu));
    cpu.setGpr(RCX, 4, cpu.state.tscAux);
  }

  /** IA32_TSC_AUX to a register of native size, whatever the prefixes. */
  private static void rdpid(Cpu cpu, Instruction insn) {
    cpu.setGpr(insn.rm, cpu.state.code64() ? 8 : 4, cpu.state.tscAux & 0xFFFF_FFFFL);
  }

  private static void counterEnable(Cpu cpu, Instruction insn) {
    CpuState state = cpu.state;
    if (state.cpl != 0 && (state.cr4 & CpuState.CR4_PCE) == 0) {
      throw cpu.gp(0);
    }
  }

  private static void counterExists(Cpu cpu, Instruction insn) {
    long index = cpu.gpr(RCX, 4);
    boolean exists;
    if (index < NB_FIRST) {
      exists = index < (cpu.model.perfCtrCore ? CORE_COUNTERS : LEGACY_COUNTERS);
    } else if (index < L3_FIRST) {
      exists = cpu.model.perfCtrNb;
    } else {
      exists = index < L3_END && cpu.model.perfCtrLlc;
    }
    if (!exists) {
      throw cpu.gp(0);
    }
  }

  /** Nothing is counted, so every counter reads zero. */
  private static void rdpmc(Cpu cpu, Instruction insn) {
    pair(cpu, 0);
  }

  /** RDPRU raises #UD, not #GP, where CR4.TSD keeps it to CPL 0 (vol. 3, "RDPRU"). */
  private static boolean rdpruExists(Cpu cpu, Instruction insn) {
    return cpu.model.rdpru && !disabled(cpu);
  }

  /** MPERF and APERF advance with the time-stamp counter; ids beyond the last read zero. */
  private static void rdpru(Cpu cpu, Instruction insn) {
    pair(cpu, cpu.gpr(RCX, 4) <= cpu.model.maxRdpruId ? cpu.state.tsc : 0);
  }

  private static void cpuid(Cpu cpu, Instruction insn) {
    CpuState state = cpu.state;
    int leaf = (int) state.gpr[RAX];
    int subleaf = (int) state.gpr[RCX];
    int ecx = cpu.model.cpuid(leaf, subleaf, 2);
    int edx = cpu.model.cpuid(leaf, subleaf, 3);
    if (leaf == 1) {
      ecx = (state.cr4 & CpuState.CR4_OSXSAVE) != 0 ? ecx | OSXSAVE : ecx & ~OSXSAVE;
      edx = (state.apicBase & APIC_ENABLE) != 0 ? edx : edx & ~APIC;
    }
    if (leaf == 7) {
      ecx = (state.cr4 & CpuState.CR4_PKE) != 0 ? ecx | OSPKE : ecx & ~OSPKE;
    }
    cpu.setGpr(RAX, 4, cpu.model.cpuid(leaf, subleaf, 0));
    cpu.setGpr(RBX, 4, cpu.model.cpuid(leaf, subleaf, 1));
    cpu.setGpr(RCX, 4, ecx);
    cpu.setGpr(RDX, 4, edx);
  }

  /** EDX:EAX, both zero-extended to 64 bits. */
  static void pair(Cpu cpu, long value) {
    cpu.setGpr(RAX, 4, value);
    cpu.setGpr(RDX, 4, value >>> 32);
  }
}

package dev.precept.core.instructions;

import static dev.precept.core.OpcodeRow.CPL0;

import dev.precept.core.Cpu;
import dev.precept.core.Instruction;
import dev.precept.core.Msr;
import dev.precept.core.OpcodeMap;

/**
 * RDMSR and WRMSR: exceptions common to all MSRs (CPL), then the permission map, then what the
 * particular MSR forbids (APM vol. 2, 15.11).
 */
final class MsrInstructions {
  private static final int RAX = 0, RCX = 1, RDX = 2;

  private MsrInstructions() {}

  static void register(OpcodeMap map) {
    map.row(0x0F32, "RDMSR", CPL0, MsrInstructions::rdmsr).gate((cpu, insn) -> cpu.model.msr);
    map.row(0x0F30, "WRMSR", CPL0, MsrInstructions::wrmsr).gate((cpu, insn) -> cpu.model.msr);
  }

  private static void rdmsr(Cpu cpu, Instruction insn) {
    int msr = (int) cpu.state.gpr[RCX];
    cpu.virtualization.readMsr(cpu, insn, msr);
    TimestampInstructions.pair(cpu, MsrFile.read(cpu, msr));
  }

  private static void wrmsr(Cpu cpu, Instruction insn) {
    int msr = (int) cpu.state.gpr[RCX];
    long value = cpu.gpr(RDX, 4) << 32 | cpu.gpr(RAX, 4);
    cpu.virtualization.writeMsr(cpu, insn, msr, value);
    MsrFile.write(cpu, msr, value);
    if (msr == Msr.EFER) {
      cpu.virtualization.eferWritten(cpu, insn);
    }
  }
}

package dev.precept.core.instructions;

import static dev.precept.core.OpcodeRow.CPL0;
import static dev.precept.core.OpcodeRow.ONLY64;

import dev.precept.core.Cpu;
import dev.precept.core.Instruction;
import dev.precept.core.Intercept;
import dev.precept.core.Msr;
import dev.precept.core.OpcodeMap;
import dev.precept.core.Segment;
import dev.precept.core.Stage;

/**
 * RDMSR and WRMSR: exceptions common to all MSRs (CPL), then the permission map, then what the
 * particular MSR forbids (APM vol. 2, 15.11).
 *
 * <p>RDMSRLIST and WRMSRLIST (SDM vol. 2B and 2C): for each bit of RCX, lowest first, an MSR whose
 * number is in a table at RSI and whose value is in a table at RDI. What is done leaves its bit
 * clear if a later one faults or exits.
 */
final class MsrInstructions {
  private static final int RAX = 0, RCX = 1, RDX = 2, RSI = 6, RDI = 7;

  private MsrInstructions() {}

  static void register(OpcodeMap map) {
    map.row(0x0F32, "RDMSR", CPL0, MsrInstructions::rdmsr).gate((cpu, insn) -> cpu.model.msr);
    map.row(0x0F30, "WRMSR", CPL0, MsrInstructions::wrmsr).gate((cpu, insn) -> cpu.model.msr);
    map.exact(0x0F01, 0xC6, 0, "WRMSRNS", CPL0, MsrInstructions::wrmsr)
        .gate((cpu, insn) -> cpu.model.wrmsrns);
    map.exact(0x0F01, 0xC6, 0xF2, "RDMSRLIST", CPL0 | ONLY64, (cpu, insn) -> list(cpu, insn, false))
        .gate((cpu, insn) -> listExists(cpu, Intercept.RDMSRLIST))
        .vmx(Intercept.RDMSRLIST, Stage.AFTER_PRIVILEGE);
    map.exact(0x0F01, 0xC6, 0xF3, "WRMSRLIST", CPL0 | ONLY64, (cpu, insn) -> list(cpu, insn, true))
        .gate((cpu, insn) -> listExists(cpu, Intercept.WRMSRLIST))
        .vmx(Intercept.WRMSRLIST, Stage.AFTER_PRIVILEGE);
  }

  private static boolean listExists(Cpu cpu, int id) {
    return cpu.model.msrList && cpu.virtualization.allows(cpu, id);
  }

  private static void list(Cpu cpu, Instruction insn, boolean write) {
    long[] gpr = cpu.state.gpr;
    if (((gpr[RSI] | gpr[RDI]) & 7) != 0) {
      throw cpu.gp(0);
    }
    while (gpr[RCX] != 0) {
      int entry = Long.numberOfTrailingZeros(gpr[RCX]);
      long msr = cpu.readMemory(Segment.DS, gpr[RSI] + 8L * entry, 8);
      if (msr >>> 32 != 0) {
        throw cpu.gp(0);
      }
      long at = gpr[RDI] + 8L * entry;
      if (write) {
        long value = cpu.readMemory(Segment.DS, at, 8);
        cpu.virtualization.writeMsr(cpu, insn, (int) msr, value);
        write(cpu, insn, (int) msr, value);
      } else {
        cpu.virtualization.readMsr(cpu, insn, (int) msr);
        cpu.writeMemory(Segment.DS, at, 8, read(cpu, (int) msr));
      }
      gpr[RCX] &= gpr[RCX] - 1;
    }
  }

  private static long read(Cpu cpu, int msr) {
    return cpu.virtualization.virtualizesMsr(cpu, msr)
        ? cpu.virtualization.readVirtualMsr(cpu, msr)
        : MsrFile.read(cpu, msr);
  }

  private static void write(Cpu cpu, Instruction insn, int msr, long value) {
    if (cpu.virtualization.virtualizesMsr(cpu, msr)) {
      cpu.virtualization.writeVirtualMsr(cpu, insn, msr, value);
    } else {
      MsrFile.write(cpu, msr, value);
    }
  }

  private static void rdmsr(Cpu cpu, Instruction insn) {
    int msr = (int) cpu.state.gpr[RCX];
    cpu.virtualization.readMsr(cpu, insn, msr);
    TimestampInstructions.pair(cpu, read(cpu, msr));
  }

  private static void wrmsr(Cpu cpu, Instruction insn) {
    int msr = (int) cpu.state.gpr[RCX];
    long value = cpu.gpr(RDX, 4) << 32 | cpu.gpr(RAX, 4);
    cpu.virtualization.writeMsr(cpu, insn, msr, value);
    write(cpu, insn, msr, value);
    if (msr == Msr.EFER) {
      cpu.virtualization.eferWritten(cpu, insn);
    }
  }
}

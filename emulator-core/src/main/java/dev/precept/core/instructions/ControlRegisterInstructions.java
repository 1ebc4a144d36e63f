package dev.precept.core.instructions;

import static dev.precept.core.OpcodeRow.CPL0;
import static dev.precept.core.OpcodeRow.FORCE64;
import static dev.precept.core.OpcodeRow.LOCK_OK;
import static dev.precept.core.OpcodeRow.REG_ALWAYS;

import dev.precept.core.Cpu;
import dev.precept.core.CpuState;
import dev.precept.core.Instruction;
import dev.precept.core.Intercept;
import dev.precept.core.OpcodeMap;
import dev.precept.core.ReservedBits;
import dev.precept.core.Segment;
import dev.precept.core.Stage;

/**
 * MOV to and from control registers, CLTS, LMSW, SMSW.
 *
 * <p>A write makes every check on the value first, then asks for the intercept, then loads: "checks
 * non-memory exceptions (CPL, illegal bit combinations, etc.) before the intercept". Only the #GP
 * for reserved bits in PAE page-directory-pointer entries, which takes reading memory, comes after
 * it (APM vol. 2, table 15-7; vol. 3, "MOV CRn"). That is SVM, which asks hooks; VMX exits before
 * any check of the value, at the row's stage (SDM vol. 3C, 25.1.1).
 */
final class ControlRegisterInstructions {
  /** CR0 bits that exist; the others ignore writes, but bits 63:32 must be zero. */
  private static final long CR0_DEFINED =
      CpuState.CR0_PE
          | CpuState.CR0_MP
          | CpuState.CR0_EM
          | CpuState.CR0_TS
          | CpuState.CR0_ET
          | CpuState.CR0_NE
          | CpuState.CR0_WP
          | CpuState.CR0_AM
          | CpuState.CR0_NW
          | CpuState.CR0_CD
          | CpuState.CR0_PG;

  /** CR3 bit 63: with CR4.PCIDE, asks MOV not to invalidate; never stored. */
  private static final long CR3_NO_INVALIDATE = 1L << 63;

  /** System-segment types of 16-bit TSSs, available and busy, without bit 1. */
  private static final int TSS16 = 1;

  private ControlRegisterInstructions() {}

  static void register(OpcodeMap map) {
    int move = CPL0 | FORCE64 | REG_ALWAYS | LOCK_OK;
    map.row(0x0F20, "MOV Ry,Cy", move, ControlRegisterInstructions::read)
        .gate(ControlRegisterInstructions::exists)
        .vmx(Intercept.CR_READ, Stage.AFTER_PRIVILEGE);
    map.row(0x0F22, "MOV Cy,Ry", move, ControlRegisterInstructions::write)
        .gate(ControlRegisterInstructions::exists)
        .vmx(Intercept.CR_WRITE, Stage.AFTER_PRIVILEGE);
    map.row(0x0F06, "CLTS", CPL0, ControlRegisterInstructions::clts)
        .vmx(Intercept.CLTS, Stage.AFTER_PRIVILEGE);
    map.group(0x0F01, 6, "LMSW Ew", CPL0, ControlRegisterInstructions::lmsw)
        .vmx(Intercept.LMSW, Stage.AFTER_MEMORY);
    map.group(0x0F01, 4, "SMSW Mw", 0, ControlRegisterInstructions::smsw)
        .privilege(DescriptorTableInstructions::umip);
  }

  /**
   * Number of the control register, or -1: LOCK MOV CR0 is the alternate encoding of CR8, any other
   * LOCK is illegal (15.21.3).
   */
  private static int number(Instruction insn) {
    if (insn.lock) {
      return insn.reg == 0 ? 8 : -1;
    }
    return insn.reg;
  }

  private static boolean exists(Cpu cpu, Instruction insn) {
    if (insn.lock && !cpu.model.altMovCr8) {
      return false;
    }
    return switch (number(insn)) {
      case 0, 2, 3, 4, 8 -> true;
      default -> false;
    };
  }

  private static void read(Cpu cpu, Instruction insn) {
    CpuState state = cpu.state;
    int cr = number(insn);
    cpu.virtualization.readControlRegister(cpu, insn, cr, insn.rm);
    long value =
        switch (cr) {
          case 0 -> state.cr0;
          case 2 -> state.cr2;
          case 3 -> state.cr3;
          case 4 -> state.cr4;
          default -> state.cr8;
        };
    value = cpu.virtualization.readableControlRegister(cpu, cr, value);
    cpu.setGpr(insn.rm, state.code64() ? 8 : 4, value);
  }

  private static void write(Cpu cpu, Instruction insn) {
    CpuState state = cpu.state;
    int cr = number(insn);
    long value = cpu.gpr(insn.rm, state.code64() ? 8 : 4);
    switch (cr) {
      case 0 -> writeCr0(cpu, insn, value);
      case 2 -> {
        cpu.virtualization.writeControlRegister(cpu, insn, cr, insn.rm, value);
        state.cr2 = value;
      }
      case 3 -> writeCr3(cpu, insn, value);
      case 4 -> writeCr4(cpu, insn, value);
      default -> {
        if (value >>> 4 != 0) {
          throw cpu.gp(0);
        }
        cpu.virtualization.writeControlRegister(cpu, insn, cr, insn.rm, value);
        if (!cpu.virtualization.writesTpr(cpu, value)) {
          state.cr8 = value;
        }
      }
    }
    cpu.virtualization.controlRegisterWritten(cpu, insn, cr);
  }

  private static void writeCr0(Cpu cpu, Instruction insn, long source) {
    long value = cpu.virtualization.writableControlRegister(cpu, 0, source);
    checkCr0(cpu, value);
    long loaded = (value & CR0_DEFINED) | CpuState.CR0_ET;
    cpu.virtualization.writeControlRegister(cpu, insn, 0, insn.rm, loaded);
    CpuState state = cpu.state;
    long efer = state.efer & ~CpuState.EFER_LMA;
    if ((loaded & CpuState.CR0_PG) != 0 && (efer & CpuState.EFER_LME) != 0) {
      efer |= CpuState.EFER_LMA;
    }
    checkPdptes(cpu, loaded, state.cr4, efer, state.cr3);
    state.cr0 = loaded;
    state.efer = efer;
  }

  private static void checkCr0(Cpu cpu, long value) {
    CpuState state = cpu.state;
    boolean pg = (value & CpuState.CR0_PG) != 0;
    supported(cpu, 0, value);
    if (value >>> 32 != 0
        || (pg && (value & CpuState.CR0_PE) == 0)
        || ((value & CpuState.CR0_NW) != 0 && (value & CpuState.CR0_CD) == 0)) {
      throw cpu.gp(0);
    }
    if ((state.cr4 & CpuState.CR4_CET) != 0 && (value & CpuState.CR0_WP) == 0) {
      throw cpu.gp(0);
    }
    if (pg && !state.paging() && (state.efer & CpuState.EFER_LME) != 0) {
      // Activating long mode: PAE must be on, CS must not be 64-bit, TR not 16-bit (14.6.2).
      boolean tss16 = (state.tr.type() & ~2) == TSS16;
      if ((state.cr4 & CpuState.CR4_PAE) == 0 || (state.cs.attributes & Segment.L) != 0 || tss16) {
        throw cpu.gp(0);
      }
    }
    if (!pg && state.paging() && (state.code64() || (state.cr4 & CpuState.CR4_PCIDE) != 0)) {
      throw cpu.gp(0);
    }
  }

  private static void writeCr3(Cpu cpu, Instruction insn, long value) {
    CpuState state = cpu.state;
    long loaded = value;
    if ((state.cr4 & CpuState.CR4_PCIDE) != 0) {
      loaded &= ~CR3_NO_INVALIDATE;
    }
    if (ReservedBits.beyondPhysical(cpu.model, loaded)) {
      throw cpu.gp(0);
    }
    cpu.virtualization.writeControlRegister(cpu, insn, 3, insn.rm, loaded);
    checkPdptes(cpu, state.cr0, state.cr4, state.efer, loaded);
    state.cr3 = loaded;
  }

  private static void writeCr4(Cpu cpu, Instruction insn, long source) {
    CpuState state = cpu.state;
    long value = cpu.virtualization.writableControlRegister(cpu, 4, source);
    supported(cpu, 4, value);
    if ((value & ~ReservedBits.cr4(cpu.model)) != 0) {
      throw cpu.gp(0);
    }
    long changed = value ^ state.cr4;
    if (state.longMode()
        && ((value & CpuState.CR4_PAE) == 0 || (changed & CpuState.CR4_LA57) != 0)) {
      throw cpu.gp(0);
    }
    boolean enablesPcid = (value & changed & CpuState.CR4_PCIDE) != 0;
    if (enablesPcid && (!state.longMode() || (state.cr3 & 0xFFF) != 0)) {
      throw cpu.gp(0);
    }
    if ((value & CpuState.CR4_CET) != 0 && (state.cr0 & CpuState.CR0_WP) == 0) {
      throw cpu.gp(0);
    }
    cpu.virtualization.writeControlRegister(cpu, insn, 4, insn.rm, value);
    checkPdptes(cpu, state.cr0, value, state.efer, state.cr3);
    state.cr4 = value;
  }

  /** Checks the PAE page-directory-pointer entries that the new values select: #GP(0). */
  private static void checkPdptes(Cpu cpu, long cr0, long cr4, long efer, long cr3) {
    if (ReservedBits.legacyPae(cr0, cr4, efer) && cpu.virtualization.pdptesLoadedWithCr3(cpu)) {
      if (!cpu.mmu.pdptesValid(cr3)) {
        throw cpu.gp(0);
      }
      cpu.mmu.loadPdptes();
    }
  }

  private static void supported(Cpu cpu, int cr, long value) {
    if (!cpu.virtualization.supportsControlRegister(cpu, cr, value)) {
      throw cpu.gp(0);
    }
  }

  private static void clts(Cpu cpu, Instruction insn) {
    CpuState state = cpu.state;
    long loaded = cpu.virtualization.writableControlRegister(cpu, 0, state.cr0 & ~CpuState.CR0_TS);
    cpu.virtualization.writeControlRegister(cpu, insn, 0, -1, loaded);
    supported(cpu, 0, loaded);
    state.cr0 = loaded;
    cpu.virtualization.controlRegisterWritten(cpu, insn, 0);
  }

  /**
   * LMSW asks for the intercept before it reads its operand, so that a memory operand's value is
   * not known then; the current CR0 stands in for it.
   */
  private static void lmsw(Cpu cpu, Instruction insn) {
    CpuState state = cpu.state;
    long early = insn.memory ? state.cr0 : machineStatus(state.cr0, cpu.gpr(insn.rm, 2));
    cpu.virtualization.writeControlRegister(cpu, insn, 0, -1, early);
    long loaded = machineStatus(state.cr0, cpu.load(insn, 0));
    loaded = cpu.virtualization.writableControlRegister(cpu, 0, loaded);
    supported(cpu, 0, loaded);
    state.cr0 = loaded;
    cpu.virtualization.controlRegisterWritten(cpu, insn, 0);
  }

  /** Bits 3:0 (TS, EM, MP, PE) of CR0 from {@code word}; PE can be set but not cleared. */
  private static long machineStatus(long cr0, long word) {
    return (cr0 & ~0xEL) | (word & 0xF);
  }

  private static void smsw(Cpu cpu, Instruction insn) {
    cpu.virtualization.readControlRegister(cpu, insn, 0, -1);
    cpu.store(insn, 0, cpu.virtualization.readableControlRegister(cpu, 0, cpu.state.cr0));
  }
}

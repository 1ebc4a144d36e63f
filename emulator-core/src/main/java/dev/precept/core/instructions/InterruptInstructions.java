package dev.precept.core.instructions;

import static dev.precept.core.OpcodeRow.MEM;
import static dev.precept.core.OpcodeRow.NO64;

import dev.precept.core.Cpu;
import dev.precept.core.CpuFault;
import dev.precept.core.CpuState;
import dev.precept.core.Instruction;
import dev.precept.core.Intercept;
import dev.precept.core.Mmu;
import dev.precept.core.OpcodeMap;
import dev.precept.core.OpcodeRow;
import dev.precept.core.Segmentation;
import dev.precept.core.Stage;
import dev.precept.core.StepResult;

/** INT n, INT3, INTO, BOUND, ICEBP, IRET and HLT (APM vol. 2, chapter 8). */
public final class InterruptInstructions {
  private InterruptInstructions() {}

  /** Adds this family's rows. */
  public static void register(OpcodeMap map) {
    map.row(0xCD, "INT Ib", 0, InterruptInstructions::interrupt)
        .svm(Intercept.INTN, Stage.BEFORE_EXCEPTIONS);
    map.row(0xCC, "INT3", 0, (cpu, insn) -> trap(cpu, CpuFault.BP));
    map.row(0xCE, "INTO", NO64, InterruptInstructions::interruptOnOverflow);
    map.row(0xF1, "ICEBP", 0, (cpu, insn) -> cpu.events.icebp())
        .svm(Intercept.ICEBP, Stage.BEFORE_EXCEPTIONS);
    map.row(0x62, "BOUND Gv,M", MEM | NO64, InterruptInstructions::bound);
    map.row(0xCF, "IRET", 0, InterruptInstructions::interruptReturn)
        .svm(Intercept.IRET, Stage.BEFORE_EXCEPTIONS);
    map.row(0xF4, "HLT", OpcodeRow.CPL0, InterruptInstructions::halt)
        .svm(Intercept.HLT, Stage.AFTER_CHECKS)
        .vmx(Intercept.HLT, Stage.AFTER_PRIVILEGE);
  }

  private static void halt(Cpu cpu, Instruction insn) {
    cpu.state.halted = true;
    cpu.result = StepResult.HALTED;
  }

  private static void trap(Cpu cpu, int vector) {
    CpuFault fault = cpu.fault(vector);
    fault.software = true;
    fault.trap = true;
    throw fault;
  }

  private static void interruptOnOverflow(Cpu cpu, Instruction insn) {
    if (cpu.state.flag(CpuState.OF)) {
      trap(cpu, CpuFault.OF);
    }
  }

  private static void bound(Cpu cpu, Instruction insn) {
    int size = insn.operandSize;
    int shift = 64 - 8 * size;
    long index = cpu.load(insn, 0) << shift >> shift;
    // Read as one memory operand, which no text settles: the segment and the pages of the pair come
    // before the alignment of either bound.
    long linear = cpu.linear(insn.segment, insn.offset, 2 * size, false);
    int access = cpu.userAccess();
    cpu.mmu.probe(linear, 2 * size, access & ~Mmu.ALIGNED);
    long low = cpu.mmu.read(linear, size, access) << shift >> shift;
    long high = cpu.mmu.read(linear + size & 0xFFFF_FFFFL, size, access) << shift >> shift;
    if (index < low || index > high) {
      throw cpu.fault(CpuFault.BR);
    }
  }

  private static void interrupt(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    int vector = (int) insn.immediate;
    if (s.v86()) {
      if (FlagInstructions.vme(s) && !cpu.events.throughIdt(vector)) {
        cpu.events.redirectedInterrupt(vector);
        return;
      }
      if (s.iopl() < 3) {
        throw cpu.gp(0);
      }
    }
    cpu.events.softwareInterrupt(vector);
  }

  private static void interruptReturn(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    cpu.virtualization.iretBegins(cpu);
    if (s.realMode()) {
      real(cpu, insn);
    } else if (s.v86()) {
      virtual8086(cpu, insn);
    } else if (s.flag(CpuState.NT)) {
      if (s.longMode()) {
        throw cpu.gp(0);
      }
      cpu.tasks.returnToPrevious();
    } else {
      protectedMode(cpu, insn);
    }
    cpu.keepRf = true;
    cpu.virtualization.iretCompleted(cpu);
  }

  private static void real(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    int size = insn.operandSize;
    long rip = cpu.peek(0, size);
    int selector = (int) cpu.peek(size, size) & 0xFFFF;
    long flags = cpu.peek(2 * size, size);
    if (rip > s.cs.limit) {
      throw cpu.gp(0);
    }
    cpu.setRsp(s.gpr[4] + 3L * size, cpu.stackMask());
    cpu.segments.loadRealCs(selector);
    setFlags(cpu, flags, size, 0, 0);
    insn.nextRip = rip;
  }

  private static void virtual8086(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    if (s.iopl() < 3 && !FlagInstructions.vme(s)) {
      throw cpu.gp(0);
    }
    int size = insn.operandSize;
    long rip = cpu.peek(0, size);
    int selector = (int) cpu.peek(size, size) & 0xFFFF;
    long flags = cpu.peek(2 * size, size);
    // VME virtualizes the 16-bit form only. That it turns the others away behind the pops is a
    // reading: the SDM's pseudocode, which leaves VME out, raises #GP below IOPL 3 without popping.
    FlagInstructions.checkVirtual(cpu, insn);
    long virtual = s.iopl() < 3 ? FlagInstructions.virtualFlags(cpu, flags) : 0;
    if (rip > s.cs.limit) {
      throw cpu.gp(0);
    }
    if (s.iopl() < 3) {
      s.rflags = virtual;
    } else {
      setFlags(cpu, flags, size, 3, 3);
    }
    cpu.setRsp(s.gpr[4] + 3L * size, cpu.stackMask());
    cpu.segments.loadRealCs(selector);
    insn.nextRip = rip;
  }

  /** Loads RFLAGS as IRET at {@code cpl} with {@code iopl} may: never VM, VIF and VIP at CPL 0. */
  private static void setFlags(Cpu cpu, long flags, int size, int cpl, int iopl) {
    long change = FlagInstructions.STATUS_AND_CONTROL;
    if (size != 2) {
      change |= CpuState.RF | CpuState.AC | CpuState.ID;
    }
    if (cpl <= iopl) {
      change |= CpuState.IF;
    }
    if (cpl == 0) {
      change |= CpuState.IOPL;
      if (size != 2 && !cpu.state.realMode()) {
        change |= CpuState.VIF | CpuState.VIP;
      }
    }
    cpu.state.rflags = (cpu.state.rflags & ~change) | (flags & change) | 2;
  }

  private static void protectedMode(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    int size = insn.operandSize;
    int cpl = s.cpl;
    int iopl = s.iopl();
    long rip = cpu.peek(0, size);
    int selector = (int) cpu.peek(size, size) & 0xFFFF;
    long flags = cpu.peek(2 * size, size);
    if (size == 4 && cpl == 0 && !s.longMode() && (flags & CpuState.VM) != 0) {
      toVirtual8086(cpu, insn, rip, selector, flags);
      return;
    }
    // In 64-bit mode IRET pops SS:rSP always (APM vol. 2, 8.9.4).
    FarTransferInstructions.outer(cpu, insn, selector, rip, 3 * size, 0, s.code64());
    setFlags(cpu, flags, size, cpl, iopl);
  }

  private static void toVirtual8086(Cpu cpu, Instruction insn, long rip, int selector, long flags) {
    CpuState s = cpu.state;
    long rsp = cpu.peek(12, 4);
    int ss = (int) cpu.peek(16, 4) & 0xFFFF;
    int es = (int) cpu.peek(20, 4) & 0xFFFF;
    int ds = (int) cpu.peek(24, 4) & 0xFFFF;
    int fs = (int) cpu.peek(28, 4) & 0xFFFF;
    int gs = (int) cpu.peek(32, 4) & 0xFFFF;
    if (rip > 0xFFFF) {
      throw cpu.gp(0);
    }
    Segmentation seg = cpu.segments;
    seg.makeV86(s.cs, selector);
    seg.makeV86(s.ss, ss);
    seg.makeV86(s.es, es);
    seg.makeV86(s.ds, ds);
    seg.makeV86(s.fs, fs);
    seg.makeV86(s.gs, gs);
    setFlags(cpu, flags, 4, 0, 0);
    s.rflags |= CpuState.VM;
    s.gpr[4] = rsp;
    s.cpl = 3;
    insn.nextRip = rip;
  }
}

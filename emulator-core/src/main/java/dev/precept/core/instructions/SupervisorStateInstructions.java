package dev.precept.core.instructions;

import static dev.precept.core.OpcodeRow.CPL0;
import static dev.precept.core.OpcodeRow.MEM;

import dev.precept.core.Cpu;
import dev.precept.core.CpuFault;
import dev.precept.core.CpuState;
import dev.precept.core.Instruction;
import dev.precept.core.Intercept;
import dev.precept.core.Mmu;
import dev.precept.core.OpcodeMap;
import dev.precept.core.Stage;

/**
 * XSAVES and XRSTORS in the compacted format, for the components that this core has: x87 (bit 0),
 * SSE (1) and PASID (10, a supervisor component).
 *
 * <p>Source: SDM vol. 1, 13.4 (XSAVE area), 13.11 (XSAVES), 13.12 (XRSTORS); vol. 2C.
 */
final class SupervisorStateInstructions {
  private static final long X87 = 1, SSE = 2, PASID = 1 << 10;

  /** Offsets in the XSAVE area; PASID state is the only extended component, so it comes first. */
  private static final int MXCSR = 24,
      MXCSR_MASK = 28,
      ST = 32,
      XMM = 160,
      XSTATE_BV = 512,
      XCOMP_BV = 520,
      HEADER_END = 576,
      PASID_STATE = 576,
      AREA_SIZE = 584;

  private static final long COMPACTED = 1L << 63;

  private static final int X87_CONTROL_INITIAL = 0x37F, X87_TAG_EMPTY = 0xFFFF;
  private static final long MXCSR_INITIAL = 0x1F80, MXCSR_DEFINED = 0xFFFF;

  /** IA32_PASID bits that exist. */
  private static final long PASID_DEFINED = 0x800F_FFFFL;

  private SupervisorStateInstructions() {}

  static void register(OpcodeMap map) {
    map.memory(0x0FC7, 5, 0, "XSAVES M", MEM | CPL0, SupervisorStateInstructions::save)
        .gate((cpu, insn) -> exists(cpu, Intercept.XSAVES))
        .vmx(Intercept.XSAVES, Stage.AFTER_PRIVILEGE);
    map.memory(0x0FC7, 3, 0, "XRSTORS M", MEM | CPL0, SupervisorStateInstructions::restore)
        .gate((cpu, insn) -> exists(cpu, Intercept.XRSTORS))
        .vmx(Intercept.XRSTORS, Stage.AFTER_PRIVILEGE);
  }

  private static boolean exists(Cpu cpu, int id) {
    return cpu.model.xsaves
        && (cpu.state.cr4 & CpuState.CR4_OSXSAVE) != 0
        && cpu.virtualization.allows(cpu, id);
  }

  /** EDX:EAX: the components that the instruction is asked for. */
  private static long requested(CpuState s) {
    return s.gpr[2] << 32 | (s.gpr[0] & 0xFFFF_FFFFL);
  }

  /** Linear address of the area: #NM, segment checks, #GP(0) off a 64-byte boundary. */
  private static long area(Cpu cpu, Instruction insn, boolean write) {
    if ((cpu.state.cr0 & CpuState.CR0_TS) != 0) {
      throw cpu.fault(CpuFault.NM);
    }
    long linear = cpu.linear(insn.segment, insn.offset, AREA_SIZE, write);
    if ((linear & 63) != 0) {
      throw cpu.gp(0);
    }
    cpu.mmu.probe(linear, AREA_SIZE, write ? Mmu.WRITE : 0);
    return linear;
  }

  private static void save(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    long area = area(cpu, insn, true);
    long asked = (s.xcr0 | s.xss) & requested(s);
    long saved = asked & inUse(s);
    if ((saved & X87) != 0) {
      saveX87(cpu, area, insn.rexW());
    }
    if ((saved & SSE) != 0) {
      for (int i = 0; i < xmmCount(s); i++) {
        write(cpu, area + XMM + 16L * i, 8, s.xmmLow[i]);
        write(cpu, area + XMM + 16L * i + 8, 8, s.xmmHigh[i]);
      }
      write(cpu, area + MXCSR, 4, s.mxcsr);
      write(cpu, area + MXCSR_MASK, 4, MXCSR_DEFINED);
    }
    if ((saved & PASID) != 0) {
      write(cpu, area + PASID_STATE, 8, s.pasid);
    }
    write(cpu, area + XSTATE_BV, 8, saved);
    write(cpu, area + XCOMP_BV, 8, asked | COMPACTED);
    for (int at = XCOMP_BV + 8; at < HEADER_END; at += 8) {
      write(cpu, area + at, 8, 0);
    }
  }

  /** XINUSE: the components that are not in their initial configuration. */
  private static long inUse(CpuState s) {
    boolean x87 = s.x87Control != X87_CONTROL_INITIAL || s.x87Status != 0;
    x87 |= s.x87Tag != X87_TAG_EMPTY || s.x87Opcode != 0;
    x87 |= s.x87InstructionPointer != 0 || s.x87DataPointer != 0;
    for (int i = 0; i < 8; i++) {
      x87 |= (s.x87Low[i] | s.x87High[i]) != 0;
    }
    boolean sse = s.mxcsr != MXCSR_INITIAL;
    for (int i = 0; i < xmmCount(s); i++) {
      sse |= (s.xmmLow[i] | s.xmmHigh[i]) != 0;
    }
    return (x87 ? X87 : 0) | (sse ? SSE : 0) | (s.pasid != 0 ? PASID : 0);
  }

  private static int xmmCount(CpuState s) {
    return s.code64() ? 16 : 8;
  }

  private static void saveX87(Cpu cpu, long area, boolean wide) {
    CpuState s = cpu.state;
    int full = 0;
    for (int i = 0; i < 8; i++) {
      full |= (s.x87Tag >> (2 * i) & 3) != 3 ? 1 << i : 0;
    }
    write(cpu, area, 2, s.x87Control);
    write(cpu, area + 2, 2, s.x87Status);
    write(cpu, area + 4, 2, full);
    write(cpu, area + 6, 2, s.x87Opcode);
    // The selectors behind 32-bit pointers are not kept (CPUID Fn0000_0007_EBX bit 13): zero.
    write(
        cpu, area + 8, 8, wide ? s.x87InstructionPointer : s.x87InstructionPointer & 0xFFFF_FFFFL);
    write(cpu, area + 16, 8, wide ? s.x87DataPointer : s.x87DataPointer & 0xFFFF_FFFFL);
    for (int i = 0; i < 8; i++) {
      write(cpu, area + ST + 16L * i, 8, s.x87Low[i]);
      write(cpu, area + ST + 16L * i + 8, 8, s.x87High[i]);
    }
  }

  private static void restore(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    long area = area(cpu, insn, false);
    long states = read(cpu, area + XSTATE_BV, 8);
    long components = read(cpu, area + XCOMP_BV, 8);
    boolean legal =
        (components & COMPACTED) != 0
            && (components & ~(COMPACTED | s.xcr0 | s.xss)) == 0
            && (states & ~components) == 0;
    for (int at = XCOMP_BV + 8; at < HEADER_END; at += 8) {
      legal &= read(cpu, area + at, 8) == 0;
    }
    long asked = (s.xcr0 | s.xss) & requested(s);
    long loaded = asked & states;
    long mxcsr = (loaded & SSE) != 0 ? read(cpu, area + MXCSR, 4) : MXCSR_INITIAL;
    long pasid = (loaded & PASID) != 0 ? read(cpu, area + PASID_STATE, 8) : 0;
    if (!legal || (mxcsr & ~MXCSR_DEFINED) != 0 || (pasid & ~PASID_DEFINED) != 0) {
      throw cpu.gp(0);
    }
    if ((asked & X87) != 0) {
      restoreX87(cpu, area, (loaded & X87) != 0, insn.rexW());
    }
    if ((asked & SSE) != 0) {
      for (int i = 0; i < xmmCount(s); i++) {
        s.xmmLow[i] = (loaded & SSE) != 0 ? read(cpu, area + XMM + 16L * i, 8) : 0;
        s.xmmHigh[i] = (loaded & SSE) != 0 ? read(cpu, area + XMM + 16L * i + 8, 8) : 0;
      }
      s.mxcsr = mxcsr;
    }
    if ((asked & PASID) != 0) {
      s.pasid = pasid;
    }
  }

  private static void restoreX87(Cpu cpu, long area, boolean load, boolean wide) {
    CpuState s = cpu.state;
    int pointer = wide ? 8 : 4;
    s.x87Control = load ? (int) read(cpu, area, 2) : X87_CONTROL_INITIAL;
    s.x87Status = load ? (int) read(cpu, area + 2, 2) : 0;
    int full = load ? (int) read(cpu, area + 4, 1) : 0;
    s.x87Opcode = load ? read(cpu, area + 6, 2) & 0x7FF : 0;
    s.x87InstructionPointer = load ? read(cpu, area + 8, pointer) : 0;
    s.x87DataPointer = load ? read(cpu, area + 16, pointer) : 0;
    s.x87Tag = 0;
    for (int i = 0; i < 8; i++) {
      s.x87Low[i] = load ? read(cpu, area + ST + 16L * i, 8) : 0;
      s.x87High[i] = load ? read(cpu, area + ST + 16L * i + 8, 2) : 0;
      s.x87Tag |= (full >> i & 1) == 0 ? 3 << (2 * i) : tag(s.x87Low[i], s.x87High[i]) << (2 * i);
    }
  }

  /** Tag of a register that is not empty: valid 0, zero 1, special 2 (SDM vol. 1, 8.1.7). */
  private static int tag(long significand, long signAndExponent) {
    long exponent = signAndExponent & 0x7FFF;
    if (exponent == 0 && significand == 0) {
      return 1;
    }
    return exponent == 0x7FFF || exponent == 0 || significand >= 0 ? 2 : 0;
  }

  private static long read(Cpu cpu, long linear, int size) {
    return cpu.mmu.read(linear, size, 0);
  }

  private static void write(Cpu cpu, long linear, int size, long value) {
    cpu.mmu.write(linear, size, value, 0);
  }
}

package dev.precept.core.instructions;

import dev.precept.core.Cpu;
import dev.precept.core.CpuState;
import dev.precept.core.Instruction;
import dev.precept.core.Mmu;
import dev.precept.core.OpcodeMap;
import dev.precept.core.Segment;

/**
 * IN, OUT, INS and OUTS. Order (APM vol. 2, 15.10.2): virtual-8086, IOPL and TSS bitmap (#GP), then
 * {@link dev.precept.core.Virtualization#io}, then everything else. A REP form with a count of zero
 * does nothing at all.
 */
public final class IoInstructions {
  private IoInstructions() {}

  /** Adds this family's rows. */
  public static void register(OpcodeMap map) {
    map.row(0xE4, "IN AL,Ib", 0, (cpu, insn) -> in(cpu, insn, (int) insn.immediate, 1));
    map.row(0xE5, "IN rAX,Ib", 0, (cpu, insn) -> in(cpu, insn, (int) insn.immediate, wide(insn)));
    map.row(0xEC, "IN AL,DX", 0, (cpu, insn) -> in(cpu, insn, dx(cpu), 1));
    map.row(0xED, "IN rAX,DX", 0, (cpu, insn) -> in(cpu, insn, dx(cpu), wide(insn)));
    map.row(0xE6, "OUT Ib,AL", 0, (cpu, insn) -> out(cpu, insn, (int) insn.immediate, 1));
    map.row(0xE7, "OUT Ib,rAX", 0, (cpu, insn) -> out(cpu, insn, (int) insn.immediate, wide(insn)));
    map.row(0xEE, "OUT DX,AL", 0, (cpu, insn) -> out(cpu, insn, dx(cpu), 1));
    map.row(0xEF, "OUT DX,rAX", 0, (cpu, insn) -> out(cpu, insn, dx(cpu), wide(insn)));
    map.row(0x6C, "INSB", 0, (cpu, insn) -> repeat(cpu, insn, true, 1));
    map.row(0x6D, "INSW", 0, (cpu, insn) -> repeat(cpu, insn, true, wide(insn)));
    map.row(0x6E, "OUTSB", 0, (cpu, insn) -> repeat(cpu, insn, false, 1));
    map.row(0x6F, "OUTSW", 0, (cpu, insn) -> repeat(cpu, insn, false, wide(insn)));
  }

  private static int wide(Instruction insn) {
    // There is no 64-bit I/O: REX.W means 32 bits (APM vol. 3, IN).
    return insn.operandSize == 2 ? 2 : 4;
  }

  private static int dx(Cpu cpu) {
    return (int) cpu.state.gpr[2] & 0xFFFF;
  }

  /** #GP(0) unless IOPL or the TSS's I/O-permission bitmap allows (APM vol. 2, 12.2.4). */
  private static void permission(Cpu cpu, int port, int size) {
    CpuState s = cpu.state;
    if (s.realMode() || (!s.v86() && s.cpl <= s.iopl())) {
      return;
    }
    boolean wideTss = (s.tr.attributes & 0x9D) == 0x89;
    if (!wideTss || s.tr.limit < 0x67) {
      throw cpu.gp(0);
    }
    long base = cpu.mmu.read(cpu.segments.wrap(s.tr.base + 0x66), 2, Mmu.IMPLICIT);
    long at = base + (port >> 3);
    if (at + 1 > s.tr.limit) {
      throw cpu.gp(0);
    }
    long bits = cpu.mmu.read(cpu.segments.wrap(s.tr.base + at), 2, Mmu.IMPLICIT);
    if ((bits >> (port & 7) & (1L << size) - 1) != 0) {
      throw cpu.gp(0);
    }
  }

  private static void in(Cpu cpu, Instruction insn, int port, int size) {
    permission(cpu, port, size);
    cpu.virtualization.io(cpu, insn, port, size, true, false, Segment.ES);
    cpu.setGpr(0, size, cpu.ports.in(port, size) & Cpu.mask(size));
    cpu.breakpoints.io(port, size);
  }

  private static void out(Cpu cpu, Instruction insn, int port, int size) {
    permission(cpu, port, size);
    cpu.virtualization.io(cpu, insn, port, size, false, false, Segment.ES);
    cpu.ports.out(port, size, (int) (cpu.state.gpr[0] & Cpu.mask(size)));
    cpu.breakpoints.io(port, size);
  }

  private static void repeat(Cpu cpu, Instruction insn, boolean in, int size) {
    StringInstructions.repeat(
        cpu,
        insn,
        in
            ? size == 1 ? INSB : size == 2 ? INSW : INSD
            : size == 1 ? OUTSB : size == 2 ? OUTSW : OUTSD);
  }

  private static final StringInstructions.Iteration INSB = (cpu, insn) -> ins(cpu, insn, 1);
  private static final StringInstructions.Iteration INSW = (cpu, insn) -> ins(cpu, insn, 2);
  private static final StringInstructions.Iteration INSD = (cpu, insn) -> ins(cpu, insn, 4);
  private static final StringInstructions.Iteration OUTSB = (cpu, insn) -> outs(cpu, insn, 1);
  private static final StringInstructions.Iteration OUTSW = (cpu, insn) -> outs(cpu, insn, 2);
  private static final StringInstructions.Iteration OUTSD = (cpu, insn) -> outs(cpu, insn, 4);

  private static boolean ins(Cpu cpu, Instruction insn, int size) {
    int port = dx(cpu);
    permission(cpu, port, size);
    cpu.virtualization.io(cpu, insn, port, size, true, true, Segment.ES);
    long rdi = cpu.gpr(7, insn.addressSize);
    // The port must not be read if memory cannot take the value.
    long linear = cpu.linear(Segment.ES, rdi, size, true);
    cpu.mmu.probe(linear, size, cpu.userAccess() | Mmu.WRITE);
    cpu.mmu.write(linear, size, cpu.ports.in(port, size), cpu.userAccess());
    StringInstructions.advance(cpu, insn, 7, size);
    cpu.breakpoints.io(port, size);
    return true;
  }

  private static boolean outs(Cpu cpu, Instruction insn, int size) {
    int port = dx(cpu);
    int segment = insn.dataSegment();
    permission(cpu, port, size);
    cpu.virtualization.io(cpu, insn, port, size, false, true, segment);
    long value = cpu.readMemory(segment, cpu.gpr(6, insn.addressSize), size);
    cpu.ports.out(port, size, (int) value);
    StringInstructions.advance(cpu, insn, 6, size);
    cpu.breakpoints.io(port, size);
    return true;
  }
}

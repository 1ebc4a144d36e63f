package dev.precept.core.instructions;

import static dev.precept.core.OpcodeRow.MEM;
import static dev.precept.core.OpcodeRow.NO64;

import dev.precept.core.Cpu;
import dev.precept.core.CpuFault;
import dev.precept.core.CpuState;
import dev.precept.core.Instruction;
import dev.precept.core.Mmu;
import dev.precept.core.OpcodeMap;
import dev.precept.core.Segment;
import dev.precept.core.Segmentation;

/** Far JMP, CALL and RET with gates and task switches (APM vol. 2, 4.10 and 12.3). */
public final class FarTransferInstructions {
  private FarTransferInstructions() {}

  /** Adds this family's rows. */
  public static void register(OpcodeMap map) {
    map.row(0xEA, "JMP Ap", NO64, (cpu, insn) -> immediate(cpu, insn, false));
    map.row(0x9A, "CALL Ap", NO64, (cpu, insn) -> immediate(cpu, insn, true));
    map.group(0xFF, 5, "JMP M", MEM, (cpu, insn) -> indirect(cpu, insn, false));
    map.group(0xFF, 3, "CALL M", MEM, (cpu, insn) -> indirect(cpu, insn, true));
    map.row(0xCB, "RETF", 0, FarTransferInstructions::ret);
    map.row(0xCA, "RETF Iw", 0, FarTransferInstructions::ret);
  }

  private static void immediate(Cpu cpu, Instruction insn, boolean call) {
    transfer(
        cpu,
        insn,
        (int) insn.immediate2 & 0xFFFF,
        insn.immediate & Cpu.mask(insn.operandSize),
        call);
  }

  private static void indirect(Cpu cpu, Instruction insn, boolean call) {
    int size = insn.operandSize;
    long offset = cpu.readMemory(insn.segment, insn.offset, size);
    long at = insn.offset + size & Cpu.mask(insn.addressSize);
    int selector = (int) cpu.readMemory(insn.segment, at, 2);
    transfer(cpu, insn, selector, offset, call);
  }

  private static void transfer(Cpu cpu, Instruction insn, int selector, long offset, boolean call) {
    CpuState s = cpu.state;
    if (s.realOrV86()) {
      if (offset > s.cs.limit) {
        throw cpu.gp(0);
      }
      if (call) {
        pushReturn(cpu, insn, insn.operandSize);
      }
      cpu.segments.loadRealCs(selector);
      insn.nextRip = offset;
      return;
    }
    if (Segmentation.isNull(selector)) {
      throw cpu.gp(0);
    }
    Segmentation seg = cpu.segments;
    seg.read(selector, CpuFault.GP, 0);
    int code = selector & 0xFFFC;
    if ((seg.typeAndS() & 0x10) == 0) {
      system(cpu, insn, selector, call);
      return;
    }
    int rpl = selector & 3;
    if (!seg.isCode()
        || (seg.conforming() ? seg.dpl() > s.cpl : rpl > s.cpl || seg.dpl() != s.cpl)) {
      throw cpu.gp(code);
    }
    checkLongBits(cpu, code);
    if (!seg.present()) {
      throw cpu.fault(CpuFault.NP, code);
    }
    long attributes = seg.attributes();
    long limit = seg.limit();
    boolean to64 = s.longMode() && (attributes & Segment.L) != 0;
    checkOffset(cpu, offset, to64, limit);
    if (call) {
      probePush(cpu, 2, insn.operandSize);
    }
    seg.markAccessed();
    if (call) {
      pushReturn(cpu, insn, insn.operandSize);
    }
    seg.unpack(s.cs, code | s.cpl);
    insn.nextRip = offset;
  }

  private static void checkLongBits(Cpu cpu, int code) {
    int both = Segment.L | Segment.DB;
    if (cpu.state.longMode() && (cpu.segments.attributes() & both) == both) {
      throw cpu.gp(code);
    }
  }

  private static void checkOffset(Cpu cpu, long offset, boolean to64, long limit) {
    if (to64 ? !Mmu.canonical(offset) : Long.compareUnsigned(offset, limit) > 0) {
      throw cpu.gp(0);
    }
  }

  private static void probePush(Cpu cpu, int count, int size) {
    for (int i = 1; i <= count; i++) {
      long rsp = cpu.state.gpr[4] - (long) size * i & cpu.stackMask();
      cpu.mmu.probe(cpu.linear(Segment.SS, rsp, size, true), size, cpu.userAccess() | Mmu.WRITE);
    }
  }

  private static void pushReturn(Cpu cpu, Instruction insn, int size) {
    probePush(cpu, 2, size);
    cpu.push(size, cpu.state.cs.selector);
    cpu.push(size, insn.sequentialRip);
  }

  /** JMP or CALL whose selector names a gate or a TSS. */
  private static void system(Cpu cpu, Instruction insn, int selector, boolean call) {
    CpuState s = cpu.state;
    Segmentation seg = cpu.segments;
    int type = seg.typeAndS();
    int code = selector & 0xFFFC;
    boolean longMode = s.longMode();
    boolean gate =
        type == Segmentation.CALL_GATE32
            || (!longMode && (type == Segmentation.CALL_GATE16 || type == Segmentation.TASK_GATE));
    boolean tss = !longMode && (type == Segmentation.TSS16 || type == Segmentation.TSS32);
    if (!gate && !tss) {
      throw cpu.gp(code);
    }
    if (tss) {
      cpu.tasks.jumpOrCall(selector, call, false);
      return;
    }
    if (seg.dpl() < s.cpl || seg.dpl() < (selector & 3)) {
      throw cpu.gp(code);
    }
    if (longMode) {
      seg.readHigh(selector, CpuFault.GP, 0);
    }
    if (!seg.present()) {
      throw cpu.fault(CpuFault.NP, code);
    }
    long descriptor = seg.descriptor;
    int target = (int) (descriptor >> 16) & 0xFFFF;
    if (type == Segmentation.TASK_GATE) {
      cpu.tasks.jumpOrCall(target, call, true);
      return;
    }
    long offset = (descriptor & 0xFFFF) | (descriptor >>> 32 & 0xFFFF_0000L);
    offset |= (seg.descriptorHigh & 0xFFFF_FFFFL) << 32;
    if (type == Segmentation.CALL_GATE16) {
      offset &= 0xFFFF;
    }
    int width = longMode ? 8 : type == Segmentation.CALL_GATE32 ? 4 : 2;
    int parameters = longMode ? 0 : (int) (descriptor >> 32) & 31;
    throughCallGate(cpu, insn, target, offset, width, parameters, call);
  }

  private static void throughCallGate(
      Cpu cpu,
      Instruction insn,
      int selector,
      long offset,
      int width,
      int parameters,
      boolean call) {
    CpuState s = cpu.state;
    Segmentation seg = cpu.segments;
    if (Segmentation.isNull(selector)) {
      throw cpu.gp(0);
    }
    seg.read(selector, CpuFault.GP, 0);
    int code = selector & 0xFFFC;
    boolean conforming = seg.conforming();
    if (!seg.isCode()
        || seg.dpl() > s.cpl
        || (!call && !conforming && seg.dpl() != s.cpl)
        || (width == 8 && (seg.attributes() & (Segment.L | Segment.DB)) != Segment.L)) {
      throw cpu.gp(code);
    }
    if (!seg.present()) {
      throw cpu.fault(CpuFault.NP, code);
    }
    int newCpl = conforming ? s.cpl : seg.dpl();
    long limit = seg.limit();
    seg.markAccessed();
    Segment newCs = new Segment();
    seg.unpack(newCs, code | newCpl);
    if (!call) {
      checkOffset(cpu, offset, width == 8, limit);
    } else if (newCpl == s.cpl) {
      checkOffset(cpu, offset, width == 8, limit);
      pushReturn(cpu, insn, width);
    } else {
      innerCall(cpu, insn, newCpl, offset, limit, width, parameters);
    }
    s.cs.set(newCs);
    s.cpl = newCpl;
    insn.nextRip = offset;
  }

  /** Switches to the stack of {@code newCpl} and builds the frame of a call to more privilege. */
  private static void innerCall(
      Cpu cpu, Instruction insn, int newCpl, long offset, long limit, int width, int parameters) {
    CpuState s = cpu.state;
    long rsp;
    long mask;
    Segment ss = new Segment();
    if (width == 8) {
      rsp = cpu.gates.tss64(4 + 8 * newCpl, 0);
      mask = -1L;
      ss.set(newCpl, 0, 0, 0);
    } else {
      rsp = cpu.gates.innerStack(newCpl, 0);
      ss.set(cpu.gates.innerSegment());
      mask = ss.big() ? 0xFFFF_FFFFL : 0xFFFF;
    }
    int count = 4 + parameters;
    long[] frame = new long[count];
    frame[0] = s.ss.selector;
    frame[1] = s.gpr[4];
    for (int i = 0; i < parameters; i++) {
      frame[2 + i] = cpu.peek(width * (parameters - 1 - i), width);
    }
    frame[count - 2] = s.cs.selector;
    frame[count - 1] = insn.sequentialRip;
    int access = s.cpl == 3 ? Mmu.IMPLICIT : 0;
    long[] linear = new long[count];
    for (int i = 0; i < count; i++) {
      rsp = rsp - width & mask;
      if (width == 8) {
        if (!Mmu.canonical(rsp)) {
          throw cpu.fault(CpuFault.SS, 0);
        }
        linear[i] = rsp;
      } else {
        long last = rsp + width - 1;
        boolean down = (ss.attributes & 0xC) == 4;
        boolean bad =
            down ? rsp <= ss.limit || last > (ss.big() ? 0xFFFF_FFFFL : 0xFFFF) : last > ss.limit;
        if (bad) {
          throw cpu.fault(CpuFault.SS, ss.selector & 0xFFFC);
        }
        linear[i] = ss.base + rsp & 0xFFFF_FFFFL;
      }
      cpu.mmu.probe(linear[i], width, access | Mmu.WRITE);
    }
    checkOffset(cpu, offset, width == 8, limit);
    for (int i = 0; i < count; i++) {
      cpu.mmu.write(linear[i], width, frame[i], access);
    }
    s.ss.set(ss);
    s.gpr[4] = rsp;
  }

  private static void ret(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    int size = insn.operandSize;
    int release = (int) insn.immediate & 0xFFFF;
    long rip = cpu.peek(0, size);
    int selector = (int) cpu.peek(size, size) & 0xFFFF;
    if (s.realOrV86()) {
      if (rip > s.cs.limit) {
        throw cpu.gp(0);
      }
      cpu.setRsp(s.gpr[4] + 2L * size + release, cpu.stackMask());
      cpu.segments.loadRealCs(selector);
      insn.nextRip = rip;
      return;
    }
    outer(cpu, insn, selector, rip, 2 * size + release, release, false);
  }

  /**
   * The common end of far RET and IRET in protected and long mode: checks CS, and SS when returning
   * to less privilege (or always, for IRET in 64-bit mode), and loads both.
   *
   * @param stackAt where on the stack rSP and SS are, if they are popped
   * @param release bytes to release from the outer stack too
   */
  static void outer(
      Cpu cpu,
      Instruction insn,
      int selector,
      long rip,
      int stackAt,
      int release,
      boolean alwaysStack) {
    CpuState s = cpu.state;
    Segmentation seg = cpu.segments;
    int rpl = selector & 3;
    int code = selector & 0xFFFC;
    if (Segmentation.isNull(selector)) {
      throw cpu.gp(0);
    }
    seg.read(selector, CpuFault.GP, 0);
    if (!seg.isCode() || rpl < s.cpl || (seg.conforming() ? seg.dpl() > rpl : seg.dpl() != rpl)) {
      throw cpu.gp(code);
    }
    checkLongBits(cpu, code);
    if (!seg.present()) {
      throw cpu.fault(CpuFault.NP, code);
    }
    boolean to64 = s.longMode() && (seg.attributes() & Segment.L) != 0;
    Segment newCs = new Segment();
    long csAddress = seg.descriptorAddress;
    seg.unpack(newCs, selector);
    boolean popStack = alwaysStack || rpl > s.cpl;
    int size = insn.operandSize;
    Segment newSs = new Segment();
    long rsp = 0;
    if (popStack) {
      rsp = cpu.peek(stackAt, size);
      int ss = (int) cpu.peek(stackAt + size, size) & 0xFFFF;
      if (Segmentation.isNull(ss)) {
        // A null SS may be returned to in 64-bit mode below CPL 3 only (APM vol. 2, 8.9.4).
        if (!to64 || rpl == 3) {
          throw cpu.gp(0);
        }
        newSs.set(ss, 0, 0, 0);
      } else {
        seg.checkLoad(newSs, Segment.SS, ss, rpl, 0, CpuFault.GP);
      }
    }
    checkOffset(cpu, rip, to64, newCs.limit);
    if ((newCs.attributes & 1) == 0) {
      newCs.attributes |= 1;
      cpu.mmu.write(seg.wrap(csAddress + 5), 1, newCs.attributes & 0xFF, Mmu.IMPLICIT);
    }
    if (popStack) {
      boolean outward = rpl > s.cpl;
      s.ss.set(newSs);
      s.cs.set(newCs);
      s.cpl = rpl;
      long mask = cpu.stackMask();
      if (size == 2 && mask == 0xFFFF_FFFFL) {
        mask = 0xFFFF;
      }
      cpu.setRsp(rsp + release, mask);
      if (outward) {
        seg.dropPrivilegedData(rpl);
      }
    } else {
      cpu.setRsp(s.gpr[4] + stackAt, cpu.stackMask());
      s.cs.set(newCs);
    }
    insn.nextRip = rip;
  }
}

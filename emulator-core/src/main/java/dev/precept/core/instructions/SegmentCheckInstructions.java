package dev.precept.core.instructions;

import static dev.precept.core.OpcodeRow.PROT;

import dev.precept.core.Cpu;
import dev.precept.core.CpuFault;
import dev.precept.core.CpuState;
import dev.precept.core.Instruction;
import dev.precept.core.OpcodeMap;
import dev.precept.core.Segmentation;

/** LAR, LSL, VERR and VERW: look at a descriptor and tell by ZF (APM vol. 2, 4.6). */
public final class SegmentCheckInstructions {
  private SegmentCheckInstructions() {}

  /** Adds this family's rows. */
  public static void register(OpcodeMap map) {
    map.row(0x0F02, "LAR Gv,Ew", PROT, (cpu, insn) -> access(cpu, insn, false));
    map.row(0x0F03, "LSL Gv,Ew", PROT, (cpu, insn) -> access(cpu, insn, true));
    map.group(0x0F00, 4, "VERR Ew", PROT, (cpu, insn) -> verify(cpu, insn, false));
    map.group(0x0F00, 5, "VERW Ew", PROT, (cpu, insn) -> verify(cpu, insn, true));
  }

  private static void zero(Cpu cpu, boolean set) {
    cpu.state.rflags = set ? cpu.state.rflags | CpuState.ZF : cpu.state.rflags & ~CpuState.ZF;
  }

  /** Reads the descriptor; false if the selector is null or beyond its table. */
  private static boolean found(Cpu cpu, int selector) {
    CpuState s = cpu.state;
    if (Segmentation.isNull(selector)) {
      return false;
    }
    boolean local = (selector & 4) != 0;
    long limit = local ? s.ldtr.limit : s.gdtrLimit & 0xFFFF;
    if ((local && !s.ldtr.present()) || (selector & 0xFFF8) + 7 > limit) {
      return false;
    }
    cpu.segments.read(selector, CpuFault.GP, 0);
    return true;
  }

  private static boolean visible(Cpu cpu, int selector) {
    Segmentation seg = cpu.segments;
    boolean conformingCode = seg.isCode() && seg.conforming();
    return conformingCode || (seg.dpl() >= cpu.state.cpl && seg.dpl() >= (selector & 3));
  }

  private static void access(Cpu cpu, Instruction insn, boolean limit) {
    int selector = (int) cpu.load(insn, 1);
    boolean ok = found(cpu, selector) && visible(cpu, selector);
    Segmentation seg = cpu.segments;
    if (ok && (seg.typeAndS() & 0x10) == 0) {
      ok = systemType(cpu, seg.typeAndS(), limit);
    }
    zero(cpu, ok);
    if (ok) {
      cpu.store(insn, 0, limit ? seg.limit() : seg.descriptor >>> 32 & 0x00F0_FF00L);
    }
  }

  /** System descriptors that LAR and LSL accept (APM vol. 3, LAR and LSL). */
  private static boolean systemType(Cpu cpu, int type, boolean limit) {
    boolean longMode = cpu.state.longMode();
    return switch (type) {
      case Segmentation.TSS16, Segmentation.TSS16_BUSY -> !longMode;
      case Segmentation.LDT, Segmentation.TSS32, Segmentation.TSS32_BUSY -> true;
      case Segmentation.CALL_GATE16, Segmentation.TASK_GATE -> !limit && !longMode;
      case Segmentation.CALL_GATE32 -> !limit;
      default -> false;
    };
  }

  private static void verify(Cpu cpu, Instruction insn, boolean write) {
    int selector = (int) cpu.load(insn, 0);
    boolean ok = found(cpu, selector) && visible(cpu, selector);
    if (ok) {
      int type = cpu.segments.typeAndS();
      boolean code = (type & 8) != 0;
      boolean second = (type & 2) != 0;
      ok = (type & 0x10) != 0 && (write ? !code && second : !code || second);
    }
    zero(cpu, ok);
  }
}

package dev.precept.core.instructions;

import static dev.precept.core.OpcodeRow.CPL0;
import static dev.precept.core.OpcodeRow.MEM;
import static dev.precept.core.OpcodeRow.PROT;

import dev.precept.core.Cpu;
import dev.precept.core.CpuFault;
import dev.precept.core.CpuState;
import dev.precept.core.Instruction;
import dev.precept.core.Intercept;
import dev.precept.core.Mmu;
import dev.precept.core.OpcodeMap;
import dev.precept.core.Segment;
import dev.precept.core.Segmentation;
import dev.precept.core.Stage;

/**
 * LGDT, LIDT, LLDT, LTR, SGDT, SIDT, SLDT, STR.
 *
 * <p>"The SVM intercept is checked after #UD and #GP exception checks, but before any memory access
 * is performed" (APM vol. 2, table 15-7). The manual leaves open whether a segment-limit or
 * canonical violation of the memory operand, also a #GP, is one of these checks. It is read here
 * with 15.7, "Instruction intercepts": after simple exceptions (CPL, UMIP, #UD), before exceptions
 * related to memory accesses. So the intercept precedes every check of the operand's address.
 */
final class DescriptorTableInstructions {
  private static final int BUSY = 2;

  private DescriptorTableInstructions() {}

  static void register(OpcodeMap map) {
    map.group(0x0F00, 0, "SLDT Mw", PROT, DescriptorTableInstructions::sldt)
        .privilege(DescriptorTableInstructions::umip)
        .svm(Intercept.LDTR_READ, Stage.AFTER_CHECKS)
        .vmx(Intercept.LDTR_READ, Stage.AFTER_PRIVILEGE);
    map.group(0x0F00, 1, "STR Mw", PROT, DescriptorTableInstructions::str)
        .privilege(DescriptorTableInstructions::umip)
        .svm(Intercept.TR_READ, Stage.AFTER_CHECKS)
        .vmx(Intercept.TR_READ, Stage.AFTER_PRIVILEGE);
    map.group(0x0F00, 2, "LLDT Ew", PROT | CPL0, DescriptorTableInstructions::lldt)
        .svm(Intercept.LDTR_WRITE, Stage.AFTER_PRIVILEGE)
        .vmx(Intercept.LDTR_WRITE, Stage.AFTER_PRIVILEGE);
    map.group(0x0F00, 3, "LTR Ew", PROT | CPL0, DescriptorTableInstructions::ltr)
        .svm(Intercept.TR_WRITE, Stage.AFTER_PRIVILEGE)
        .vmx(Intercept.TR_WRITE, Stage.AFTER_PRIVILEGE);
    map.memory(0x0F01, 0, "SGDT M", MEM, DescriptorTableInstructions::sgdt)
        .privilege(DescriptorTableInstructions::umip)
        .svm(Intercept.GDTR_READ, Stage.AFTER_CHECKS)
        .vmx(Intercept.GDTR_READ, Stage.AFTER_PRIVILEGE);
    map.memory(0x0F01, 1, "SIDT M", MEM, DescriptorTableInstructions::sidt)
        .privilege(DescriptorTableInstructions::umip)
        .svm(Intercept.IDTR_READ, Stage.AFTER_CHECKS)
        .vmx(Intercept.IDTR_READ, Stage.AFTER_PRIVILEGE);
    map.memory(0x0F01, 2, "LGDT M", MEM | CPL0, DescriptorTableInstructions::lgdt)
        .svm(Intercept.GDTR_WRITE, Stage.AFTER_PRIVILEGE)
        .vmx(Intercept.GDTR_WRITE, Stage.AFTER_PRIVILEGE);
    map.memory(0x0F01, 3, "LIDT M", MEM | CPL0, DescriptorTableInstructions::lidt)
        .svm(Intercept.IDTR_WRITE, Stage.AFTER_PRIVILEGE)
        .vmx(Intercept.IDTR_WRITE, Stage.AFTER_PRIVILEGE);
  }

  /** CR4.UMIP keeps SGDT, SIDT, SLDT, STR and SMSW to CPL 0: #GP(0). */
  static void umip(Cpu cpu, Instruction insn) {
    if ((cpu.state.cr4 & CpuState.CR4_UMIP) != 0 && cpu.state.cpl != 0) {
      throw cpu.gp(0);
    }
  }

  private static void sldt(Cpu cpu, Instruction insn) {
    cpu.store(insn, 0, cpu.state.ldtr.selector);
  }

  private static void str(Cpu cpu, Instruction insn) {
    cpu.store(insn, 0, cpu.state.tr.selector);
  }

  private static void sgdt(Cpu cpu, Instruction insn) {
    store(cpu, insn, cpu.state.gdtrLimit, cpu.state.gdtrBase);
  }

  private static void sidt(Cpu cpu, Instruction insn) {
    store(cpu, insn, cpu.state.idtrLimit, cpu.state.idtrBase);
  }

  /**
   * Operand-size prefixes are ignored: 10 bytes in 64-bit mode, 6 elsewhere (vol. 3, "SGDT"). All
   * of the operand is checked before any of it is written: segment, pages, then alignment. #AC is
   * listed for SGDT and SIDT, but no alignment is stated for a pseudo-descriptor; the word it
   * begins with must be on an even address, and nothing more is asked.
   */
  private static void store(Cpu cpu, Instruction insn, long limit, long base) {
    int baseSize = cpu.state.code64() ? 8 : 4;
    long linear = cpu.linear(insn.segment, insn.offset, 2 + baseSize, true);
    int access = access(cpu);
    cpu.mmu.probe(linear, 2 + baseSize, access | Mmu.WRITE);
    cpu.mmu.probe(linear, 2, cpu.userAccess() | Mmu.WRITE);
    cpu.mmu.write(linear, 2, limit, access);
    cpu.mmu.write(behindLimit(cpu, linear), baseSize, base, access);
  }

  private static void lgdt(Cpu cpu, Instruction insn) {
    long linear = cpu.linear(insn.segment, insn.offset, pseudoDescriptorSize(cpu), false);
    long limit = cpu.mmu.read(linear, 2, access(cpu));
    long base = base(cpu, insn, linear);
    cpu.state.gdtrLimit = limit;
    cpu.state.gdtrBase = base;
  }

  private static void lidt(Cpu cpu, Instruction insn) {
    long linear = cpu.linear(insn.segment, insn.offset, pseudoDescriptorSize(cpu), false);
    long limit = cpu.mmu.read(linear, 2, access(cpu));
    long base = base(cpu, insn, linear);
    cpu.state.idtrLimit = limit;
    cpu.state.idtrBase = base;
  }

  private static int pseudoDescriptorSize(Cpu cpu) {
    return cpu.state.code64() ? 10 : 6;
  }

  /** Base of a pseudo-descriptor: 64 bits in 64-bit mode, else 32, or 24 with a 16-bit operand. */
  private static long base(Cpu cpu, Instruction insn, long linear) {
    boolean code64 = cpu.state.code64();
    long base = cpu.mmu.read(behindLimit(cpu, linear), code64 ? 8 : 4, access(cpu));
    if (code64) {
      if (!Mmu.canonical(base)) {
        throw cpu.gp(0);
      }
      return base;
    }
    return insn.operandSize == 2 ? base & 0xFF_FFFF : base;
  }

  private static long behindLimit(Cpu cpu, long linear) {
    return cpu.state.code64() ? linear + 2 : (linear + 2) & 0xFFFF_FFFFL;
  }

  /** Without the alignment check, which is made once for the whole pseudo-descriptor. */
  private static int access(Cpu cpu) {
    return cpu.userAccess() & Mmu.USER;
  }

  private static void lldt(Cpu cpu, Instruction insn) {
    CpuState state = cpu.state;
    int selector = (int) cpu.load(insn, 0);
    if (Segmentation.isNull(selector)) {
      // A null selector is legal and leaves LDTR unusable.
      state.ldtr.selector = selector;
      state.ldtr.attributes = 0;
      return;
    }
    Segmentation segments = readSystemDescriptor(cpu, selector);
    if (systemType(segments.descriptor) != Segmentation.LDT) {
      throw cpu.gp(selector & 0xFFFC);
    }
    checkPresentAndBase(cpu, segments, selector);
    load(cpu, state.ldtr, segments, selector);
  }

  private static void ltr(Cpu cpu, Instruction insn) {
    CpuState state = cpu.state;
    int selector = (int) cpu.load(insn, 0);
    if (Segmentation.isNull(selector)) {
      throw cpu.gp(0);
    }
    Segmentation segments = readSystemDescriptor(cpu, selector);
    int type = systemType(segments.descriptor);
    boolean available =
        type == Segmentation.TSS32 || (type == Segmentation.TSS16 && !state.longMode());
    if (!available) {
      throw cpu.gp(selector & 0xFFFC);
    }
    checkPresentAndBase(cpu, segments, selector);
    long at = segments.descriptorAddress + 5;
    cpu.mmu.write(at, 1, (segments.descriptor >>> 40 | BUSY) & 0xFF, Mmu.IMPLICIT);
    load(cpu, state.tr, segments, selector);
    state.tr.attributes |= BUSY;
  }

  /**
   * Reads the GDT entry, 16 bytes of it in 64-bit mode and 8 elsewhere, compatibility mode included
   * (APM vol. 3, LLDT and LTR): #GP(selector) for TI or the limit.
   */
  private static Segmentation readSystemDescriptor(Cpu cpu, int selector) {
    if ((selector & 4) != 0) {
      throw cpu.gp(selector & 0xFFFC);
    }
    cpu.segments.read(selector, CpuFault.GP, 0);
    if (cpu.state.code64()) {
      cpu.segments.readHigh(selector, CpuFault.GP, 0);
    }
    return cpu.segments;
  }

  /** Type of a system descriptor, or -1 for code and data. */
  private static int systemType(long descriptor) {
    int attributes = (int) (descriptor >>> 40);
    return (attributes & Segment.S) != 0 ? -1 : attributes & 0xF;
  }

  private static void checkPresentAndBase(Cpu cpu, Segmentation segments, int selector) {
    if ((segments.descriptor >>> 47 & 1) == 0) {
      throw cpu.fault(CpuFault.NP, selector & 0xFFFC);
    }
    if (cpu.state.code64() && !Mmu.canonical(base(cpu, segments))) {
      throw cpu.gp(selector & 0xFFFC);
    }
  }

  private static long base(Cpu cpu, Segmentation segments) {
    long low =
        ((segments.descriptor >>> 16) & 0xFF_FFFF) | ((segments.descriptor >>> 32) & 0xFF00_0000L);
    return cpu.state.code64() ? low | (segments.descriptorHigh << 32) : low;
  }

  private static void load(Cpu cpu, Segment target, Segmentation segments, int selector) {
    long descriptor = segments.descriptor;
    int attributes = (int) (((descriptor >>> 40) & 0xFF) | ((descriptor >>> 44) & 0xF00));
    long limit = (descriptor & 0xFFFF) | ((descriptor >>> 32) & 0xF_0000);
    if ((attributes & Segment.G) != 0) {
      limit = limit << 12 | 0xFFF;
    }
    target.set(selector, attributes, limit, base(cpu, segments));
  }
}

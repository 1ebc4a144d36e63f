package dev.precept.core;

import dev.precept.core.instructions.BaseInstructions;
import dev.precept.core.instructions.SystemInstructions;

/**
 * A CPU with 16 MiB of RAM set up in one of the modes. Page tables (identity, 2 MiB or 4 MiB pages)
 * start at 10_0000h, the GDT at 5000h, the IDT at 6000h, the TSS at 7000h, code at 1_0000h, the
 * stack top at 2_0000h, the inner stack top at 3_0000h, interrupt handlers at 4_0000h + 100h *
 * vector.
 */
final class TestMachine {
  static final int CODE = 0x1_0000;
  static final int STACK = 0x2_0000;
  static final int INNER_STACK = 0x3_0000;
  static final int HANDLERS = 0x4_0000;
  static final int GDT = 0x5000;
  static final int IDT = 0x6000;
  static final int TSS = 0x7000;
  static final int TABLES = 0x10_0000;
  static final int KERNEL_CS = 0x08;
  static final int KERNEL_SS = 0x10;
  static final int USER_CS = 0x1B;
  static final int USER_SS = 0x23;
  static final int TR = 0x28;
  static final OpcodeMap MAP = new OpcodeMap();

  static {
    BaseInstructions.register(MAP);
    SystemInstructions.register(MAP);
  }

  final PhysicalMemory memory = new PhysicalMemory(16 << 20);
  final Cpu cpu;
  final CpuState state;

  TestMachine(CpuModel model, Virtualization virtualization) {
    cpu = new Cpu(model, memory, PortIo.EMPTY, MAP, virtualization);
    state = cpu.state;
  }

  TestMachine() {
    this(CpuModel.amd(), Virtualization.NONE);
  }

  /** Real mode, CS:IP 1000:0000, SS:SP 2000:0000 minus nothing, IVT at 0. */
  static TestMachine real() {
    TestMachine m = new TestMachine();
    CpuState s = m.state;
    s.cs.set(0x1000, 0x9B, 0xFFFF, CODE);
    s.ss.set(0x1000, 0x93, 0xFFFF, CODE);
    s.gpr[4] = 0xFFF0;
    s.rip = 0;
    s.idtrLimit = 0x3FF;
    for (int v = 0; v < 256; v++) {
      m.memory.write16(v * 4L, v * 0x100);
      m.memory.write16(v * 4L + 2, HANDLERS >> 4);
    }
    return m;
  }

  /** 32-bit protected mode without paging at {@code cpl} (0 or 3). */
  static TestMachine protected32(int cpl) {
    return protected32(CpuModel.amd(), cpl);
  }

  static TestMachine protected32(CpuModel model, int cpl) {
    TestMachine m = new TestMachine(model, Virtualization.NONE);
    CpuState s = m.state;
    s.cr0 = CpuState.CR0_PE | CpuState.CR0_ET | CpuState.CR0_NE;
    m.descriptor(KERNEL_CS, 0, 0xFFFFF, 0xC9B);
    m.descriptor(KERNEL_SS, 0, 0xFFFFF, 0xC93);
    m.descriptor(USER_CS & ~3, 0, 0xFFFFF, 0xCFB);
    m.descriptor(USER_SS & ~3, 0, 0xFFFFF, 0xCF3);
    m.descriptor(TR, TSS, 0x2067, 0x08B);
    s.gdtrBase = GDT;
    s.gdtrLimit = 0xFF;
    s.idtrBase = IDT;
    s.idtrLimit = 0x7FF;
    s.tr.set(TR, 0x08B, 0x2067, TSS);
    m.memory.write32(TSS + 4, INNER_STACK);
    m.memory.write16(TSS + 8, KERNEL_SS);
    m.memory.write16(TSS + 0x66, 0x68);
    for (int v = 0; v < 256; v++) {
      m.gate32(v, KERNEL_CS, HANDLERS + 0x100L * v, 0x8E);
    }
    m.flat(cpl, 0xC9B | cpl << 5);
    return m;
  }

  /** 64-bit mode at {@code cpl} (0 or 3), 2 MiB identity pages with U, W and P. */
  static TestMachine long64(int cpl) {
    return long64(CpuModel.amd(), cpl);
  }

  static TestMachine long64(CpuModel model, int cpl) {
    TestMachine m = protected32(model, cpl);
    CpuState s = m.state;
    s.cr0 |= CpuState.CR0_PG | CpuState.CR0_WP;
    s.cr4 = CpuState.CR4_PAE;
    s.efer = CpuState.EFER_LME | CpuState.EFER_LMA | CpuState.EFER_NXE;
    s.cr3 = TABLES;
    m.memory.write64(TABLES, TABLES + 0x1007);
    m.memory.write64(TABLES + 0x1000, TABLES + 0x2007);
    for (int i = 0; i < 8; i++) {
      m.memory.write64(TABLES + 0x2000 + 8 * i, (long) i << 21 | 0x87);
    }
    m.descriptor(KERNEL_CS, 0, 0xFFFFF, 0xA9B);
    m.descriptor(USER_CS & ~3, 0, 0xFFFFF, 0xAFB);
    s.idtrLimit = 0xFFF;
    for (int v = 0; v < 256; v++) {
      m.gate64(v, KERNEL_CS, HANDLERS + 0x100L * v, 0x8E, 0);
    }
    m.memory.write64(TSS + 4, INNER_STACK);
    m.flat(cpl, 0xA9B | cpl << 5);
    return m;
  }

  private void flat(int cpl, int codeAttributes) {
    CpuState s = state;
    s.cpl = cpl;
    s.cs.set(cpl == 0 ? KERNEL_CS : USER_CS, codeAttributes, 0xFFFF_FFFFL, 0);
    int data = 0xC93 | cpl << 5;
    int selector = cpl == 0 ? KERNEL_SS : USER_SS;
    for (Segment segment : new Segment[] {s.ss, s.ds, s.es, s.fs, s.gs}) {
      segment.set(selector, data, 0xFFFF_FFFFL, 0);
    }
    s.rip = CODE;
    s.gpr[4] = STACK;
  }

  TestMachine code(int... bytes) {
    long at = state.code64() ? state.rip : state.cs.base + state.rip;
    for (int b : bytes) {
      memory.write8(at++, b);
    }
    return this;
  }

  void descriptor(int selector, long base, long limit, int attributes) {
    long d =
        (limit & 0xFFFF)
            | (base & 0xFF_FFFF) << 16
            | (attributes & 0xFFL) << 40
            | (limit >> 16 & 0xF) << 48
            | (attributes >> 8 & 0xFL) << 52
            | (base >> 24 & 0xFF) << 56;
    memory.write64(GDT + (selector & 0xFFF8), d);
  }

  void gate32(int vector, int selector, long offset, int access) {
    memory.write64(
        IDT + vector * 8L,
        (offset & 0xFFFF) | (long) selector << 16 | (long) access << 40 | (offset >> 16) << 48);
  }

  void gate64(int vector, int selector, long offset, int access, int ist) {
    memory.write64(
        IDT + vector * 16L,
        (offset & 0xFFFF)
            | (long) selector << 16
            | (long) ist << 32
            | (long) access << 40
            | (offset >> 16 & 0xFFFF) << 48);
    memory.write64(IDT + vector * 16L + 8, offset >>> 32);
  }

  int step() {
    return cpu.step();
  }
}

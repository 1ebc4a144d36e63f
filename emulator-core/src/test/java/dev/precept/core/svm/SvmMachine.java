package dev.precept.core.svm;

import dev.precept.core.Cpu;
import dev.precept.core.CpuModel;
import dev.precept.core.CpuState;
import dev.precept.core.OpcodeMap;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.PortIo;
import dev.precept.core.instructions.BaseInstructions;
import java.util.HexFormat;

/**
 * A processor whose host, in flat 32-bit protected mode, is about to run a guest, in the same mode
 * at CPL 0, with every exception intercepted and nothing else but VMRUN.
 */
final class SvmMachine {
  static final long VMCB = 0x3000;
  static final long HSAVE = 0x4000;
  static final long IOPM = 0x5000;
  static final long MSRPM = 0x8000;
  static final long OTHER_VMCB = 0xB000;
  static final long HOST_CODE = 0x10000;
  static final long GUEST_CODE = 0x20000;
  static final long IDT = 0x30000;
  static final long GDT = 0x31000;
  static final long STACK = 0x40000;
  static final long DATA = 0x41000;
  static final long PAGES = 0x50000;

  /** Where the host goes on after its 3-byte VMRUN. */
  static final long HOST_NEXT = HOST_CODE + 3;

  final PhysicalMemory memory = new PhysicalMemory(1 << 20);
  final Cpu cpu;
  final CpuState state;

  SvmMachine() {
    this(CpuModel.amd());
  }

  SvmMachine(CpuModel model) {
    OpcodeMap map = new OpcodeMap();
    BaseInstructions.register(map);
    Svm.register(map);
    cpu = new Cpu(model, memory, PortIo.EMPTY, map, new Svm());
    state = cpu.state;
    state.cr0 = CpuState.CR0_PE | CpuState.CR0_ET;
    state.efer = CpuState.EFER_SVME;
    state.cs.set(0x08, 0xC9B, 0xFFFF_FFFFL, 0);
    state.ss.set(0x10, 0xC93, 0xFFFF_FFFFL, 0);
    state.ds.set(0x18, 0xC93, 0xFFFF_FFFFL, 0);
    state.es.set(0x20, 0xC93, 0xFFFF_FFFFL, 0);
    state.tr.set(0x28, 0x8B, 0x67, 0);
    state.rip = HOST_CODE;
    state.gpr[0] = VMCB;
    state.gpr[4] = STACK;
    state.vmHsavePa = HSAVE;
    memory.write(HOST_CODE, new byte[] {0x0F, 0x01, (byte) 0xD8});

    set32(VmcbLayout.INTERCEPT_EXCEPTION, -1);
    intercept(ExitCode.VMEXIT_VMRUN);
    set32(VmcbLayout.GUEST_ASID, 1);
    set64(VmcbLayout.IOPM_BASE_PA, IOPM);
    set64(VmcbLayout.MSRPM_BASE_PA, MSRPM);
    set64(VmcbLayout.NP_ENABLE, 1 << 7);
    segment(VmcbLayout.CS, 0x08, 0xC9B, 0xFFFF_FFFFL, 0);
    segment(VmcbLayout.SS, 0x10, 0xC93, 0xFFFF_FFFFL, 0);
    segment(VmcbLayout.DS, 0x10, 0xC93, 0xFFFF_FFFFL, 0);
    segment(VmcbLayout.ES, 0x10, 0xC93, 0xFFFF_FFFFL, 0);
    segment(VmcbLayout.IDTR, 0, 0, 0x7FF, IDT);
    segment(VmcbLayout.GDTR, 0, 0, 0xFF, GDT);
    set64(VmcbLayout.EFER, CpuState.EFER_SVME);
    set64(VmcbLayout.CR0, CpuState.CR0_PE | CpuState.CR0_ET);
    set64(VmcbLayout.DR6, 0xFFFF_0FF0L);
    set64(VmcbLayout.DR7, 0x400);
    set64(VmcbLayout.RFLAGS, 2);
    set64(VmcbLayout.RIP, GUEST_CODE);
    set64(VmcbLayout.RSP, STACK);
  }

  SvmMachine intercept(int exitCode) {
    int offset = ExitCode.vectorOffset(exitCode);
    return set32(offset, (int) get(offset, 4) | 1 << ExitCode.vectorBit(exitCode));
  }

  SvmMachine noIntercept(int exitCode) {
    int offset = ExitCode.vectorOffset(exitCode);
    return set32(offset, (int) get(offset, 4) & ~(1 << ExitCode.vectorBit(exitCode)));
  }

  SvmMachine set32(int offset, int value) {
    memory.write32(VMCB + offset, value);
    return this;
  }

  SvmMachine set64(int offset, long value) {
    memory.write64(VMCB + offset, value);
    return this;
  }

  SvmMachine segment(int offset, int selector, int attributes, long limit, long base) {
    memory.write16(VMCB + offset, selector);
    memory.write16(VMCB + offset + 2, attributes);
    memory.write32(VMCB + offset + 4, (int) limit);
    memory.write64(VMCB + offset + 8, base);
    return this;
  }

  /** Guest code from hex digits, blanks ignored. */
  SvmMachine code(String hex) {
    memory.write(GUEST_CODE, bytes(hex));
    return this;
  }

  /** The guest's RAX. */
  SvmMachine rax(long value) {
    return set64(VmcbLayout.RAX, value);
  }

  SvmMachine cpl3() {
    memory.write8(VMCB + VmcbLayout.CPL, 3);
    segment(VmcbLayout.CS, 0x0B, 0xCFB, 0xFFFF_FFFFL, 0);
    return segment(VmcbLayout.SS, 0x13, 0xCF3, 0xFFFF_FFFFL, 0);
  }

  /** 64-bit mode, all of memory mapped one to one for everybody. */
  SvmMachine long64() {
    memory.write64(PAGES, PAGES + 0x1000 | 7);
    memory.write64(PAGES + 0x1000, PAGES + 0x2000 | 7);
    memory.write64(PAGES + 0x2000, 0x87);
    set64(VmcbLayout.CR3, PAGES);
    set64(VmcbLayout.CR4, CpuState.CR4_PAE);
    set64(VmcbLayout.CR0, CpuState.CR0_PE | CpuState.CR0_ET | CpuState.CR0_PG);
    set64(
        VmcbLayout.EFER,
        CpuState.EFER_SVME | CpuState.EFER_LME | CpuState.EFER_LMA | CpuState.EFER_NXE);
    return segment(VmcbLayout.CS, 0x08, 0xA9B, 0xFFFF_FFFFL, 0);
  }

  /** Executes the VMRUN. */
  int vmrun() {
    return cpu.step();
  }

  /** Executes VMRUN and one guest instruction. */
  int run() {
    cpu.step();
    return cpu.step();
  }

  boolean inGuest() {
    return ((Svm) cpu.virtualization).inGuest();
  }

  long get(int offset, int size) {
    return memory.read(VMCB + offset, size);
  }

  long get64(int offset) {
    return memory.read64(VMCB + offset);
  }

  long exitCode() {
    return get64(VmcbLayout.EXITCODE);
  }

  long info1() {
    return get64(VmcbLayout.EXITINFO1);
  }

  long info2() {
    return get64(VmcbLayout.EXITINFO2);
  }

  long nrip() {
    return get64(VmcbLayout.NRIP);
  }

  static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }
}

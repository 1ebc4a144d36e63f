package dev.precept.core.vmx;

import dev.precept.core.Cpu;
import dev.precept.core.CpuModel;
import dev.precept.core.CpuState;
import dev.precept.core.OpcodeMap;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.PortIo;
import dev.precept.core.Segment;
import dev.precept.core.Virtualization;
import dev.precept.core.instructions.BaseInstructions;
import dev.precept.core.vmx.VmxControls.PinBased;
import dev.precept.core.vmx.VmxControls.ProcBased;
import dev.precept.core.vmx.VmxControls.ProcBased2;
import dev.precept.core.vmx.VmxControls.VmEntry;
import dev.precept.core.vmx.VmxControls.VmExit;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A processor in VMX root operation whose 64-bit host is about to launch a guest, in 64-bit mode at
 * CPL 0 too, with every exception causing a VM exit and no control set that need not be.
 *
 * <p>Linear addresses below 1 GiB are mapped one to one for everybody, in the host and the guest;
 * above nothing is.
 */
final class VmxMachine {
  static final long VMXON = 0x1000;
  static final long VMCS = 0x2000;
  static final long IO_A = 0x3000;
  static final long IO_B = 0x4000;
  static final long MSRS = 0x5000;
  static final long VAPIC = 0x6000;
  static final long EPT = 0x7000;
  static final long SHADOW_VMCS = 0xB000;
  static final long BITMAP = 0xC000;
  static final long AREA = 0xD000;
  static final long HOST_CODE = 0x1_0000;
  static final long HOST_EXIT = 0x1_8000;
  static final long GUEST_CODE = 0x2_0000;
  static final long IDT = 0x3_0000;
  static final long GDT = 0x3_1000;
  static final long TSS = 0x3_2000;
  static final long HANDLERS = 0x3_4000;
  static final long STACK = 0x4_0000;
  static final long DATA = 0x4_1000;
  static final long PAGES = 0x5_0000;

  /** A linear address that nothing is mapped at. */
  static final long UNMAPPED = 0x4000_0000L;

  /** Default1 controls that the model lets nobody clear. */
  static final int PIN_BASE = 0x16,
      PROC_BASE = 0x0400_6172,
      EXIT_BASE = 0x3_6DFB,
      ENTRY_BASE = 0x11FB;

  static final int VMX_CODE64 = 0xA09B, VMX_CODE32 = 0xC09B, VMX_DATA = 0xC093, VMX_TSS = 0x8B;

  final PhysicalMemory memory = new PhysicalMemory(1 << 20);
  final Cpu cpu;
  final CpuState state;
  final Vmx vmx = new Vmx();
  private int pointerCode;

  VmxMachine() {
    this(CpuModel.intel());
  }

  VmxMachine(CpuModel model) {
    this(model, Optional.empty());
  }

  /** A machine whose processor has {@code other} in place of {@link #vmx}. */
  VmxMachine(CpuModel model, Virtualization other) {
    this(model, Optional.of(other));
  }

  private VmxMachine(CpuModel model, Optional<Virtualization> other) {
    OpcodeMap map = new OpcodeMap();
    BaseInstructions.register(map);
    Vmx.register(map);
    cpu = new Cpu(model, memory, PortIo.EMPTY, map, other.orElse(vmx));
    state = cpu.state;
    pages();
    host();
    vmx.enterRootOperation(cpu, VMXON);
    VmcsRegion.format(memory, VMCS, model);
    controls();
    hostArea();
    guestArea();
    memory.write64(DATA, VMCS);
    state.gpr[6] = DATA;
    // VMPTRLD [RSI]; then the VMLAUNCH.
    memory.write(HOST_CODE, bytes("0FC736 0F01C2"));
  }

  private void pages() {
    memory.write64(PAGES, PAGES + 0x1000 | 7);
    memory.write64(PAGES + 0x1000, PAGES + 0x2000 | 7);
    for (int i = 0; i < 512; i++) {
      memory.write64(PAGES + 0x2000 + 8L * i, (long) i << 21 | 0x87);
    }
  }

  private void host() {
    state.cr0 = CpuState.CR0_PE | CpuState.CR0_ET | CpuState.CR0_NE | CpuState.CR0_PG;
    state.cr4 = CpuState.CR4_PAE;
    state.efer = CpuState.EFER_LME | CpuState.EFER_LMA;
    state.cr3 = PAGES;
    state.cs.set(0x08, 0xA9B, 0xFFFF_FFFFL, 0);
    for (Segment s : new Segment[] {state.ss, state.ds, state.es, state.fs, state.gs}) {
      s.set(0x10, 0xC93, 0xFFFF_FFFFL, 0);
    }
    state.tr.set(0x28, 0x8B, 0x67, TSS);
    state.gdtrBase = GDT;
    state.idtrBase = IDT;
    state.rip = HOST_CODE;
    state.gpr[4] = STACK;
    // The I/O bitmap lies behind the TSS: no port is allowed.
    memory.write16(TSS + 0x66, 0xFFFF);
  }

  private void controls() {
    set(VmcsField.PIN_BASED_CONTROLS, PIN_BASE);
    set(
        VmcsField.PRIMARY_PROCESSOR_BASED_CONTROLS,
        PROC_BASE | ProcBased.ACTIVATE_SECONDARY_CONTROLS | ProcBased.USE_MSR_BITMAPS);
    set(
        VmcsField.VM_EXIT_CONTROLS,
        EXIT_BASE | VmExit.HOST_ADDRESS_SPACE_SIZE | VmExit.SAVE_DEBUG_CONTROLS);
    set(
        VmcsField.VM_ENTRY_CONTROLS,
        ENTRY_BASE | VmEntry.IA32E_MODE_GUEST | VmEntry.LOAD_DEBUG_CONTROLS);
    set(VmcsField.EXCEPTION_BITMAP, 0xFFFF_FFFFL);
    set(VmcsField.MSR_BITMAPS_ADDRESS, MSRS);
    set(VmcsField.IO_BITMAP_A_ADDRESS, IO_A);
    set(VmcsField.IO_BITMAP_B_ADDRESS, IO_B);
    set(VmcsField.VIRTUAL_APIC_ADDRESS, VAPIC);
    set(VmcsField.EPT_POINTER, EPT | 6 | 3 << 3);
    set(VmcsField.VIRTUAL_PROCESSOR_IDENTIFIER, 1);
    set(VmcsField.VMREAD_BITMAP_ADDRESS, BITMAP);
    set(VmcsField.VMWRITE_BITMAP_ADDRESS, BITMAP);
  }

  private void hostArea() {
    set(VmcsField.HOST_CR0, state.cr0);
    set(VmcsField.HOST_CR3, state.cr3);
    set(VmcsField.HOST_CR4, state.cr4);
    set(VmcsField.HOST_CS_SELECTOR, 0x08);
    set(VmcsField.HOST_SS_SELECTOR, 0x10);
    set(VmcsField.HOST_DS_SELECTOR, 0x10);
    set(VmcsField.HOST_ES_SELECTOR, 0x10);
    set(VmcsField.HOST_TR_SELECTOR, 0x28);
    set(VmcsField.HOST_TR_BASE, TSS);
    set(VmcsField.HOST_GDTR_BASE, GDT);
    set(VmcsField.HOST_IDTR_BASE, IDT);
    set(VmcsField.HOST_RIP, HOST_EXIT);
    set(VmcsField.HOST_RSP, STACK);
  }

  private void guestArea() {
    set(VmcsField.GUEST_CR0, state.cr0);
    set(VmcsField.GUEST_CR3, state.cr3);
    set(VmcsField.GUEST_CR4, state.cr4);
    set(VmcsField.GUEST_DR7, 0x400);
    segment(Segment.CS, 0x08, VMX_CODE64, 0xFFFF_FFFFL, 0);
    for (int s : new int[] {Segment.SS, Segment.DS, Segment.ES, Segment.FS, Segment.GS}) {
      segment(s, 0x10, VMX_DATA, 0xFFFF_FFFFL, 0);
    }
    segment(GuestArea.TR, 0x28, VMX_TSS, 0x67, TSS);
    segment(GuestArea.LDTR, 0, AccessRights.UNUSABLE, 0, 0);
    set(VmcsField.GUEST_GDTR_BASE, GDT);
    set(VmcsField.GUEST_GDTR_LIMIT, 0xFF);
    set(VmcsField.GUEST_IDTR_BASE, IDT);
    set(VmcsField.GUEST_IDTR_LIMIT, 0xFFF);
    set(VmcsField.GUEST_RFLAGS, 2);
    set(VmcsField.GUEST_RIP, GUEST_CODE);
    set(VmcsField.GUEST_RSP, STACK);
  }

  VmxMachine set(VmcsField field, long value) {
    VmcsRegion.write(memory, VMCS, field, value);
    return this;
  }

  long get(VmcsField field) {
    return VmcsRegion.read(memory, VMCS, field);
  }

  private VmxMachine or(VmcsField field, long bits) {
    return set(field, get(field) | bits);
  }

  VmxMachine pin(int controls) {
    return or(VmcsField.PIN_BASED_CONTROLS, controls);
  }

  VmxMachine proc(int controls) {
    return or(VmcsField.PRIMARY_PROCESSOR_BASED_CONTROLS, controls);
  }

  VmxMachine noProc(int controls) {
    VmcsField field = VmcsField.PRIMARY_PROCESSOR_BASED_CONTROLS;
    return set(field, get(field) & ~controls);
  }

  VmxMachine proc2(int controls) {
    return or(VmcsField.SECONDARY_PROCESSOR_BASED_CONTROLS, controls);
  }

  VmxMachine proc3(long controls) {
    proc(ProcBased.ACTIVATE_TERTIARY_CONTROLS);
    return or(VmcsField.TERTIARY_PROCESSOR_BASED_CONTROLS, controls);
  }

  VmxMachine exitControls(int controls) {
    return or(VmcsField.VM_EXIT_CONTROLS, controls);
  }

  VmxMachine entryControls(int controls) {
    return or(VmcsField.VM_ENTRY_CONTROLS, controls);
  }

  VmxMachine noEntryControls(int controls) {
    return set(VmcsField.VM_ENTRY_CONTROLS, get(VmcsField.VM_ENTRY_CONTROLS) & ~controls);
  }

  VmxMachine virtualNmis() {
    return pin(PinBased.NMI_EXITING | PinBased.VIRTUAL_NMIS);
  }

  VmxMachine segment(int segment, int selector, int rights, long limit, long base) {
    set(GuestArea.selector(segment), selector);
    set(GuestArea.accessRights(segment), rights);
    set(GuestArea.limit(segment), limit);
    return set(GuestArea.base(segment), base);
  }

  /** Guest code from hex digits, blanks ignored. */
  VmxMachine code(String hex) {
    memory.write(GUEST_CODE, bytes(hex));
    return this;
  }

  /** CPL 3 in the mode that the guest has so far; no I/O-permission bitmap lets it do I/O. */
  VmxMachine cpl3() {
    int code = (int) get(VmcsField.GUEST_CS_ACCESS_RIGHTS) | 3 << 5;
    segment(Segment.CS, 0x1B, code, 0xFFFF_FFFFL, 0);
    return segment(Segment.SS, 0x23, VMX_DATA | 3 << 5, 0xFFFF_FFFFL, 0);
  }

  /** 32-bit protected mode with 32-bit paging: 4-MByte pages, the lowest ones one to one. */
  VmxMachine protected32() {
    noEntryControls(VmEntry.IA32E_MODE_GUEST);
    for (int i = 0; i < 16; i++) {
      memory.write32(PAGES + 0x8000 + 4L * i, i << 22 | 0x87);
    }
    set(VmcsField.GUEST_CR3, PAGES + 0x8000);
    set(VmcsField.GUEST_CR4, CpuState.CR4_VMXE | CpuState.CR4_PSE);
    set(VmcsField.GUEST_IDTR_LIMIT, 0x7FF);
    return segment(Segment.CS, 0x08, VMX_CODE32, 0xFFFF_FFFFL, 0);
  }

  /** Compatibility mode. */
  VmxMachine compatibility() {
    return segment(Segment.CS, 0x08, VMX_CODE32, 0xFFFF_FFFFL, 0);
  }

  /** Real-address mode as an unrestricted guest: code at 2000:0000, IVT at IDT. */
  VmxMachine realMode() {
    noEntryControls(VmEntry.IA32E_MODE_GUEST);
    ept();
    proc2(ProcBased2.UNRESTRICTED_GUEST);
    set(VmcsField.GUEST_CR0, CpuState.CR0_ET | CpuState.CR0_NE);
    set(VmcsField.GUEST_CR4, CpuState.CR4_VMXE);
    set(VmcsField.GUEST_IDTR_LIMIT, 0x3FF);
    for (int s : new int[] {Segment.SS, Segment.DS, Segment.ES, Segment.FS, Segment.GS}) {
      segment(s, 0, 0x93, 0xFFFF, 0);
    }
    segment(Segment.CS, (int) (GUEST_CODE >> 4), 0x9B, 0xFFFF, GUEST_CODE);
    set(VmcsField.GUEST_RSP, 0x8000);
    return set(VmcsField.GUEST_RIP, 0);
  }

  /** Virtual-8086 mode: code at 2000:0000. */
  VmxMachine virtual8086() {
    protected32();
    for (int s : new int[] {Segment.SS, Segment.DS, Segment.ES, Segment.FS, Segment.GS}) {
      segment(s, 0x1000, 0xF3, 0xFFFF, 0x1_0000);
    }
    segment(Segment.CS, (int) (GUEST_CODE >> 4), 0xF3, 0xFFFF, GUEST_CODE);
    set(VmcsField.GUEST_RFLAGS, CpuState.VM | 2);
    set(VmcsField.GUEST_RSP, 0x8000);
    return set(VmcsField.GUEST_RIP, 0);
  }

  /** EPT on: guest-physical addresses below 2 MiB are one to one, all rights, write-back. */
  VmxMachine ept() {
    memory.write64(EPT, EPT + 0x1000 | 7);
    memory.write64(EPT + 0x1000, EPT + 0x2000 | 7);
    memory.write64(EPT + 0x2000, EPT + 0x3000 | 7);
    for (int i = 0; i < 512; i++) {
      memory.write64(EPT + 0x3000 + 8L * i, (long) i << 12 | 0x37);
    }
    return proc2(ProcBased2.ENABLE_EPT);
  }

  /** EPT entry of the 4-KByte page that holds guest-physical {@code address}. */
  long eptEntry(long address) {
    return EPT + 0x3000 + (address >> 12) * 8;
  }

  /** A 64-bit interrupt gate to the handler of {@code vector}, for any CPL. */
  VmxMachine gate(int vector) {
    long handler = handler(vector);
    memory.write64(
        IDT + 16L * vector, (handler & 0xFFFF) | 0x08L << 16 | 0xEEL << 40 | handler >> 16 << 48);
    memory.write64(IDT + 16L * vector + 8, 0);
    memory.write64(GDT + 8, 0x00AF_9B00_0000_FFFFL);
    return this;
  }

  static long handler(int vector) {
    return HANDLERS + 16L * vector;
  }

  /** Executes VMPTRLD if that was not done, then the VMLAUNCH. */
  int launch() {
    if (pointerCode++ == 0) {
      cpu.step();
    }
    return cpu.step();
  }

  /** Launches the guest and executes one instruction of it. */
  int run() {
    launch();
    if (!vmx.inGuest()) {
      throw new AssertionError("no guest: VM-instruction error " + failure());
    }
    return cpu.step();
  }

  /** Executes one instruction of the host; every exception of it has a gate. */
  int host(String hex) {
    for (int vector = 0; vector < 32; vector++) {
      gate(vector);
    }
    state.rip = HOST_CODE;
    memory.write(HOST_CODE, bytes(hex));
    return cpu.step();
  }

  /** Executes VMPTRLD of the VMCS in the host. */
  VmxMachine current() {
    host("0FC736");
    return this;
  }

  /** Vector of the exception that {@link #host} ended in, or -1. */
  int hostException() {
    long vector = (state.rip - HANDLERS) / 16;
    return vector >= 0 && vector < 32 ? (int) vector : -1;
  }

  /** The status flags that VMX instructions write: CF, PF, AF, ZF, SF, OF. */
  long status() {
    return state.rflags & 0x8D5;
  }

  /** Re-enters by VMRESUME from where the exit led. */
  int resume() {
    memory.write(HOST_EXIT, bytes("0F01C3"));
    return cpu.step();
  }

  long reason() {
    return get(VmcsField.EXIT_REASON);
  }

  long qualification() {
    return get(VmcsField.EXIT_QUALIFICATION);
  }

  long information() {
    return get(VmcsField.VM_EXIT_INSTRUCTION_INFORMATION);
  }

  /** Vector of the exception that caused the exit, or -1. */
  int exceptionVector() {
    long info = get(VmcsField.VM_EXIT_INTERRUPTION_INFORMATION);
    return reason() == ExitReason.EXCEPTION_OR_NMI && info >>> 31 == 1 ? (int) info & 0xFF : -1;
  }

  /** The VM-instruction error if the last VMX instruction failed so; 0 if it succeeded; -1. */
  int failure() {
    if ((state.rflags & CpuState.CF) != 0) {
      return -1;
    }
    return (state.rflags & CpuState.ZF) == 0 ? 0 : (int) get(VmcsField.VM_INSTRUCTION_ERROR);
  }

  static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }
}

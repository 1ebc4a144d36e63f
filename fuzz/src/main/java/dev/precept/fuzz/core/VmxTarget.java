package dev.precept.fuzz.core;

import dev.precept.core.CpuModel;
import dev.precept.core.CpuState;
import dev.precept.core.OpcodeMap;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.Segment;
import dev.precept.core.VmxCapabilities;
import dev.precept.core.instructions.BaseInstructions;
import dev.precept.core.vmx.VmcsField;
import dev.precept.core.vmx.VmcsRegion;
import dev.precept.core.vmx.Vmx;
import dev.precept.core.vmx.VmxControls.ProcBased;
import dev.precept.core.vmx.VmxControls.ProcBased2;
import dev.precept.core.vmx.VmxControls.VmEntry;
import dev.precept.core.vmx.VmxControls.VmExit;
import dev.precept.fuzz.Input;

/**
 * Any guest under any VMCS, any region of one, and any host that launches it.
 *
 * <p>An input is a mode, a number of steps, and then changes to a sound beginning, in which a host
 * in VMX root operation is about to execute VMPTRLD and VMLAUNCH.
 */
public final class VmxTarget {
  private static final int MOST_STEPS = 32;
  private static final VmcsField[] FIELDS = VmcsField.values();

  /** First of a group of eight fields, each two further: ES, CS, SS, DS, FS, GS, LDTR, TR. */
  private static final int SELECTORS = 0x0800,
      LIMITS = 0x4800,
      ACCESS_RIGHTS = 0x4814,
      BASES = 0x6806;

  private static final int UNUSABLE = 1 << 16;

  private static final CpuModel MODEL = CpuModel.intel();
  private static final Vmx VMX = new Vmx();
  private static final Machine MACHINE = machine();

  private VmxTarget() {}

  /**
   * Runs one input.
   *
   * @throws AssertionError if what must hold of it does not
   */
  public static void fuzzerTestOneInput(byte[] bytes) {
    MACHINE.check(bytes);
  }

  private static Machine machine() {
    OpcodeMap map = new OpcodeMap();
    BaseInstructions.register(map);
    Vmx.register(map);
    return new Machine(MODEL, map, VMX, VmxTarget::host, VmxTarget::setup);
  }

  private static void host(Machine m) {
    Mode.LONG64.load(m.state);
    VMX.enterRootOperation(m.cpu, Places.OWN);
    m.state.rip = Places.HOST_CODE;
    m.state.gpr[6] = Places.DATA;
    m.memory.write64(Places.DATA, Places.CONTROL_BLOCK);
    // VMPTRLD [RSI]; VMLAUNCH. An exit goes on with VMRESUME, which enters again.
    m.memory.write(Places.HOST_CODE, new byte[] {0x0F, (byte) 0xC7, 0x36, 0x0F, 0x01, (byte) 0xC2});
    m.memory.write(Places.HOST_EXIT, new byte[] {0x0F, 0x01, (byte) 0xC3});
  }

  private static int setup(Machine m, Input input) {
    Mode mode = Mode.of(input.u8());
    int steps = 1 + input.u8() % MOST_STEPS;
    mode.gates(m.memory);
    vmcs(m, mode);
    boolean entered = false;
    while (input.more()) {
      switch (input.u8() % 8) {
        case 0 -> m.patchCode(Places.CODE, input);
        case 1 -> put(m.memory, FIELDS[input.u8() % FIELDS.length], input.u64());
        case 2 -> {
          VmcsField field = FIELDS[input.u8() % FIELDS.length];
          long bit = 1L << (input.u8() & 63);
          long old = VmcsRegion.read(m.memory, Places.CONTROL_BLOCK, field);
          put(m.memory, field, old ^ bit);
        }
        case 3 -> m.memory.write8(Places.CONTROL_BLOCK + input.u16() % VmcsRegion.SIZE, input.u8());
        case 4 -> m.patchMemory(input);
        case 5 -> m.state.gpr[input.u8() & 15] = input.u64();
        case 6 -> {
          // From here on registers are the guest's, whatever VM entry would have let in.
          if (!entered) {
            m.cpu.step();
            m.cpu.step();
            entered = true;
          }
          Garbage.put(m.state, input.u8(), input.u64());
        }
        default -> Garbage.put(m.state, input.u8(), input.u64());
      }
    }
    return steps;
  }

  private static void vmcs(Machine m, Mode mode) {
    VmcsRegion.format(m.memory, Places.CONTROL_BLOCK, MODEL);
    controls(m.memory, mode);
    CpuState s = new CpuState();
    mode.load(s);
    put(m.memory, VmcsField.HOST_CR0, m.state.cr0);
    put(m.memory, VmcsField.HOST_CR3, m.state.cr3);
    put(m.memory, VmcsField.HOST_CR4, m.state.cr4);
    put(m.memory, VmcsField.HOST_CS_SELECTOR, Places.CODE_SELECTOR);
    put(m.memory, VmcsField.HOST_SS_SELECTOR, Places.DATA_SELECTOR);
    put(m.memory, VmcsField.HOST_DS_SELECTOR, Places.DATA_SELECTOR);
    put(m.memory, VmcsField.HOST_TR_SELECTOR, Places.TSS_SELECTOR);
    put(m.memory, VmcsField.HOST_TR_BASE, Places.TSS64);
    put(m.memory, VmcsField.HOST_GDTR_BASE, Places.GDT);
    put(m.memory, VmcsField.HOST_IDTR_BASE, Places.IDT64);
    put(m.memory, VmcsField.HOST_RIP, Places.HOST_EXIT);
    put(m.memory, VmcsField.HOST_RSP, Places.STACK);
    put(m.memory, VmcsField.HOST_IA32_EFER, m.state.efer);
    put(m.memory, VmcsField.GUEST_CR0, s.cr0);
    put(m.memory, VmcsField.GUEST_CR3, s.cr3);
    put(m.memory, VmcsField.GUEST_CR4, s.cr4 | CpuState.CR4_VMXE);
    put(m.memory, VmcsField.GUEST_IA32_EFER, s.efer);
    put(m.memory, VmcsField.GUEST_DR7, 0x400);
    Segment[] segments = {s.es, s.cs, s.ss, s.ds, s.fs, s.gs, s.ldtr, s.tr};
    for (int i = 0; i < segments.length; i++) {
      segment(m.memory, 2 * i, segments[i]);
    }
    VmcsRegion.write(m.memory, Places.CONTROL_BLOCK, ACCESS_RIGHTS + 2 * 6, UNUSABLE);
    put(m.memory, VmcsField.GUEST_GDTR_BASE, s.gdtrBase);
    put(m.memory, VmcsField.GUEST_GDTR_LIMIT, s.gdtrLimit);
    put(m.memory, VmcsField.GUEST_IDTR_BASE, s.idtrBase);
    put(m.memory, VmcsField.GUEST_IDTR_LIMIT, s.idtrLimit);
    put(m.memory, VmcsField.GUEST_RFLAGS, s.rflags);
    put(m.memory, VmcsField.GUEST_RIP, s.rip);
    put(m.memory, VmcsField.GUEST_RSP, s.gpr[4]);
  }

  /** What has to be set, secondary controls, and what the mode needs. */
  private static void controls(PhysicalMemory memory, Mode mode) {
    VmxCapabilities may = MODEL.vmxCapabilities;
    boolean ia32e = mode.longMode();
    // CR0.PE or CR0.PG may be clear only there.
    boolean unrestricted = !mode.paged();
    put(memory, VmcsField.PIN_BASED_CONTROLS, may.pinBased & 0xFFFF_FFFFL);
    put(
        memory,
        VmcsField.PRIMARY_PROCESSOR_BASED_CONTROLS,
        (int) may.procBased | ProcBased.ACTIVATE_SECONDARY_CONTROLS | ProcBased.USE_MSR_BITMAPS);
    put(
        memory,
        VmcsField.SECONDARY_PROCESSOR_BASED_CONTROLS,
        unrestricted ? ProcBased2.ENABLE_EPT | ProcBased2.UNRESTRICTED_GUEST : 0);
    put(
        memory,
        VmcsField.VM_EXIT_CONTROLS,
        (int) may.exit | VmExit.HOST_ADDRESS_SPACE_SIZE | VmExit.SAVE_DEBUG_CONTROLS);
    put(
        memory,
        VmcsField.VM_ENTRY_CONTROLS,
        (int) may.entry | VmEntry.LOAD_DEBUG_CONTROLS | (ia32e ? VmEntry.IA32E_MODE_GUEST : 0));
    put(memory, VmcsField.MSR_BITMAPS_ADDRESS, Places.MSR_MAP);
    put(memory, VmcsField.IO_BITMAP_A_ADDRESS, Places.IO_MAP);
    put(memory, VmcsField.IO_BITMAP_B_ADDRESS, Places.IO_MAP + 0x1000);
    put(memory, VmcsField.VIRTUAL_APIC_ADDRESS, Places.VIRTUAL_APIC);
    put(memory, VmcsField.EPT_POINTER, Places.EPT | 6 | 3 << 3);
    put(memory, VmcsField.VIRTUAL_PROCESSOR_IDENTIFIER, 1);
    put(memory, VmcsField.VMREAD_BITMAP_ADDRESS, Places.BITMAP);
    put(memory, VmcsField.VMWRITE_BITMAP_ADDRESS, Places.BITMAP);
    put(memory, VmcsField.LOW_PASID_DIRECTORY_ADDRESS, Places.AREA);
    put(memory, VmcsField.HIGH_PASID_DIRECTORY_ADDRESS, Places.AREA);
    put(memory, VmcsField.TSC_MULTIPLIER, 1);
  }

  private static void put(PhysicalMemory memory, VmcsField field, long value) {
    VmcsRegion.write(memory, Places.CONTROL_BLOCK, field, value);
  }

  private static void segment(PhysicalMemory memory, int at, Segment segment) {
    long vmcs = Places.CONTROL_BLOCK;
    int rights = (segment.attributes & 0xFF) | (segment.attributes & 0xF00) << 4;
    VmcsRegion.write(memory, vmcs, SELECTORS + at, segment.selector);
    VmcsRegion.write(memory, vmcs, LIMITS + at, segment.limit);
    VmcsRegion.write(memory, vmcs, ACCESS_RIGHTS + at, rights);
    VmcsRegion.write(memory, vmcs, BASES + at, segment.base);
  }
}

package dev.precept.fuzz.core;

import dev.precept.core.CpuModel;
import dev.precept.core.CpuState;
import dev.precept.core.OpcodeMap;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.Segment;
import dev.precept.core.instructions.BaseInstructions;
import dev.precept.core.svm.Svm;
import dev.precept.core.svm.VmcbLayout;
import dev.precept.fuzz.Input;

/**
 * Any guest under any VMCB, and any host that enters it.
 *
 * <p>An input is a mode, a number of steps, and then changes to a sound beginning, in which a host
 * is about to execute VMRUN.
 */
public final class SvmTarget {
  private static final byte[] VMRUN = {0x0F, 0x01, (byte) 0xD8};
  private static final int MOST_STEPS = 32;

  private static final Machine MACHINE = machine();

  private SvmTarget() {}

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
    Svm.register(map);
    return new Machine(CpuModel.amd(), map, new Svm(), SvmTarget::host, SvmTarget::setup);
  }

  private static void host(Machine m) {
    Mode.LONG64.load(m.state);
    m.state.efer |= CpuState.EFER_SVME;
    m.state.vmHsavePa = Places.OWN;
    m.state.rip = Places.HOST_CODE;
    m.state.gpr[0] = Places.CONTROL_BLOCK;
    m.memory.write(Places.HOST_CODE, VMRUN);
    // The host goes on into another VMRUN: what an exit left behind is entered again.
    m.memory.write(Places.HOST_CODE + VMRUN.length, VMRUN);
  }

  private static int setup(Machine m, Input input) {
    Mode mode = Mode.of(input.u8());
    int steps = 1 + input.u8() % MOST_STEPS;
    mode.gates(m.memory);
    vmcb(m.memory, mode);
    boolean entered = false;
    while (input.more()) {
      switch (input.u8() % 8) {
        case 0 -> m.patchCode(Places.CODE, input);
        case 1 -> m.memory.write8(vmcbPlace(input), input.u8());
        case 2 -> m.memory.write64(vmcbPlace(input) & ~7L, input.u64());
        case 3 -> {
          int intercept = input.u8() % (6 * 32);
          long at = Places.CONTROL_BLOCK + intercept / 8;
          m.memory.write8(at, m.memory.read8(at) | 1 << intercept % 8);
        }
        case 4 -> m.patchMemory(input);
        case 5 -> m.state.gpr[input.u8() & 15] = input.u64();
        case 6 -> {
          // From here on registers are the guest's, whatever VMRUN would have let in.
          if (!entered) {
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

  private static long vmcbPlace(Input input) {
    return Places.CONTROL_BLOCK + input.u16() % 0x6A0;
  }

  /** A VMCB for a guest in {@code mode}, with nothing intercepted but VMRUN and shutdown. */
  private static void vmcb(PhysicalMemory memory, Mode mode) {
    CpuState s = new CpuState();
    mode.load(s);
    put(memory, VmcbLayout.INTERCEPT_MISC1, 1L << 31);
    put(memory, VmcbLayout.INTERCEPT_MISC2, 1);
    put(memory, VmcbLayout.IOPM_BASE_PA, Places.IO_MAP);
    put(memory, VmcbLayout.MSRPM_BASE_PA, Places.MSR_MAP);
    put(memory, VmcbLayout.GUEST_ASID, 1);
    put(memory, VmcbLayout.N_CR3, Places.NESTED);
    Segment[] segments = {s.es, s.cs, s.ss, s.ds, s.fs, s.gs};
    for (int i = 0; i < segments.length; i++) {
      segment(memory, VmcbLayout.ES + 16 * i, segments[i]);
    }
    segment(memory, VmcbLayout.LDTR, s.ldtr);
    segment(memory, VmcbLayout.TR, s.tr);
    put(memory, VmcbLayout.GDTR + VmcbLayout.SEGMENT_LIMIT, s.gdtrLimit);
    put(memory, VmcbLayout.GDTR + VmcbLayout.SEGMENT_BASE, s.gdtrBase);
    put(memory, VmcbLayout.IDTR + VmcbLayout.SEGMENT_LIMIT, s.idtrLimit);
    put(memory, VmcbLayout.IDTR + VmcbLayout.SEGMENT_BASE, s.idtrBase);
    memory.write8(Places.CONTROL_BLOCK + VmcbLayout.CPL, s.cpl);
    put(memory, VmcbLayout.EFER, s.efer | CpuState.EFER_SVME);
    put(memory, VmcbLayout.CR0, s.cr0);
    put(memory, VmcbLayout.CR3, s.cr3);
    put(memory, VmcbLayout.CR4, s.cr4);
    put(memory, VmcbLayout.DR6, CpuState.DR6_FIXED);
    put(memory, VmcbLayout.DR7, 0x400);
    put(memory, VmcbLayout.RFLAGS, s.rflags);
    put(memory, VmcbLayout.RIP, s.rip);
    put(memory, VmcbLayout.RSP, s.gpr[4]);
    put(memory, VmcbLayout.G_PAT, s.pat);
  }

  private static void put(PhysicalMemory memory, int offset, long value) {
    memory.write64(Places.CONTROL_BLOCK + offset, value);
  }

  private static void segment(PhysicalMemory memory, int offset, Segment segment) {
    long at = Places.CONTROL_BLOCK + offset;
    memory.write16(at + VmcbLayout.SEGMENT_SELECTOR, segment.selector);
    memory.write16(at + VmcbLayout.SEGMENT_ATTRIB, segment.attributes);
    memory.write32(at + VmcbLayout.SEGMENT_LIMIT, (int) segment.limit);
    memory.write64(at + VmcbLayout.SEGMENT_BASE, segment.base);
  }
}

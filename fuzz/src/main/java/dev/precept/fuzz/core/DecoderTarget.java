package dev.precept.fuzz.core;

import dev.precept.core.CpuModel;
import dev.precept.core.OpcodeMap;
import dev.precept.core.Virtualization;
import dev.precept.core.instructions.BaseInstructions;
import dev.precept.core.instructions.SystemInstructions;
import dev.precept.core.svm.Svm;
import dev.precept.core.vmx.Vmx;
import dev.precept.fuzz.Input;

/**
 * Any bytes as instructions, in any mode, on a processor of either vendor outside any guest.
 *
 * <p>An input is a vendor, a mode, and code. What was decoded must be what lies in memory, and no
 * longer than an instruction can be.
 */
public final class DecoderTarget {
  private static final int STEPS = 4;

  private static final Machine NONE = machine(CpuModel.amd(), map(), Virtualization.NONE);
  private static final Machine AMD = machine(CpuModel.amd(), svm(), new Svm());
  private static final Machine INTEL = machine(CpuModel.intel(), vmx(), new Vmx());

  private DecoderTarget() {}

  /**
   * Runs one input.
   *
   * @throws AssertionError if what must hold of it does not
   */
  public static void fuzzerTestOneInput(byte[] bytes) {
    int vendor = new Input(bytes).u8() % 3;
    Machine machine = vendor == 0 ? NONE : vendor == 1 ? AMD : INTEL;
    machine.check(bytes);
    decoded(machine, bytes);
  }

  private static Machine machine(CpuModel model, OpcodeMap map, Virtualization virtualization) {
    return new Machine(model, map, virtualization, m -> {}, DecoderTarget::setup);
  }

  private static OpcodeMap map() {
    OpcodeMap map = new OpcodeMap();
    BaseInstructions.register(map);
    SystemInstructions.register(map);
    return map;
  }

  private static OpcodeMap svm() {
    OpcodeMap map = new OpcodeMap();
    BaseInstructions.register(map);
    Svm.register(map);
    return map;
  }

  private static OpcodeMap vmx() {
    OpcodeMap map = new OpcodeMap();
    BaseInstructions.register(map);
    Vmx.register(map);
    return map;
  }

  private static int setup(Machine m, Input input) {
    input.u8();
    Mode mode = Mode.of(input.u8());
    mode.gates(m.memory);
    mode.load(m.state);
    for (int i = 0; i < 16; i++) {
      // Operands that lie somewhere, so that instructions come beyond their first access.
      if (i != 4) {
        m.state.gpr[i] =
            mode == Mode.REAL || mode == Mode.V86 ? 0x80L * i : Places.DATA + 0x80L * i;
      }
    }
    m.memory.write(Places.CODE, input.rest());
    return STEPS;
  }

  /** Runs the first instruction once more: what was fetched of it is what is there. */
  private static void decoded(Machine m, byte[] bytes) {
    m.begin();
    setup(m, new Input(bytes));
    byte[] code = m.memory.copy(Places.CODE, 15);
    m.cpu.step();
    for (int i = 0; i < m.cpu.insn.length; i++) {
      if (m.cpu.insn.bytes[i] != code[i]) {
        throw new AssertionError("byte " + i + " of the instruction is not the one in memory");
      }
    }
  }
}

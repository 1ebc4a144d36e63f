package dev.precept.generator.state;

import dev.precept.cases.FeatureBit;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.Register;
import dev.precept.generator.Assignment;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Mode;
import dev.precept.tables.Tables;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A case in the making: what builders read the assignment from and write state to. */
final class Draft {
  final Tables tables;
  final FormInfo info;
  final Assignment assignment;
  final Mode mode;
  final int cpl;
  final MachineState state = new MachineState();
  final Memory memory;
  final List<FeatureBit> features = new ArrayList<>();

  /** Control-block fields that variables set, by field name. */
  final Map<String, Long> controlFields;

  /** Instructions that run before the one under test. */
  final List<byte[]> prologue = new ArrayList<>();

  /** Registers that the operand's address comes from; no variable may take them. */
  final Set<Register> addressRegisters = EnumSet.noneOf(Register.class);

  /** What {@link Setup#displacement} says, once the instruction is encoded. */
  long displacement;

  /** The memory operand, once it has a place; none before. */
  OperandPlace operand = OperandPlace.NONE;

  Draft(
      Tables tables,
      FormInfo info,
      Assignment assignment,
      BaseImages images,
      Map<String, Long> controlDefaults) {
    this.controlFields = new TreeMap<>(controlDefaults);
    this.tables = tables;
    this.info = info;
    this.assignment = assignment;
    this.mode = Mode.values()[(int) assignment.value(tables, "mode")];
    this.cpl = (int) assignment.value(tables, "cpl");
    this.memory = new Memory(images.of(mode));
  }

  InstructionForm form() {
    return info.form();
  }

  /** Number of the variable's class, 0 where the tables have no such variable. */
  long number(String variable) {
    return tables.variables().containsKey(variable) ? assignment.value(tables, variable) : 0;
  }

  boolean flag(String variable) {
    return number(variable) != 0;
  }

  /** Word of the variable's class, empty where the tables have no such variable. */
  String word(String variable) {
    return tables.variables().containsKey(variable) ? assignment.word(tables, variable) : "";
  }

  boolean longMode() {
    return BaseImages.longMode(mode);
  }

  boolean realOrV86() {
    return mode == Mode.REAL || mode == Mode.V86;
  }

  /** Address size in bits of the instruction under test. */
  int addressSize() {
    boolean other = flag("p67");
    return switch (mode) {
      case LONG64 -> other ? 32 : 64;
      case PROT32, COMPAT -> other ? 16 : 32;
      default -> other ? 32 : 16;
    };
  }

  long get(Register register) {
    return state.get(register);
  }

  void set(Register register, long value) {
    state.set(register, value);
  }

  /** Registers of segment {@code number} (ES CS SS DS FS GS): selector, attributes, limit, base. */
  static Register segment(int number, int part) {
    return Register.at(Register.ES_SEL.ordinal() + 4 * number + part);
  }

  /** Offset of {@code rip}'s first byte within the code segment. */
  long codeBase() {
    return mode == Mode.LONG64 ? 0 : get(Register.CS_BASE);
  }

  /**
   * Changes the page-table entry of the page with {@code linear}.
   *
   * @param set bits to set
   * @param clear bits to clear
   */
  void pageEntry(long linear, long set, long clear) {
    boolean wide = longMode() || (get(Register.CR4) & 0x20) != 0;
    long page = linear >>> 12 & (wide ? 0x1FF : 0x3FF);
    long table = longMode() ? Layout.PT : wide ? Layout.PAE_PT : Layout.PT32;
    int size = wide ? 8 : 4;
    long at = table + size * page;
    memory.write(at, size, (memory.read(at, size) | set) & ~clear);
  }

  /** As {@link #pageEntry}, for the classes of {@code mem.page} and {@code stack.page}. */
  void pageClass(long linear, String word) {
    switch (word) {
      case "not_present" -> pageEntry(linear, 0, 1);
      case "read_only" -> pageEntry(linear, 0, 2);
      case "supervisor" -> pageEntry(linear, 0, 4);
      case "reserved" -> {
        if (!longMode() && (get(Register.CR4) & 0x20) == 0) {
          throw new UnbuildableException("32-bit paging has no reserved bit in a 4 KiB page's PTE");
        }
        // Beyond the 40 to 48 physical-address bits in use and below what PCIDs and keys take.
        pageEntry(linear, 1L << 51, 0);
      }
      default -> {}
    }
  }
}

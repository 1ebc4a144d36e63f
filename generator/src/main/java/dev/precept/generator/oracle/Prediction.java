package dev.precept.generator.oracle;

import dev.precept.cases.Expected;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Outcome;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import dev.precept.generator.state.Memory;
import dev.precept.generator.state.Setup;
import dev.precept.generator.vendor.ExitExpectation;
import dev.precept.tables.expr.PartialValue;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** A predicted outcome in the making. */
final class Prediction implements ExitExpectation {
  final MachineState state;
  final SortedMap<String, Long> fields = new TreeMap<>();
  final SortedMap<String, Long> masks = new TreeMap<>();
  final Set<Register> unspecified = EnumSet.of(Register.TSC);
  private final List<MemoryPatch> unspecifiedMemory = new ArrayList<>();
  private final SortedMap<Long, Integer> written = new TreeMap<>();
  private final Memory before;

  Prediction(Setup setup) {
    state = setup.before().copy();
    before = setup.memory();
  }

  /** Says what a field holds; nothing is said where all of it is undefined. */
  void field(String name, PartialValue value) {
    if (value.undefined() == -1L) {
      return;
    }
    fields.put(name, value.value());
    if (value.undefined() != 0) {
      masks.put(name, ~value.undefined());
    }
  }

  @Override
  public MachineState state() {
    return state;
  }

  @Override
  public void field(String name, long value, long compared) {
    fields.put(name, value & compared);
    if (compared != -1) {
      masks.merge(name, compared, (one, other) -> one & other);
    }
  }

  @Override
  public void defined(Register register, long compared) {
    masks.merge(register.name(), compared, (one, other) -> one & other);
  }

  @Override
  public void undefined(Register register) {
    unspecified.add(register);
  }

  /** Says that memory is not compared. */
  void unspecified(List<MemoryPatch> ranges) {
    unspecifiedMemory.addAll(ranges);
  }

  /** Writes {@code value} to bits of a register. */
  void register(Register register, long bits, PartialValue value) {
    state.set(register, (state.get(register) & ~bits) | (value.value() & bits));
    long undefined = value.undefined() & bits;
    if (undefined == -1L) {
      unspecified.add(register);
    } else if (undefined != 0) {
      masks.merge(register.name(), ~undefined, (one, other) -> one & other);
    }
  }

  /** Writes {@code size} bytes of memory; where a byte has undefined bits, it is not compared. */
  void memory(long address, int size, PartialValue value) {
    if (value.undefined() == -1L) {
      unspecifiedMemory.add(new MemoryPatch(address, new byte[size]));
      return;
    }
    for (int i = 0; i < size; i++) {
      int shift = 8 * i;
      boolean beyond = shift >= 64;
      if (!beyond && (value.undefined() >>> shift & 0xFF) != 0) {
        unspecifiedMemory.add(new MemoryPatch(address + i, new byte[1]));
      } else {
        written.put(address + i, beyond ? 0 : (int) (value.value() >>> shift) & 0xFF);
      }
    }
  }

  /** Writes a number of {@code size} bytes. */
  void memory(long address, int size, long value) {
    for (int i = 0; i < size; i++) {
      written.put(address + i, (int) (value >>> (8 * i)) & 0xFF);
    }
  }

  Expected expected(String check, OutcomeKind kind, long code, String label) {
    Outcome outcome = new Outcome(kind, code, label, fields, state, changes());
    return new Expected(check, outcome, masks, unspecified, unspecifiedMemory);
  }

  private List<MemoryPatch> changes() {
    List<MemoryPatch> changes = new ArrayList<>();
    for (Map.Entry<Long, Integer> one : written.entrySet()) {
      if (before.read8(one.getKey()) != one.getValue()) {
        changes.add(new MemoryPatch(one.getKey(), new byte[] {one.getValue().byteValue()}));
      }
    }
    return changes;
  }
}

package dev.precept.power;

import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Outcome;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import dev.precept.generator.state.Setup;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Every way in which an outcome can carry something wrong: one thing at a time. */
final class OutcomeMutants {
  /** RFLAGS bits that exist: CF to OF, NT, RF, AC, VIF, VIP, ID; not TF, IOPL and VM. */
  private static final int[] FLAGS = {0, 2, 4, 6, 7, 9, 10, 11, 14, 16, 18, 19, 20, 21};

  /** Bits of DR6 that exist: B0 to B3, BD, BS, BT. */
  private static final int[] DR6 = {0, 1, 2, 3, 13, 14, 15};

  /** Everything about an outcome that decides in which ways it can be wrong. */
  private record Shape(
      OutcomeKind kind,
      Set<String> fields,
      boolean operand,
      Set<Register> written,
      boolean writesMemory) {
    static Shape of(Setup setup, Outcome outcome) {
      Set<Register> written = EnumSet.noneOf(Register.class);
      for (int i = 0; i < Register.COUNT; i++) {
        Register register = Register.at(i);
        if (outcome.state().get(register) != setup.before().get(register)) {
          written.add(register);
        }
      }
      return new Shape(
          outcome.kind(),
          Set.copyOf(outcome.fields().keySet()),
          setup.operand().present(),
          written,
          !outcome.changes().isEmpty());
    }
  }

  private final Map<String, OutcomeMutant> mutants = new LinkedHashMap<>();
  private final Set<Shape> shapes = new HashSet<>();

  /** Adds the ways in which {@code outcome} can be wrong, unless they are there already. */
  void add(Setup setup, Outcome outcome) {
    Shape shape = Shape.of(setup, outcome);
    if (shapes.add(shape)) {
      codes(shape);
      fields(outcome);
      rip();
      registers();
      memory(shape);
      unwritten(shape);
    }
  }

  /** The ways that were added, each once. */
  Collection<OutcomeMutant> all() {
    return mutants.values();
  }

  private void add(MutantKind kind, String what, OutcomeMutant.Wrong wrong) {
    mutants.putIfAbsent(kind.word() + " " + what, new OutcomeMutant(kind, what, wrong));
  }

  private void codes(Shape shape) {
    if (shape.kind() != OutcomeKind.EXIT && shape.kind() != OutcomeKind.DELIVERED) {
      return;
    }
    for (int off : new int[] {-1, 1}) {
      add(
          MutantKind.CODE,
          (shape.kind() == OutcomeKind.EXIT ? "exit code " : "vector ") + (off > 0 ? "+1" : "-1"),
          (setup, right) ->
              new Outcome(
                  right.kind(),
                  right.code() + off,
                  right.label(),
                  right.fields(),
                  right.state(),
                  right.changes()));
    }
  }

  private void fields(Outcome outcome) {
    for (String field : outcome.fields().keySet()) {
      for (int bit = 0; bit < Long.SIZE; bit++) {
        long flip = 1L << bit;
        add(
            MutantKind.FIELD,
            field + " bit " + bit,
            (setup, right) -> {
              SortedMap<String, Long> fields = new TreeMap<>(right.fields());
              fields.computeIfPresent(field, (name, value) -> value ^ flip);
              return with(right, fields, right.state(), right.changes());
            });
      }
    }
  }

  private void rip() {
    add(
        MutantKind.RIP,
        "RIP moved by the instruction's length",
        (setup, right) -> {
          long there = right.state().get(Register.RIP);
          long here = setup.before().get(Register.RIP);
          long moved = there == here ? here + setup.length() : there - setup.length();
          return with(right, right.state().copy().set(Register.RIP, moved));
        });
  }

  private void registers() {
    for (int i = 0; i < Register.COUNT; i++) {
      Register register = Register.at(i);
      int[] bits =
          switch (register) {
            case RFLAGS -> FLAGS;
            case DR6 -> DR6;
            case CR2 -> new int[] {0, 12, 31};
            default -> new int[] {0, register.width() - 1};
          };
      if (register == Register.TSC) {
        continue;
      }
      for (int bit : bits) {
        long flip = 1L << bit;
        add(
            MutantKind.REGISTER,
            register + " bit " + bit,
            (setup, right) -> {
              MachineState state = right.state().copy();
              return with(right, state.set(register, state.get(register) ^ flip));
            });
      }
    }
  }

  private void memory(Shape shape) {
    if (shape.operand()) {
      flipped("the operand's first byte", at -> at.operand().linear());
      flipped("the operand's last byte", at -> at.operand().linear() + at.operand().size() - 1);
    }
    flipped("a byte of the instruction", at -> at.testCase().code().address());
    flipped("the byte below the stack pointer", OutcomeMutants::belowStack);
    flipped("a byte of the TSS", at -> Layout.TSS + 0x60);
    flipped("a byte of the GDT", at -> Layout.GDT + 0x0D);
    flipped("a byte of a page table", at -> Layout.PT + 8 * (Layout.DATA >> 12));
  }

  /** The byte just below SS:rSP, where a push would begin. */
  private static long belowStack(Setup setup) {
    return Layout.STACK + 0x7FF;
  }

  private void flipped(String what, OutcomeMutant.Place place) {
    add(
        MutantKind.MEMORY,
        what,
        (setup, right) -> {
          long address = place.in(setup);
          int held = setup.memory().read8(address);
          List<MemoryPatch> changes = new ArrayList<>();
          for (MemoryPatch change : right.changes()) {
            if (address >= change.address() && address < change.end()) {
              held = change.bytes()[(int) (address - change.address())] & 0xFF;
            }
            changes.add(change);
          }
          changes.add(new MemoryPatch(address, new byte[] {(byte) (held ^ 0x10)}));
          return with(right, right.fields(), right.state(), changes);
        });
  }

  /** What the outcome changes, not changed: a register at a time, or no memory at all. */
  private void unwritten(Shape shape) {
    for (Register register : shape.written()) {
      if (register != Register.RIP && register != Register.TSC) {
        add(
            MutantKind.UNWRITTEN,
            register.toString(),
            (at, right) ->
                with(right, right.state().copy().set(register, at.before().get(register))));
      }
    }
    if (shape.writesMemory()) {
      add(
          MutantKind.UNWRITTEN,
          "memory",
          (at, right) -> with(right, right.fields(), right.state(), List.of()));
    }
  }

  private static Outcome with(Outcome right, MachineState state) {
    return with(right, right.fields(), state, right.changes());
  }

  private static Outcome with(
      Outcome right,
      SortedMap<String, Long> fields,
      MachineState state,
      List<MemoryPatch> changes) {
    return new Outcome(right.kind(), right.code(), right.label(), fields, state, changes, Set.of());
  }
}

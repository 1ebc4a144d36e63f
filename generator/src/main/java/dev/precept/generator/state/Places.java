package dev.precept.generator.state;

import dev.precept.cases.FeatureBit;
import dev.precept.cases.Register;
import dev.precept.tables.Tables;
import dev.precept.tables.Variable;
import dev.precept.tables.expr.Numbers;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Puts variables that are nothing but a value where variables.csv says. */
final class Places {
  private static final Pattern CPUID =
      Pattern.compile(
          "cpuid\\[(\\w+)(?:\\.(\\w+))?\\]\\.(eax|ebx|ecx|edx)\\[(\\d+)(?::(\\d+))?\\]");
  private static final Pattern MSR = Pattern.compile("msr\\[(\\w+)\\]\\[(\\d+)\\]");
  private static final List<String> OUTPUTS = List.of("eax", "ebx", "ecx", "edx");

  private static final Set<Register> BREAKPOINT_ADDRESSES =
      EnumSet.of(Register.DR0, Register.DR1, Register.DR2, Register.DR3);

  /**
   * A variable with its parsed place.
   *
   * @param features bits that say what the processor is, the lowest first; none elsewhere
   */
  private record Placed(Variable variable, Place place, Kind kind, List<FeatureBit> features) {}

  private enum Kind {
    SYSTEM,
    OPERAND,
    FEATURE
  }

  private final List<Placed> placed = new ArrayList<>();

  /** Where a variable is among those placed. */
  private final Map<String, Integer> indices = new HashMap<>();

  /** Indices of what a form mentions, by the form's id. */
  private final Map<String, BitSet> relevant = new ConcurrentHashMap<>();

  Places(Tables tables) {
    for (Variable variable : tables.variables().values()) {
      String text = variable.place();
      Matcher msr = MSR.matcher(text);
      if (msr.matches()) {
        int number = (int) Numbers.parse(msr.group(1));
        int bit = Integer.parseInt(msr.group(2));
        FeatureBit capability = new FeatureBit(number, 0, FeatureBit.MSR, bit, true);
        placed.add(new Placed(variable, Place.parse("none"), Kind.FEATURE, List.of(capability)));
      }
      Matcher cpuid = CPUID.matcher(text);
      if (cpuid.matches()) {
        placed.add(new Placed(variable, Place.parse("none"), Kind.FEATURE, features(cpuid)));
      } else if (!text.isEmpty()
          && !text.equals("none")
          && !text.startsWith("builder:")
          && !text.startsWith("exit:")
          && !text.startsWith("msr[")) {
        Place place = Place.parse(text);
        placed.add(new Placed(variable, place, kind(place), List.of()));
      }
    }
    for (int i = 0; i < placed.size(); i++) {
      indices.put(placed.get(i).variable().name(), i);
    }
  }

  private static Kind kind(Place place) {
    if (!Concrete.isRegister(place.name())) {
      return Kind.OPERAND;
    }
    Register register = Concrete.register(place.name());
    // Breakpoint addresses come late: they may be the instruction's own.
    boolean late =
        register.ordinal() <= Register.RIP.ordinal() || BREAKPOINT_ADDRESSES.contains(register);
    return late ? Kind.OPERAND : Kind.SYSTEM;
  }

  private static List<FeatureBit> features(Matcher cpuid) {
    int leaf = (int) Numbers.parse(cpuid.group(1));
    int subleaf = cpuid.group(2) == null ? 0 : (int) Numbers.parse(cpuid.group(2));
    int output = OUTPUTS.indexOf(cpuid.group(3));
    int high = Integer.parseInt(cpuid.group(4));
    int low = cpuid.group(5) == null ? high : Integer.parseInt(cpuid.group(5));
    return IntStream.rangeClosed(low, high)
        .mapToObj(bit -> new FeatureBit(leaf, subleaf, output, bit, true))
        .toList();
  }

  /** The variable whose place is {@code bit}, whatever its value; none if no variable's is. */
  Optional<Variable> variable(FeatureBit bit) {
    FeatureBit present = new FeatureBit(bit.leaf(), bit.subleaf(), bit.register(), bit.bit(), true);
    return placed.stream()
        .filter(one -> one.features().equals(List.of(present)))
        .map(Placed::variable)
        .findFirst();
  }

  /** Control registers, flags and other system state, of every variable: quiet counts too. */
  void system(Draft draft) {
    Supplier<Concrete> names = () -> names(draft);
    for (Placed one : placed) {
      if (one.kind() == Kind.SYSTEM) {
        register(draft, one, value(draft, one.variable(), names));
      }
    }
  }

  /** Feature bits that the form mentions or the assignment switches off. */
  void features(Draft draft) {
    BitSet mattering = mattering(draft);
    for (int i = mattering.nextSetBit(0); i >= 0; i = mattering.nextSetBit(i + 1)) {
      Placed one = placed.get(i);
      if (one.kind() == Kind.FEATURE) {
        long value = value(draft, one.variable(), () -> names(draft));
        for (FeatureBit bit : one.features()) {
          boolean present = (value & 1) != 0;
          draft.features.add(
              new FeatureBit(bit.leaf(), bit.subleaf(), bit.register(), bit.bit(), present));
          value >>>= 1;
        }
      }
    }
  }

  /** Operand values: general registers, {@code src}, memory, stack, control-block fields. */
  void operands(Draft draft, long length) {
    Supplier<Concrete> names =
        () ->
            names(draft)
                .withOperand(draft.operand)
                .with("displacement", draft.displacement)
                .with("next_rip", draft.get(Register.RIP) + length)
                .with("length", length);
    BitSet mattering = mattering(draft);
    for (int i = mattering.nextSetBit(0); i >= 0; i = mattering.nextSetBit(i + 1)) {
      Placed one = placed.get(i);
      if (one.kind() == Kind.OPERAND) {
        operand(draft, one, value(draft, one.variable(), names));
      }
    }
  }

  private static void operand(Draft draft, Placed one, long value) {
    Place place = one.place();
    switch (place.name()) {
      case "mem" -> memory(draft, place.high(), value);
      case "stack" -> {
        long linear = StackBuilder.linear(draft);
        if (Memory.contains(linear)) {
          draft.memory.write(linear + place.high(), 8, value);
        }
      }
      case "src", "src2" -> {
        boolean first = place.name().equals("src");
        if (!draft.info.has(first ? "reg" : "/g2")) {
          // A condition that two forms share mentions the other's operand.
          return;
        }
        Register source = Register.gpr((int) draft.number(Concrete.numberedBy(place.name())));
        set(draft, one, source, value);
      }
      case "phys" -> draft.memory.write(place.address(), place.bytes(), value);
      default -> {
        if (place.name().startsWith("vmcb.") || place.name().startsWith("vmcs.")) {
          String field = place.name().substring(5);
          long old = draft.controlFields.getOrDefault(field, 0L);
          draft.controlFields.put(field, place.insert(old, value));
        } else {
          register(draft, one, value);
        }
      }
    }
  }

  private static void memory(Draft draft, int at, long value) {
    OperandPlace operand = draft.operand;
    int bytes = Math.min(8, operand.size() - at);
    if (operand.present() && bytes > 0 && Memory.contains(operand.physical())) {
      for (int i = 0; i < bytes; i++) {
        draft.memory.write8(operand.physical(at + i), (int) (value >>> (8 * i)));
      }
    }
  }

  private static void register(Draft draft, Placed one, long value) {
    set(draft, one, Concrete.register(one.place().name()), value);
  }

  private static void set(Draft draft, Placed one, Register register, long value) {
    if (draft.addressRegisters.contains(register)) {
      throw new UnbuildableException(
          register + " holds the operand's address and cannot hold " + one.variable().name());
    }
    draft.set(register, one.place().insert(draft.get(register), value));
  }

  /** Indices of the placed variables that the form mentions or that are not quiet. */
  private BitSet mattering(Draft draft) {
    BitSet mattering =
        (BitSet) relevant.computeIfAbsent(draft.form().id(), form -> relevant(draft)).clone();
    for (String name : draft.assignment.classes().keySet()) {
      Integer index = indices.get(name);
      if (index != null) {
        mattering.set(index);
      }
    }
    return mattering;
  }

  private BitSet relevant(Draft draft) {
    BitSet found = new BitSet();
    for (int i = 0; i < placed.size(); i++) {
      if (draft.info.relevant().contains(placed.get(i).variable().name())) {
        found.set(i);
      }
    }
    return found;
  }

  private static long value(Draft draft, Variable variable, Supplier<Concrete> names) {
    Variable.Value value = variable.values().get(draft.assignment.index(variable));
    return value.concrete().isPresent() ? names.get().eval(value.concrete().get()) : value.number();
  }

  private static Concrete names(Draft draft) {
    return new Concrete(
        draft.tables, draft.assignment, draft.state, draft.memory, draft.controlFields);
  }
}

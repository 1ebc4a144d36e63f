package dev.precept.generator.oracle;

import dev.precept.cases.Register;
import dev.precept.generator.state.BaseImages;
import dev.precept.generator.state.Concrete;
import dev.precept.generator.state.OperandPlace;
import dev.precept.generator.state.Place;
import dev.precept.generator.state.Setup;
import dev.precept.tables.Effect;
import dev.precept.tables.Field;
import dev.precept.tables.Mode;
import dev.precept.tables.expr.Expr;
import dev.precept.tables.expr.ExprParser;
import dev.precept.tables.expr.ExprSyntaxException;
import dev.precept.tables.expr.PartialValue;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentHashMap;

/** Applies what a completing instruction or a firing check writes. */
final class Effects {
  /** Targets that say how an instruction ends and are no state. */
  static final String HALTED = "halted", SHUTDOWN = "shutdown", DELIVER = "deliver";

  private final Map<String, Expr> sizes = new ConcurrentHashMap<>();

  /** Writes {@code effects}, all of them computed from {@code names}, the state before. */
  void apply(List<Effect> effects, Setup setup, Concrete names, Prediction to) {
    for (Effect effect : effects) {
      if (!isEnding(effect.target())) {
        apply(effect, setup, names, to);
      }
    }
  }

  static boolean isEnding(String target) {
    return target.equals(HALTED) || target.equals(SHUTDOWN) || target.equals(DELIVER);
  }

  private void apply(Effect effect, Setup setup, Concrete names, Prediction to) {
    PartialValue value = names.partial(effect.value());
    String target = effect.target();
    int bracket = target.indexOf('[');
    String name = bracket < 0 ? target : target.substring(0, bracket);
    switch (name) {
      case "mem" -> operand(setup.operand(), 0, (int) size(target, bracket, names), value, to);
      case "mem_high" -> operand(setup.operand(), 8, (int) size(target, bracket, names), value, to);
      case "stack" -> {
        int size = (int) size(target, bracket, names);
        to.memory(stackAddress(setup, -size), size, value);
      }
      case "phys" -> {
        Place place = Place.parse(target);
        to.memory(place.address(), place.bytes(), value);
      }
      default -> {
        if (name.startsWith("vmcb.") || name.startsWith("vmcs.")) {
          to.field(Field.shown(name.substring(5)), value);
          return;
        }
        Place place = Place.parse(target);
        boolean numbered = place.name().equals("src") || place.name().equals("src2");
        Register register =
            numbered
                ? Register.gpr((int) names.value(Concrete.numberedBy(place.name())))
                : Concrete.register(place.name());
        PartialValue placed =
            new PartialValue(value.value() << place.low(), value.undefined() << place.low());
        to.register(register, place.mask(), placed);
      }
    }
  }

  /** Writes the operand from byte {@code at} on, which may lie in two pages. */
  private static void operand(
      OperandPlace operand, int at, int size, PartialValue value, Prediction to) {
    int head = operand.inFirstPage() - at;
    boolean together =
        head <= 0 || head >= size || operand.physical(at + head) == operand.physical(at) + head;
    if (together || value.undefined() == -1L) {
      to.memory(operand.physical(at), size, value);
      return;
    }
    int shift = 8 * head;
    to.memory(operand.physical(at), head, value);
    to.memory(
        operand.physical(at + head),
        size - head,
        new PartialValue(value.value() >>> shift, value.undefined() >>> shift));
  }

  /** The number of bytes in the brackets of {@code mem[...]} and {@code stack[...]}. */
  private long size(String target, int bracket, Concrete names) {
    Expr expr =
        sizes.computeIfAbsent(target.substring(bracket + 1, target.length() - 1), Effects::parse);
    return names.eval(expr);
  }

  /** Bytes that the form pushes, 0 if it pushes none. */
  long pushed(List<Effect> effects, Concrete names) {
    for (Effect effect : effects) {
      if (effect.target().startsWith("stack[")) {
        return size(effect.target(), effect.target().indexOf('['), names);
      }
    }
    return 0;
  }

  private static Expr parse(String text) {
    try {
      return ExprParser.parse(text);
    } catch (ExprSyntaxException notChecked) {
      throw new NoSuchElementException("'" + text + "': " + notChecked.getMessage());
    }
  }

  /** Linear address of SS:rSP + {@code displacement}. */
  static long stackAddress(Setup setup, long displacement) {
    long rsp = setup.before().get(Register.RSP) + displacement;
    if (setup.mode() == Mode.LONG64) {
      return rsp;
    }
    return setup.before().get(Register.SS_BASE) + (rsp & stackMask(setup));
  }

  /** Ones at the bits of the stack pointer that count. */
  static long stackMask(Setup setup) {
    if (setup.mode() == Mode.LONG64) {
      return -1L;
    }
    boolean big = (setup.before().get(Register.SS_ATTR) & 0x400) != 0;
    return big && !isReal(setup) ? 0xFFFF_FFFFL : 0xFFFF;
  }

  private static boolean isReal(Setup setup) {
    return setup.mode() == Mode.REAL || setup.mode() == Mode.V86;
  }

  static boolean longMode(Setup setup) {
    return BaseImages.longMode(setup.mode());
  }
}

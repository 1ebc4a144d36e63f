package dev.precept.generator.state;

import dev.precept.cases.MachineState;
import dev.precept.cases.Register;
import dev.precept.generator.Assignment;
import dev.precept.tables.Definition;
import dev.precept.tables.Tables;
import dev.precept.tables.Variable;
import dev.precept.tables.expr.Evaluator;
import dev.precept.tables.expr.Expr;
import dev.precept.tables.expr.NameLookup;
import dev.precept.tables.expr.PartialValue;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * The names that value expressions may use: concrete state just before the instruction, state
 * variables and definitions (docs/tables.md, "Expressions").
 */
public final class Concrete implements NameLookup {
  private static final Map<String, Register> REGISTERS = registers();

  private final Tables tables;
  private final Assignment assignment;
  private final MachineState state;
  private final Memory memory;
  private final Map<String, PartialValue> values = new HashMap<>();
  private final Map<String, Long> controlFields;

  /**
   * Names over {@code state} and {@code memory}, which may go on changing.
   *
   * @param assignment gives variables their classes
   * @param controlFields control-block fields by name; others are 0
   */
  public Concrete(
      Tables tables,
      Assignment assignment,
      MachineState state,
      Memory memory,
      Map<String, Long> controlFields) {
    this.tables = tables;
    this.assignment = assignment;
    this.state = state;
    this.memory = memory;
    this.controlFields = controlFields;
  }

  /** Gives {@code name} a value; returns this. */
  public Concrete with(String name, long value) {
    return with(name, new PartialValue(value, 0));
  }

  /** Gives {@code name} a value of which bits may be undefined; returns this. */
  public Concrete with(String name, PartialValue value) {
    values.put(name, value);
    return this;
  }

  /** Gives the operand's names their values. */
  Concrete withOperand(OperandPlace operand) {
    if (operand.present()) {
      with("linear", operand.linear()).with("offset", operand.offset());
      with("operand", operand.read(memory, Math.min(8, operand.size())));
    }
    return this;
  }

  /** The value of {@code expr}, bit by bit. */
  public PartialValue partial(Expr expr) {
    return Evaluator.partial(expr, this);
  }

  /**
   * The value of {@code expr}.
   *
   * @throws ArithmeticException if the manual does not define it
   */
  public long eval(Expr expr) {
    return Evaluator.eval(expr, this);
  }

  @Override
  public PartialValue partial(String name) {
    PartialValue given = values.get(name);
    return given != null ? given : new PartialValue(value(name), 0);
  }

  @Override
  public long value(String name) {
    PartialValue given = values.get(name);
    if (given != null) {
      return given.value();
    }
    Register register = REGISTERS.get(name);
    if (register != null) {
      return state.get(register);
    }
    if (name.equals("src") || name.equals("src2")) {
      return state.get(Register.gpr((int) assignment.value(tables, numberedBy(name))));
    }
    if (name.startsWith("vmcb.") || name.startsWith("vmcs.")) {
      return controlFields.getOrDefault(name.substring(5), 0L);
    }
    Variable variable = tables.variables().get(name);
    if (variable != null) {
      return assignment.value(tables, name);
    }
    Definition definition = tables.definitions().get(name);
    if (definition != null) {
      return eval(definition.expression());
    }
    throw new NoSuchElementException("nothing in this case is called '" + name + "'");
  }

  /** The variable that numbers {@code src} or {@code src2}. */
  public static String numberedBy(String source) {
    return source.equals("src") ? "gpr" : "gpr2";
  }

  /** The register that tables call {@code name}; empty names and others give an exception. */
  public static Register register(String name) {
    Register register = REGISTERS.get(name);
    if (register == null) {
      throw new NoSuchElementException("no register '" + name + "'");
    }
    return register;
  }

  /** Whether tables call a register {@code name}. */
  public static boolean isRegister(String name) {
    return REGISTERS.containsKey(name);
  }

  private static Map<String, Register> registers() {
    Map<String, Register> all = new HashMap<>();
    for (Register register : Register.values()) {
      String name = register.name().toLowerCase(Locale.ROOT);
      all.put(name, register);
      boolean segmentPart = name.matches("([c-gs]s|ldtr|tr|gdtr|idtr|es)_(sel|attr|limit|base)");
      if (segmentPart) {
        all.put(name.replace('_', '.'), register);
      }
    }
    return Map.copyOf(all);
  }
}

package dev.precept.generator.vendor;

import dev.precept.tables.Constraint;
import dev.precept.tables.ExitControl;
import dev.precept.tables.Tables;
import dev.precept.tables.Variable;
import dev.precept.tables.expr.Expr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which exit bits of a control block a guest has set. Most are clear in every case, so only those
 * that an assignment lists are looked at. Immutable.
 */
final class ExitBits {
  /** A bit with the variable that says whether it is set. */
  private record Bit(Variable variable, ExitControl.ControlBit control) {}

  private final Map<String, Bit> byVariable = new HashMap<>();

  /** Bits that are set unless an assignment says otherwise. */
  private final List<Bit> quietlySet = new ArrayList<>();

  /** Bits that some case may have set. */
  private final List<ExitControl.ControlBit> settable = new ArrayList<>();

  ExitBits(Tables tables) {
    Set<Expr> laws = new HashSet<>();
    for (Constraint constraint : tables.constraints()) {
      laws.add(constraint.expression());
    }
    for (ExitControl exit : tables.exits().values()) {
      if (exit.control().isEmpty()) {
        continue;
      }
      Variable variable = tables.variables().get(exit.variable().orElseThrow());
      Bit bit = new Bit(variable, exit.control().get());
      byVariable.put(variable.name(), bit);
      if (variable.values().get(variable.quiet()).number() != 0) {
        quietlySet.add(bit);
      }
      if (!laws.contains(new Expr.Unary("!", new Expr.Name(variable.name())))) {
        settable.add(bit.control());
      }
    }
  }

  /** The bits that are set for {@code guest}; all others of the tables are clear. */
  List<ExitControl.ControlBit> set(Guest guest) {
    return switch (guest.exits()) {
      case NONE -> List.of();
      case ALL -> settable;
      case ASSIGNED -> assigned(guest.assignment().classes());
    };
  }

  private List<ExitControl.ControlBit> assigned(Map<String, Integer> classes) {
    List<ExitControl.ControlBit> set = new ArrayList<>();
    for (Bit bit : quietlySet) {
      if (!classes.containsKey(bit.variable().name())) {
        set.add(bit.control());
      }
    }
    for (Map.Entry<String, Integer> one : classes.entrySet()) {
      Bit bit = byVariable.get(one.getKey());
      if (bit != null && bit.variable().values().get(one.getValue()).number() != 0) {
        set.add(bit.control());
      }
    }
    return set;
  }
}

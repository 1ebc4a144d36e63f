package dev.precept.tables;

import dev.precept.tables.expr.Expr;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/** Checks that no table row states because a form's other columns already imply them. */
final class DerivedChecks {
  private static final int UD = 6;

  private DerivedChecks() {}

  static Check of(Tables tables, InstructionForm form, String id) {
    Check listed = tables.checks().get(id);
    if (listed != null) {
      return listed;
    }
    if (id.equals("ud.mode")) {
      Expr inMode =
          new Expr.In(
              new Expr.Name("mode"),
              form.modes().stream().<Expr>map(m -> new Expr.Num(m.ordinal())).toList());
      return invalidOpcode(id, not(inMode), "not an instruction in this mode", form);
    }
    if (id.equals("ud.gate")) {
      return invalidOpcode(id, not(form.gate()), "the feature is absent or disabled", form);
    }
    ExitControl exit = id.startsWith("exit.") ? tables.exits().get(id.substring(5)) : null;
    if (exit == null) {
      throw new NoSuchElementException("no check " + id);
    }
    Expr guest = new Expr.Name("guest");
    Expr armed = exit.variable().map(bit -> and(guest, new Expr.Name(bit))).orElse(guest);
    return new Check(
        id,
        new Check.Exit(exit.id(), false),
        and(and(armed, exit.gate()), exit.condition()),
        List.of(),
        exit.meaning(),
        exit.citation(),
        exit.origin());
  }

  private static Check invalidOpcode(String id, Expr when, String meaning, InstructionForm form) {
    return new Check(
        id,
        new Check.Fault(UD, Optional.empty(), false),
        when,
        List.of(),
        meaning,
        form.citation(),
        form.origin());
  }

  private static Expr not(Expr operand) {
    return new Expr.Unary("!", operand);
  }

  private static Expr and(Expr left, Expr right) {
    if (left.equals(Expr.TRUE)) {
      return right;
    }
    return right.equals(Expr.TRUE) ? left : new Expr.Binary("&&", left, right);
  }
}

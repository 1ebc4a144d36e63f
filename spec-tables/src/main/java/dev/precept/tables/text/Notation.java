package dev.precept.tables.text;

import dev.precept.tables.Check;
import dev.precept.tables.Citation;
import dev.precept.tables.ExitControl;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Mode;
import dev.precept.tables.Tables;
import dev.precept.tables.Variable;
import dev.precept.tables.expr.Expr;
import dev.precept.tables.expr.ExprPrinter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** How facts are written: as the manual writes them. */
public final class Notation {
  private static final List<String> VECTORS =
      List.of(
          "DE", "DB", "NMI", "BP", "OF", "BR", "UD", "NM", "DF", "9", "TS", "NP", "SS", "GP", "PF",
          "15", "MF", "AC", "MC", "XF", "VE", "CP", "22", "23", "24", "25", "26", "27", "HV", "VC",
          "SX", "31");

  private final Tables tables;

  /** The notation for {@code tables}. */
  public Notation(Tables tables) {
    this.tables = tables;
  }

  /** {@code expr} with the classes of word variables as words. */
  public String expr(Expr expr) {
    return expr instanceof Expr.Undefined ? "undefined" : ExprPrinter.print(expr, this::word);
  }

  private Optional<String> word(String name, long number) {
    Variable variable = tables.variables().get(name);
    if (variable == null) {
      return Optional.empty();
    }
    return variable.values().stream()
        .filter(v -> v.number() == number && Character.isLetter(v.name().charAt(0)))
        .map(Variable.Value::name)
        .findFirst();
  }

  /** What happens when {@code check} fires: {@code #GP(0)}, {@code VMEXIT_RDTSC}. */
  public String result(Check check) {
    if (check.result() instanceof Check.Exit exit) {
      ExitControl control = tables.exits().get(exit.exit());
      String name = control == null ? "exit " + exit.exit() : control.codeName();
      return exit.trap() ? name + " trap" : name;
    }
    if (check.result() instanceof Check.End end) {
      return end.label();
    }
    if (check.result() instanceof Check.Event event) {
      return "event " + expr(event.information());
    }
    Check.Fault fault = (Check.Fault) check.result();
    return "#"
        + VECTORS.get(fault.vector())
        + fault.errorCode().map(code -> "(" + expr(code) + ")").orElse("")
        + (fault.trap() ? " trap" : "");
  }

  /** {@code 6Eh}, as the manuals write hexadecimal. */
  static String hex(long value, int digits) {
    return value == -1 ? "-1" : String.format(Locale.ROOT, "%0" + digits + "X", value) + "h";
  }

  /** {@code VMCB 00Ch, bit 14}. */
  public String place(ExitControl.ControlBit control) {
    return tables.controlBlock() + " " + hex(control.field(), 3) + ", bit " + control.bit();
  }

  static String modes(InstructionForm form) {
    if (form.modes().size() == Mode.values().length) {
      return "all";
    }
    return form.modes().stream().sorted().map(Mode::word).collect(Collectors.joining(" "));
  }

  String operand(InstructionForm.Operand operand) {
    return switch (operand.access()) {
      case NONE -> "";
      case ADDRESS -> "address only";
      case READ -> "read, bytes: " + expr(operand.size());
      case WRITE -> "written, bytes: " + expr(operand.size());
      case READ_WRITE -> "read and written, bytes: " + expr(operand.size());
    };
  }

  /** The citation with its provenance where that is not the manual itself. */
  static String cited(Citation citation) {
    String how = citation.provenance().name().toLowerCase(Locale.ROOT);
    boolean manual = citation.provenance() == Citation.Provenance.MANUAL;
    String note = citation.note().isEmpty() ? "" : ": " + citation.note();
    if (manual) {
      return "[" + citation.text() + "]" + (note.isEmpty() ? "" : note);
    }
    return "[" + citation.text() + "; " + how + note + "]";
  }
}

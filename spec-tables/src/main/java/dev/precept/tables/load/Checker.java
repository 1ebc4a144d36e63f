package dev.precept.tables.load;

import dev.precept.tables.Check;
import dev.precept.tables.Constraint;
import dev.precept.tables.ExitControl;
import dev.precept.tables.Field;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Mode;
import dev.precept.tables.Tables;
import dev.precept.tables.Variable;
import dev.precept.tables.expr.Evaluator;
import dev.precept.tables.expr.Expr;
import dev.precept.tables.expr.NameLookup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;

/** Checks what no row can be wrong about on its own: how the rows fit together. */
final class Checker {
  private final Tables tables;
  private final Map<TableKind, List<Row>> rows;
  private final Scope scope;
  private final Problems problems;

  Checker(Tables tables, Map<TableKind, List<Row>> rows, Scope scope, Problems problems) {
    this.tables = tables;
    this.rows = rows;
    this.scope = scope;
    this.problems = problems;
  }

  void check() {
    boolean sound = new DefinitionGraph(tables, rows, problems).check();
    modes();
    names();
    intercepts();
    fields();
    operandSizes();
    derivedChecks();
    new BoundaryLint(tables, rows, problems).check();
    // With errors about, that something is unused is mostly their consequence.
    if (sound && !problems.anyErrors()) {
      unused();
      quietState();
    }
  }

  /** {@code ud.mode} compares {@code mode} with {@link Mode}s by number. */
  private void modes() {
    Variable mode = tables.variables().get("mode");
    List<String> words = Arrays.stream(Mode.values()).map(Mode::word).toList();
    if (mode != null && !mode.values().stream().map(Variable.Value::name).toList().equals(words)) {
      problems.error(
          cell(TableKind.VARIABLES, "variable", "mode", "values"),
          "the classes of mode are, in this order: " + String.join(" ", words));
    }
  }

  /** A name means one thing. */
  private void names() {
    for (Row row : rows.get(TableKind.DEFINITIONS)) {
      String name = row.text("name");
      if (scope.variables.containsKey(name)) {
        problems.error(
            row.cell("name"),
            "'" + name + "' is a variable already, at " + scope.variables.get(name).origin());
      }
    }
    for (Row row : rows.get(TableKind.VARIABLES)) {
      if (row.text("variable").startsWith("icpt.")) {
        problems.error(row.cell("variable"), "icpt. variables come from intercepts.csv");
      }
    }
    for (Row row : rows.get(TableKind.CHECKS)) {
      String id = row.text("check");
      if (id.equals("ud.mode") || id.equals("ud.gate") || scope.exits.contains(exitOf(id))) {
        problems.error(row.cell("check"), "'" + id + "' is made by itself; see docs/tables.md");
      }
    }
  }

  private static String exitOf(String check) {
    return check.startsWith("exit.") ? check.substring(5) : "";
  }

  private void intercepts() {
    Map<Long, String> bits = new HashMap<>();
    Map<Long, ExitControl> codes = new HashMap<>();
    for (Row row : rows.get(TableKind.INTERCEPTS)) {
      ExitControl exit = tables.exits().get(row.text("exit"));
      boolean placed =
          RowReader.hasBit(row) && !row.text("field").isEmpty() && !row.text("bit").isEmpty();
      String same = placed ? bits.putIfAbsent(position(exit), exit.id()) : null;
      if (same != null && !same.equals(exit.id())) {
        problems.error(row.cell("bit"), "this is the bit of exit '" + same + "' already");
      }
      boolean coded = !row.text("exit_code").isEmpty();
      ExitControl sameCode = coded ? codes.putIfAbsent(exit.code(), exit) : null;
      if (sameCode != null && !sameCode.codeName().equals(exit.codeName())) {
        problems.warning(
            row.cell("exit_code"),
            0,
            "this is the exit code of '" + sameCode.id() + "' already, under another name");
      }
    }
  }

  /** The bit's number in the control block. */
  private long position(ExitControl exit) {
    ExitControl.ControlBit control = exit.control().orElseThrow();
    // Offset 00Ch bit 8 is offset 00Dh bit 0: rows may name bytes or words. Encodings are no bytes.
    return control.field() * (fieldsAreBytes() ? 8L : 64L) + control.bit();
  }

  /** Whether fields are named by byte offset, as in the VMCB, and not by encoding. */
  private boolean fieldsAreBytes() {
    return rows.get(TableKind.FIELDS).stream()
        .allMatch(row -> row.origin().file().endsWith("vmcb.csv"));
  }

  private void fields() {
    if (!fieldsAreBytes()) {
      encodings();
      return;
    }
    List<Row> sorted = new ArrayList<>(rows.get(TableKind.FIELDS));
    sorted.sort((a, b) -> Integer.compare(field(a).offset(), field(b).offset()));
    Field last = null;
    for (Row row : sorted) {
      Field field = field(row);
      if (field.width() == 0) {
        problems.error(row.cell("width"), "a field has at least one byte");
      }
      if (last != null && last.offset() + last.width() > field.offset()) {
        problems.error(
            row.cell("offset"),
            "overlaps "
                + last.name()
                + " at "
                + String.format(Locale.ROOT, "0x%03X", last.offset())
                + ", which is "
                + last.width()
                + " bytes wide");
      }
      if (last == null || field.offset() + field.width() > last.offset() + last.width()) {
        last = field;
      }
    }
  }

  private void encodings() {
    Map<Integer, String> names = new HashMap<>();
    for (Row row : rows.get(TableKind.FIELDS)) {
      Field field = field(row);
      if (field.width() == 0 || field.width() > 8) {
        problems.error(row.cell("width"), "a field has 1 to 8 bytes");
      }
      String same = names.putIfAbsent(field.offset(), field.name());
      if (same != null) {
        problems.error(row.cell("offset"), "this is the encoding of '" + same + "' already");
      }
    }
  }

  private Field field(Row row) {
    return tables.fields().get(row.text("field"));
  }

  /** Sizes in bytes have to be sizes. */
  private void operandSizes() {
    for (Row row : rows.get(TableKind.INSTRUCTIONS)) {
      InstructionForm form = form(row);
      Expr size = form.operand().size();
      if (form.operand().access() != InstructionForm.Access.NONE
          && size instanceof Expr.Num number
          && Long.compareUnsigned(number.value(), 4096) > 0) {
        problems.error(row.cell("operand"), "an operand of more than a page");
      }
    }
  }

  private InstructionForm form(Row row) {
    return tables.forms().get(rows.get(TableKind.INSTRUCTIONS).indexOf(row));
  }

  /** Conditions that the columns modes and gate make should be somewhere in the order. */
  private void derivedChecks() {
    List<Row> instructions = rows.get(TableKind.INSTRUCTIONS);
    for (int i = 0; i < instructions.size(); i++) {
      InstructionForm form = tables.forms().get(i);
      List<String> order = form.order().checks();
      Cell cell = instructions.get(i).cell("checks");
      boolean everywhere = form.modes().size() == Mode.values().length;
      if (everywhere && order.contains("ud.mode")) {
        problems.warning(cell, 0, "ud.mode never fires: the form exists in all modes");
      }
      boolean explained = form.citation().note().contains("ud.mode");
      if (!everywhere && !order.contains("ud.mode") && !explained) {
        problems.warning(
            cell,
            0,
            "the form does not exist in all modes, but ud.mode is missing; say in its note why");
      }
      boolean gated = !form.gate().equals(Expr.TRUE);
      if (gated != order.contains("ud.gate")) {
        problems.warning(
            cell,
            0,
            gated
                ? "the form has a gate, but ud.gate is missing"
                : "ud.gate never fires: the form has no gate");
      }
    }
  }

  private void unused() {
    Set<String> listed = new HashSet<>();
    tables.forms().forEach(form -> listed.addAll(form.order().checks()));
    Set<String> reached = new HashSet<>();
    for (Row row : rows.get(TableKind.CHECKS)) {
      if (!listed.contains(row.text("check"))) {
        problems.warning(row.cell("check"), 0, "no instruction makes this check");
      }
      if (tables.checks().get(row.text("check")).result() instanceof Check.Exit exit) {
        reached.add(exit.exit());
      }
    }
    for (Row row : rows.get(TableKind.INTERCEPTS)) {
      String id = row.text("exit");
      boolean used =
          listed.contains("exit." + id)
              || reached.contains(id)
              || isException(id, listed)
              || scope.used.contains("icpt." + id);
      if (!used && row.cell("note").isEmpty()) {
        problems.warning(
            row.cell("exit"), 0, "no instruction takes this exit; say in its note why");
      }
    }
    for (Row row : rows.get(TableKind.VARIABLES)) {
      String name = row.text("variable");
      if (!scope.used.contains(name) && !name.equals("mode") && !name.equals("guest")) {
        problems.warning(row.cell("variable"), 0, "no expression or vary uses this variable");
      }
    }
    for (Row row : rows.get(TableKind.DEFINITIONS)) {
      if (!scope.used.contains(row.text("name"))) {
        problems.warning(row.cell("name"), 0, "no expression uses this definition");
      }
    }
  }

  /** Whether {@code exit} intercepts an exception that a listed check raises. */
  private static boolean isException(String exit, Set<String> listed) {
    return exit.startsWith("exc_")
        && listed.stream().anyMatch(check -> check.startsWith(exit.substring(4) + "."));
  }

  /** The state in which nothing is armed has to be possible. */
  private void quietState() {
    NameLookup quiet =
        Evaluator.withDefinitions(
            tables.definitions(),
            name -> {
              Variable variable = tables.variables().get(name);
              if (variable == null) {
                throw new NoSuchElementException(name);
              }
              return variable.values().get(variable.quiet()).number();
            });
    List<Row> constraintRows = rows.get(TableKind.CONSTRAINTS);
    for (int i = 0; i < constraintRows.size(); i++) {
      Constraint constraint = tables.constraints().get(i);
      if (!Evaluator.holds(constraint.expression(), quiet)) {
        problems.warning(
            constraintRows.get(i).cell("constraint"),
            0,
            "does not hold where every variable is quiet");
      }
    }
  }

  private Cell cell(TableKind kind, String keyColumn, String key, String column) {
    return rows.get(kind).stream()
        .filter(row -> row.text(keyColumn).equals(key))
        .findFirst()
        .orElseThrow()
        .cell(column);
  }
}

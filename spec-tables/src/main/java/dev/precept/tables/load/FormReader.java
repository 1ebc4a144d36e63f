package dev.precept.tables.load;

import dev.precept.tables.InstructionForm;
import dev.precept.tables.InstructionForm.Access;
import dev.precept.tables.InstructionForm.Operand;
import dev.precept.tables.Mode;
import dev.precept.tables.expr.Expr;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Turns rows of instruction tables into forms. */
final class FormReader {
  private static final Pattern SLUG = Pattern.compile("[a-z0-9][a-z0-9_]*");
  private static final List<String> MODES = Arrays.stream(Mode.values()).map(Mode::word).toList();
  private static final List<String> ADDRESSED = List.of("mem", "si", "di", "ax", "pa");

  private final Scope scope;
  private final Problems problems;
  private final RowReader rows;

  FormReader(Scope scope, Problems problems, RowReader rows) {
    this.scope = scope;
    this.problems = problems;
    this.rows = rows;
  }

  InstructionForm form(Row row) {
    slug(row.cell("instruction"), true);
    slug(row.cell("form"), false);
    rows.required(row.cell("mnemonic"), "mnemonic");
    List<String> encoding = new Encodings(problems).check(row.cell("encoding"));
    Operand operand = operand(row.cell("operand"));
    if (operand.access() != Access.NONE && encoding.stream().noneMatch(ADDRESSED::contains)) {
      problems.error(
          row.cell("operand"), "the encoding has no memory operand (mem, si, di, ax, pa)");
    }
    return new InstructionForm(
        row.text("instruction"),
        row.text("form"),
        row.text("mnemonic"),
        String.join(" ", encoding),
        modes(row.cell("modes")),
        rows.expressions().condition(row.cell("gate")),
        operand,
        new OrderReader(scope, problems).order(row.cell("checks")),
        vary(row.cell("vary")),
        rows.effects(row.cell("effects")),
        fixed(row.cell("fixed")),
        rows.citations().of(row),
        row.origin());
  }

  private void slug(Cell cell, boolean required) {
    String text = cell.text().strip();
    if (text.isEmpty() ? required : !SLUG.matcher(text).matches()) {
      problems.error(
          cell,
          text.isEmpty()
              ? "instruction is missing"
              : "'" + Problems.shown(text) + "' is not a slug: small letters, digits and _");
    }
  }

  private Set<Mode> modes(Cell cell) {
    if (cell.text().strip().equals("all")) {
      return EnumSet.allOf(Mode.class);
    }
    Set<Mode> modes = EnumSet.noneOf(Mode.class);
    for (Cell word : cell.words()) {
      int index = MODES.indexOf(word.text());
      if (index < 0) {
        List<String> valid = new ArrayList<>(MODES);
        valid.add("all");
        problems.unknown(
            word, 0, word.text(), "no mode '" + Problems.shown(word.text()) + "'", valid);
      } else if (!modes.add(Mode.values()[index])) {
        problems.error(word, "mode " + word.text() + " is there already");
      }
    }
    if (cell.isEmpty()) {
      problems.error(cell, "modes are missing: all, or some of " + String.join(" ", MODES));
    }
    return modes;
  }

  private Operand operand(Cell cell) {
    if (cell.isEmpty()) {
      return new Operand(Access.NONE, Expr.FALSE);
    }
    Cell word = cell.words().get(0);
    Cell rest =
        cell.part(cell.text().indexOf(word.text()) + word.text().length(), cell.text().length());
    Optional<Access> access = access(word.text());
    if (access.isEmpty()) {
      problems.unknown(
          word,
          0,
          word.text(),
          "an operand is written read N, write N, rw N or address",
          List.of("read", "write", "rw", "address"));
      return new Operand(Access.NONE, Expr.FALSE);
    }
    if (access.get() == Access.ADDRESS) {
      if (!rest.isEmpty()) {
        problems.error(rest, "'address' has no size");
      }
      return new Operand(Access.ADDRESS, Expr.FALSE);
    }
    rows.required(rest, "the operand's size in bytes");
    return new Operand(access.get(), rows.expressions().condition(rest));
  }

  private static Optional<Access> access(String word) {
    return switch (word) {
      case "read" -> Optional.of(Access.READ);
      case "write" -> Optional.of(Access.WRITE);
      case "rw" -> Optional.of(Access.READ_WRITE);
      case "address" -> Optional.of(Access.ADDRESS);
      default -> Optional.empty();
    };
  }

  private List<String> vary(Cell cell) {
    List<String> names = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Cell word : cell.words()) {
      scope.used.add(word.text());
      if (!scope.variables.containsKey(word.text())) {
        problems.unknownName(
            word,
            0,
            word.text(),
            "no variable '" + Problems.shown(word.text()) + "'",
            scope.variables.keySet());
      } else if (!seen.add(word.text())) {
        problems.error(word, "'" + word.text() + "' is there already");
      }
      names.add(word.text());
    }
    return List.copyOf(names);
  }

  private List<Expr> fixed(Cell cell) {
    List<Expr> constraints = new ArrayList<>();
    if (!cell.isEmpty()) {
      for (Cell part : cell.split(';')) {
        rows.required(part, "constraint between ';'");
        constraints.add(rows.expressions().condition(part));
      }
    }
    return List.copyOf(constraints);
  }
}

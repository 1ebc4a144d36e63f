package dev.precept.tables.load;

import dev.precept.cases.Register;
import dev.precept.tables.Check;
import dev.precept.tables.Constraint;
import dev.precept.tables.Definition;
import dev.precept.tables.Effect;
import dev.precept.tables.ExitControl;
import dev.precept.tables.Field;
import dev.precept.tables.Variable;
import dev.precept.tables.expr.Expr;
import dev.precept.tables.expr.Numbers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/** Turns rows of every kind but instructions into records. */
final class RowReader {
  /** Largest offset of a field or intercept: the VMCB is one page, VMCS encodings have 16 bits. */
  private static final long LARGEST_OFFSET = 0xFFFF;

  private static final Pattern WORD = Pattern.compile("[a-z][a-z0-9_]*");
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*");

  private final Scope scope;
  private final Problems problems;
  private final ExpressionReader expressions;
  private final Citations citations;
  private final Places places;

  RowReader(Scope scope, Problems problems, ExpressionReader expressions) {
    this.scope = scope;
    this.problems = problems;
    this.expressions = expressions;
    this.citations = new Citations(scope, problems);
    this.places = new Places(scope, problems, expressions);
  }

  ExpressionReader expressions() {
    return expressions;
  }

  Citations citations() {
    return citations;
  }

  /** A dotted name in a key column. */
  void name(Cell cell, String what) {
    String text = cell.text().strip();
    if (!NAME.matcher(text).matches()) {
      problems.error(
          cell,
          text.isEmpty()
              ? what + " is missing"
              : "'" + Problems.shown(text) + "' is not a name; write lower case, parts with dots");
    }
  }

  /**
   * The variable in {@code row} with its classes, but without what needs other names: place, when
   * and concrete values.
   */
  Variable outline(Row row) {
    name(row.cell("variable"), "variable");
    List<Variable.Value> values = new ArrayList<>();
    Set<String> names = new HashSet<>();
    Set<Long> numbers = new HashSet<>();
    for (Cell token : valueTokens(row.cell("values"))) {
      int equals = token.text().indexOf('=');
      Cell name = equals < 0 ? token : token.part(0, equals);
      OptionalLong number = classNumber(name, values.size());
      if (number.isEmpty()) {
        continue;
      }
      if (!names.add(name.text()) || !numbers.add(number.getAsLong())) {
        problems.error(name, "class '" + Problems.shown(name.text()) + "' is there already");
        continue;
      }
      values.add(new Variable.Value(name.text(), number.getAsLong(), Optional.empty()));
    }
    if (values.isEmpty()) {
      problems.error(row.cell("values"), "a variable needs classes, such as 0 1");
      values.add(new Variable.Value("0", 0, Optional.empty()));
    }
    int quiet = quiet(row.cell("quiet"), values);
    return new Variable(
        row.text("variable"),
        List.copyOf(values),
        quiet,
        row.text("place"),
        Expr.TRUE,
        row.text("meaning"),
        citations.of(row),
        row.origin());
  }

  private OptionalLong classNumber(Cell name, int index) {
    if (WORD.matcher(name.text()).matches()) {
      return OptionalLong.of(index);
    }
    return number(name);
  }

  private int quiet(Cell cell, List<Variable.Value> values) {
    String text = cell.text().strip();
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i).name().equals(text)) {
        return i;
      }
    }
    problems.unknown(
        cell,
        0,
        text,
        text.isEmpty()
            ? "the quiet class is missing"
            : "quiet '" + Problems.shown(text) + "' is not one of the classes",
        values.stream().map(Variable.Value::name).toList());
    return 0;
  }

  /** Words between blanks, where {@code word=(an expression)} may hold blanks in parentheses. */
  private static List<Cell> valueTokens(Cell cell) {
    List<Cell> tokens = new ArrayList<>();
    String text = cell.text();
    int from = -1;
    int nested = 0;
    for (int i = 0; i <= text.length(); i++) {
      char c = i == text.length() ? ' ' : text.charAt(i);
      if (c == '(') {
        nested++;
      } else if (c == ')') {
        nested--;
      }
      boolean ends = i == text.length() || (Character.isWhitespace(c) && nested <= 0);
      if (ends && from >= 0) {
        tokens.add(cell.part(from, i));
        from = -1;
      } else if (!ends && from < 0) {
        from = i;
      }
    }
    return tokens;
  }

  /** {@code outline} with what needs other names. */
  Variable variable(Row row, Variable outline) {
    places.place(row.cell("place"));
    List<Variable.Value> values = new ArrayList<>(outline.values());
    for (Cell token : valueTokens(row.cell("values"))) {
      int equals = token.text().indexOf('=');
      int index = equals < 0 ? -1 : outline.indexOf(token.text().substring(0, equals));
      if (index >= 0) {
        Expr concrete = expressions.value(token.part(equals + 1, token.text().length()));
        Variable.Value value = values.get(index);
        values.set(index, new Variable.Value(value.name(), value.number(), Optional.of(concrete)));
      }
    }
    return new Variable(
        outline.name(),
        List.copyOf(values),
        outline.quiet(),
        outline.place(),
        expressions.condition(row.cell("when")),
        outline.meaning(),
        outline.citation(),
        outline.origin());
  }

  Definition definition(Row row) {
    name(row.cell("name"), "name");
    required(row.cell("expression"), "expression");
    return new Definition(
        row.text("name"),
        expressions.condition(row.cell("expression")),
        row.text("meaning"),
        citations.of(row),
        row.origin());
  }

  Constraint constraint(Row row) {
    required(row.cell("constraint"), "constraint");
    required(row.cell("reason"), "reason");
    return new Constraint(
        expressions.condition(row.cell("constraint")),
        row.text("reason"),
        citations.of(row),
        row.origin());
  }

  Check check(Row row) {
    name(row.cell("check"), "check");
    required(row.cell("condition"), "condition");
    Results results = new Results(scope, problems, expressions);
    return new Check(
        row.text("check"),
        results.result(row.cell("result"), row.cell("check")),
        expressions.condition(row.cell("condition")),
        effects(row.cell("writes")),
        row.text("meaning"),
        citations.of(row),
        row.origin());
  }

  /** {@code target := expression; ...}. */
  List<Effect> effects(Cell cell) {
    List<Effect> effects = new ArrayList<>();
    if (cell.isEmpty()) {
      return effects;
    }
    Set<String> targets = new HashSet<>();
    for (Cell part : cell.split(';')) {
      int assign = part.text().indexOf(":=");
      if (assign < 0) {
        problems.error(part, "'target := value' expected; several are separated by ';'");
        continue;
      }
      Cell target = part.part(0, assign);
      places.target(target);
      if (!targets.add(target.text())) {
        problems.error(target, "'" + Problems.shown(target.text()) + "' is written twice");
      }
      Cell value = part.part(assign + 2, part.text().length());
      required(value, "value");
      effects.add(new Effect(target.text(), expressions.value(value)));
    }
    return List.copyOf(effects);
  }

  ExitControl exit(Row row) {
    Cell id = row.cell("exit");
    if (!WORD.matcher(id.text().strip()).matches()) {
      problems.error(id, "'" + Problems.shown(id.text()) + "' is not a name; write lower case");
    }
    required(row.cell("code_name"), "code_name");
    List<ExitControl.Info> infos = new ArrayList<>();
    row.cells(TableKind.INFO)
        .forEach((name, cell) -> infos.add(info(name, expressions.value(cell), cell)));
    return new ExitControl(
        row.text("exit"),
        controlBit(row),
        code(row.cell("exit_code")),
        row.text("code_name"),
        expressions.condition(row.cell("condition")),
        List.copyOf(infos),
        (int) number(row.cell("quiet"), 1, "quiet"),
        expressions.condition(row.cell("gate")),
        row.text("meaning"),
        citations.of(row),
        row.origin());
  }

  private ExitControl.Info info(String name, Expr value, Cell cell) {
    ExitControl.Info info = new ExitControl.Info(name, value);
    if (!scope.fields.contains(info.field())) {
      problems.unknownName(
          cell,
          0,
          info.field(),
          "column info." + Problems.shown(name) + " names no control-block field",
          scope.fields);
    }
    return info;
  }

  /**
   * The bit in the columns {@code field} and {@code bit}; both are {@code -} where there is none.
   */
  private Optional<ExitControl.ControlBit> controlBit(Row row) {
    if (!hasBit(row)) {
      return Optional.empty();
    }
    return Optional.of(
        new ExitControl.ControlBit(
            (int) number(row.cell("field"), LARGEST_OFFSET, "field"),
            (int) number(row.cell("bit"), 63, "bit")));
  }

  /** Whether an exit's row says that it has a bit of its own. */
  static boolean hasBit(Row row) {
    return !(row.text("field").equals("-") && row.text("bit").equals("-"));
  }

  private long code(Cell cell) {
    if (cell.text().strip().equals("-1")) {
      return -1;
    }
    return number(cell).orElse(0);
  }

  Field field(Row row) {
    name(row.cell("field"), "field");
    Cell register = row.cell("register");
    String name = register.text().strip();
    Optional<Register> saved =
        Arrays.stream(Register.values())
            .filter(one -> one.name().equals(name))
            .findFirst()
            .or(() -> Scope.register(name.toLowerCase(Locale.ROOT)));
    if (!name.isEmpty() && saved.isEmpty()) {
      problems.unknown(
          register, 0, name, "no register '" + Problems.shown(name) + "'", Scope.registerNames());
    }
    return new Field(
        row.text("field"),
        (int) number(row.cell("offset"), LARGEST_OFFSET, "offset"),
        (int) number(row.cell("width"), 4096, "width"),
        saved.map(Register::name).orElse(""),
        citations.of(row),
        row.origin());
  }

  void required(Cell cell, String what) {
    if (cell.isEmpty()) {
      problems.error(cell, what + " is missing");
    }
  }

  private long number(Cell cell, long largest, String what) {
    if (cell.isEmpty()) {
      problems.error(cell, what + " is missing");
      return 0;
    }
    long number = number(cell).orElse(0);
    if (Long.compareUnsigned(number, largest) > 0) {
      problems.error(cell, what + " is larger than " + Numbers.print(largest));
      return 0;
    }
    return number;
  }

  private OptionalLong number(Cell cell) {
    try {
      return OptionalLong.of(Numbers.parse(cell.text().strip()));
    } catch (NumberFormatException e) {
      problems.error(cell, Problems.shown(e.getMessage()));
      return OptionalLong.empty();
    }
  }
}

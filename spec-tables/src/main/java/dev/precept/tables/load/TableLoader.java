package dev.precept.tables.load;

import dev.precept.tables.Check;
import dev.precept.tables.Constraint;
import dev.precept.tables.Definition;
import dev.precept.tables.ExitControl;
import dev.precept.tables.Field;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Origin;
import dev.precept.tables.Tables;
import dev.precept.tables.Variable;
import dev.precept.tables.expr.Expr;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Loads one vendor's tables, its own and those both vendors share, and checks them. */
public final class TableLoader {
  private static final String COMMON = "common";

  private final String vendor;
  private final Problems problems = new Problems();
  private final Scope scope = new Scope();
  private final RowReader reader =
      new RowReader(scope, problems, new ExpressionReader(scope, problems));

  private TableLoader(String vendor) {
    this.vendor = vendor;
  }

  /** The built-in tables of {@code vendor} ({@code svm}). */
  public static LoadResult load(String vendor) {
    return load(vendor, List.of(TableSource.builtIn()));
  }

  /**
   * The tables of {@code vendor} from several sources. A later source's row replaces the row with
   * the same key in the file of the same name; its other rows and files add to what is there.
   */
  public static LoadResult load(String vendor, List<TableSource> sources) {
    return new TableLoader(vendor).run(sources);
  }

  /** The vendors that {@code sources} have tables for, sorted. */
  public static List<String> vendors(List<TableSource> sources) throws IOException {
    TreeSet<String> vendors = new TreeSet<>();
    for (TableSource source : sources) {
      for (String file : source.files()) {
        int slash = file.indexOf('/');
        if (slash > 0 && TableKind.of(file).filter(TableKind.VENDOR::equals).isPresent()) {
          vendors.add(file.substring(0, slash));
        }
      }
    }
    return List.copyOf(vendors);
  }

  private LoadResult run(List<TableSource> sources) {
    try {
      List<String> vendors = vendors(sources);
      if (!vendors.contains(vendor)) {
        problems.error(
            new Origin(vendor + "/vendor.csv", 1, 1),
            "no tables for vendor '" + vendor + "'; there are " + String.join(", ", vendors));
        return new LoadResult(Optional.empty(), problems.inOrder());
      }
    } catch (IOException e) {
      problems.error(new Origin(vendor, 1, 1), "tables cannot be listed: " + e);
      return new LoadResult(Optional.empty(), problems.inOrder());
    }
    Tables tables = tables(new Layers(vendor, COMMON, sources, problems).rows());
    return new LoadResult(
        problems.anyErrors() ? Optional.empty() : Optional.of(tables), problems.inOrder());
  }

  private Tables tables(Map<TableKind, List<Row>> rows) {
    names(rows);
    Map<String, ExitControl> exits = new LinkedHashMap<>();
    rows.get(TableKind.INTERCEPTS).forEach(row -> exits.put(row.text("exit"), reader.exit(row)));
    Map<String, Variable> variables = variables(rows.get(TableKind.VARIABLES), exits);
    Map<String, Definition> definitions = new LinkedHashMap<>();
    rows.get(TableKind.DEFINITIONS)
        .forEach(row -> definitions.put(row.text("name"), reader.definition(row)));
    List<Constraint> constraints =
        rows.get(TableKind.CONSTRAINTS).stream().map(reader::constraint).toList();
    Map<String, Check> checks = new LinkedHashMap<>();
    rows.get(TableKind.CHECKS).forEach(row -> checks.put(row.text("check"), reader.check(row)));
    Map<String, Field> fields = new LinkedHashMap<>();
    rows.get(TableKind.FIELDS).forEach(row -> fields.put(row.text("field"), reader.field(row)));
    FormReader formReader = new FormReader(scope, problems, reader);
    List<InstructionForm> forms =
        rows.get(TableKind.INSTRUCTIONS).stream().map(formReader::form).toList();
    Tables tables =
        new Tables(
            vendor,
            vendorProperty(rows.get(TableKind.VENDOR), "name", vendor),
            vendorProperty(rows.get(TableKind.VENDOR), "control_block", "control block"),
            documents(rows.get(TableKind.DOCUMENTS)),
            variables,
            definitions,
            constraints,
            checks,
            exits,
            fields,
            forms);
    new Checker(tables, rows, scope, problems).check();
    return tables;
  }

  /** First of all, every name that the tables give: rows may refer to later ones. */
  private void names(Map<TableKind, List<Row>> rows) {
    rows.get(TableKind.DOCUMENTS).forEach(row -> scope.documents.add(row.text("document")));
    rows.get(TableKind.DEFINITIONS).forEach(row -> scope.definitions.add(row.text("name")));
    rows.get(TableKind.CHECKS).forEach(row -> scope.checks.add(row.text("check")));
    rows.get(TableKind.FIELDS).forEach(row -> scope.fields.add(row.text("field")));
    for (Row row : rows.get(TableKind.VARIABLES)) {
      scope.variables.put(row.text("variable"), reader.outline(row));
    }
    for (Row row : rows.get(TableKind.INTERCEPTS)) {
      String id = row.text("exit");
      scope.exits.add(id);
      if (RowReader.hasBit(row)) {
        // Only its name and classes are needed until the exit itself has been read.
        Variable flag = exitBit(row, id);
        scope.variables.put(flag.name(), flag);
      }
    }
  }

  private Variable exitBit(Row row, String id) {
    int quiet = row.text("quiet").equals("1") ? 1 : 0;
    return new Variable(
        "icpt." + id,
        List.of(
            new Variable.Value("0", 0, Optional.empty()),
            new Variable.Value("1", 1, Optional.empty())),
        quiet,
        "exit:" + id,
        Expr.TRUE,
        row.text("meaning"),
        reader.citations().of(row),
        row.origin());
  }

  private Map<String, Variable> variables(List<Row> rows, Map<String, ExitControl> exits) {
    Map<String, Variable> variables = new LinkedHashMap<>();
    for (Row row : rows) {
      String name = row.text("variable");
      Variable outline = scope.variables.get(name);
      variables.put(name, reader.variable(row, outline));
    }
    for (ExitControl exit : exits.values()) {
      exit.variable().ifPresent(bit -> variables.put(bit, scope.variables.get(bit)));
    }
    return variables;
  }

  private static Map<String, String> documents(List<Row> rows) {
    Map<String, String> documents = new LinkedHashMap<>();
    for (Row row : rows) {
      List<String> parts = new ArrayList<>(List.of(row.text("title")));
      if (!row.text("number").isEmpty()) {
        parts.add("no. " + row.text("number"));
      }
      if (!row.text("revision").isEmpty()) {
        parts.add("rev. " + row.text("revision"));
      }
      documents.put(row.text("document"), String.join(", ", parts));
    }
    return documents;
  }

  private static String vendorProperty(List<Row> rows, String key, String absent) {
    return rows.stream()
        .filter(row -> row.text("key").equals(key))
        .map(row -> row.text("value"))
        .findFirst()
        .orElse(absent);
  }
}

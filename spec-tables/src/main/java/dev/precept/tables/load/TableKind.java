package dev.precept.tables.load;

import java.util.List;
import java.util.Optional;

/** The kinds of table file, with their columns. */
enum TableKind {
  DOCUMENTS(
      "documents.csv",
      "document",
      "document",
      "title",
      "number",
      "revision",
      "source",
      "provenance",
      "note"),
  VENDOR("vendor.csv", "key", "key", "value"),
  VARIABLES(
      "variables.csv",
      "variable",
      "variable",
      "values",
      "quiet",
      "place",
      "when",
      "meaning",
      "source",
      "provenance",
      "note"),
  DEFINITIONS(
      "definitions.csv", "name", "name", "expression", "meaning", "source", "provenance", "note"),
  CONSTRAINTS(
      "constraints.csv", "constraint", "constraint", "reason", "source", "provenance", "note"),
  CHECKS(
      "checks.csv",
      "check",
      "check",
      "result",
      "condition",
      "writes",
      "meaning",
      "source",
      "provenance",
      "note"),
  INTERCEPTS(
      "intercepts.csv",
      "exit",
      "exit",
      "field",
      "bit",
      "exit_code",
      "code_name",
      "condition",
      "quiet",
      "gate",
      "meaning",
      "source",
      "provenance",
      "note"),
  FIELDS(
      "vmcb.csv", "field", "field", "offset", "width", "register", "source", "provenance", "note"),
  INSTRUCTIONS(
      "instructions/",
      "instruction form",
      "instruction",
      "form",
      "mnemonic",
      "encoding",
      "modes",
      "gate",
      "operand",
      "checks",
      "vary",
      "effects",
      "fixed",
      "source",
      "provenance",
      "note");

  private final String place;
  private final List<String> key;
  private final List<String> columns;

  TableKind(String place, String key, String... columns) {
    this.place = place;
    this.key = List.of(key.split(" "));
    this.columns = List.of(columns);
  }

  /** Begins the name of a column of intercepts.csv that says what an exit reports. */
  static final String INFO = "info.";

  /** The columns that tell rows apart. */
  List<String> key() {
    return key;
  }

  List<String> columns() {
    return columns;
  }

  /** Whether a file may have the column {@code name}. */
  boolean allows(String name) {
    return columns.contains(name)
        || (this == INTERCEPTS && name.startsWith(INFO) && name.length() > INFO.length());
  }

  /** The kind of {@code file}, such as {@code svm/checks.csv}. */
  static Optional<TableKind> of(String file) {
    String inside = file.substring(file.indexOf('/') + 1);
    for (TableKind kind : values()) {
      boolean fits =
          kind == INSTRUCTIONS
              ? inside.startsWith(kind.place) && inside.endsWith(".csv")
              : inside.equals(kind.place) || (kind == FIELDS && inside.equals("vmcs.csv"));
      if (fits) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }
}

package dev.precept.tables.load;

import dev.precept.cases.Register;
import dev.precept.tables.Variable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The names that the tables of a run give, and those of concrete state. */
final class Scope {
  /** Concrete state that is no register; docs/tables.md says what each is. */
  private static final List<String> VALUES =
      List.of(
          "src",
          "src2",
          "displacement",
          "debug_causes",
          "next_rip",
          "length",
          "linear",
          "offset",
          "operand",
          "stack_top",
          "error_code",
          "fault_address");

  private static final List<String> SEGMENTS =
      List.of("es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr", "gdtr", "idtr");

  private static final Map<String, Register> REGISTERS = registers();

  final Map<String, Variable> variables = new LinkedHashMap<>();
  final Set<String> definitions = new LinkedHashSet<>();
  final Set<String> documents = new LinkedHashSet<>();
  final Set<String> checks = new LinkedHashSet<>();
  final Set<String> exits = new LinkedHashSet<>();
  final Set<String> fields = new LinkedHashSet<>();

  /** Names that expressions have used, for telling which are not. */
  final Set<String> used = new LinkedHashSet<>();

  /** The register that tables call {@code name}, such as {@code cs.attr}. */
  static Optional<Register> register(String name) {
    return Optional.ofNullable(REGISTERS.get(name));
  }

  static Collection<String> registerNames() {
    return REGISTERS.keySet();
  }

  /** Characters of {@code vmcb.} and {@code vmcs.}. */
  static final int FIELD_PREFIX = 5;

  /** Whether {@code name} has the form of a control-block field's. */
  static boolean isFieldName(String name) {
    return name.startsWith("vmcb.") || name.startsWith("vmcs.");
  }

  boolean isConcrete(String name) {
    return VALUES.contains(name)
        || REGISTERS.containsKey(name)
        || (isFieldName(name) && fields.contains(name.substring(FIELD_PREFIX)));
  }

  boolean isState(String name) {
    return variables.containsKey(name) || definitions.contains(name);
  }

  /** The names an expression may use. */
  Collection<String> names(boolean concrete) {
    List<String> names = new ArrayList<>(variables.keySet());
    names.addAll(definitions);
    if (concrete) {
      names.addAll(VALUES);
      names.addAll(REGISTERS.keySet());
    }
    return names;
  }

  private static Map<String, Register> registers() {
    Map<String, Register> byName = new LinkedHashMap<>();
    for (Register register : Register.values()) {
      String name = register.name().toLowerCase(Locale.ROOT);
      int underscore = name.indexOf('_');
      boolean segment = underscore > 0 && SEGMENTS.contains(name.substring(0, underscore));
      byName.put(segment ? name.replaceFirst("_", ".") : name, register);
    }
    // In the order of the manual: suggestions must not differ from run to run.
    return Collections.unmodifiableMap(byName);
  }
}

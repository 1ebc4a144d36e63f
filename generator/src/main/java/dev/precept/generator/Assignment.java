package dev.precept.generator;

import dev.precept.tables.Tables;
import dev.precept.tables.Variable;
import java.util.Collections;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A class for each state variable: those listed, and quiet for all others. Immutable.
 *
 * <p>Two assignments are equal when they give every variable the same class. {@code mode} is always
 * listed.
 */
public final class Assignment {
  private static final String MODE = "mode";
  private static final String CPL = "cpl";

  private final SortedMap<String, Integer> classes;
  private final String text;

  private Assignment(SortedMap<String, Integer> classes, String text) {
    this.classes = Collections.unmodifiableSortedMap(classes);
    this.text = text;
  }

  /**
   * The assignment that gives {@code classes} to their variables and quiet to all others.
   *
   * @param classes class indices by variable name; quiet ones may be listed or not
   * @throws NoSuchElementException if the tables have no such variable or class
   */
  public static Assignment of(Tables tables, Map<String, Integer> classes) {
    SortedMap<String, Integer> notable = new TreeMap<>();
    notable.put(MODE, variable(tables, MODE).quiet());
    classes.forEach(
        (name, index) -> {
          Variable variable = variable(tables, name);
          if (index < 0 || index >= variable.values().size()) {
            throw new NoSuchElementException("variable '" + name + "' has no class " + index);
          }
          if (name.equals(MODE) || index != variable.quiet()) {
            notable.put(name, index);
          }
        });
    return new Assignment(notable, print(tables, notable));
  }

  /**
   * The assignment written as {@link #text} writes it; any order.
   *
   * @throws IllegalArgumentException if a word is not {@code variable=class}
   * @throws NoSuchElementException if the tables have no such variable or class
   */
  public static Assignment parse(Tables tables, String text) {
    Map<String, Integer> classes = new TreeMap<>();
    for (String word : text.strip().split("\\s+")) {
      int equals = word.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(
            "'" + word + "' is not variable=class, in assignment '" + text + "'");
      }
      String name = word.substring(0, equals);
      String value = word.substring(equals + 1);
      int index = variable(tables, name).indexOf(value);
      if (index < 0) {
        throw new NoSuchElementException(
            "variable '" + name + "' has no class '" + value + "', in assignment '" + text + "'");
      }
      classes.put(name, index);
    }
    return of(tables, classes);
  }

  /** Class indices of {@code mode} and of every variable that is not quiet, by name, sorted. */
  public SortedMap<String, Integer> classes() {
    return classes;
  }

  /**
   * Index of the class of the variable {@code name}.
   *
   * @throws NoSuchElementException if the tables have no such variable
   */
  public int index(Tables tables, String name) {
    Variable variable = variable(tables, name);
    return classes.getOrDefault(name, variable.quiet());
  }

  /**
   * The number that expressions see for the variable {@code name}.
   *
   * @throws NoSuchElementException if the tables have no such variable
   */
  public long value(Tables tables, String name) {
    return variable(tables, name).values().get(index(tables, name)).number();
  }

  /**
   * The class word of the variable {@code name}, as the tables write it.
   *
   * @throws NoSuchElementException if the tables have no such variable
   */
  public String word(Tables tables, String name) {
    return variable(tables, name).values().get(index(tables, name)).name();
  }

  /** This assignment with one variable in another class. */
  public Assignment with(Tables tables, String name, int index) {
    Map<String, Integer> changed = new TreeMap<>(classes);
    changed.put(name, index);
    return of(tables, changed);
  }

  /**
   * Everything not quiet, such as {@code mode=long64 cpl=3 cr4.tsd=1 icpt.rdtsc=1}: mode first,
   * then cpl, the rest sorted.
   */
  public String text() {
    return text;
  }

  private static String print(Tables tables, SortedMap<String, Integer> classes) {
    StringBuilder text = new StringBuilder();
    append(text, tables, MODE, classes.get(MODE));
    Integer cpl = classes.get(CPL);
    if (cpl != null) {
      append(text, tables, CPL, cpl);
    }
    classes.forEach(
        (name, index) -> {
          if (!name.equals(MODE) && !name.equals(CPL)) {
            append(text, tables, name, index);
          }
        });
    return text.toString();
  }

  private static void append(StringBuilder text, Tables tables, String name, int index) {
    text.append(text.isEmpty() ? "" : " ")
        .append(name)
        .append('=')
        .append(variable(tables, name).values().get(index).name());
  }

  private static Variable variable(Tables tables, String name) {
    Variable variable = tables.variables().get(name);
    if (variable == null) {
      throw new NoSuchElementException("no state variable '" + name + "'");
    }
    return variable;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Assignment that && classes.equals(that.classes);
  }

  @Override
  public int hashCode() {
    return classes.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}

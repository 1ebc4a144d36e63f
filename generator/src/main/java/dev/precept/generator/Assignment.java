package dev.precept.generator;

import dev.precept.tables.Tables;
import dev.precept.tables.Variable;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
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

  /** Families of flags that are written as one word where many members share a class. */
  private static final List<String> FAMILIES = List.of("icpt.", "icpt.exc_");

  /** Members of a family that share a class before the family's word is worth it. */
  private static final int FAMILY_SIZE = 9;

  private final SortedMap<String, Integer> classes;

  /** The same classes, faster to find, when somebody first looks: cases look up hundreds. */
  private volatile Map<String, Integer> found = Map.of();

  private final Tables tables;

  /** Written when somebody first asks: most assignments of a sweep are never shown. */
  private volatile String text = "";

  private Assignment(Tables tables, SortedMap<String, Integer> classes) {
    this.tables = tables;
    this.classes = Collections.unmodifiableSortedMap(classes);
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
    return new Assignment(tables, notable);
  }

  /**
   * The assignment written as {@link #text} writes it; a later word overrides an earlier one.
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
      for (String member : members(tables, name)) {
        int index = variable(tables, member).indexOf(value);
        if (index < 0) {
          throw new NoSuchElementException(
              "variable '"
                  + member
                  + "' has no class '"
                  + value
                  + "', in assignment '"
                  + text
                  + "'");
        }
        classes.put(member, index);
      }
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
    return index(name, variable);
  }

  /** Index of the class of {@code variable}, one of the tables'. */
  public int index(Variable variable) {
    return index(variable.name(), variable);
  }

  /**
   * The number that expressions see for the variable {@code name}.
   *
   * @throws NoSuchElementException if the tables have no such variable
   */
  public long value(Tables tables, String name) {
    Variable variable = variable(tables, name);
    return variable.values().get(index(name, variable)).number();
  }

  /**
   * The class word of the variable {@code name}, as the tables write it.
   *
   * @throws NoSuchElementException if the tables have no such variable
   */
  public String word(Tables tables, String name) {
    Variable variable = variable(tables, name);
    return variable.values().get(index(name, variable)).name();
  }

  private int index(String name, Variable variable) {
    Map<String, Integer> known = found;
    if (known.isEmpty()) {
      // Never empty: the mode is there.
      known = new HashMap<>(classes);
      found = known;
    }
    Integer index = known.get(name);
    return index == null ? variable.quiet() : index;
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
    String written = text;
    if (written.isEmpty()) {
      written = print(tables, classes);
      text = written;
    }
    return written;
  }

  private static String print(Tables tables, SortedMap<String, Integer> classes) {
    StringBuilder text = new StringBuilder();
    append(text, tables, MODE, classes.get(MODE));
    Integer cpl = classes.get(CPL);
    if (cpl != null) {
      append(text, tables, CPL, cpl);
    }
    if (FAMILIES.stream().allMatch(family -> listed(classes, family) < FAMILY_SIZE)) {
      // No family's word can be worth it, and that is so of most states.
      classes.forEach(
          (name, index) -> {
            if (!name.equals(MODE) && !name.equals(CPL)) {
              append(text, tables, name, index);
            }
          });
      return text.toString();
    }
    Map<String, Integer> known = new HashMap<>(classes);
    Map<String, Integer> said = new HashMap<>();
    for (String family : FAMILIES) {
      if (said.isEmpty() && listed(classes, family) < FAMILY_SIZE) {
        continue;
      }
      List<String> members = members(tables, family + "*");
      int common = commonClass(tables, members, known, said);
      if (common >= 0) {
        append(text, tables, family + "*", members.get(0), common);
        members.forEach(member -> said.put(member, common));
      }
    }
    SortedMap<String, Integer> rest = new TreeMap<>();
    classes.forEach(
        (name, index) -> {
          if (!name.equals(MODE) && !name.equals(CPL) && !index.equals(said.get(name))) {
            rest.put(name, index);
          }
        });
    said.forEach(
        (member, common) -> {
          int quiet = variable(tables, member).quiet();
          if (!known.containsKey(member) && quiet != common) {
            rest.put(member, quiet);
          }
        });
    rest.forEach((name, index) -> append(text, tables, name, index));
    return text.toString();
  }

  /** The class that most members of a family share, if saying so once saves words; else -1. */
  private static int commonClass(
      Tables tables, List<String> members, Map<String, Integer> known, Map<String, Integer> said) {
    Map<Integer, Integer> votes = new TreeMap<>();
    int unsaid = 0;
    for (String member : members) {
      int quiet = variable(tables, member).quiet();
      int index = known.getOrDefault(member, quiet);
      if (index != said.getOrDefault(member, quiet)) {
        unsaid++;
      }
      votes.merge(index, 1, Integer::sum);
    }
    int all = votes.values().stream().mapToInt(Integer::intValue).sum();
    for (Map.Entry<Integer, Integer> vote : votes.entrySet()) {
      int exceptions = all - vote.getValue();
      if (unsaid >= FAMILY_SIZE && exceptions < unsaid) {
        return vote.getKey();
      }
    }
    return -1;
  }

  /** How many members of {@code family} are among {@code classes}. */
  private static int listed(SortedMap<String, Integer> classes, String family) {
    return classes.subMap(family, family + Character.MAX_VALUE).size();
  }

  /** The variable {@code name}, or for {@code PREFIX*} every variable that begins so. */
  private static List<String> members(Tables tables, String name) {
    if (!name.endsWith("*")) {
      return List.of(name);
    }
    String prefix = name.substring(0, name.length() - 1);
    List<String> members =
        tables.variables().keySet().stream().filter(each -> each.startsWith(prefix)).toList();
    if (members.isEmpty()) {
      throw new NoSuchElementException("no state variable begins with '" + prefix + "'");
    }
    return members;
  }

  private static void append(StringBuilder text, Tables tables, String name, int index) {
    append(text, tables, name, name, index);
  }

  private static void append(
      StringBuilder text, Tables tables, String shown, String name, int index) {
    text.append(text.isEmpty() ? "" : " ")
        .append(shown)
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
    return text();
  }
}

package dev.precept.tables.expr;

import dev.precept.tables.Definition;
import dev.precept.tables.Tables;
import dev.precept.tables.Variable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * The variables of a vendor's tables with an index each, so that an assignment is an {@code int[]}:
 * for each variable the index of its class, or -1 where it has none yet.
 */
public final class StateSpace {
  private final List<Variable> variables;
  private final Map<String, Integer> indices = new HashMap<>();
  private final long[][] numbers;
  private final int[] quiet;
  private final Map<String, Definition> definitions;

  private StateSpace(Collection<Variable> variables, Map<String, Definition> definitions) {
    this.variables = List.copyOf(variables);
    this.definitions = definitions;
    this.numbers = new long[this.variables.size()][];
    this.quiet = this.variables.stream().mapToInt(Variable::quiet).toArray();
    for (int i = 0; i < numbers.length; i++) {
      Variable variable = this.variables.get(i);
      indices.put(variable.name(), i);
      numbers[i] = variable.values().stream().mapToLong(Variable.Value::number).toArray();
    }
  }

  /** All variables of {@code tables} in table order, exit bits included. */
  public static StateSpace of(Tables tables) {
    return new StateSpace(tables.variables().values(), tables.definitions());
  }

  /** A space of these variables, in their order. */
  public static StateSpace of(Collection<Variable> variables, Map<String, Definition> definitions) {
    return new StateSpace(variables, Map.copyOf(definitions));
  }

  /** Number of variables; the length of an assignment. */
  public int size() {
    return numbers.length;
  }

  /** The variable with index {@code index}. */
  public Variable variable(int index) {
    return variables.get(index);
  }

  /**
   * Index of the variable {@code name}.
   *
   * @throws NoSuchElementException if there is none
   */
  public int indexOf(String name) {
    Integer index = indices.get(name);
    if (index == null) {
      throw new NoSuchElementException("no state variable '" + name + "'");
    }
    return index;
  }

  /** Number of classes of the variable with index {@code index}. */
  public int domainSize(int index) {
    return numbers[index].length;
  }

  /** The number that expressions see for a class. */
  public long number(int index, int classIndex) {
    return numbers[index][classIndex];
  }

  /**
   * For each class of a variable the one with the next larger number, or itself if there is none.
   */
  public int[] successors(int index) {
    int[] next = new int[domainSize(index)];
    for (int from = 0; from < next.length; from++) {
      next[from] = from;
      for (int to = 0; to < next.length; to++) {
        boolean nearer =
            next[from] == from
                || Long.compareUnsigned(number(index, to), number(index, next[from])) < 0;
        if (nearer && Long.compareUnsigned(number(index, to), number(index, from)) > 0) {
          next[from] = to;
        }
      }
    }
    return next;
  }

  /** For each class of a variable the one with the next smaller number, or itself. */
  public int[] predecessors(int index) {
    int[] next = successors(index);
    int[] previous = new int[next.length];
    for (int from = 0; from < next.length; from++) {
      previous[from] = from;
    }
    for (int from = 0; from < next.length; from++) {
      if (next[from] != from) {
        previous[next[from]] = from;
      }
    }
    return previous;
  }

  /** An assignment with no variable assigned. */
  public int[] unassigned() {
    int[] classes = new int[size()];
    Arrays.fill(classes, -1);
    return classes;
  }

  /** An assignment with every variable quiet. */
  public int[] quiet() {
    return quiet.clone();
  }

  /** {@code condition}, definitions inlined and names resolved, for fast evaluation. */
  public CompiledCondition compile(Expr condition) {
    return new ConditionCompiler(this, definitions).compile(condition);
  }

  /** The names {@code condition} depends on, definitions followed, in index order. */
  List<Integer> dependencies(Expr condition) {
    List<Integer> found = new ArrayList<>();
    for (String name : Names.referencedNames(condition, definitions)) {
      found.add(indexOf(name));
    }
    found.sort(Integer::compare);
    return found;
  }

  long[] numbersOf(int index) {
    return numbers[index];
  }
}

package dev.precept.tables.expr;

/** A part of a compiled condition. Truth values are ints, for speed: 0, 1 and 2 for unknown. */
abstract class ConditionNode {
  static final int FALSE = 0;
  static final int TRUE = 1;
  static final int UNKNOWN = 2;

  /** FALSE, TRUE or UNKNOWN; never UNKNOWN if all variables have classes. */
  abstract int truth(int[] classes);

  /**
   * Those classes of {@code domain}, a bit each, with which this is not {@code excluded}, a truth
   * value other than UNKNOWN, by three-valued logic alone.
   *
   * @param variable an unassigned variable; unassigned again when this returns
   */
  long possible(int[] classes, int variable, long domain, int excluded) {
    long possible = domain;
    for (long rest = domain; rest != 0; rest &= rest - 1) {
      int candidate = Long.numberOfTrailingZeros(rest);
      classes[variable] = candidate;
      if (truth(classes) == excluded) {
        possible &= ~(1L << candidate);
      }
    }
    classes[variable] = -1;
    return possible;
  }

  /** Whether UNKNOWN always means that completions differ. */
  boolean exact() {
    return false;
  }

  static final class Constant extends ConditionNode {
    private final int value;

    Constant(boolean value) {
      this.value = value ? TRUE : FALSE;
    }

    @Override
    int truth(int[] classes) {
      return value;
    }

    @Override
    boolean exact() {
      return true;
    }
  }

  /** A condition on one variable: a class, or unassigned, is looked up. */
  static final class OneVariable extends ConditionNode {
    private final int variable;
    private final byte[] truths;

    /**
     * @param truths by class index + 1
     */
    OneVariable(int variable, byte[] truths) {
      this.variable = variable;
      this.truths = truths;
    }

    @Override
    int truth(int[] classes) {
      return truths[classes[variable] + 1];
    }

    @Override
    long possible(int[] classes, int changed, long domain, int excluded) {
      if (changed != variable) {
        return truths[classes[variable] + 1] == excluded ? 0 : domain;
      }
      long possible = domain;
      for (long rest = domain; rest != 0; rest &= rest - 1) {
        int candidate = Long.numberOfTrailingZeros(rest);
        if (truths[candidate + 1] == excluded) {
          possible &= ~(1L << candidate);
        }
      }
      return possible;
    }

    @Override
    boolean exact() {
      return true;
    }
  }

  /** A condition with few states, partial ones included: all of them are in a table. */
  static final class Table extends ConditionNode {
    private final int[] variables;
    private final int[] strides;
    private final byte[] truths;

    Table(int[] variables, int[] strides, byte[] truths) {
      this.variables = variables;
      this.strides = strides;
      this.truths = truths;
    }

    @Override
    int truth(int[] classes) {
      int index = 0;
      for (int i = 0; i < variables.length; i++) {
        index += (classes[variables[i]] + 1) * strides[i];
      }
      return truths[index];
    }

    @Override
    long possible(int[] classes, int variable, long domain, int excluded) {
      int index = 0;
      int stride = 0;
      for (int i = 0; i < variables.length; i++) {
        if (variables[i] == variable) {
          stride = strides[i];
        } else {
          index += (classes[variables[i]] + 1) * strides[i];
        }
      }
      long possible = domain;
      for (long rest = domain; rest != 0; rest &= rest - 1) {
        int candidate = Long.numberOfTrailingZeros(rest);
        if (truths[index + (candidate + 1) * stride] == excluded) {
          possible &= ~(1L << candidate);
        }
      }
      return possible;
    }

    @Override
    boolean exact() {
      return true;
    }
  }

  static final class Not extends ConditionNode {
    private final ConditionNode operand;

    Not(ConditionNode operand) {
      this.operand = operand;
    }

    @Override
    int truth(int[] classes) {
      int truth = operand.truth(classes);
      return truth == UNKNOWN ? UNKNOWN : 1 - truth;
    }

    @Override
    long possible(int[] classes, int variable, long domain, int excluded) {
      return operand.possible(classes, variable, domain, 1 - excluded);
    }

    @Override
    boolean exact() {
      return operand.exact();
    }
  }

  /** Conjunction (deciding value FALSE) or disjunction (deciding value TRUE). */
  static final class Junction extends ConditionNode {
    private final int deciding;
    private final ConditionNode[] operands;
    private final boolean exact;

    /**
     * @param apart whether no two operands depend on the same variable
     */
    Junction(int deciding, ConditionNode[] operands, boolean apart) {
      this.deciding = deciding;
      this.operands = operands;
      boolean allExact = true;
      for (ConditionNode operand : operands) {
        allExact &= operand.exact();
      }
      this.exact = apart && allExact;
    }

    @Override
    int truth(int[] classes) {
      int joined = 1 - deciding;
      for (ConditionNode operand : operands) {
        int truth = operand.truth(classes);
        if (truth == deciding) {
          return deciding;
        }
        if (truth == UNKNOWN) {
          joined = UNKNOWN;
        }
      }
      return joined;
    }

    @Override
    long possible(int[] classes, int variable, long domain, int excluded) {
      if (excluded == deciding) {
        long possible = domain;
        for (int i = 0; i < operands.length && possible != 0; i++) {
          possible = operands[i].possible(classes, variable, possible, excluded);
        }
        return possible;
      }
      long excludedByAll = domain;
      for (int i = 0; i < operands.length && excludedByAll != 0; i++) {
        excludedByAll &= ~operands[i].possible(classes, variable, excludedByAll, excluded);
      }
      return domain & ~excludedByAll;
    }

    @Override
    boolean exact() {
      return exact;
    }
  }

  static final class Choice extends ConditionNode {
    private final ConditionNode condition;
    private final ConditionNode then;
    private final ConditionNode otherwise;

    Choice(ConditionNode condition, ConditionNode then, ConditionNode otherwise) {
      this.condition = condition;
      this.then = then;
      this.otherwise = otherwise;
    }

    @Override
    int truth(int[] classes) {
      int decided = condition.truth(classes);
      if (decided == TRUE) {
        return then.truth(classes);
      }
      if (decided == FALSE) {
        return otherwise.truth(classes);
      }
      int one = then.truth(classes);
      return one != UNKNOWN && one == otherwise.truth(classes) ? one : UNKNOWN;
    }
  }

  /** A comparison, or any number taken as a condition, over too many states for a table. */
  static final class Arithmetic extends ConditionNode {
    private final NumberNode number;
    private final StateSpace space;
    private final int[] variables;

    Arithmetic(NumberNode number, StateSpace space, int[] variables) {
      this.number = number;
      this.space = space;
      this.variables = variables;
    }

    @Override
    int truth(int[] classes) {
      for (int variable : variables) {
        if (classes[variable] < 0) {
          return Completions.join(this, space, variables, classes);
        }
      }
      return number.value(classes) != 0 ? TRUE : FALSE;
    }
  }
}

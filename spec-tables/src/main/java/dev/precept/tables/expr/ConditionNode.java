package dev.precept.tables.expr;

/** A part of a compiled condition. Truth values are ints, for speed: 0, 1 and 2 for unknown. */
abstract class ConditionNode {
  static final int FALSE = 0;
  static final int TRUE = 1;
  static final int UNKNOWN = 2;

  /** FALSE, TRUE or UNKNOWN; never UNKNOWN if all variables have classes. */
  abstract int truth(int[] classes);

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
    boolean exact() {
      return operand.exact();
    }
  }

  /** Conjunction (deciding value FALSE) or disjunction (deciding value TRUE). */
  static final class Junction extends ConditionNode {
    private final int deciding;
    private final ConditionNode[] operands;

    Junction(int deciding, ConditionNode[] operands) {
      this.deciding = deciding;
      this.operands = operands;
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

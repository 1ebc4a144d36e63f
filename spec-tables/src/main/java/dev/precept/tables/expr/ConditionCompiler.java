package dev.precept.tables.expr;

import dev.precept.tables.Definition;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Turns expressions into {@link ConditionNode}s. */
final class ConditionCompiler {
  /** States, partial ones included, up to which a condition becomes a table. */
  private static final int TABLE_LIMIT = 2048;

  private final StateSpace space;
  private final Map<String, Definition> definitions;
  private final Map<String, ConditionNode> definedConditions = new HashMap<>();
  private final Map<String, NumberNode> definedNumbers = new HashMap<>();

  ConditionCompiler(StateSpace space, Map<String, Definition> definitions) {
    this.space = space;
    this.definitions = definitions;
  }

  CompiledCondition compile(Expr expr) {
    return new CompiledCondition(space, condition(expr), dependencies(expr));
  }

  private int[] dependencies(Expr expr) {
    return space.dependencies(expr).stream().mapToInt(Integer::intValue).toArray();
  }

  private ConditionNode condition(Expr expr) {
    int[] variables = dependencies(expr);
    int states = 1;
    for (int variable : variables) {
      states *= space.domainSize(variable) + 1;
      if (states > TABLE_LIMIT) {
        return composed(expr, variables);
      }
    }
    return table(number(expr), variables, states);
  }

  /** All states of a condition, from the complete ones down to the one that knows nothing. */
  private ConditionNode table(NumberNode number, int[] variables, int states) {
    int[] strides = new int[variables.length];
    int stride = 1;
    for (int i = 0; i < variables.length; i++) {
      strides[i] = stride;
      stride *= space.domainSize(variables[i]) + 1;
    }
    byte[] truths = new byte[states];
    int[] classes = space.unassigned();
    // A digit 0 stands for an unassigned variable; its assigned states have higher indices, so
    // they are known when it is reached.
    for (int state = states - 1; state >= 0; state--) {
      int unassigned = -1;
      for (int i = 0; i < variables.length; i++) {
        int digit = state / strides[i] % (space.domainSize(variables[i]) + 1);
        classes[variables[i]] = digit - 1;
        if (digit == 0) {
          unassigned = i;
        }
      }
      if (unassigned < 0) {
        truths[state] = (byte) (number.value(classes) != 0 ? 1 : 0);
      } else {
        int domain = space.domainSize(variables[unassigned]);
        truths[state] = join(truths, state, strides[unassigned], domain);
      }
    }
    if (truths[0] != ConditionNode.UNKNOWN) {
      return new ConditionNode.Constant(truths[0] == ConditionNode.TRUE);
    }
    return variables.length == 1
        ? new ConditionNode.OneVariable(variables[0], truths)
        : new ConditionNode.Table(variables, strides, truths);
  }

  private static byte join(byte[] truths, int state, int stride, int domain) {
    byte joined = truths[state + stride];
    for (int c = 2; c <= domain; c++) {
      if (truths[state + c * stride] != joined) {
        return ConditionNode.UNKNOWN;
      }
    }
    return joined;
  }

  private ConditionNode composed(Expr expr, int[] variables) {
    if (expr instanceof Expr.Name name && definitions.containsKey(name.name())) {
      ConditionNode known = definedConditions.get(name.name());
      if (known == null) {
        known = condition(definitions.get(name.name()).expression());
        definedConditions.put(name.name(), known);
      }
      return known;
    }
    if (expr instanceof Expr.Unary unary && unary.operator().equals("!")) {
      return new ConditionNode.Not(condition(unary.operand()));
    }
    if (expr instanceof Expr.Binary binary) {
      switch (binary.operator()) {
        case "&&" -> {
          return junction(expr, ConditionNode.FALSE);
        }
        case "||" -> {
          return junction(expr, ConditionNode.TRUE);
        }
        case "->" -> {
          return new ConditionNode.Junction(
              ConditionNode.TRUE,
              new ConditionNode[] {
                new ConditionNode.Not(condition(binary.left())), condition(binary.right())
              },
              apart(List.of(binary.left(), binary.right())));
        }
        default -> {}
      }
    }
    if (expr instanceof Expr.Choice choice) {
      return new ConditionNode.Choice(
          condition(choice.condition()), condition(choice.then()), condition(choice.otherwise()));
    }
    return new ConditionNode.Arithmetic(number(expr), space, variables);
  }

  private ConditionNode junction(Expr expr, int deciding) {
    String operator = deciding == ConditionNode.FALSE ? "&&" : "||";
    List<Expr> operands = new ArrayList<>();
    gather(expr, operator, operands);
    return new ConditionNode.Junction(
        deciding,
        operands.stream().map(this::condition).toArray(ConditionNode[]::new),
        apart(operands));
  }

  private static void gather(Expr expr, String operator, List<Expr> operands) {
    if (expr instanceof Expr.Binary binary && binary.operator().equals(operator)) {
      gather(binary.left(), operator, operands);
      gather(binary.right(), operator, operands);
    } else {
      operands.add(expr);
    }
  }

  /** Whether no two of {@code operands} depend on the same variable. */
  private boolean apart(List<Expr> operands) {
    BitSet seen = new BitSet();
    for (Expr operand : operands) {
      for (int variable : dependencies(operand)) {
        if (seen.get(variable)) {
          return false;
        }
        seen.set(variable);
      }
    }
    return true;
  }

  private NumberNode number(Expr expr) {
    if (expr instanceof Expr.Num number) {
      long value = number.value();
      return classes -> value;
    }
    if (expr instanceof Expr.Name name) {
      return name(name.name());
    }
    if (expr instanceof Expr.Unary unary) {
      NumberNode operand = number(unary.operand());
      return switch (unary.operator()) {
        case "!" -> classes -> operand.value(classes) == 0 ? 1 : 0;
        case "~" -> classes -> ~operand.value(classes);
        default -> classes -> -operand.value(classes);
      };
    }
    if (expr instanceof Expr.Binary binary) {
      return binary(binary.operator(), number(binary.left()), number(binary.right()));
    }
    if (expr instanceof Expr.Choice choice) {
      NumberNode condition = number(choice.condition());
      NumberNode then = number(choice.then());
      NumberNode otherwise = number(choice.otherwise());
      return c -> condition.value(c) != 0 ? then.value(c) : otherwise.value(c);
    }
    if (expr instanceof Expr.In in) {
      return membership(in);
    }
    if (expr instanceof Expr.Bits bits) {
      NumberNode operand = number(bits.operand());
      int high = bits.high();
      int low = bits.low();
      return classes -> Operators.bits(operand.value(classes), high, low);
    }
    throw new IllegalArgumentException("a condition cannot be undefined: '?'");
  }

  private NumberNode name(String name) {
    Definition definition = definitions.get(name);
    if (definition != null) {
      NumberNode known = definedNumbers.get(name);
      if (known == null) {
        known = number(definition.expression());
        definedNumbers.put(name, known);
      }
      return known;
    }
    int variable = space.indexOf(name);
    long[] numbers = space.numbersOf(variable);
    return classes -> numbers[classes[variable]];
  }

  private static NumberNode binary(String operator, NumberNode left, NumberNode right) {
    return switch (operator) {
      case "&&" -> c -> left.value(c) != 0 && right.value(c) != 0 ? 1 : 0;
      case "||" -> c -> left.value(c) != 0 || right.value(c) != 0 ? 1 : 0;
      case "->" -> c -> left.value(c) == 0 || right.value(c) != 0 ? 1 : 0;
      case "==" -> c -> left.value(c) == right.value(c) ? 1 : 0;
      case "!=" -> c -> left.value(c) != right.value(c) ? 1 : 0;
      case "<" -> c -> Long.compareUnsigned(left.value(c), right.value(c)) < 0 ? 1 : 0;
      case "<=" -> c -> Long.compareUnsigned(left.value(c), right.value(c)) <= 0 ? 1 : 0;
      case ">" -> c -> Long.compareUnsigned(left.value(c), right.value(c)) > 0 ? 1 : 0;
      case ">=" -> c -> Long.compareUnsigned(left.value(c), right.value(c)) >= 0 ? 1 : 0;
      case "|" -> c -> left.value(c) | right.value(c);
      case "^" -> c -> left.value(c) ^ right.value(c);
      case "&" -> c -> left.value(c) & right.value(c);
      case "<<" -> c -> Operators.shiftLeft(left.value(c), right.value(c));
      case ">>" -> c -> Operators.shiftRight(left.value(c), right.value(c));
      case "+" -> c -> left.value(c) + right.value(c);
      case "-" -> c -> left.value(c) - right.value(c);
      case "*" -> c -> left.value(c) * right.value(c);
      default -> throw new IllegalArgumentException("no operator " + operator);
    };
  }

  private NumberNode membership(Expr.In in) {
    NumberNode operand = number(in.operand());
    NumberNode[] elements = in.elements().stream().map(this::number).toArray(NumberNode[]::new);
    return classes -> {
      long value = operand.value(classes);
      for (NumberNode element : elements) {
        if (element.value(classes) == value) {
          return 1;
        }
      }
      return 0;
    };
  }
}

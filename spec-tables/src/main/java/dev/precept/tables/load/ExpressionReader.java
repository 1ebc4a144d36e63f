package dev.precept.tables.load;

import dev.precept.tables.Variable;
import dev.precept.tables.expr.Expr;
import dev.precept.tables.expr.ExprParser;
import dev.precept.tables.expr.ExprParser.NameUse;
import dev.precept.tables.expr.ExprParser.Parsed;
import dev.precept.tables.expr.ExprSyntaxException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Reads expressions out of cells: parses, turns class words into numbers, and reports names that
 * nothing gives.
 */
final class ExpressionReader {
  private final Scope scope;
  private final Problems problems;

  ExpressionReader(Scope scope, Problems problems) {
    this.scope = scope;
    this.problems = problems;
  }

  /** The condition in {@code cell}, TRUE if it is empty. */
  Expr condition(Cell cell) {
    return cell.isEmpty() ? Expr.TRUE : read(cell, false);
  }

  /** The value in {@code cell}, undefined if it is empty. */
  Expr value(Cell cell) {
    return cell.isEmpty() ? new Expr.Undefined() : read(cell, true);
  }

  /** Checks the value in {@code cell}, which must be there. */
  void check(Cell cell) {
    Expr unused = read(cell, true);
  }

  private Expr read(Cell cell, boolean concrete) {
    Parsed parsed;
    try {
      parsed = ExprParser.parseFully(cell.text());
    } catch (ExprSyntaxException e) {
      problems.error(cell, e.offset(), e.getMessage());
      return Expr.TRUE;
    }
    parsed.remarks().forEach(r -> problems.warning(cell, r.offset(), r.message()));
    return new Resolution(cell, concrete, parsed.names().iterator()).resolve(parsed.expr());
  }

  /** One expression's names, resolved in the order of its text. */
  private final class Resolution {
    private final Cell cell;
    private final boolean concrete;
    private final Iterator<NameUse> uses;

    Resolution(Cell cell, boolean concrete, Iterator<NameUse> uses) {
      this.cell = cell;
      this.concrete = concrete;
      this.uses = uses;
    }

    Expr resolve(Expr expr) {
      if (expr instanceof Expr.Name) {
        NameUse use = uses.next();
        known(use);
        ordered(use);
        return expr;
      }
      if (expr instanceof Expr.Unary unary) {
        return new Expr.Unary(unary.operator(), resolve(unary.operand()));
      }
      if (expr instanceof Expr.Binary binary) {
        boolean equality = binary.operator().equals("==") || binary.operator().equals("!=");
        return equality
            ? equality(binary)
            : new Expr.Binary(binary.operator(), resolve(binary.left()), resolve(binary.right()));
      }
      if (expr instanceof Expr.Choice choice) {
        return new Expr.Choice(
            resolve(choice.condition()), resolve(choice.then()), resolve(choice.otherwise()));
      }
      if (expr instanceof Expr.In in) {
        return membership(in);
      }
      if (expr instanceof Expr.Bits bits) {
        return new Expr.Bits(resolve(bits.operand()), bits.high(), bits.low());
      }
      if (expr instanceof Expr.Undefined && !concrete) {
        problems.error(cell, "a condition cannot be undefined: '?' is for values");
      }
      return expr;
    }

    private Expr equality(Expr.Binary binary) {
      Variable left = variable(binary.left());
      Variable right = variable(binary.right());
      boolean wordOnLeft = left == null && right != null && binary.left() instanceof Expr.Name;
      if (wordOnLeft && !isKnown(((Expr.Name) binary.left()).name(), right)) {
        return new Expr.Binary(
            binary.operator(), word(uses.next(), right), subject(binary.right()));
      }
      Expr resolvedLeft = left == null ? resolve(binary.left()) : subject(binary.left());
      if (left != null && binary.right() instanceof Expr.Name name && !isKnown(name.name(), left)) {
        return new Expr.Binary(binary.operator(), resolvedLeft, word(uses.next(), left));
      }
      if (left != null) {
        number(binary.right(), left);
      }
      if (right != null) {
        number(binary.left(), right);
      }
      return new Expr.Binary(
          binary.operator(),
          resolvedLeft,
          right == null ? resolve(binary.right()) : subject(binary.right()));
    }

    private Expr membership(Expr.In in) {
      Variable variable = variable(in.operand());
      if (variable == null) {
        return new Expr.In(
            resolve(in.operand()), in.elements().stream().map(this::resolve).toList());
      }
      Expr operand = subject(in.operand());
      List<Expr> elements = new ArrayList<>();
      for (Expr element : in.elements()) {
        boolean word = element instanceof Expr.Name name && !isKnown(name.name(), variable);
        number(element, variable);
        elements.add(word ? word(uses.next(), variable) : resolve(element));
      }
      return new Expr.In(operand, elements);
    }

    /** Whether {@code name} beside {@code variable} is a name of its own and not a class. */
    private boolean isKnown(String name, Variable variable) {
      return variable.indexOf(name) < 0
          && (scope.isState(name) || (concrete && scope.isConcrete(name)));
    }

    private Variable variable(Expr expr) {
      return expr instanceof Expr.Name name ? scope.variables.get(name.name()) : null;
    }

    /** A variable that is compared with its classes. */
    private Expr subject(Expr expr) {
      known(uses.next());
      return expr;
    }

    private Expr word(NameUse use, Variable variable) {
      int index = variable.indexOf(use.name());
      if (index >= 0) {
        return new Expr.Num(variable.values().get(index).number());
      }
      problems.unknownName(
          cell,
          use.offset(),
          use.name(),
          "'" + use.name() + "' is not a class of " + variable.name(),
          variable.values().stream().map(Variable.Value::name).toList());
      return Expr.FALSE;
    }

    private void number(Expr expr, Variable variable) {
      if (expr instanceof Expr.Num && Domains.isWords(variable)) {
        problems.error(
            cell,
            Math.max(0, cell.text().indexOf(variable.name())),
            "the classes of " + variable.name() + " are words, not numbers");
      }
    }

    private void known(NameUse use) {
      scope.used.add(use.name());
      if (scope.isState(use.name()) || (concrete && scope.isConcrete(use.name()))) {
        return;
      }
      if (scope.isConcrete(use.name())) {
        problems.error(
            cell,
            use.offset(),
            "'" + use.name() + "' is concrete state; conditions know only state variables");
        return;
      }
      problems.unknownName(
          cell,
          use.offset(),
          use.name(),
          "no variable or definition '" + Problems.shown(use.name()) + "'",
          scope.names(concrete));
    }

    private void ordered(NameUse use) {
      Variable variable = scope.variables.get(use.name());
      if (variable != null && Domains.isWords(variable)) {
        problems.error(
            cell,
            use.offset(),
            "the classes of "
                + variable.name()
                + " are words: they can be compared with ==, != and in, and have no other value");
      }
    }
  }
}

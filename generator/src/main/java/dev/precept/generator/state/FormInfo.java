package dev.precept.generator.state;

import dev.precept.tables.Check;
import dev.precept.tables.ExitControl;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import dev.precept.tables.expr.Expr;
import dev.precept.tables.expr.Names;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What is worked out once a form.
 *
 * @param tokens encoding template, split
 * @param relevant names of the state variables that the form mentions anywhere, through definitions
 *     and the exits it can take
 */
public record FormInfo(InstructionForm form, List<String> tokens, Set<String> relevant) {
  /** What {@code tables} say about {@code form}. */
  public static FormInfo of(Tables tables, InstructionForm form) {
    Set<String> names = new LinkedHashSet<>(form.vary());
    add(tables, form.gate(), names);
    add(tables, form.operand().size(), names);
    form.fixed().forEach(fixed -> add(tables, fixed, names));
    form.effects().forEach(effect -> add(tables, effect.value(), names));
    for (String id : form.order().checks()) {
      Check check = tables.check(form, id);
      add(tables, check.condition(), names);
      check.writes().forEach(effect -> add(tables, effect.value(), names));
      if (check.result() instanceof Check.Fault fault) {
        fault.errorCode().ifPresent(code -> add(tables, code, names));
      } else if (check.result() instanceof Check.Event event) {
        add(tables, event.information(), names);
      } else if (check.result() instanceof Check.Exit exit) {
        ExitControl control = tables.exits().get(exit.exit());
        control.infos().forEach(info -> add(tables, info.value(), names));
      }
    }
    names.retainAll(tables.variables().keySet());
    return new FormInfo(form, List.of(form.encoding().strip().split("\\s+")), Set.copyOf(names));
  }

  /** The same where these variables are relevant to every form. */
  FormInfo with(Set<String> more) {
    Set<String> all = new LinkedHashSet<>(relevant);
    all.addAll(more);
    return new FormInfo(form, tokens, Set.copyOf(all));
  }

  private static void add(Tables tables, Expr expr, Set<String> names) {
    names.addAll(Names.referencedNames(expr, tables.definitions()));
  }

  /** Whether the encoding has {@code token}. */
  public boolean has(String token) {
    return tokens.contains(token);
  }
}

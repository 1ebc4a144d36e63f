package dev.precept.tables.text;

import dev.precept.tables.Check;
import dev.precept.tables.Citation;
import dev.precept.tables.Definition;
import dev.precept.tables.Effect;
import dev.precept.tables.ExitControl;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import dev.precept.tables.expr.Expr;
import dev.precept.tables.expr.Names;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** Renders tables for {@code precept tables show} and {@code explain}. */
public final class TablesText {
  private static final int INDENT = 4;
  private static final int LABEL = 16;

  private final Tables tables;
  private final Notation notation;
  private final Style style;
  private final int width;

  /**
   * @param width columns of the terminal; nothing that can be broken is longer
   */
  public TablesText(Tables tables, Style style, int width) {
    this.tables = tables;
    this.notation = new Notation(tables);
    this.style = style;
    this.width = width;
  }

  /** Every instruction form with its order in one line, or several on a narrow terminal. */
  public String show() {
    Lines lines = new Lines(width);
    lines.line(style.strong(tables.vendorName()));
    lines.wrapped(
        0,
        count(tables.forms().size(), "instruction form")
            + ", "
            + count(tables.exits().size(), "exit control")
            + ", "
            + count(tables.checks().size(), "exception check")
            + ", "
            + count(tables.variables().size(), "state variable")
            + ", "
            + count(tables.constraints().size(), "constraint"),
        style::dim);
    String file = "";
    int indent = 2 + longestId() + 2;
    for (InstructionForm form : tables.forms()) {
      if (!form.origin().file().equals(file)) {
        file = form.origin().file();
        lines.blank();
        lines.line(style.dim(file));
      }
      lines.hanging(
          "  " + style.strong(form.id()),
          2 + form.id().length(),
          indent,
          order(form),
          UnaryOperator.identity());
    }
    return lines.toString();
  }

  /**
   * Everything the tables say of {@code instruction}, all forms; empty text if they do not have it.
   *
   * @param instruction slug of an instruction ({@code lmsw}) or form ({@code lmsw.mem})
   */
  public String explain(String instruction) {
    List<InstructionForm> forms =
        tables.forms().stream()
            .filter(f -> f.instruction().equals(instruction) || f.id().equals(instruction))
            .toList();
    Lines lines = new Lines(width);
    for (InstructionForm form : forms) {
      form(form, lines);
    }
    if (!forms.isEmpty()) {
      documents(forms, lines);
    }
    return lines.toString();
  }

  /** Slugs of the instructions there are, in table order. */
  public List<String> instructions() {
    Set<String> slugs = new LinkedHashSet<>();
    tables.forms().forEach(form -> slugs.add(form.instruction()));
    return List.copyOf(slugs);
  }

  private String order(InstructionForm form) {
    List<String> groups = new ArrayList<>();
    for (List<String> group : form.order().groups()) {
      String joined = group.stream().map(form.order()::written).collect(Collectors.joining(" "));
      groups.add(group.size() > 1 ? style.open("{" + joined + "}") : joined);
    }
    return groups.isEmpty() ? "no checks" : String.join(" > ", groups);
  }

  private void form(InstructionForm form, Lines lines) {
    lines.line(style.strong(form.mnemonic()) + "  " + style.dim(tables.vendorName()));
    field("id", form.id(), lines);
    field("encoding", form.encoding(), lines);
    field("modes", Notation.modes(form), lines);
    if (!form.gate().equals(Expr.TRUE)) {
      field("exists if", notation.expr(form.gate()), lines);
    }
    field("memory operand", notation.operand(form.operand()), lines);
    field("varied", String.join(" ", form.vary()), lines);
    field("fixed", String.join("; ", form.fixed().stream().map(notation::expr).toList()), lines);
    field("source", Notation.cited(form.citation()), lines);
    field("row", form.origin().toString(), lines);
    checks(form, lines);
    exits(form, lines);
    effects(form, lines);
    definitions(form, lines);
    lines.blank();
  }

  private void field(String label, String text, Lines lines) {
    if (!text.isEmpty()) {
      lines.hanging("  " + label, 2 + LABEL, text, UnaryOperator.identity());
    }
  }

  private void checks(InstructionForm form, Lines lines) {
    lines.blank();
    lines.line("  " + style.strong("Checks, highest priority first"));
    int number = 1;
    for (List<String> group : form.order().groups()) {
      boolean open = group.size() > 1;
      if (open) {
        lines.line(
            number(number)
                + style.open(
                    "the order of these " + group.size() + " is open: no source settles it"));
      }
      for (String id : group) {
        check(tables.check(form, id), open ? " ".repeat(INDENT) + "- " : number(number), lines);
        if (form.order().optional(id)) {
          lines.wrapped(
              INDENT + 4, "no source settles whether this check is made at all", style::open);
        }
      }
      number++;
    }
    lines.line(number(number) + "no check fires: the instruction completes");
  }

  private static String number(int number) {
    return String.format("%" + INDENT + "d. ", number);
  }

  private void check(Check check, String lead, Lines lines) {
    String result = notation.result(check);
    int indent = INDENT + 4;
    if (lead.length() + check.id().length() + 2 + result.length() <= width) {
      lines.line(lead + style.dim(check.id()) + "  " + style.strong(result));
    } else {
      lines.line(lead + style.dim(check.id()));
      lines.wrapped(indent, result, style::strong);
    }
    lines.flowing(indent, indent + 3, "if " + notation.expr(check.condition()));
    if (!check.meaning().isEmpty()) {
      lines.wrapped(indent, check.meaning(), UnaryOperator.identity());
    }
    for (Effect effect : check.writes()) {
      lines.wrapped(indent, "writes " + effect(effect), UnaryOperator.identity());
    }
    lines.wrapped(indent, Notation.cited(check.citation()), citationStyle(check.citation()));
  }

  private UnaryOperator<String> citationStyle(Citation citation) {
    return citation.provenance() == Citation.Provenance.MANUAL ? style::dim : style::open;
  }

  private void exits(InstructionForm form, Lines lines) {
    Map<String, ExitControl> exits = new LinkedHashMap<>();
    for (String id : form.order().checks()) {
      if (tables.check(form, id).result() instanceof Check.Exit exit) {
        ExitControl control = tables.exits().get(exit.exit());
        if (control != null) {
          exits.putIfAbsent(control.id(), control);
        }
      }
    }
    if (exits.isEmpty()) {
      return;
    }
    lines.blank();
    lines.line("  " + style.strong(exits.size() == 1 ? "Exit" : "Exits"));
    for (ExitControl exit : exits.values()) {
      lines.wrapped(
          INDENT,
          exit.codeName()
              + " "
              + Notation.hex(exit.code(), 2)
              + exit.control()
                  .map(bit -> ", control " + notation.place(bit) + " (icpt." + exit.id() + ")")
                  .orElse(", no control bit of its own"),
          UnaryOperator.identity());
      if (!exit.gate().equals(Expr.TRUE)) {
        detail("exists if", notation.expr(exit.gate()), lines);
      }
      for (ExitControl.Info info : exit.infos()) {
        detail(info.name(), notation.expr(info.value()), lines);
      }
      lines.wrapped(INDENT + 2, Notation.cited(exit.citation()), citationStyle(exit.citation()));
    }
  }

  private void detail(String label, String text, Lines lines) {
    lines.hanging(" ".repeat(INDENT + 2) + label, INDENT + 2 + 12, text, UnaryOperator.identity());
  }

  private void effects(InstructionForm form, Lines lines) {
    lines.blank();
    lines.line("  " + style.strong("When it completes"));
    if (form.effects().isEmpty()) {
      lines.line(" ".repeat(INDENT) + "nothing changes but rIP");
    }
    for (Effect effect : form.effects()) {
      lines.wrapped(INDENT, effect(effect), UnaryOperator.identity());
    }
  }

  private String effect(Effect effect) {
    return effect.target() + " := " + notation.expr(effect.value());
  }

  /** What the names in conditions stand for. */
  private void definitions(InstructionForm form, Lines lines) {
    Set<String> names = new LinkedHashSet<>();
    for (String id : form.order().checks()) {
      names.addAll(Names.reachable(tables.check(form, id).condition(), tables.definitions()));
    }
    names.retainAll(tables.definitions().keySet());
    if (names.isEmpty()) {
      return;
    }
    lines.blank();
    lines.line("  " + style.strong("Where"));
    for (String name : names) {
      Definition definition = tables.definitions().get(name);
      String meaning = definition.meaning().isEmpty() ? "" : " (" + definition.meaning() + ")";
      lines.flowing(
          INDENT, INDENT + 4, name + " = " + notation.expr(definition.expression()) + meaning);
    }
  }

  private void documents(List<InstructionForm> forms, Lines lines) {
    Set<String> keys = new LinkedHashSet<>();
    for (InstructionForm form : forms) {
      keys.addAll(keys(form.citation()));
      for (String id : form.order().checks()) {
        keys.addAll(keys(tables.check(form, id).citation()));
      }
    }
    lines.line("Sources");
    for (String key : keys) {
      String title = tables.documents().getOrDefault(key, "");
      lines.hanging("  " + key, 2 + 8, title, style::dim);
    }
  }

  private static List<String> keys(Citation citation) {
    List<String> keys = new ArrayList<>();
    for (String part : citation.text().split(";")) {
      keys.add(part.strip().split(" ", 2)[0]);
    }
    return keys;
  }

  private int longestId() {
    return tables.forms().stream().mapToInt(form -> form.id().length()).max().orElse(0);
  }

  private static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }
}

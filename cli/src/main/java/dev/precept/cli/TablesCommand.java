package dev.precept.cli;

import dev.precept.report.CheckText;
import dev.precept.tables.Check;
import dev.precept.tables.Citation;
import dev.precept.tables.ExitControl;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Mode;
import dev.precept.tables.Tables;
import dev.precept.tables.Variable;
import dev.precept.tables.expr.Expr;
import dev.precept.tables.load.LoadResult;
import dev.precept.tables.load.Problem;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "tables",
    description = "Check, list or explain the tables that all tests come from.",
    subcommands = {
      TablesCommand.CheckCommand.class,
      TablesCommand.ShowCommand.class,
      TablesCommand.ExplainCommand.class
    })
final class TablesCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  @Command(
      name = "check",
      description = {
        "Read all tables and tell everything that is wrong with them, in one run, as "
            + "FILE:LINE:COLUMN: what is wrong.",
        "Exit status 2 if there is an error; warnings alone give 0."
      })
  static final class CheckCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private TableOptions tables;

    @Override
    public Integer call() throws IOException {
      PrintWriter out = spec.commandLine().getOut();
      boolean ok = true;
      for (Map.Entry<String, LoadResult> entry : tables.load().entrySet()) {
        LoadResult result = entry.getValue();
        for (Problem problem : result.problems()) {
          out.println(problem);
        }
        ok &= result.ok();
        String counts =
            result
                .tables()
                .map(
                    t ->
                        Wording.count(t.forms().size(), "instruction form")
                            + ", "
                            + Wording.count(t.checks().size(), "exception check")
                            + ", "
                            + Wording.count(t.exits().size(), "exit")
                            + ", "
                            + Wording.count(t.variables().size(), "state variable")
                            + "; ")
                .orElse("");
        out.println(
            entry.getKey()
                + ": "
                + counts
                + Wording.count(result.errors().size(), "error")
                + ", "
                + Wording.count(result.warnings().size(), "warning"));
      }
      return ok ? ExitStatus.HOLDS : ExitStatus.USAGE;
    }
  }

  /** What {@code tables show} lists. */
  enum Topic {
    INSTRUCTIONS,
    CHECKS,
    EXITS,
    VARIABLES;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Command(name = "show", description = "List what the tables hold, a line for each row.")
  static final class ShowCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private TableOptions tables;

    @Parameters(
        arity = "0..1",
        paramLabel = "WHAT",
        defaultValue = "INSTRUCTIONS",
        description = "One of ${COMPLETION-CANDIDATES}. Default: instructions.")
    private Topic topic;

    @Override
    public Integer call() throws IOException {
      for (Tables vendor : tables.tables()) {
        List<List<String>> rows =
            switch (topic) {
              case INSTRUCTIONS -> instructions(vendor);
              case CHECKS -> checks(vendor);
              case EXITS -> exits(vendor);
              case VARIABLES -> variables(vendor);
            };
        Columns.print(spec.commandLine().getOut(), rows);
      }
      return ExitStatus.HOLDS;
    }

    private static List<List<String>> instructions(Tables tables) {
      return tables.forms().stream()
          .map(
              form ->
                  List.of(
                      tables.vendor() + "/" + form.id(),
                      form.mnemonic(),
                      form.encoding(),
                      order(form)))
          .toList();
    }

    private static List<List<String>> checks(Tables tables) {
      CheckText text = new CheckText(tables);
      return tables.checks().values().stream()
          .map(
              check ->
                  List.of(
                      check.id(),
                      text.result(check),
                      text.condition(check.condition()),
                      check.citation().text()))
          .toList();
    }

    private static List<List<String>> exits(Tables tables) {
      CheckText text = new CheckText(tables);
      List<List<String>> rows = new ArrayList<>();
      for (ExitControl exit : tables.exits().values()) {
        rows.add(
            List.of(
                exit.id(),
                exit.codeName(),
                String.format("%Xh", exit.code()),
                String.format("%03Xh bit %d", exit.offset(), exit.bit()),
                text.condition(exit.condition()),
                exit.citation().text()));
      }
      return rows;
    }

    private static List<List<String>> variables(Tables tables) {
      return tables.variables().values().stream()
          .map(
              v ->
                  List.of(
                      v.name(),
                      v.values().stream()
                          .map(Variable.Value::name)
                          .collect(Collectors.joining(" ")),
                      v.place(),
                      v.meaning()))
          .toList();
    }
  }

  private static String order(InstructionForm form) {
    return form.order().groups().stream()
        .map(group -> group.size() == 1 ? group.get(0) : "{" + String.join(" ", group) + "}")
        .collect(Collectors.joining(" > "));
  }

  @Command(
      name = "explain",
      description =
          "Tell everything the tables say about an instruction: encoding, modes and its checks in "
              + "order, each with its condition and its place in the manual.")
  static final class ExplainCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private TableOptions tables;

    @Parameters(
        paramLabel = "INSTRUCTION",
        description = "An instruction such as rdtsc, or one form of it such as lmsw.mem.")
    private String wanted;

    @Override
    public Integer call() throws IOException {
      List<Tables> all = tables.tables();
      PrintWriter out = spec.commandLine().getOut();
      boolean found = false;
      for (Tables vendor : all) {
        for (InstructionForm form : vendor.forms()) {
          if (isWanted(form)) {
            if (found) {
              out.println();
            }
            explain(out, vendor, form);
            found = true;
          }
        }
      }
      if (!found) {
        List<String> names =
            all.stream()
                .flatMap(t -> t.forms().stream())
                .flatMap(form -> List.of(form.instruction(), form.id()).stream())
                .distinct()
                .toList();
        throw UserException.usage(
            "the tables have no instruction '" + wanted + "'" + Wording.nearest(wanted, names));
      }
      return ExitStatus.HOLDS;
    }

    private boolean isWanted(InstructionForm form) {
      return form.instruction().equalsIgnoreCase(wanted)
          || form.id().equalsIgnoreCase(wanted)
          || form.mnemonic().equalsIgnoreCase(wanted);
    }

    private static void explain(PrintWriter out, Tables tables, InstructionForm form) {
      CheckText text = new CheckText(tables);
      out.println(form.mnemonic() + "  (" + tables.vendorName() + ", " + form.id() + ")");
      List<List<String>> facts = new ArrayList<>();
      facts.add(List.of("  encoding", form.encoding()));
      facts.add(
          List.of(
              "  modes",
              form.modes().stream().sorted().map(Mode::word).collect(Collectors.joining(" "))));
      if (!form.gate().equals(Expr.TRUE)) {
        facts.add(List.of("  gate", text.expression(form.gate())));
      }
      facts.add(List.of("  source", source(form.citation())));
      facts.add(List.of("  row", form.origin().toString()));
      Columns.print(out, facts);
      out.println("  checks, highest priority first:");
      int rank = 1;
      for (List<String> group : form.order().groups()) {
        if (group.size() > 1) {
          out.println("    order open among the next " + group.size() + ":");
        }
        for (String id : group) {
          Check check = tables.check(form, id);
          out.println(String.format("    %2d. %-18s %s", rank++, id, text.result(check)));
          line(out, "if", text.condition(check.condition()));
          line(out, "that is", check.meaning());
          line(out, "source", source(check.citation()));
        }
      }
      out.println("        otherwise it completes");
    }

    private static void line(PrintWriter out, String name, String value) {
      if (!value.isEmpty()) {
        out.println("        " + name + " " + value);
      }
    }

    private static String source(Citation citation) {
      String provenance =
          citation.provenance() == Citation.Provenance.MANUAL
              ? ""
              : " (" + citation.provenance().name().toLowerCase(Locale.ROOT) + ")";
      return citation.text()
          + provenance
          + (provenance.isEmpty() || citation.note().isEmpty() ? "" : ": " + citation.note());
    }
  }
}

package dev.precept.cli;

import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import dev.precept.tables.compare.ComparisonText;
import dev.precept.tables.compare.OrderComparison;
import dev.precept.tables.load.LoadResult;
import dev.precept.tables.load.Problem;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
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

  @Command(
      name = "show",
      description = "List every instruction form with its checks in order, highest priority first.")
  static final class ShowCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private TableOptions tables;

    @Override
    public Integer call() throws IOException {
      for (Tables vendor : tables.tables()) {
        spec.commandLine().getOut().print(Terminal.text(vendor).show());
      }
      spec.commandLine().getOut().flush();
      return ExitStatus.HOLDS;
    }
  }

  @Command(
      name = "explain",
      description =
          "Tell everything the tables say about an instruction: encoding, modes and its checks in "
              + "order, each with its condition and its place in the manual; how many tests that gives; "
              + "and, where several vendors have it, their orders next to each other.")
  static final class ExplainCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private TableOptions tables;

    @Parameters(
        paramLabel = "INSTRUCTION",
        description = "An instruction such as rdtsc, or one form of it such as lmsw.mem.")
    private String wanted;

    @Override
    public Integer call() throws IOException {
      String name = wanted.toLowerCase(Locale.ROOT);
      List<Tables> vendors = tables.tables();
      StringBuilder explained = new StringBuilder();
      List<String> told = vendors.parallelStream().map(vendor -> explained(vendor, name)).toList();
      told.forEach(explained::append);
      if (explained.isEmpty()) {
        List<String> names =
            vendors.stream()
                .flatMap(vendor -> Terminal.text(vendor).instructions().stream())
                .toList();
        throw UserException.usage(
            "the tables have no instruction '" + wanted + "'" + Wording.nearest(wanted, names));
      }
      spec.commandLine().getOut().print(explained.append(compared(vendors, name)));
      spec.commandLine().getOut().flush();
      return ExitStatus.HOLDS;
    }

    /** What one vendor's tables say of {@code name}, and how many tests that gives. */
    private static String explained(Tables vendor, String name) {
      String told = Terminal.text(vendor).explain(name);
      return told.isEmpty() ? "" : told + TestsText.of(vendor, form -> named(form, name)) + "\n";
    }

    private static boolean named(InstructionForm form, String name) {
      return form.instruction().equals(name) || form.id().equals(name);
    }

    /** Each two vendors' orders of what both have, next to each other. */
    private static String compared(List<Tables> vendors, String name) {
      String instruction = name.split("\\.", 2)[0];
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < vendors.size(); i++) {
        for (Tables other : vendors.subList(i + 1, vendors.size())) {
          for (OrderComparison one : OrderComparison.of(vendors.get(i), other, instruction)) {
            if (name.equals(instruction) || name.equals(one.left().form())) {
              text.append(ComparisonText.of(one, Terminal.style(), Terminal.width()));
            }
          }
        }
      }
      return text.toString();
    }
  }
}

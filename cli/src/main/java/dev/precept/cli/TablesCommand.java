package dev.precept.cli;

import dev.precept.tables.Tables;
import dev.precept.tables.load.LoadResult;
import dev.precept.tables.load.Problem;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
      Optional<String> known =
          tables.folders().isEmpty()
              ? Explanations.of(
                  tables.sources().get(0),
                  tables.vendors(),
                  name,
                  Terminal.style(),
                  Terminal.width())
              : Optional.empty();
      spec.commandLine().getOut().print(known.isPresent() ? known.get() : explained(name));
      spec.commandLine().getOut().flush();
      return ExitStatus.HOLDS;
    }

    private String explained(String name) throws IOException {
      List<Tables> vendors = tables.tables();
      Explanation explanation = new Explanation(Terminal.style(), Terminal.width());
      String explained =
          vendors.parallelStream()
              .map(vendor -> explanation.of(vendor, name))
              .collect(Collectors.joining());
      if (explained.isEmpty()) {
        List<String> names =
            vendors.stream()
                .flatMap(vendor -> Terminal.text(vendor).instructions().stream())
                .toList();
        throw UserException.usage(
            "the tables have no instruction '" + wanted + "'" + Wording.nearest(wanted, names));
      }
      return explained + explanation.compared(vendors, name);
    }
  }
}

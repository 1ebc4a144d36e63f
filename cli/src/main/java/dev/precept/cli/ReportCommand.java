package dev.precept.cli;

import dev.precept.report.HtmlReport;
import dev.precept.report.Narrative;
import dev.precept.report.ResultLog;
import dev.precept.report.Run;
import dev.precept.tables.Tables;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "report",
    description = {
      "Make the report of earlier runs again: of one, or of several subjects side by side.",
      "Writes index.html into DIR. Exit status as of the runs it shows."
    })
final class ReportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private TableOptions tables;

  @Parameters(
      arity = "1..*",
      paramLabel = "RESULTS",
      description = "results.jsonl files, or folders that hold one.")
  private List<Path> files;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "target/precept/report",
      description = "Where to write to. Default: ${DEFAULT-VALUE}.")
  private Path folder;

  @Override
  public Integer call() throws IOException {
    List<Run> runs = new ArrayList<>();
    for (Path file : files) {
      runs.add(read(file));
    }
    List<Tables> all = tables.tables();
    PrintWriter out = spec.commandLine().getOut();
    HtmlReport.write(folder.resolve("index.html"), runs, all);
    for (Run run : runs) {
      out.println(run.summary().info().subject() + ": " + Narrative.conclusion(run.summary()));
      out.println("  pairs: " + Narrative.pairSum(run.summary()));
    }
    out.println("report: " + folder.resolve("index.html"));
    return runs.stream().mapToInt(run -> Judgement.status(run.summary())).max().orElseThrow();
  }

  /** The run in {@code file}, or in the folder {@code file}. */
  static Run read(Path file) throws IOException {
    Path results = Files.isDirectory(file) ? file.resolve("results.jsonl") : file;
    if (!Files.isRegularFile(results)) {
      throw UserException.usage("there are no results at " + results);
    }
    return ResultLog.read(results);
  }
}

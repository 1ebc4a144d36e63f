package dev.precept.cli;

import dev.precept.report.HtmlReport;
import dev.precept.report.Narrative;
import dev.precept.report.OutputFile;
import dev.precept.report.ResultLog;
import dev.precept.report.Run;
import dev.precept.report.Shards;
import dev.precept.tables.Tables;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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
      "Writes index.html into DIR. Exit status as of the runs it shows.",
      "Of the shards of one run, given together, makes that run: DIR then gets all that the gate "
          + "writes (target/precept unless told otherwise)."
    })
final class ReportCommand implements Callable<Integer> {
  private static final Path USUAL_FOLDER = Path.of("target/precept/report");

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
    if (Shards.areParts(runs)) {
      return merge(runs, all);
    }
    PrintWriter out = spec.commandLine().getOut();
    OutputFile.removeLeftovers(folder);
    HtmlReport.write(folder.resolve("index.html"), runs, all);
    for (Run run : runs) {
      out.println(run.summary().info().subject() + ": " + Narrative.conclusion(run.summary()));
      out.println("  pairs: " + Narrative.pairSum(run.summary()));
    }
    out.println("report: " + folder.resolve("index.html"));
    return runs.stream().mapToInt(run -> Judgement.status(run.summary())).max().orElseThrow();
  }

  /** Writes what one run of all parts would have left, below the folder. */
  private int merge(List<Run> parts, List<Tables> all) throws IOException {
    Run run;
    try {
      run = Shards.merge(parts);
    } catch (Shards.MismatchException e) {
      throw UserException.usage(e.getMessage());
    }
    boolean usual = folder.equals(USUAL_FOLDER);
    Outputs outputs = new Outputs(usual ? USUAL_FOLDER.getParent() : folder, tables.folders());
    outputs.clear();
    ResultLog.write(outputs.results(), run);
    outputs.write(run, all);
    List<Integer> missing = Shards.missing(parts);
    if (!missing.isEmpty()) {
      spec.commandLine()
          .getErr()
          .println(
              "precept: parts are missing, and so the run did not finish: "
                  + missing.stream().map(String::valueOf).collect(Collectors.joining(", ")));
    }
    GateText.print(spec.commandLine().getOut(), run, outputs, Optional.empty());
    spec.commandLine().getOut().flush();
    return Judgement.status(run.summary());
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

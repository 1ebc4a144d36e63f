package dev.precept.cli;

import dev.precept.generator.Generator;
import dev.precept.generator.plan.Plan;
import dev.precept.generator.render.SourceFolder;
import dev.precept.generator.render.SourceRenderer;
import dev.precept.generator.vectors.VectorWriter;
import dev.precept.tables.Tables;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "generate",
    description = {
      "Write the tests as files: JUnit sources to read or to keep, or JSON test vectors for projects "
          + "without Java (docs/vectors.md).",
      "A file that would not change is not touched."
    })
final class GenerateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private TableOptions tables;
  @Mixin private Instructions instructions;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "The folder to write below; for JUnit sources, packages become folders.")
  private Path folder;

  /** What the tests are written as. */
  enum Format {
    junit,
    vectors
  }

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "junit",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Format format = Format.junit;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    SourceRenderer.readEarly();
    List<Tables> all = tables.tables();
    instructions.check(all);
    for (Tables vendor : all) {
      switch (format) {
        case junit -> sources(vendor, out);
        case vectors -> vectors(vendor, out);
      }
    }
    out.println("written below " + folder);
    return ExitStatus.HOLDS;
  }

  private void sources(Tables vendor, PrintWriter out) throws IOException {
    SourceFolder.Update update = new SourceFolder(folder).begin();
    Plan plan;
    try {
      plan = new Generator(vendor).sources(instructions::wanted, update::put);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    SourceFolder.Changes changes = update.finish(instructions.all(), Set.of());
    out.println(
        vendor.vendor()
            + ": "
            + Wording.count(plan.cases().size(), "case")
            + "; "
            + files(changes.written().size(), changes.unchanged(), changes.removed().size()));
  }

  private void vectors(Tables vendor, PrintWriter out) throws IOException {
    VectorWriter.Written written =
        new VectorWriter(vendor)
            .write(folder, instructions::wanted, tables.hash(), instructions.all());
    for (String id : written.unbuildable()) {
      spec.commandLine().getErr().println("precept: no state realises " + id + "; left out");
    }
    out.println(
        vendor.vendor()
            + ": "
            + Wording.count(written.vectors(), "vector")
            + " of "
            + Wording.count(written.cases(), "case")
            + "; "
            + files(written.written(), written.unchanged(), written.removed()));
  }

  private static String files(int written, int unchanged, int removed) {
    return Wording.count(written, "file")
        + " written, "
        + unchanged
        + " unchanged, "
        + removed
        + " removed";
  }
}

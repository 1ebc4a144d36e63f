package dev.precept.cli;

import dev.precept.generator.Generator;
import dev.precept.generator.plan.Plan;
import dev.precept.generator.render.SourceFolder;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "generate",
    description = {
      "Write the tests as JUnit sources, to read or to keep.",
      "A file that would not change is not touched."
    })
final class GenerateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private TableOptions tables;

  @Option(
      names = "--instruction",
      paramLabel = "NAME",
      description = "Only this instruction, such as rdtsc, or form, such as lmsw.mem. Repeatable.")
  private List<String> instructions = new ArrayList<>();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "The source root to write below; packages become folders.")
  private Path folder;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    List<Tables> all = tables.tables();
    Selection.checkInstructions(instructions, all);
    Predicate<InstructionForm> wanted =
        form ->
            instructions.isEmpty()
                || instructions.contains(form.instruction())
                || instructions.contains(form.id());
    for (Tables vendor : all) {
      Generator generator = new Generator(vendor);
      Plan plan = generator.plan(wanted);
      SourceFolder.Changes changes = generator.write(plan, folder, instructions.isEmpty());
      out.println(
          vendor.vendor()
              + ": "
              + Wording.count(plan.cases().size(), "case")
              + "; "
              + Wording.count(changes.written().size(), "file")
              + " written, "
              + changes.unchanged()
              + " unchanged, "
              + changes.removed().size()
              + " removed");
    }
    out.println("written below " + folder);
    return ExitStatus.HOLDS;
  }
}

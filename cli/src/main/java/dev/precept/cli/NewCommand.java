package dev.precept.cli;

import dev.precept.tables.Check;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "new",
    description = {
      "Start the rows of an instruction that the tables do not have yet.",
      "Writes a row for the instruction and one for its exit into DIR, for each vendor that has the "
          + "instruction they are made after. The cells that only the manual can fill are left empty; "
          + "'precept tables check' then names each of them. No Java is needed: docs/tutorial.md."
    })
final class NewCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private TableOptions tables;

  @Parameters(
      paramLabel = "INSTRUCTION",
      description = "Its name in lower case: letters, digits and underscores.")
  private String name;

  @Option(
      names = "--like",
      paramLabel = "FORM",
      description =
          "The instruction whose modes and checks to begin with, such as rdtsc. Default: the first "
              + "one with a single form that exits.")
  private String like = "";

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "my-tables",
      description =
          "The folder for the new rows; its other rows stay as they are. Default: "
              + "${DEFAULT-VALUE}.")
  private Path folder;

  @Override
  public Integer call() throws IOException {
    if (!name.matches("[a-z][a-z0-9_]*")) {
      throw UserException.usage(
          "'" + name + "' is no name for an instruction: letters, digits and _ in lower case");
    }
    List<Tables> vendors = tables.tables();
    for (Tables vendor : vendors) {
      if (vendor.forms().stream().anyMatch(form -> form.instruction().equals(name))) {
        throw UserException.usage(
            "the tables already have " + name + ": see 'precept tables explain " + name + "'");
      }
    }
    List<Scaffold> scaffolds = new ArrayList<>();
    for (Tables vendor : vendors) {
      Optional<InstructionForm> model = model(vendor);
      if (model.isPresent()) {
        scaffolds.add(new Scaffold(tables.sources(), vendor, model.get(), name, folder));
      }
    }
    if (scaffolds.isEmpty()) {
      throw noModel(vendors);
    }
    for (Scaffold scaffold : scaffolds) {
      scaffold.check();
    }
    PrintWriter out = spec.commandLine().getOut();
    for (Scaffold scaffold : scaffolds) {
      scaffold.write();
      out.println(scaffold.vendorName() + ", after " + scaffold.model() + "; to be filled in:");
      out.println("  " + scaffold.rows() + ": encoding, source");
      out.println("  " + scaffold.exits() + ": " + String.join(", ", scaffold.left()));
    }
    out.println(
        "What else the rows say is "
            + (like.isEmpty() ? "the other's" : like + "'s")
            + ": change it where yours differs. Then:");
    String command = "  " + Invocation.command();
    String with = " --tables " + Invocation.word(folder.toString());
    out.println(command + " tables check" + with);
    out.println(command + " tables explain " + name + with);
    out.println(command + " gate" + with + " --instruction " + name);
    return ExitStatus.HOLDS;
  }

  private Optional<InstructionForm> model(Tables vendor) {
    return vendor.forms().stream()
        .filter(
            form ->
                like.isEmpty()
                    ? form.id().equals(form.instruction())
                    : form.id().equals(like) || form.instruction().equals(like))
        .filter(form -> form.order().checks().stream().anyMatch(id -> exits(vendor, form, id)))
        .findFirst();
  }

  private UserException noModel(List<Tables> vendors) {
    if (like.isEmpty()) {
      return UserException.usage("the tables have no instruction that exits");
    }
    List<String> names =
        vendors.stream().flatMap(v -> v.forms().stream()).map(InstructionForm::id).toList();
    boolean known = names.stream().anyMatch(id -> id.equals(like) || id.startsWith(like + "."));
    return UserException.usage(
        known
            ? "--like: " + like + " never exits; choose an instruction that does"
            : "--like: the tables have no instruction '"
                + like
                + "'"
                + Wording.nearest(like, names));
  }

  private static boolean exits(Tables vendor, InstructionForm form, String check) {
    return vendor.check(form, check).result() instanceof Check.Exit;
  }
}

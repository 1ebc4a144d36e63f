package dev.precept.cli;

import dev.precept.report.OutputFile;
import dev.precept.tables.Check;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
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
      "Writes a row for the instruction and one for its exit into DIR, made after an instruction that "
          + "the tables have, with the cells left empty that only the manual can fill. 'precept tables "
          + "check' then names each of them; no Java is needed."
    })
final class NewCommand implements Callable<Integer> {
  private static final CSVFormat CSV =
      CSVFormat.RFC4180.builder().setRecordSeparator('\n').setCommentMarker('#').get();
  private static final int LARGEST_FILE = 64 << 20;

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
      description = "The folder for the new rows. Default: ${DEFAULT-VALUE}.")
  private Path folder;

  @Override
  public Integer call() throws IOException {
    if (!name.matches("[a-z][a-z0-9_]*")) {
      throw UserException.usage(
          "'" + name + "' is no name for an instruction: letters, digits and _ in lower case");
    }
    List<Tables> all = tables.tables();
    Tables vendor = all.get(0);
    if (vendor.forms().stream().anyMatch(form -> form.instruction().equals(name))) {
      throw UserException.usage(
          "the tables already have " + name + ": see 'precept tables explain " + name + "'");
    }
    InstructionForm model = model(vendor);
    String exit = exitOf(vendor, model);
    Path rows = folder.resolve(vendor.vendor()).resolve("instructions").resolve(name + ".csv");
    Path exits = folder.resolve(vendor.vendor()).resolve("intercepts.csv");
    for (Path file : List.of(rows, exits)) {
      if (Files.exists(file)) {
        throw UserException.usage(file + " is there already; choose another --out");
      }
    }
    Map<String, String> form =
        row(
            model.origin().file(),
            Map.of("instruction", model.instruction(), "form", model.form()));
    form.put("instruction", name);
    form.put("form", "");
    form.put("mnemonic", name.toUpperCase(Locale.ROOT));
    form.put("encoding", "");
    form.put("checks", form.get("checks").replace("exit." + exit, "exit." + name));
    unsourced(form);
    write(rows, form);
    Map<String, String> control =
        row(vendor.exits().get(exit).origin().file(), Map.of("exit", exit));
    control.put("exit", name);
    for (String unknown : List.of("field", "bit", "exit_code", "code_name", "meaning")) {
      control.put(unknown, "");
    }
    unsourced(control);
    write(exits, control);
    tell(model, rows, exits);
    return ExitStatus.HOLDS;
  }

  private void tell(InstructionForm model, Path rows, Path exits) {
    PrintWriter out = spec.commandLine().getOut();
    out.println("Wrote, after " + model.id() + ":");
    out.println("  " + rows + "   encoding, modes, checks in order, what it writes");
    out.println("  " + exits + "   its intercept: field, bit, exit code");
    out.println("Fill the empty cells from the manual, then:");
    out.println("  ./precept tables check --tables " + folder);
    out.println("  ./precept tables explain " + name + " --tables " + folder);
    out.println("  ./precept gate --tables " + folder + " --instruction " + name);
  }

  private static void unsourced(Map<String, String> row) {
    row.put("source", "");
    row.put("provenance", "manual");
    row.put("note", "");
  }

  private InstructionForm model(Tables vendor) {
    if (like.isEmpty()) {
      return vendor.forms().stream()
          .filter(form -> form.id().equals(form.instruction()))
          .filter(form -> form.order().checks().stream().anyMatch(id -> exits(vendor, form, id)))
          .findFirst()
          .orElseThrow(() -> UserException.usage("the tables have no instruction that exits"));
    }
    return vendor.forms().stream()
        .filter(form -> form.id().equals(like) || form.instruction().equals(like))
        .findFirst()
        .orElseThrow(
            () ->
                UserException.usage(
                    "--like: the tables have no instruction '"
                        + like
                        + "'"
                        + Wording.nearest(
                            like, vendor.forms().stream().map(InstructionForm::id).toList())));
  }

  private static boolean exits(Tables vendor, InstructionForm form, String check) {
    return vendor.check(form, check).result() instanceof Check.Exit;
  }

  private static String exitOf(Tables vendor, InstructionForm form) {
    for (String id : form.order().checks()) {
      if (vendor.check(form, id).result() instanceof Check.Exit exit) {
        return exit.exit();
      }
    }
    throw UserException.usage("--like: " + form.id() + " never exits; choose one that does");
  }

  /** The raw cells of the row in {@code file} that has {@code key}'s cells. */
  private Map<String, String> row(String file, Map<String, String> key) throws IOException {
    for (TableSource source : tables.sources()) {
      for (String candidate : source.files()) {
        if (!source.shown(candidate).equals(file)) {
          continue;
        }
        String text = new String(source.read(candidate, LARGEST_FILE), StandardCharsets.UTF_8);
        CSVFormat headed = CSV.builder().setHeader().setSkipHeaderRecord(true).get();
        try (CSVParser parser = CSVParser.parse(new StringReader(text), headed)) {
          for (CSVRecord record : parser) {
            Map<String, String> cells = new LinkedHashMap<>();
            for (String column : parser.getHeaderNames()) {
              cells.put(column, record.get(column));
            }
            if (key.entrySet().stream().allMatch(e -> e.getValue().equals(cells.get(e.getKey())))) {
              return cells;
            }
          }
        }
      }
    }
    throw new IllegalStateException("the row " + key + " is no longer in " + file);
  }

  private static void write(Path file, Map<String, String> row) throws IOException {
    OutputFile.write(
        file,
        out -> {
          out.write(CSV.format(new ArrayList<>(row.keySet()).toArray()) + "\n");
          out.write(CSV.format(new ArrayList<>(row.values()).toArray()) + "\n");
        });
  }
}

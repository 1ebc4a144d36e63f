package dev.precept.cli;

import dev.precept.report.OutputFile;
import dev.precept.tables.Check;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableSource;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * The rows of a new instruction for one vendor, made after another instruction's: what the two may
 * have in common is copied, what only the manual can tell is left empty. Columns are taken as they
 * come, so that a vendor's own are copied too.
 */
final class Scaffold {
  private static final CSVFormat CSV =
      CSVFormat.RFC4180.builder().setRecordSeparator('\n').setCommentMarker('#').get();
  private static final int LARGEST_FILE = 64 << 20;

  /** Cells of an exit's row that are the exit's own. */
  private static final Set<String> OF_THE_EXIT =
      Set.of("offset", "field", "bit", "exit_code", "code_name", "meaning");

  private final List<TableSource> sources;
  private final Tables vendor;
  private final InstructionForm model;
  private final String name;
  private final Path folder;
  private final String exit;

  /**
   * @param model the instruction to begin with; it exits
   * @param folder where {@code --tables} will look
   */
  Scaffold(
      List<TableSource> sources, Tables vendor, InstructionForm model, String name, Path folder) {
    this.sources = sources;
    this.vendor = vendor;
    this.model = model;
    this.name = name;
    this.folder = folder;
    this.exit =
        model.order().checks().stream()
            .map(id -> vendor.check(model, id).result())
            .filter(Check.Exit.class::isInstance)
            .map(result -> ((Check.Exit) result).exit())
            .findFirst()
            .orElseThrow();
  }

  String vendorName() {
    return vendor.vendorName();
  }

  String model() {
    return model.id();
  }

  /** The new file with the instruction's row. */
  Path rows() {
    return folder.resolve(vendor.vendor()).resolve("instructions").resolve(name + ".csv");
  }

  /** The file of exits, which may hold others already. */
  Path exits() {
    return folder.resolve(vendor.vendor()).resolve("intercepts.csv");
  }

  /** Fails if something is in the way, before anything is written. */
  void check() throws IOException {
    if (Files.exists(rows())) {
      throw UserException.usage(rows() + " is there already; choose another --out");
    }
    if (vendor.exits().containsKey(name)) {
      throw UserException.usage("the tables already have an exit called " + name);
    }
    if (Files.exists(exits())) {
      String header = CSV.format(exitRow().keySet().toArray());
      boolean same = Files.readString(exits()).lines().anyMatch(header::equals);
      if (!same) {
        throw UserException.usage(
            exits() + " has other columns than the built-in one; choose another --out");
      }
    }
  }

  /** The exit's cells that are left empty, in their order in the file. */
  List<String> left() throws IOException {
    return exitRow().keySet().stream()
        .filter(column -> OF_THE_EXIT.contains(column) || column.equals("source"))
        .toList();
  }

  /** Writes both rows. */
  void write() throws IOException {
    String form = table(formRow(), "");
    OutputFile.write(rows(), out -> out.write(form));
    String before = Files.exists(exits()) ? Files.readString(exits()) : "";
    String exits = table(exitRow(), before);
    OutputFile.write(exits(), out -> out.write(exits));
  }

  private Map<String, String> formRow() throws IOException {
    Map<String, String> row =
        row(
            model.origin().file(),
            Map.of("instruction", model.instruction(), "form", model.form()));
    row.put("instruction", name);
    row.put("form", "");
    row.put("mnemonic", name.toUpperCase(Locale.ROOT));
    row.put("encoding", "");
    row.put("checks", row.get("checks").replaceAll("\\bexit\\." + exit + "\\b", "exit." + name));
    return unsourced(row);
  }

  private Map<String, String> exitRow() throws IOException {
    Map<String, String> row = row(vendor.exits().get(exit).origin().file(), Map.of("exit", exit));
    row.put("exit", name);
    OF_THE_EXIT.forEach(column -> row.computeIfPresent(column, (key, value) -> ""));
    return unsourced(row);
  }

  private static Map<String, String> unsourced(Map<String, String> row) {
    row.put("source", "");
    row.put("provenance", "manual");
    row.put("note", "");
    return row;
  }

  /** The raw cells of the row in {@code file} that has {@code key}'s cells. */
  private Map<String, String> row(String file, Map<String, String> key) throws IOException {
    for (TableSource source : sources) {
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

  /** {@code before} with {@code row} as its last, or a table of its own. */
  private static String table(Map<String, String> row, String before) {
    String head =
        before.isEmpty()
            ? CSV.format(new ArrayList<>(row.keySet()).toArray()) + "\n"
            : before.endsWith("\n") ? before : before + "\n";
    return head + CSV.format(new ArrayList<>(row.values()).toArray()) + "\n";
  }
}

package dev.precept.tables.load;

import dev.precept.tables.Origin;
import java.io.IOException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads the files of all sources and lays later sources' rows over earlier ones'. */
final class Layers {
  private final String vendor;
  private final String common;
  private final List<TableSource> sources;
  private final Problems problems;

  Layers(String vendor, String common, List<TableSource> sources, Problems problems) {
    this.vendor = vendor;
    this.common = common;
    this.sources = sources;
    this.problems = problems;
  }

  /** The rows of each kind; those that both vendors share come first. */
  Map<TableKind, List<Row>> rows() {
    Map<String, Map<String, Row>> files = new LinkedHashMap<>();
    for (TableSource source : sources) {
      layer(source, files);
    }
    Map<TableKind, Map<String, Row>> byKind = new EnumMap<>(TableKind.class);
    for (TableKind kind : TableKind.values()) {
      byKind.put(kind, new LinkedHashMap<>());
    }
    Map<String, Map<String, Row>> sorted = new TreeMap<>(files);
    for (String folder : List.of(common, vendor)) {
      sorted.forEach(
          (file, rows) -> {
            if (file.startsWith(folder + "/")) {
              TableKind.of(file).ifPresent(kind -> add(kind, rows, byKind.get(kind)));
            }
          });
    }
    Map<TableKind, List<Row>> all = new EnumMap<>(TableKind.class);
    byKind.forEach((kind, rows) -> all.put(kind, List.copyOf(rows.values())));
    return all;
  }

  private void layer(TableSource source, Map<String, Map<String, Row>> files) {
    Map<String, String> places = places(files);
    List<String> names;
    try {
      names = source.files();
    } catch (IOException e) {
      problems.error(new Origin(source.shown(""), 1, 1), "tables cannot be listed: " + e);
      problems.namesMissing();
      return;
    }
    List<String> ours =
        names.stream()
            .filter(file -> file.startsWith(common + "/") || file.startsWith(vendor + "/"))
            .toList();
    List<Table> tables =
        ours.parallelStream().flatMap(file -> table(source, file).stream()).toList();
    for (Table table : tables) {
      keyed(table.kind(), table.rows())
          .forEach(
              (key, row) -> {
                String place =
                    places.getOrDefault(place(table.file(), table.kind(), key), table.file());
                files.computeIfAbsent(place, unused -> new LinkedHashMap<>()).put(key, row);
              });
    }
  }

  private record Table(String file, TableKind kind, List<Row> rows) {}

  private Optional<Table> table(TableSource source, String file) {
    Optional<TableKind> kind = TableKind.of(file);
    if (kind.isEmpty()) {
      problems.error(
          new Origin(source.shown(file), 1, 1),
          "no table of this name is known; see docs/tables.md");
    }
    return kind.map(known -> new Table(file, known, read(source, file, known)));
  }

  /** The file that each row of {@code files} is in, by {@link #place}. */
  private static Map<String, String> places(Map<String, Map<String, Row>> files) {
    Map<String, String> places = new HashMap<>();
    files.forEach(
        (file, rows) ->
            TableKind.of(file)
                .ifPresent(
                    kind ->
                        rows.keySet().forEach(key -> places.put(place(file, kind, key), file))));
    return places;
  }

  /** What says that a row of {@code file} is the same as one of another file. */
  private static String place(String file, TableKind kind, String key) {
    return file.substring(0, file.indexOf('/') + 1) + kind + '\0' + key;
  }

  private List<Row> read(TableSource source, String file, TableKind kind) {
    String shown = source.shown(file);
    try {
      byte[] bytes = source.read(file, CsvFile.LARGEST_FILE + 1);
      return CsvFile.rows(shown, kind, bytes, problems);
    } catch (IOException e) {
      problems.error(new Origin(shown, 1, 1), "cannot be read: " + e);
      problems.namesMissing();
      return List.of();
    }
  }

  private Map<String, Row> keyed(TableKind kind, List<Row> rows) {
    Map<String, Row> keyed = new LinkedHashMap<>();
    for (Row row : rows) {
      put(kind, row, keyed);
    }
    return keyed;
  }

  private void add(TableKind kind, Map<String, Row> rows, Map<String, Row> all) {
    for (Row row : rows.values()) {
      put(kind, row, all);
    }
  }

  private void put(TableKind kind, Row row, Map<String, Row> rows) {
    List<String> parts = kind.key().stream().map(row::text).filter(t -> !t.isEmpty()).toList();
    String key = String.join(".", parts);
    Row first = rows.putIfAbsent(key, row);
    if (first != null) {
      problems.error(
          row.cell(kind.key().get(0)),
          "'" + Problems.shown(key) + "' is there already, at " + first.origin());
      // Kept beside the first under a key that no cell can hold, so that its other mistakes show.
      rows.put(key + '\0' + row.origin(), row);
    }
  }
}

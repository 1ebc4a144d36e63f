package dev.precept.tables.reading;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * The second reading of one vendor's manuals, as docs/readings has it.
 *
 * @param lines by name; a name that stands in both texts has a line of each
 * @param forms which forms each line speaks of, as globs over form ids
 * @param checks table checks behind each token, as globs; a token that is not listed has none
 * @param rulings differences that are settled
 */
record SecondReading(
    Map<String, List<ReadingLine>> lines,
    Map<String, List<String>> forms,
    Map<String, List<String>> checks,
    List<Ruling> rulings) {

  /**
   * A settled difference.
   *
   * @param forms the forms where it stands, as globs
   * @param first checks, as globs, that the table puts first, or one side of what it leaves open
   * @param second the other checks
   * @param open whether the table leaves the order open
   * @param text what the manual's text says, for people
   */
  record Ruling(
      List<String> forms, List<String> first, List<String> second, boolean open, String text) {
    boolean speaksOf(String one, String other) {
      return matches(first, one) && matches(second, other);
    }
  }

  static SecondReading load(Path folder, String vendor) throws IOException {
    Map<String, List<ReadingLine>> lines = new HashMap<>();
    for (String text : List.of("second-reading-", "later-")) {
      for (String line : Files.readAllLines(folder.resolve(text + vendor + ".txt"))) {
        if (!line.isBlank() && !line.startsWith("#")) {
          ReadingLine read = ReadingLine.parse(line);
          lines.computeIfAbsent(read.name(), unused -> new ArrayList<>()).add(read);
        }
      }
    }
    Map<String, List<String>> forms = new HashMap<>();
    for (CSVRecord row : rows(folder.resolve("forms.csv"), vendor)) {
      forms.put(row.get("line"), words(row.get("forms")));
    }
    Map<String, List<String>> checks = new HashMap<>();
    for (CSVRecord row : rows(folder.resolve("tokens.csv"), vendor)) {
      checks.put(row.get("token"), words(row.get("checks")));
    }
    List<Ruling> rulings = new ArrayList<>();
    for (CSVRecord row : rows(folder.resolve("rulings.csv"), vendor)) {
      rulings.add(
          new Ruling(
              words(row.get("forms")),
              words(row.get("first")),
              words(row.get("second")),
              row.get("table").equals("open"),
              row.get("ruling")));
    }
    return new SecondReading(lines, forms, checks, rulings);
  }

  /** The lines that speak of a form. */
  List<ReadingLine> of(String form) {
    return forms.entrySet().stream()
        .filter(line -> matches(line.getValue(), form))
        .flatMap(line -> lines.getOrDefault(line.getKey(), List.of()).stream())
        .toList();
  }

  /** Names in forms.csv that no text has. */
  Set<String> unknownLines() {
    Set<String> unknown = new HashSet<>(forms.keySet());
    unknown.removeAll(lines.keySet());
    return unknown;
  }

  /** Tokens that tokens.csv does not explain, by line. */
  Set<String> unknownTokens() {
    Set<String> unknown = new TreeSet<>();
    for (List<ReadingLine> same : lines.values()) {
      for (ReadingLine line : same) {
        line.tokens().stream()
            .filter(token -> !token.startsWith("EXIT(") && !checks.containsKey(token))
            .map(token -> line.name() + ": " + token)
            .forEach(unknown::add);
      }
    }
    return unknown;
  }

  static boolean matches(List<String> globs, String text) {
    return globs.stream()
        .anyMatch(
            glob -> FileSystems.getDefault().getPathMatcher("glob:" + glob).matches(Path.of(text)));
  }

  private static List<CSVRecord> rows(Path file, String vendor) throws IOException {
    try (CSVParser parser =
        CSVParser.parse(
            file,
            StandardCharsets.UTF_8,
            CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get())) {
      return parser.getRecords().stream()
          .filter(row -> row.get("vendor").isEmpty() || row.get("vendor").equals(vendor))
          .toList();
    }
  }

  private static List<String> words(String cell) {
    return Stream.of(cell.split(" ")).filter(word -> !word.isEmpty()).toList();
  }
}

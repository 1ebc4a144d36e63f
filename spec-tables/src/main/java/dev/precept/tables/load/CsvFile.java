package dev.precept.tables.load;

import dev.precept.tables.Origin;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** Reads a CSV file into rows whose cells know where they stand. */
final class CsvFile {
  /** Bytes in a file. */
  static final int LARGEST_FILE = 8 << 20;

  /** Characters in a cell. */
  static final int LARGEST_CELL = 16 << 10;

  /** Rows in a file. */
  static final int MOST_ROWS = 100_000;

  private static final CSVFormat FORMAT =
      CSVFormat.RFC4180.builder().setCommentMarker('#').setIgnoreEmptyLines(true).get();

  private final String file;
  private final TableKind kind;
  private final Problems problems;

  private CsvFile(String file, TableKind kind, Problems problems) {
    this.file = file;
    this.kind = kind;
    this.problems = problems;
  }

  /** The rows of {@code bytes}; what is wrong with them goes to {@code problems}. */
  static List<Row> rows(String file, TableKind kind, byte[] bytes, Problems problems) {
    Optional<List<Row>> rows = new CsvFile(file, kind, problems).rows(bytes);
    if (rows.isEmpty()) {
      problems.namesMissing();
    }
    return rows.orElse(List.of());
  }

  private Optional<List<Row>> rows(byte[] bytes) {
    if (bytes.length > LARGEST_FILE) {
      problems.error(
          new Origin(file, 1, 1), "file is larger than " + (LARGEST_FILE >> 20) + " MiB");
      return Optional.empty();
    }
    Optional<String> text = decode(bytes);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    SourceText source = new SourceText(file, text.get());
    Optional<List<List<CellScan.Span>>> spans = CellScan.records(source, problems);
    if (spans.isEmpty()) {
      return Optional.empty();
    }
    return rows(source, spans.get());
  }

  private Optional<String> decode(byte[] bytes) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length + 1);
    CoderResult result = decoder.decode(in, out, true);
    out.flip();
    String text = out.toString();
    if (result.isError()) {
      problems.error(
          new SourceText(file, text).origin(text.length()),
          String.format("byte %02Xh is not UTF-8", bytes[in.position()] & 0xFF));
      return Optional.empty();
    }
    // A byte order mark is not part of the first column's name, and editors do not count it.
    return Optional.of(text.startsWith("\uFEFF") ? text.substring(1) : text);
  }

  private Optional<List<Row>> rows(SourceText source, List<List<CellScan.Span>> spans) {
    List<CSVRecord> records = new ArrayList<>();
    try (CSVParser parser = CSVParser.parse(source.text(), FORMAT)) {
      parser.forEach(records::add);
    } catch (IOException | UncheckedIOException e) {
      problems.error(new Origin(file, 1, 1), "not a CSV file: " + e.getMessage());
      return Optional.empty();
    }
    if (records.isEmpty()) {
      problems.error(new Origin(file, 1, 1), "file has no header row");
      return Optional.empty();
    }
    if (records.size() != spans.size()) {
      problems.error(new Origin(file, 1, 1), "quotes and line ends do not fit together");
      return Optional.empty();
    }
    List<List<Cell>> cells = new ArrayList<>();
    for (int i = 0; i < records.size(); i++) {
      cells.add(cells(source, records.get(i), spans.get(i)));
    }
    Map<String, Integer> header = header(cells.get(0));
    if (!header.keySet().containsAll(kind.columns())) {
      return Optional.empty();
    }
    List<Row> rows = new ArrayList<>();
    int width = cells.get(0).size();
    for (List<Cell> row : cells.subList(1, cells.size())) {
      row(source, header, width, row).ifPresent(rows::add);
    }
    return Optional.of(rows);
  }

  private static List<Cell> cells(SourceText source, CSVRecord record, List<CellScan.Span> spans) {
    List<Cell> cells = new ArrayList<>();
    for (int i = 0; i < Math.min(record.size(), spans.size()); i++) {
      CellScan.Span span = spans.get(i);
      cells.add(new Cell(record.get(i), source, span.start(), span.quoted()));
    }
    return cells;
  }

  private Map<String, Integer> header(List<Cell> names) {
    Map<String, Integer> header = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i).text().strip();
      if (header.put(name, i) != null) {
        problems.error(names.get(i), "column '" + Problems.shown(name) + "' appears twice");
      } else if (!kind.allows(name)) {
        Set<String> missing = new LinkedHashSet<>(kind.columns());
        names.forEach(present -> missing.remove(present.text().strip()));
        problems.unknown(
            names.get(i),
            0,
            name,
            "no column '" + Problems.shown(name) + "' in " + kindName(),
            missing);
      }
    }
    for (String column : kind.columns()) {
      if (!header.containsKey(column)) {
        problems.error(names.get(0), "column '" + column + "' is missing in " + kindName());
      }
    }
    return header;
  }

  private Optional<Row> row(
      SourceText source, Map<String, Integer> header, int width, List<Cell> cells) {
    if (cells.size() != width) {
      Cell last = cells.get(Math.min(cells.size(), width + 1) - 1);
      problems.error(
          last,
          "row has "
              + cells.size()
              + " cells, the header has "
              + width
              + (cells.size() > width ? "; a cell with a comma needs quotes" : ""));
      problems.namesMissing();
      return Optional.empty();
    }
    Map<String, Cell> byColumn = new LinkedHashMap<>();
    header.forEach((column, index) -> byColumn.put(column, cells.get(index)));
    Origin first = cells.get(0).origin();
    return Optional.of(new Row(new Origin(source.file(), first.line(), 1), byColumn));
  }

  private String kindName() {
    return kind == TableKind.INSTRUCTIONS ? "instruction tables" : "this table";
  }
}

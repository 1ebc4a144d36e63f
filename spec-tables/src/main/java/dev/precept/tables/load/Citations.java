package dev.precept.tables.load;

import dev.precept.tables.Citation;
import dev.precept.tables.Citation.Provenance;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Reads the columns {@code source,provenance,note} that end every row. */
final class Citations {
  private static final List<String> PROVENANCES =
      Arrays.stream(Provenance.values()).map(p -> p.name().toLowerCase(Locale.ROOT)).toList();

  private final Scope scope;
  private final Problems problems;

  Citations(Scope scope, Problems problems) {
    this.scope = scope;
    this.problems = problems;
  }

  Citation of(Row row) {
    Provenance provenance = provenance(row.cell("provenance"));
    Cell note = row.cell("note");
    boolean reasoned = provenance == Provenance.INFERRED || provenance == Provenance.OPEN;
    if (reasoned && note.isEmpty()) {
      problems.error(
          note,
          provenance == Provenance.OPEN
              ? "an open fact needs a note that says what was looked for"
              : "an inferred fact needs a note that says what it follows from");
    }
    source(row.cell("source"));
    return new Citation(row.text("source"), provenance, row.text("note"));
  }

  private void source(Cell cell) {
    if (cell.isEmpty()) {
      problems.error(cell, "a row needs its source, such as 'APM2 15.9 table 15-7'");
      return;
    }
    for (Cell part : cell.split(';')) {
      List<Cell> words = part.words();
      if (words.isEmpty()) {
        problems.error(part, "empty source between ';'");
        continue;
      }
      Cell document = words.get(0);
      if (!scope.documents.contains(document.text())) {
        problems.unknownName(
            document,
            0,
            document.text(),
            "no document '" + Problems.shown(document.text()) + "' in documents.csv",
            scope.documents);
      }
    }
  }

  private Provenance provenance(Cell cell) {
    String word = cell.text().strip();
    int index = PROVENANCES.indexOf(word);
    if (index < 0) {
      problems.unknown(
          cell,
          0,
          word,
          word.isEmpty()
              ? "provenance is missing: " + String.join(", ", PROVENANCES)
              : "no provenance '" + Problems.shown(word) + "'",
          PROVENANCES);
      return Provenance.MANUAL;
    }
    return Provenance.values()[index];
  }
}

package dev.precept.tables.load;

import dev.precept.tables.Origin;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A row of a table.
 *
 * @param origin of the row
 * @param cells by column name, in the order of the header; every column of the table's schema is
 *     there
 */
record Row(Origin origin, Map<String, Cell> cells) {
  Cell cell(String column) {
    Cell cell = cells.get(column);
    if (cell == null) {
      throw new IllegalArgumentException("schema without column " + column);
    }
    return cell;
  }

  /** The cells whose column begins with {@code prefix}, by what follows it, in table order. */
  Map<String, Cell> cells(String prefix) {
    Map<String, Cell> found = new LinkedHashMap<>();
    cells.forEach(
        (column, cell) -> {
          if (column.startsWith(prefix)) {
            found.put(column.substring(prefix.length()), cell);
          }
        });
    return found;
  }

  String text(String column) {
    return cell(column).text().strip();
  }
}

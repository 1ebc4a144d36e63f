package dev.precept.tables.load;

import dev.precept.tables.Origin;
import java.util.Map;

/**
 * A row of a table.
 *
 * @param origin of the row
 * @param cells by column name; every column of the table's schema is there
 */
record Row(Origin origin, Map<String, Cell> cells) {
  Cell cell(String column) {
    Cell cell = cells.get(column);
    if (cell == null) {
      throw new IllegalArgumentException("schema without column " + column);
    }
    return cell;
  }

  String text(String column) {
    return cell(column).text().strip();
  }
}

package dev.precept.tables.load;

import dev.precept.tables.Definition;
import dev.precept.tables.Tables;
import dev.precept.tables.expr.Expr;
import dev.precept.tables.expr.Names;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks that definitions do not use themselves, and that inlining them gives something of bounded
 * size: twenty definitions that each use the one before them twice would make a million.
 */
final class DefinitionGraph {
  private static final int DEEPEST = 50;
  private static final long LARGEST = 20_000;

  private final Map<String, Definition> definitions;
  private final Map<String, Row> rows = new LinkedHashMap<>();
  private final Problems problems;
  private final Map<String, Extent> extents = new HashMap<>();
  private final Deque<String> path = new ArrayDeque<>();
  private boolean sound = true;

  DefinitionGraph(Tables tables, Map<TableKind, List<Row>> rows, Problems problems) {
    this.definitions = tables.definitions();
    rows.get(TableKind.DEFINITIONS).forEach(row -> this.rows.put(row.text("name"), row));
    this.problems = problems;
  }

  /** Whether definitions can be inlined. */
  boolean check() {
    rows.keySet().forEach(this::extent);
    return sound;
  }

  /**
   * How much a definition is when everything it uses is put in its place.
   *
   * @param size parts
   * @param depth definitions inside one another
   */
  private record Extent(long size, int depth) {
    Extent within(Extent outer) {
      return new Extent(outer.size + size, Math.max(outer.depth, depth + 1));
    }
  }

  private Extent extent(String name) {
    Extent known = extents.get(name);
    if (known != null) {
      return known;
    }
    if (path.contains(name)) {
      String cycle = String.join(" -> ", path);
      fail(name, "uses itself: " + cycle.substring(cycle.indexOf(name)) + " -> " + name);
      return new Extent(0, 0);
    }
    path.addLast(name);
    Extent extent = new Extent(0, 1);
    for (Expr part : parts(definitions.get(name).expression())) {
      // Beyond the limits nothing more has to be known, and the stack has to stay bounded.
      if (path.size() <= DEEPEST && extent.size() <= LARGEST) {
        extent = new Extent(1, 0).within(extent);
        if (part instanceof Expr.Name used && definitions.containsKey(used.name())) {
          extent = extent(used.name()).within(extent);
        }
      }
    }
    path.removeLast();
    if (extent.size() > LARGEST) {
      fail(name, "with the definitions that it uses this is too large an expression");
    }
    if (extent.depth() > DEEPEST || path.size() >= DEEPEST) {
      fail(name, "definitions use one another more than " + DEEPEST + " deep");
    }
    extents.put(name, extent);
    return extent;
  }

  private static List<Expr> parts(Expr expr) {
    List<Expr> parts = new ArrayList<>();
    Names.walk(expr, parts::add);
    return parts;
  }

  private void fail(String name, String message) {
    sound = false;
    problems.error(rows.get(name).cell("expression"), message);
  }
}

package dev.precept.tables.load;

import dev.precept.tables.CheckOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads check orders: {@code a > b > {c d} > exit.x > exit.y?}. */
final class OrderReader {
  private static final Pattern TOKEN = Pattern.compile("[>{}]|[^\\s>{}]+");

  private final Scope scope;
  private final Problems problems;
  private final Set<String> listed = new HashSet<>();
  private final Set<String> optional = new HashSet<>();

  OrderReader(Scope scope, Problems problems) {
    this.scope = scope;
    this.problems = problems;
  }

  /** The order in {@code cell}; empty where an instruction checks nothing. */
  CheckOrder order(Cell cell) {
    List<List<String>> groups = new ArrayList<>();
    List<String> open = new ArrayList<>();
    boolean inBraces = false;
    boolean expectCheck = true;
    Matcher tokens = TOKEN.matcher(cell.text());
    Cell last = cell;
    while (tokens.find()) {
      Cell token = cell.part(tokens.start(), tokens.end());
      last = token;
      String text = token.text();
      if (text.equals(">")) {
        if (expectCheck || inBraces) {
          problems.error(token, inBraces ? "'>' inside braces" : "check expected before '>'");
        }
        expectCheck = true;
      } else if (text.equals("{")) {
        if (!expectCheck || inBraces) {
          problems.error(token, inBraces ? "braces inside braces" : "'>' expected before '{'");
        }
        inBraces = true;
      } else if (text.equals("}")) {
        if (open.size() < 2) {
          problems.error(token, inBraces ? "braces hold two checks or more" : "'}' without '{'");
        }
        if (!open.isEmpty()) {
          groups.add(List.copyOf(open));
        }
        open.clear();
        inBraces = false;
        expectCheck = false;
      } else {
        String id = check(token);
        if (inBraces) {
          open.add(id);
        } else {
          if (!expectCheck) {
            problems.error(token, "'>' expected before '" + Problems.shown(text) + "'");
          }
          groups.add(List.of(id));
          expectCheck = false;
        }
      }
    }
    if (inBraces) {
      problems.error(last, "'{' is never closed");
      groups.add(List.copyOf(open));
    } else if (expectCheck && !cell.isEmpty()) {
      problems.error(last, "check expected after '>'");
    }
    return new CheckOrder(List.copyOf(groups), Set.copyOf(optional));
  }

  /** Reads one check, with a question mark behind it if it may be left out; returns its id. */
  private String check(Cell token) {
    boolean maybe = token.text().endsWith("?");
    String id = maybe ? token.text().substring(0, token.text().length() - 1) : token.text();
    if (maybe) {
      optional.add(id);
    }
    if (!listed.add(id)) {
      problems.error(token, "check '" + Problems.shown(id) + "' is in the order twice");
    }
    List<String> valid = new ArrayList<>(scope.checks);
    valid.add("ud.mode");
    valid.add("ud.gate");
    scope.exits.forEach(exit -> valid.add("exit." + exit));
    if (!valid.contains(id)) {
      problems.unknownName(token, 0, id, "no check '" + Problems.shown(id) + "'", valid);
    }
    return id;
  }
}

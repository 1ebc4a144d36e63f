package dev.precept.tables.load;

import dev.precept.tables.Check;
import dev.precept.tables.expr.Expr;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the results of checks: {@code #GP(0)}, {@code #BP trap}, {@code exit ID}, {@code exit ID
 * trap}, {@code end LABEL(n)}, {@code event EXPRESSION}.
 */
final class Results {
  /** Vectors by mnemonic, APM vol. 2, table 8-1. */
  private static final Map<String, Integer> VECTORS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("DE", 0),
              Map.entry("DB", 1),
              Map.entry("BP", 3),
              Map.entry("OF", 4),
              Map.entry("BR", 5),
              Map.entry("UD", 6),
              Map.entry("NM", 7),
              Map.entry("DF", 8),
              Map.entry("TS", 10),
              Map.entry("NP", 11),
              Map.entry("SS", 12),
              Map.entry("GP", 13),
              Map.entry("PF", 14),
              Map.entry("MF", 16),
              Map.entry("AC", 17),
              Map.entry("MC", 18),
              Map.entry("XF", 19),
              Map.entry("VE", 20),
              Map.entry("CP", 21),
              Map.entry("HV", 28),
              Map.entry("VC", 29),
              Map.entry("SX", 30)));

  /** Those that push an error code, APM vol. 2, 8.2. */
  private static final Set<String> WITH_ERROR_CODE =
      Set.of("DF", "TS", "NP", "SS", "GP", "PF", "AC", "CP", "VC", "SX");

  private static final Pattern FAULT =
      Pattern.compile("#([A-Za-z0-9]*)\\s*(\\((.*)\\))?\\s*(\\S*)", Pattern.DOTALL);

  private static final Pattern END = Pattern.compile("([A-Za-z]\\w*)(\\((\\d{1,9})\\))?");

  private final Scope scope;
  private final Problems problems;
  private final ExpressionReader expressions;

  Results(Scope scope, Problems problems, ExpressionReader expressions) {
    this.scope = scope;
    this.problems = problems;
    this.expressions = expressions;
  }

  Check.Result result(Cell cell, Cell check) {
    Cell whole = cell.part(0, cell.text().length());
    List<Cell> words = whole.words();
    boolean trap = words.size() == 3 && words.get(2).text().equals("trap");
    if ((words.size() == 2 || trap) && words.get(0).text().equals("exit")) {
      return exit(words.get(1), trap);
    }
    if (words.size() == 2 && words.get(0).text().equals("end")) {
      return end(words.get(1));
    }
    if (words.size() > 1 && words.get(0).text().equals("event")) {
      int from = whole.text().indexOf("event") + "event".length();
      return new Check.Event(expressions.value(whole.part(from, whole.text().length())));
    }
    Matcher parts = FAULT.matcher(whole.text());
    if (!parts.matches()) {
      problems.error(
          whole,
          whole.isEmpty()
              ? "result is missing"
              : "a result is written #UD, #GP(0), #BP trap, exit ID, exit ID trap, end LABEL(n) or event"
                  + " EXPRESSION");
      return new Check.Fault(6, Optional.empty(), false);
    }
    String mnemonic = parts.group(1);
    if (!VECTORS.containsKey(mnemonic)) {
      problems.unknown(
          whole, 1, mnemonic, "no exception '#" + Problems.shown(mnemonic) + "'", VECTORS.keySet());
      return new Check.Fault(6, Optional.empty(), false);
    }
    named(check, mnemonic);
    String ending = parts.group(4);
    if (!ending.isEmpty() && !ending.equals("trap")) {
      problems.error(
          whole, parts.start(4), "only 'trap' may follow, found '" + Problems.shown(ending) + "'");
    }
    boolean coded = parts.group(2) != null;
    if (coded != WITH_ERROR_CODE.contains(mnemonic)) {
      problems.error(
          whole,
          coded
              ? "#" + mnemonic + " has no error code"
              : "#" + mnemonic + " needs its error code, such as #" + mnemonic + "(0)");
      return new Check.Fault(VECTORS.get(mnemonic), Optional.empty(), false);
    }
    Optional<Expr> code =
        coded
            ? Optional.of(expressions.value(whole.part(parts.start(3), parts.end(3))))
            : Optional.empty();
    return new Check.Fault(VECTORS.get(mnemonic), code, ending.equals("trap"));
  }

  private Check.Result end(Cell label) {
    Matcher parts = END.matcher(label.text());
    if (!parts.matches()) {
      problems.error(label, "an end is written end LABEL or end LABEL(n), n a number");
      return new Check.End(label.text(), -1);
    }
    long code = parts.group(3) == null ? -1 : Long.parseLong(parts.group(3));
    return new Check.End(label.text(), code);
  }

  private Check.Result exit(Cell id, boolean trap) {
    if (!scope.exits.contains(id.text())) {
      problems.unknownName(
          id, 0, id.text(), "no exit '" + Problems.shown(id.text()) + "'", scope.exits);
    }
    return new Check.Exit(id.text(), trap);
  }

  private void named(Cell check, String mnemonic) {
    String prefix = mnemonic.toLowerCase(Locale.ROOT) + ".";
    if (!check.text().strip().startsWith(prefix)) {
      problems.error(
          check, "a check that raises #" + mnemonic + " is named " + prefix + "something");
    }
  }
}

package dev.precept.mutation;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;

/**
 * Says why mutants survive: each that no case noticed, or came to, by the first rule of {@code
 * reasons.csv} that fits it. A rule says how many mutants were read for it: one that fits more of
 * them or fewer is listed, as is what has no reason.
 */
public final class Account {
  private static final CSVFormat FORMAT =
      CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).setCommentMarker('#').get();

  private final Path sources;
  private final Map<String, List<String>> texts = new HashMap<>();

  private Account(Path sources) {
    this.sources = sources;
  }

  /** A mutant of a list that {@link CoreMutants} wrote, with the text of its line. */
  private record Survivor(
      String fate, String name, String method, int line, String change, String text) {
    String inPackage() {
      return name.substring(0, name.lastIndexOf('.'));
    }

    String simpleName() {
      return name.substring(name.lastIndexOf('.') + 1);
    }

    @Override
    public String toString() {
      return "%s\t%s.%s\t%d\t%s\t%s".formatted(fate, simpleName(), method, line, change, text);
    }
  }

  /** Which mutants a reason is for. Empty cells fit everything, {@code *} anything in a name. */
  private record Rule(CSVRecord row) {
    boolean fits(Survivor mutant) {
      return isGlobOf("class", mutant.simpleName())
          && isGlobOf("method", mutant.method())
          && mutant.text().contains(row.get("line"))
          && mutant.change().contains(row.get("change"))
          && (row.get("fate").isEmpty() || row.get("fate").equals(mutant.fate()));
    }

    private boolean isGlobOf(String column, String name) {
      String glob = row.get(column);
      return glob.isEmpty() || name.matches("\\Q" + glob.replace("*", "\\E.*\\Q") + "\\E");
    }

    int mutants() {
      return Integer.parseInt(row.get("mutants"));
    }

    String why() {
      return row.get("reason") + ": " + row.get("why");
    }
  }

  /**
   * Prints, for each package, how many mutants survive or are unreached for which reason.
   *
   * @param arguments the list of mutants, the reasons, and the folder of the core's sources
   */
  public static void main(String[] arguments) throws IOException {
    List<Rule> rules = rules(Path.of(arguments[1]));
    Map<Rule, Integer> uses = new HashMap<>();
    Map<String, Map<String, int[]>> packages = new TreeMap<>();
    List<Survivor> unexplained = new ArrayList<>();
    for (Survivor mutant : new Account(Path.of(arguments[2])).survivors(Path.of(arguments[0]))) {
      Optional<Rule> rule = rules.stream().filter(one -> one.fits(mutant)).findFirst();
      rule.ifPresentOrElse(one -> uses.merge(one, 1, Integer::sum), () -> unexplained.add(mutant));
      packages.computeIfAbsent(mutant.inPackage(), unused -> new LinkedHashMap<>())
          .computeIfAbsent(rule.map(Rule::why).orElse("**no reason**"), unused -> new int[2])[
          mutant.fate().equals("survived") ? 0 : 1]++;
    }
    packages.forEach(Account::print);
    unexplained.forEach(mutant -> System.out.println("no reason\t" + mutant));
    for (Rule rule : rules) {
      int fits = uses.getOrDefault(rule, 0);
      if (fits != rule.mutants()) {
        System.out.printf("fits %d\t%s%n", fits, String.join(",", rule.row().values()));
      }
    }
  }

  private static void print(String name, Map<String, int[]> reasons) {
    System.out.printf("%n%s%n%n| survive | unreached | why |%n| --- | --- | --- |%n", name);
    reasons.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            one ->
                System.out.printf(
                    "| %s | %s | %s |%n",
                    number(one.getValue()[0]), number(one.getValue()[1]), one.getKey()));
  }

  private static String number(int count) {
    return count == 0 ? "" : String.valueOf(count);
  }

  private static List<Rule> rules(Path file) throws IOException {
    try (Reader in = Files.newBufferedReader(file)) {
      return FORMAT.parse(in).stream().map(Rule::new).toList();
    }
  }

  private List<Survivor> survivors(Path list) throws IOException {
    List<Survivor> survivors = new ArrayList<>();
    for (String row : Files.readAllLines(list)) {
      String[] fields = row.split("\t", -1);
      if (!fields[0].equals("killed")) {
        int line = Integer.parseInt(fields[3]);
        String text = text(fields[1], line);
        survivors.add(new Survivor(fields[0], fields[1], fields[2], line, fields[4], text));
      }
    }
    return survivors;
  }

  private String text(String name, int line) throws IOException {
    String file = name.replaceFirst("\\$.*", "").replace('.', '/') + ".java";
    if (!texts.containsKey(file)) {
      texts.put(file, Files.readAllLines(sources.resolve(file)));
    }
    return texts.get(file).get(line - 1).strip();
  }
}

package dev.precept.tables.reading;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line of the second reading: what one text says of the order of a group of forms.
 *
 * @param name such as {@code mov-to-cr0}
 * @param tokens what the line places, such as {@code #GP(cpl)} or {@code EXIT(28)}
 * @param pairs tokens of which one comes strictly before the other; all others are open
 */
record ReadingLine(String name, Set<String> tokens, Set<Pair> pairs) {
  private static final Pattern STEP = Pattern.compile(">|\\{|}|;|[^\\s{}>;(]+(\\([^)]*\\))?\\??");

  /** {@code first} comes strictly before {@code second}. */
  record Pair(String first, String second) {}

  /** A line of second-reading-*.txt: {@code name | forms | modes | order | source | remark}. */
  static ReadingLine parse(String line) {
    String[] cells = line.split("\\|", -1);
    if (cells.length != 6) {
      throw new IllegalArgumentException("six cells wanted, not " + cells.length + ": " + line);
    }
    Set<String> tokens = new HashSet<>();
    Set<Pair> pairs = new HashSet<>();
    for (String chain : cells[3].split(";")) {
      List<Set<String>> groups = groups(chain, line);
      for (int i = 0; i < groups.size(); i++) {
        tokens.addAll(groups.get(i));
        for (Set<String> later : groups.subList(i + 1, groups.size())) {
          for (String first : groups.get(i)) {
            later.forEach(second -> pairs.add(new Pair(first, second)));
          }
        }
      }
    }
    close(pairs);
    return new ReadingLine(cells[0].strip(), Set.copyOf(tokens), Set.copyOf(pairs));
  }

  private static List<Set<String>> groups(String chain, String line) {
    List<Set<String>> groups = new ArrayList<>(List.of(new HashSet<>()));
    Matcher step = STEP.matcher(chain);
    while (step.find()) {
      switch (step.group()) {
        case ">" -> groups.add(new HashSet<>());
        case "{", "}" -> {}
        default -> groups.get(groups.size() - 1).add(step.group().replaceAll("\\?$", ""));
      }
    }
    if (groups.stream().anyMatch(Set::isEmpty)) {
      throw new IllegalArgumentException("nothing before or behind a '>': " + line);
    }
    return groups;
  }

  /** Before what comes before something is before it too. */
  private static void close(Set<Pair> pairs) {
    boolean grown = true;
    while (grown) {
      Set<Pair> more = new HashSet<>();
      for (Pair one : pairs) {
        for (Pair other : pairs) {
          if (one.second().equals(other.first())) {
            more.add(new Pair(one.first(), other.second()));
          }
        }
      }
      grown = pairs.addAll(more);
    }
  }
}

package dev.precept.report.baseline;

import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Reads a file of known violations; tells everything that is wrong with it at once. */
final class BaselineReader {
  private static final Pattern LINK = Pattern.compile("https?://\\S+");
  private static final Pattern VENDOR_FIRST = Pattern.compile("[a-z0-9_]+/\\S+");

  private final String shown;
  private final List<String> problems = new ArrayList<>();

  BaselineReader(String shown) {
    this.shown = shown;
  }

  BaselineFile read(String text) {
    List<String> heading = new ArrayList<>();
    TreeMap<String, List<Entry>> sections = new TreeMap<>();
    Map<String, List<String>> sectionComments = new HashMap<>();
    Map<String, Integer> seen = new HashMap<>();
    List<String> comments = new ArrayList<>();
    String subject = "";
    int number = 0;
    for (String line : text.split("\\R", -1)) {
      number++;
      String trimmed = line.strip();
      if (number == 1 && trimmed.startsWith("{")) {
        problem(1, 1, "this is a results file: 'precept gate --update-baseline' makes a baseline");
        break;
      }
      if (trimmed.startsWith("#")) {
        comments.add(trimmed);
      } else if (trimmed.isEmpty()) {
        if (sections.isEmpty()) {
          heading.addAll(comments);
          comments.clear();
        }
      } else if (trimmed.equals("subject") || trimmed.startsWith("subject ")) {
        subject = trimmed.substring("subject".length()).strip();
        if (subject.isEmpty()) {
          problem(number, 1, "names no subject: write it as 'subject core'");
          subject = "?";
        }
        sectionComments.put(subject, List.copyOf(comments));
        comments.clear();
        sections.computeIfAbsent(subject, unused -> new ArrayList<>());
      } else {
        Optional<Entry> entry = new Line(line, number).entry(comments);
        comments.clear();
        if (subject.isEmpty()) {
          problem(
              number,
              1,
              "stands before any 'subject NAME' line: say whose violation this is, such as"
                  + " 'subject core'");
          subject = "?";
          sections.computeIfAbsent(subject, unused -> new ArrayList<>());
        }
        if (entry.isPresent()) {
          String key = subject + " " + entry.get().pattern() + " " + entry.get().cause();
          Integer first = seen.putIfAbsent(key, number);
          if (first != null) {
            problem(number, 1, "is there already, in line " + first + ": remove one of the two");
          }
          sections.get(subject).add(entry.get());
        }
      }
    }
    if (!problems.isEmpty()) {
      throw new BaselineException(problems);
    }
    return new BaselineFile(heading, sections, sectionComments, comments);
  }

  private void problem(int line, int column, String what) {
    problems.add(shown + ":" + line + ":" + column + ": " + what);
  }

  /** One line, read from left to right. */
  private final class Line {
    private final String text;
    private final int number;
    private int at;

    Line(String text, int number) {
      this.text = text;
      this.number = number;
    }

    private void skipSpace() {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
    }

    /** The word at the cursor, which stays before it. */
    private String peek() {
      skipSpace();
      int end = at;
      while (end < text.length() && !Character.isWhitespace(text.charAt(end))) {
        end++;
      }
      return text.substring(at, end);
    }

    private int column() {
      return at + 1;
    }

    Optional<Entry> entry(List<String> comments) {
      int before = problems.size();
      String pattern = peek();
      int patternColumn = column();
      at += pattern.length();
      if (!VENDOR_FIRST.matcher(pattern).matches()) {
        problem(
            number,
            patternColumn,
            "'"
                + pattern
                + "' is no case id: one looks like svm/rdtsc/long64/gp.tsd>exit, and a glob names"
                + " the vendor too");
      }
      Optional<Count> count = Optional.empty();
      String cause = "";
      Optional<LocalDate> until = Optional.empty();
      String link = "";
      int countColumn = patternColumn;
      int causeColumn = patternColumn;
      int untilColumn = patternColumn;
      Set<String> had = new HashSet<>();
      for (String word = peek(); ; word = peek()) {
        Optional<Count> counted = Count.parse(word);
        if (counted.isPresent() && had.add("count")) {
          countColumn = column();
          count = counted;
          at += word.length();
        } else if (word.startsWith("\"") && had.add("cause")) {
          causeColumn = column();
          cause = quoted();
        } else if (word.equals("until") && had.add("until")) {
          at += word.length();
          skipSpace();
          untilColumn = column();
          until = day();
        } else if (LINK.matcher(word).matches() && had.add("link")) {
          link = word;
          at += word.length();
        } else {
          break;
        }
      }
      if (Entry.isGlob(pattern) && count.map(Count::most).orElse(0) == 0) {
        problem(
            number,
            countColumn,
            "a glob says how many violations it covers, as in '" + pattern + " x12 reason'");
      } else if (!Entry.isGlob(pattern) && count.isPresent()) {
        problem(number, countColumn, "a case violates once: only a glob (with * or ?) has a count");
      }
      if (!Entry.isGlob(pattern) && !cause.isEmpty()) {
        problem(number, causeColumn, "a case has one cause: only a glob (with * or ?) names it");
      }
      skipSpace();
      String reason = text.substring(at).strip();
      if (reason.isEmpty()) {
        problem(number, column(), "gives no reason: say why the violation is expected");
      }
      return problems.size() > before
          ? Optional.empty()
          : Optional.of(
              new Entry(
                  pattern,
                  count,
                  cause,
                  until,
                  link,
                  reason,
                  new Entry.Place(number, countColumn, untilColumn),
                  comments));
    }

    private String quoted() {
      int end = text.indexOf('"', at + 1);
      if (end < 0) {
        problem(number, column(), "the cause's closing quotation mark is missing");
        end = text.length() - 1;
      }
      String cause = text.substring(at + 1, Math.max(at + 1, end));
      at = end + 1;
      return cause;
    }

    private Optional<LocalDate> day() {
      String word = peek();
      try {
        LocalDate day = LocalDate.parse(word);
        at += word.length();
        return Optional.of(day);
      } catch (DateTimeParseException e) {
        problem(number, column(), "'" + word + "' is no day: write it as 2026-12-31");
        at += word.length();
        return Optional.empty();
      }
    }
  }
}

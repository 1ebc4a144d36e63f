package dev.precept.report.baseline;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A file of known violations. Each subject has its own section: what one emulator is known to do
 * says nothing of another.
 */
public final class BaselineFile {
  private static final List<String> USUAL_HEADING =
      List.of(
          "# Known violations. A line: ID or GLOB xCOUNT, until DATE and LINK where wanted, and the",
          "# reason. 'precept gate --update-baseline' keeps it sorted and keeps the reasons.");

  /** A file without a line. */
  public static final BaselineFile EMPTY =
      new BaselineFile(USUAL_HEADING, Map.of(), Map.of(), List.of());

  private final List<String> heading;
  private final SortedMap<String, List<Entry>> sections;
  private final Map<String, List<String>> comments;
  private final List<String> end;

  /**
   * @param heading comment lines at the beginning, before the first subject
   * @param sections entries by subject
   * @param comments comment lines right above a section's first line, by subject
   * @param end comment lines behind the last entry
   */
  BaselineFile(
      List<String> heading,
      Map<String, List<Entry>> sections,
      Map<String, List<String>> comments,
      List<String> end) {
    TreeMap<String, List<Entry>> copy = new TreeMap<>();
    sections.forEach((subject, entries) -> copy.put(subject, List.copyOf(entries)));
    this.heading = List.copyOf(heading);
    this.sections = copy;
    this.comments = Map.copyOf(comments);
    this.end = List.copyOf(end);
  }

  /**
   * Reads {@code text}.
   *
   * @param shown the file's name for messages
   * @throws BaselineException if lines are wrong, with all of them
   */
  public static BaselineFile parse(String shown, String text) {
    return new BaselineReader(shown).read(text);
  }

  /** The entries for {@code subject}; none where it has no section. */
  List<Entry> entries(String subject) {
    return sections.getOrDefault(subject, List.of());
  }

  /** Subjects that have a section, sorted. */
  public List<String> subjects() {
    return List.copyOf(sections.keySet());
  }

  /** Number of {@code subject}'s lines whose reason nobody has written yet. */
  public long unexplained(String subject) {
    return entries(subject).stream().filter(Entry::unexplained).count();
  }

  /** Number of {@code subject}'s lines. */
  public int size(String subject) {
    return entries(subject).size();
  }

  /** The file with other entries for {@code subject}. */
  BaselineFile with(String subject, List<Entry> entries) {
    TreeMap<String, List<Entry>> changed = new TreeMap<>(sections);
    if (entries.isEmpty()) {
      changed.remove(subject);
    } else {
      changed.put(subject, entries);
    }
    return new BaselineFile(heading, changed, comments, end);
  }

  /**
   * The file's text: subjects and lines sorted, so that the same entries always give the same text.
   */
  public String text() {
    List<String> lines = new ArrayList<>(heading);
    for (Map.Entry<String, List<Entry>> section : sections.entrySet()) {
      if (!lines.isEmpty()) {
        lines.add("");
      }
      lines.addAll(comments.getOrDefault(section.getKey(), List.of()));
      lines.add("subject " + section.getKey());
      lines.add("");
      section.getValue().stream()
          .sorted(Entry.IN_FILE)
          .forEach(
              entry -> {
                lines.addAll(entry.comments());
                lines.add(entry.text());
              });
    }
    if (!end.isEmpty()) {
      lines.add("");
      lines.addAll(end);
    }
    return String.join("\n", lines) + "\n";
  }
}

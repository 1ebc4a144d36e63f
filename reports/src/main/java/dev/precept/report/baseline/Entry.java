package dev.precept.report.baseline;

import dev.precept.cases.CaseGlob;
import dev.precept.report.Cause;
import dev.precept.report.Result;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A line of a baseline: one violation, or a family of them with their number.
 *
 * @param pattern a case id, or a glob over ids
 * @param count for a glob: how many violations it covers; absent for an id
 * @param cause for a glob that covers violations of one cause only: its sentence; else empty
 * @param until last day on which the line counts
 * @param link where to read more, or empty
 * @param reason why the violation is expected, never empty
 * @param place where the line stands
 * @param comments the comment lines right above it, which go where it goes
 */
record Entry(
    String pattern,
    Optional<Count> count,
    String cause,
    Optional<LocalDate> until,
    String link,
    String reason,
    Place place,
    List<String> comments) {

  /** How a reason begins that nobody has written yet. */
  static final String UNEXPLAINED = "unexplained:";

  Entry {
    comments = List.copyOf(comments);
  }

  /**
   * Where an entry stands.
   *
   * @param line from 1; 0 for an entry that is in no file yet
   * @param countColumn column of the count, from 1
   * @param untilColumn column of the date, from 1
   */
  record Place(int line, int countColumn, int untilColumn) {
    static final Place NONE = new Place(0, 1, 1);
  }

  /**
   * The most specific first: an id before a glob, a longer glob before a shorter one, one with a
   * cause before one without. A violation belongs to the first that covers it.
   */
  static final Comparator<Entry> MOST_SPECIFIC =
      Comparator.comparing((Entry entry) -> entry.isGlob())
          .thenComparingInt(entry -> -entry.pattern().length())
          .thenComparing(entry -> entry.cause().isEmpty())
          .thenComparing(Entry::pattern)
          .thenComparing(Entry::cause);

  /** The order of lines in a file. */
  static final Comparator<Entry> IN_FILE =
      Comparator.comparing(Entry::pattern).thenComparing(Entry::cause);

  boolean isGlob() {
    return isGlob(pattern);
  }

  static boolean isGlob(String pattern) {
    return pattern.indexOf('*') >= 0 || pattern.indexOf('?') >= 0;
  }

  /** The pattern's literal beginning: an id that lacks it cannot match. */
  String prefix() {
    int star = pattern.indexOf('*');
    int any = pattern.indexOf('?');
    int end = Math.min(star < 0 ? pattern.length() : star, any < 0 ? pattern.length() : any);
    return pattern.substring(0, end);
  }

  /** Whether the pattern matches {@code id}. */
  boolean matches(String id) {
    return isGlob()
        ? id.startsWith(prefix()) && new CaseGlob(pattern).test(id)
        : id.equals(pattern);
  }

  /**
   * Whether this line is about {@code result}. A case without an outcome has to be expected by its
   * cause: where nobody knows what the subject would do, no line about an outcome fits.
   */
  boolean covers(Result result) {
    boolean right =
        cause.isEmpty() ? result.verdict().violates() : cause.equals(Cause.sentence(result));
    return right && matches(result.id());
  }

  /** Whether nobody has said yet why it is expected. */
  boolean unexplained() {
    return reason.startsWith(UNEXPLAINED);
  }

  Entry withCount(Count number) {
    return new Entry(pattern, Optional.of(number), cause, until, link, reason, place, comments);
  }

  /** The line as the file has it. */
  String text() {
    StringBuilder text = new StringBuilder(pattern);
    count.ifPresent(number -> text.append(' ').append(number));
    if (!cause.isEmpty()) {
      text.append(" \"").append(cause).append('"');
    }
    until.ifPresent(day -> text.append(" until ").append(day));
    if (!link.isEmpty()) {
      text.append(' ').append(link);
    }
    return text.append(' ').append(reason).toString();
  }
}

package dev.precept.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a file of known violations said of a run: which of them it expects and why, and which of its
 * lines no longer fit.
 *
 * @param file the file as the command line named it; empty where there was none
 * @param lines lines that cover violations of this run
 * @param complaints lines that no longer fit: each fails the gate
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Baseline(String file, List<Line> lines, List<Complaint> complaints) {
  /** Of a run that had no baseline. */
  public static final Baseline NONE = new Baseline("", List.of(), List.of());

  public Baseline {
    file = Texts.orEmpty(file);
    lines = lines == null ? List.of() : List.copyOf(lines);
    complaints = complaints == null ? List.of() : List.copyOf(complaints);
  }

  /**
   * A line that covers violations of the run.
   *
   * @param line its number in the file, from 1
   * @param pattern a case id, or a glob over ids
   * @param cause for a glob that covers one cause only: its sentence; else empty
   * @param until last day on which the line counts, {@code 2026-12-31}; empty: without end
   * @param link where to read more, or empty
   * @param reason why the violation is expected
   * @param cases ids of the violations it covers
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Line(
      int line,
      String pattern,
      String cause,
      String until,
      String link,
      String reason,
      List<String> cases) {
    public Line {
      pattern = Texts.orEmpty(pattern);
      cause = Texts.orEmpty(cause);
      until = Texts.orEmpty(until);
      link = Texts.orEmpty(link);
      reason = Texts.orEmpty(reason);
      cases = cases == null ? List.of() : List.copyOf(cases);
    }
  }

  /**
   * A line that no longer fits.
   *
   * @param line its number in the file, from 1
   * @param column what it is about, from 1
   * @param pattern the line's id or glob
   * @param message what is wrong and what to do, for a person
   */
  public record Complaint(int line, int column, String pattern, String message) {
    public Complaint {
      pattern = Texts.orEmpty(pattern);
      message = Texts.orEmpty(message);
    }
  }

  /** Whether the run had a baseline at all. */
  public boolean used() {
    return !file.isEmpty();
  }

  /** The lines by the ids of the violations they cover: to be asked for once, not for each case. */
  public Map<String, Line> byCase() {
    Map<String, Line> byCase = new HashMap<>();
    for (Line line : lines) {
      line.cases().forEach(id -> byCase.put(id, line));
    }
    return byCase;
  }

  /** Number of violations that it expects. */
  public int known() {
    return lines.stream().mapToInt(line -> line.cases().size()).sum();
  }

  /** {@code known.txt:12:1}, as compilers name a place. */
  public String place(int line, int column) {
    return file + ":" + line + ":" + column;
  }
}

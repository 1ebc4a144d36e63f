package dev.precept.report;

import dev.precept.cases.Verdict;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The JUnit XML that CI systems show: a suite for each instruction form, a test for each case.
 *
 * <p>A violation is a failure, a lost case an error, a case the subject cannot run is skipped, and
 * so is a violation that the baseline expects, with its reason. A line of the baseline that no
 * longer fits is a failing test of the suite {@code baseline}. Our own rather than a test runner's,
 * because those lose the difference.
 */
public final class JUnitXml {
  private JUnitXml() {}

  /**
   * Writes {@code run} to {@code file}.
   *
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, Run run) throws IOException {
    write(file, run, EarlierPieces.NONE);
  }

  /**
   * As {@link #write(Path, Run)}.
   *
   * @param earlier suites that an earlier file has, by the form's name
   * @return where the suites of forms are of which everything holds
   */
  public static FilePieces write(Path file, Run run, EarlierPieces earlier) throws IOException {
    return FilePieces.written(file, out -> writeTo(out, run, earlier));
  }

  static Map<String, Span> writeTo(PieceWriter out, Run run, EarlierPieces earlier)
      throws IOException {
    Map<String, List<Result>> byForm = new LinkedHashMap<>();
    FormNames names = new FormNames("/");
    for (Result result : run.results()) {
      byForm.computeIfAbsent(names.of(result), unused -> new ArrayList<>()).add(result);
    }
    Map<String, Baseline.Line> known = run.baseline().byCase();
    List<Suite> suites = new ArrayList<>();
    byForm.forEach(
        (form, results) -> {
          String name = results.get(0).vendor() + "." + results.get(0).formId();
          boolean holds = results.stream().allMatch(result -> result.verdict().holds());
          suites.add(
              holds && earlier.has(form)
                  ? Suite.holding(form, name, results)
                  : Suite.of(
                      form,
                      name,
                      results.stream().map(result -> test(run, result, known)).toList()));
        });
    List<Test> others = new ArrayList<>();
    for (Baseline.Complaint complaint : run.baseline().complaints()) {
      others.add(
          new Test(
              complaint.pattern(),
              0,
              Element.FAILURE,
              "baseline",
              run.baseline().place(complaint.line(), complaint.column())
                  + ": "
                  + complaint.message(),
              ""));
    }
    if (!others.isEmpty()) {
      suites.add(Suite.of("", "baseline", others));
    }
    if (run.summary().partial()) {
      suites.add(
          Suite.of(
              "",
              "run",
              List.of(
                  new Test(
                      "the run finishes",
                      0,
                      Element.ERROR,
                      "partial",
                      "the run did not finish",
                      ""))));
    }
    out.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.write("<testsuites" + attribute("name", "precept " + run.summary().info().subject()));
    out.write(Counts.of(suites.stream().map(Suite::counts).toList()).attributes());
    out.write(">\n");
    Map<String, Span> holding = new HashMap<>();
    for (Suite suite : suites) {
      long start = out.position();
      if (suite.elsewhere()) {
        earlier.copy(suite.form(), out);
      } else {
        write(out, suite);
      }
      if (!suite.form().isEmpty() && suite.counts().allHold()) {
        holding.put(suite.form(), new Span(start, (int) (out.position() - start)));
      }
    }
    out.write("</testsuites>\n");
    return holding;
  }

  private static void write(Writer out, Suite suite) throws IOException {
    out.write("  <testsuite" + attribute("name", suite.name()));
    out.write(suite.counts().attributes());
    out.write(">\n");
    String className = attribute("classname", "precept." + suite.name());
    for (Test test : suite.tests()) {
      write(out, className, test);
    }
    out.write("  </testsuite>\n");
  }

  /**
   * A suite.
   *
   * @param form the form's name; empty if it is not one of a form's cases
   * @param tests none where an earlier file has them
   * @param elsewhere whether that is so
   */
  private record Suite(
      String form, String name, Counts counts, List<Test> tests, boolean elsewhere) {
    static Suite of(String form, String name, List<Test> tests) {
      return new Suite(
          form,
          name,
          new Counts(
              tests.size(),
              count(tests, Element.FAILURE),
              count(tests, Element.ERROR),
              count(tests, Element.SKIPPED),
              tests.stream().mapToLong(Test::micros).sum()),
          tests,
          false);
    }

    /** One of which everything holds, and which an earlier file has. */
    static Suite holding(String form, String name, List<Result> results) {
      long micros = results.stream().mapToLong(Result::micros).sum();
      return new Suite(form, name, new Counts(results.size(), 0, 0, 0, micros), List.of(), true);
    }

    private static long count(List<Test> tests, Element element) {
      return tests.stream().filter(test -> test.element() == element).count();
    }
  }

  /** Counts of tests, and how long they took. */
  private record Counts(long tests, long failures, long errors, long skipped, long micros) {
    static Counts of(List<Counts> several) {
      return several.stream()
          .reduce(
              new Counts(0, 0, 0, 0, 0),
              (one, other) ->
                  new Counts(
                      one.tests + other.tests,
                      one.failures + other.failures,
                      one.errors + other.errors,
                      one.skipped + other.skipped,
                      one.micros + other.micros));
    }

    boolean allHold() {
      return failures == 0 && errors == 0 && skipped == 0;
    }

    String attributes() {
      return attribute("tests", Long.toString(tests))
          + attribute("failures", Long.toString(failures))
          + attribute("errors", Long.toString(errors))
          + attribute("skipped", Long.toString(skipped))
          + attribute("time", seconds(micros));
    }
  }

  private enum Element {
    NONE,
    FAILURE,
    ERROR,
    SKIPPED
  }

  /** A test as the file has it; {@code text} is what a CI system shows when it is opened. */
  private record Test(
      String name, long micros, Element element, String type, String message, String text) {}

  private static Test test(Run run, Result result, Map<String, Baseline.Line> known) {
    Verdict verdict = result.verdict();
    Baseline.Line line = known.get(result.id());
    Element element =
        switch (verdict) {
          case HOLDS, OPEN_HOLDS -> Element.NONE;
          case NOT_APPLICABLE -> Element.SKIPPED;
          case VIOLATION, PRECEDENCE_VIOLATION -> line == null ? Element.FAILURE : Element.SKIPPED;
          case NO_ANSWER, CRASH -> Element.ERROR;
        };
    if (element == Element.NONE) {
      return new Test(result.id(), result.micros(), element, verdict.word(), "", "");
    }
    String message =
        line == null
            ? Narrative.headline(result)
            : "known: " + line.reason() + " (" + Narrative.headline(result) + ")";
    boolean told = element == Element.FAILURE || element == Element.ERROR;
    return new Test(
        result.id(),
        result.micros(),
        element,
        verdict.word(),
        message,
        told ? Narrative.full(run.summary().info(), result) : "");
  }

  /**
   * Writes a test.
   *
   * @param className the attribute that says its class
   */
  private static void write(Writer out, String className, Test test) throws IOException {
    out.write("    <testcase name=\"");
    out.write(Texts.xml(test.name()));
    out.write('"');
    out.write(className);
    out.write(" time=\"");
    out.write(seconds(test.micros()));
    out.write('"');
    switch (test.element()) {
      case NONE -> out.write("/>\n");
      case SKIPPED -> out.write(">\n      <skipped" + message(test) + "/>\n    </testcase>\n");
      case FAILURE -> told(out, "failure", test);
      case ERROR -> told(out, "error", test);
    }
  }

  private static String message(Test test) {
    return attribute("message", test.message());
  }

  private static void told(Writer out, String element, Test test) throws IOException {
    out.write(">\n      <" + element + attribute("type", test.type()) + message(test) + ">");
    out.write(Texts.xml(test.text()).replace("&#10;", "\n"));
    out.write("</" + element + ">\n    </testcase>\n");
  }

  private static String seconds(long micros) {
    // By hand: a formatter for each of a hundred thousand tests is a noticeable part of a run.
    String fraction = Long.toString(1_000_000 + micros % 1_000_000).substring(1);
    return micros / 1_000_000 + "." + fraction;
  }

  private static String attribute(String name, String value) {
    return " " + name + "=\"" + Texts.xml(value) + "\"";
  }
}

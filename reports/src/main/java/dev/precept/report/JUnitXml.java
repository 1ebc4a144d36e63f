package dev.precept.report;

import dev.precept.cases.Verdict;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
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
    OutputFile.write(file, out -> writeTo(out, run));
  }

  static void writeTo(Writer out, Run run) throws IOException {
    Map<String, Baseline.Line> known = run.baseline().byCase();
    Map<String, List<Test>> suites = new LinkedHashMap<>();
    FormNames names = new FormNames(".");
    for (Result result : run.results()) {
      suites
          .computeIfAbsent(names.of(result), unused -> new ArrayList<>())
          .add(test(run, result, known));
    }
    for (Baseline.Complaint complaint : run.baseline().complaints()) {
      suites
          .computeIfAbsent("baseline", unused -> new ArrayList<>())
          .add(
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
    if (run.summary().partial()) {
      suites
          .computeIfAbsent("run", unused -> new ArrayList<>())
          .add(
              new Test(
                  "the run finishes", 0, Element.ERROR, "partial", "the run did not finish", ""));
    }
    out.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.write("<testsuites" + attribute("name", "precept " + run.summary().info().subject()));
    counts(out, suites.values().stream().flatMap(List::stream).toList());
    out.write(">\n");
    for (Map.Entry<String, List<Test>> suite : suites.entrySet()) {
      out.write("  <testsuite" + attribute("name", suite.getKey()));
      counts(out, suite.getValue());
      out.write(">\n");
      String className = attribute("classname", "precept." + suite.getKey());
      for (Test test : suite.getValue()) {
        write(out, className, test);
      }
      out.write("  </testsuite>\n");
    }
    out.write("</testsuites>\n");
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

  private static void counts(Writer out, List<Test> tests) throws IOException {
    out.write(attribute("tests", Integer.toString(tests.size())));
    out.write(attribute("failures", count(tests, Element.FAILURE)));
    out.write(attribute("errors", count(tests, Element.ERROR)));
    out.write(attribute("skipped", count(tests, Element.SKIPPED)));
    out.write(attribute("time", seconds(tests.stream().mapToLong(Test::micros).sum())));
  }

  private static String count(List<Test> tests, Element element) {
    return Long.toString(tests.stream().filter(test -> test.element() == element).count());
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

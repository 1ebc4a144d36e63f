package dev.precept.report;

import dev.precept.cases.Verdict;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The JUnit XML that CI systems show: a suite for each instruction form, a test for each case.
 *
 * <p>A violation is a failure, a lost case an error, a case the subject cannot run is skipped. Our
 * own rather than a test runner's, because those lose the difference.
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
    Map<String, List<Result>> suites =
        run.results().stream()
            .collect(
                Collectors.groupingBy(
                    result -> result.vendor() + "." + result.formId(),
                    LinkedHashMap::new,
                    Collectors.toList()));
    out.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.write("<testsuites" + attribute("name", "precept"));
    counts(out, run.results(), run.summary().partial() ? 1 : 0);
    out.write(">\n");
    for (Map.Entry<String, List<Result>> suite : suites.entrySet()) {
      out.write("  <testsuite" + attribute("name", suite.getKey()));
      counts(out, suite.getValue(), 0);
      out.write(">\n");
      for (Result result : suite.getValue()) {
        testCase(out, suite.getKey(), result);
      }
      out.write("  </testsuite>\n");
    }
    if (run.summary().partial()) {
      out.write(
          "  <testsuite name=\"run\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\">\n"
              + "    <testcase name=\"the run finishes\" classname=\"precept.run\">\n"
              + "      <error type=\"partial\" message=\"the run did not finish\"/>\n"
              + "    </testcase>\n  </testsuite>\n");
    }
    out.write("</testsuites>\n");
  }

  private static void counts(Writer out, List<Result> results, int moreErrors) throws IOException {
    long failures = results.stream().filter(result -> result.verdict().violates()).count();
    long errors = results.stream().filter(result -> lost(result.verdict())).count();
    long skipped =
        results.stream().filter(result -> result.verdict() == Verdict.NOT_APPLICABLE).count();
    long micros = results.stream().mapToLong(Result::micros).sum();
    out.write(attribute("tests", Integer.toString(results.size() + moreErrors)));
    out.write(attribute("failures", Long.toString(failures)));
    out.write(attribute("errors", Long.toString(errors + moreErrors)));
    out.write(attribute("skipped", Long.toString(skipped)));
    out.write(attribute("time", seconds(micros)));
  }

  private static void testCase(Writer out, String suite, Result result) throws IOException {
    out.write("    <testcase" + attribute("name", result.id()));
    out.write(attribute("classname", "precept." + suite));
    out.write(attribute("time", seconds(result.micros())));
    Verdict verdict = result.verdict();
    if (verdict.holds()) {
      out.write("/>\n");
      return;
    }
    out.write(">\n      ");
    String message = attribute("message", Narrative.headline(result));
    if (verdict == Verdict.NOT_APPLICABLE) {
      out.write("<skipped" + message + "/>");
    } else {
      String element = lost(verdict) ? "error" : "failure";
      out.write("<" + element + attribute("type", verdict.word()) + message + ">");
      out.write(Texts.xml(Narrative.full(result)).replace("&#10;", "\n"));
      out.write("</" + element + ">");
    }
    out.write("\n    </testcase>\n");
  }

  private static boolean lost(Verdict verdict) {
    return verdict == Verdict.NO_ANSWER || verdict == Verdict.CRASH;
  }

  private static String seconds(long micros) {
    return String.format(Locale.ROOT, "%.6f", micros / 1e6);
  }

  private static String attribute(String name, String value) {
    return " " + name + "=\"" + Texts.xml(value) + "\"";
  }
}

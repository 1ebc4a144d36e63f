package dev.precept.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.precept.cases.Verdict;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;

/**
 * SARIF 2.1.0, for code scanning: each violation points at the table row that it breaks.
 *
 * <p>Rows are given relative to the source root, so that a viewer finds them in a checkout.
 */
public final class Sarif {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<Verdict> RULES =
      List.of(Verdict.PRECEDENCE_VIOLATION, Verdict.VIOLATION, Verdict.NO_ANSWER, Verdict.CRASH);

  private Sarif() {}

  /**
   * Writes {@code run} to {@code file}.
   *
   * @param tablesRoot folder of the tables relative to the source root, with forward slashes
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, Run run, String tablesRoot) throws IOException {
    OutputFile.write(file, out -> writeTo(out, run, tablesRoot));
  }

  static void writeTo(Writer out, Run run, String tablesRoot) throws IOException {
    ObjectNode log = JSON.createObjectNode();
    log.put("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    log.put("version", "2.1.0");
    ObjectNode sarifRun = log.putArray("runs").addObject();
    ObjectNode driver = sarifRun.putObject("tool").putObject("driver");
    driver.put("name", "Precept");
    driver.put("semanticVersion", semantic(run.summary().info().version()));
    ArrayNode rules = driver.putArray("rules");
    for (Verdict rule : RULES) {
      ObjectNode node = rules.addObject();
      node.put("id", rule.word());
      node.putObject("shortDescription").put("text", rule.meaning());
      node.putObject("defaultConfiguration").put("level", "error");
    }
    ObjectNode invocation = sarifRun.putArray("invocations").addObject();
    invocation.put("executionSuccessful", !run.summary().partial());
    invocation.put("commandLine", run.summary().info().command());
    sarifRun.put("columnKind", "utf16CodeUnits");
    ArrayNode results = sarifRun.putArray("results");
    for (Result result : run.results()) {
      int rule = RULES.indexOf(result.verdict());
      if (rule >= 0) {
        add(results.addObject(), result, rule, tablesRoot);
      }
    }
    out.write(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(log));
    out.write('\n');
  }

  private static void add(ObjectNode node, Result result, int rule, String tablesRoot) {
    node.put("ruleId", result.verdict().word());
    node.put("ruleIndex", rule);
    node.put("level", "error");
    node.putObject("message")
        .put(
            "text",
            result.id()
                + ": "
                + Narrative.headline(result)
                + (result.citation().isEmpty() ? "" : " (" + result.citation() + ")"));
    RowPlace place = RowPlace.of(result.row());
    if (!place.file().isEmpty()) {
      ObjectNode physical = node.putArray("locations").addObject().putObject("physicalLocation");
      physical
          .putObject("artifactLocation")
          .put("uri", tablesRoot + "/" + place.file())
          .put("uriBaseId", "%SRCROOT%");
      physical.putObject("region").put("startLine", place.line());
    }
    node.putObject("partialFingerprints").put("caseId/v1", result.subject() + " " + result.id());
    ObjectNode properties = node.putObject("properties");
    properties.put("subject", result.subject());
    properties.put("state", result.assignment());
    properties.put("rerun", Narrative.rerun(result));
  }

  private static String semantic(String version) {
    return version.isEmpty() ? "0.0.0" : version;
  }
}

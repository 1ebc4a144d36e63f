package dev.precept.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.precept.cases.Verdict;
import java.io.IOException;
import java.io.Writer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * SARIF 2.1.0, for code scanning: each violation points at the table row that it breaks, each line
 * of the baseline that no longer fits at itself. What the baseline expects is there as well, as a
 * note that is suppressed with the line's reason.
 *
 * <p>Places are given relative to the source root, so that a viewer finds them in a checkout.
 */
public final class Sarif {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<Verdict> VERDICTS =
      List.of(Verdict.PRECEDENCE_VIOLATION, Verdict.VIOLATION, Verdict.NO_ANSWER, Verdict.CRASH);
  private static final String BASELINE_RULE = "baseline";
  private static final Pattern SEMANTIC_VERSION =
      Pattern.compile("[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?");

  private Sarif() {}

  /**
   * Writes {@code run} to {@code file}.
   *
   * @param placeOf from a table file's name to its place, relative to the source root or absolute,
   *     with forward slashes
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, Run run, UnaryOperator<String> placeOf) throws IOException {
    OutputFile.write(file, out -> writeTo(out, run, placeOf));
  }

  static void writeTo(Writer out, Run run, UnaryOperator<String> placeOf) throws IOException {
    RunInfo info = run.summary().info();
    ObjectNode log = JSON.createObjectNode();
    log.put("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    log.put("version", "2.1.0");
    ObjectNode sarifRun = log.putArray("runs").addObject();
    ObjectNode driver = sarifRun.putObject("tool").putObject("driver");
    driver.put("name", "Precept");
    driver.put("version", info.version());
    if (SEMANTIC_VERSION.matcher(info.version()).matches()) {
      driver.put("semanticVersion", info.version());
    }
    ArrayNode rules = driver.putArray("rules");
    VERDICTS.forEach(verdict -> rule(rules, verdict.word(), verdict.meaning()));
    rule(rules, BASELINE_RULE, "a line of the baseline no longer fits");
    ObjectNode invocation = sarifRun.putArray("invocations").addObject();
    invocation.put("executionSuccessful", !run.summary().partial());
    invocation.put("commandLine", info.command());
    sarifRun.putObject("automationDetails").put("id", "precept/" + info.subject() + "/");
    sarifRun.put("columnKind", "utf16CodeUnits");
    ArrayNode results = sarifRun.putArray("results");
    Map<String, Baseline.Line> known = run.baseline().byCase();
    for (Result result : run.results()) {
      int rule = VERDICTS.indexOf(result.verdict());
      if (rule >= 0) {
        ObjectNode node = results.addObject();
        add(node, info, result, rule, placeOf);
        if (known.containsKey(result.id())) {
          suppress(node, run.baseline(), known.get(result.id()));
        }
      }
    }
    for (Baseline.Complaint complaint : run.baseline().complaints()) {
      add(results.addObject(), run.baseline(), complaint);
    }
    out.write(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(log));
    out.write('\n');
  }

  private static void rule(ArrayNode rules, String id, String meaning) {
    ObjectNode node = rules.addObject();
    node.put("id", id);
    node.putObject("shortDescription").put("text", meaning);
    node.putObject("defaultConfiguration").put("level", "error");
  }

  private static void add(
      ObjectNode node, RunInfo run, Result result, int rule, UnaryOperator<String> placeOf) {
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
      place(node, placeOf.apply(place.file())).put("startLine", place.line());
    }
    node.putObject("partialFingerprints").put("caseId/v1", result.subject() + " " + result.id());
    ObjectNode properties = node.putObject("properties");
    properties.put("subject", result.subject());
    properties.put("cause", Cause.sentence(result));
    properties.put("state", result.assignment());
    properties.put("rerun", Narrative.rerun(run, result));
  }

  private static void suppress(ObjectNode node, Baseline baseline, Baseline.Line line) {
    node.put("level", "note");
    ObjectNode suppression = node.putArray("suppressions").addObject();
    suppression.put("kind", "external");
    suppression.put("status", "accepted");
    suppression.put("justification", line.reason());
    physical(suppression.putObject("location"), baseline.file()).put("startLine", line.line());
  }

  private static void add(ObjectNode node, Baseline baseline, Baseline.Complaint complaint) {
    node.put("ruleId", BASELINE_RULE);
    node.put("ruleIndex", VERDICTS.size());
    node.put("level", "error");
    node.putObject("message").put("text", complaint.pattern() + ": " + complaint.message());
    place(node, baseline.file())
        .put("startLine", complaint.line())
        .put("startColumn", complaint.column());
    node.putObject("partialFingerprints").put("baselineLine/v1", complaint.pattern());
  }

  private static ObjectNode place(ObjectNode result, String path) {
    return physical(result.putArray("locations").addObject(), path);
  }

  /** Puts {@code path} into a location; returns its region, to be filled. */
  private static ObjectNode physical(ObjectNode location, String path) {
    ObjectNode physical = location.putObject("physicalLocation");
    ObjectNode artifact = physical.putObject("artifactLocation");
    String plain = path.replace('\\', '/').replaceFirst("^(\\./)+", "");
    if (plain.matches("(?s)/.*|[A-Za-z]:/.*")) {
      artifact.put("uri", "file://" + (plain.startsWith("/") ? "" : "/") + encoded(plain));
    } else {
      artifact.put("uri", encoded(plain)).put("uriBaseId", "%SRCROOT%");
    }
    return physical.putObject("region");
  }

  private static String encoded(String path) {
    return Arrays.stream(path.split("/", -1))
        .map(part -> URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20"))
        .collect(Collectors.joining("/"));
  }
}

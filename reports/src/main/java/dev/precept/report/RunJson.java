package dev.precept.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.precept.cases.Verdict;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.Map;

/** A run's counts and everything that did not hold, as one JSON object for other programs. */
public final class RunJson {
  private static final ObjectMapper JSON = ResultLog.json();

  private RunJson() {}

  /**
   * Writes {@code run} to {@code file}.
   *
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, Run run) throws IOException {
    OutputFile.write(file, out -> writeTo(out, run));
  }

  /** Writes {@code run} to {@code out}, on several lines. */
  public static void writeTo(Writer out, Run run) throws IOException {
    RunSummary summary = run.summary();
    ObjectNode object = JSON.createObjectNode();
    object.put("passes", Narrative.passes(summary));
    object.put("conclusion", Narrative.conclusion(summary));
    object.put("newViolations", summary.newViolations());
    object.put("knownViolations", summary.known());
    object.put("knownWithoutOutcome", summary.knownLost());
    object.put("partial", summary.partial());
    object.set("run", JSON.valueToTree(summary.info()));
    object.put("millis", summary.millis());
    object.put("cases", summary.cases());
    ObjectNode verdicts = object.putObject("verdicts");
    for (Map.Entry<Verdict, Integer> entry : summary.verdicts().entrySet()) {
      verdicts.put(entry.getKey().word(), entry.getValue());
    }
    ObjectNode pairs = object.putObject("pairs");
    for (Map.Entry<PairRecord.Status, Integer> entry : summary.pairs().entrySet()) {
      pairs.put(entry.getKey().word(), entry.getValue());
    }
    pairs.put("total", summary.pairTotal());
    ArrayNode causes = object.putArray("causes");
    for (Cause cause : Cause.of(run.unexpected())) {
      ObjectNode node = causes.addObject();
      node.put("vendor", cause.vendor());
      node.put("sort", cause.sort().title());
      node.put("cause", cause.sentence());
      node.put("cases", cause.results().size());
      node.set("forms", JSON.valueToTree(cause.modesByForm()));
      node.put("example", cause.example().id());
    }
    object.set("baseline", JSON.valueToTree(run.baseline()));
    Map<String, Baseline.Line> known = run.baseline().byCase();
    ArrayNode bad = object.putArray("failures");
    for (Result result : run.results()) {
      if (!result.verdict().passes()) {
        ObjectNode node = JSON.valueToTree(result);
        node.put("cause", Cause.sentence(result));
        node.put("known", known.containsKey(result.id()));
        node.put("rerun", Narrative.rerun(summary.info(), result));
        bad.add(node);
      }
    }
    out.write(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(object));
    out.write('\n');
  }
}

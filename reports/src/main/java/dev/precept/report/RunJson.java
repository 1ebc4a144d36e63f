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
    ArrayNode bad = object.putArray("failures");
    for (Result result : run.results()) {
      if (!result.verdict().holds() && result.verdict() != Verdict.NOT_APPLICABLE) {
        ObjectNode node = JSON.valueToTree(result);
        node.put("rerun", Narrative.rerun(result));
        bad.add(node);
      }
    }
    out.write(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(object));
    out.write('\n');
  }
}

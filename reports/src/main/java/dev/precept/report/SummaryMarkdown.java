package dev.precept.report;

import dev.precept.cases.Verdict;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A page of Markdown for a pull request or a CI job's summary. */
public final class SummaryMarkdown {
  private static final int SHOWN = 20;

  private SummaryMarkdown() {}

  /**
   * Writes {@code run} to {@code file}.
   *
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, Run run) throws IOException {
    OutputFile.write(file, out -> writeTo(out, run));
  }

  static void writeTo(Writer out, Run run) throws IOException {
    RunSummary summary = run.summary();
    out.write("# Precept: " + Texts.markdown(Narrative.conclusion(summary)) + "\n\n");
    out.write("Subject " + Texts.markdown(summary.info().subject()));
    out.write(", " + Texts.count(summary.cases(), "case"));
    if (summary.partial()) {
      out.write(" of " + summary.info().planned() + " (**the run did not finish**)");
    }
    out.write(".\nPairs of checks: " + Narrative.pairSum(summary) + ".\n\n");
    out.write("| verdict | cases | |\n| --- | ---: | --- |\n");
    for (Map.Entry<Verdict, Integer> entry : summary.verdicts().entrySet()) {
      Verdict verdict = entry.getKey();
      out.write("| " + verdict.word() + " | " + entry.getValue() + " | " + verdict.meaning());
      out.write(" |\n");
    }
    List<Result> bad =
        run.results().stream()
            .filter(r -> !r.verdict().holds() && r.verdict() != Verdict.NOT_APPLICABLE)
            .toList();
    if (!bad.isEmpty()) {
      out.write("\n## Violations and lost cases\n\n| case | what happened | manual |\n");
      out.write("| --- | --- | --- |\n");
      for (Result result : bad.subList(0, Math.min(SHOWN, bad.size()))) {
        out.write("| " + Texts.markdown(result.id()));
        out.write(" | " + Texts.markdown(Narrative.headline(result)));
        out.write(" | " + Texts.markdown(result.citation()) + " |\n");
      }
      if (bad.size() > SHOWN) {
        out.write("\n" + (bad.size() - SHOWN) + " more are in the report.\n");
      }
      out.write("\nThe first one again:\n\n    " + Narrative.rerun(bad.get(0)) + "\n");
    }
  }
}

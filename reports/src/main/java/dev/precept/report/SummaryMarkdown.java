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
  private static final int FORMS_NAMED = 8;

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
      out.write(" of " + Texts.number(summary.info().planned()) + " (**the run did not finish**)");
    }
    out.write(".\nPairs of checks: " + Narrative.pairSum(summary) + ".\n\n");
    out.write("| verdict | cases | |\n| --- | ---: | --- |\n");
    for (Map.Entry<Verdict, Integer> entry : summary.verdicts().entrySet()) {
      Verdict verdict = entry.getKey();
      out.write(
          "| "
              + verdict.word()
              + " | "
              + Texts.number(entry.getValue())
              + " | "
              + verdict.meaning());
      out.write(" |\n");
    }
    List<Cause> causes = Cause.of(run.unexpected());
    if (!causes.isEmpty()) {
      causes(out, run, causes);
    }
    if (run.baseline().used()) {
      baseline(out, run.baseline());
    }
  }

  private static void causes(Writer out, Run run, List<Cause> causes) throws IOException {
    out.write("\n## What does not hold, by cause\n\n| the subject | cases | in | for instance |\n");
    out.write("| --- | ---: | --- | --- |\n");
    for (Cause cause : causes.subList(0, Math.min(SHOWN, causes.size()))) {
      Result example = cause.example();
      out.write("| " + Texts.markdown(cause.sentence()));
      out.write(" | " + Texts.number(cause.results().size()));
      out.write(" | " + Texts.markdown(Texts.some(cause.modesByForm().keySet(), FORMS_NAMED)));
      out.write(" | " + Texts.markdown(example.id() + ": " + Narrative.headline(example)));
      String citation = example.citation();
      out.write(citation.isEmpty() ? " |\n" : " (" + Texts.markdown(citation) + ") |\n");
    }
    if (causes.size() > SHOWN) {
      out.write("\n" + Texts.count(causes.size() - SHOWN, "more cause") + " in the report.\n");
    }
    String again = Narrative.rerun(run.summary().info(), causes.get(0).example());
    out.write("\nThe first one again:\n\n    " + again.replaceAll("[\\r\\n]", " ") + "\n");
  }

  private static void baseline(Writer out, Baseline baseline) throws IOException {
    out.write("\n## Known violations\n\n");
    out.write(Texts.count(baseline.known(), "violation") + " of this run are in ");
    out.write(Texts.markdown(baseline.file()) + ".\n");
    if (!baseline.complaints().isEmpty()) {
      out.write("\n| line | what has to change |\n| --- | --- |\n");
    }
    List<Baseline.Complaint> complaints = baseline.complaints();
    for (Baseline.Complaint complaint : complaints.subList(0, Math.min(SHOWN, complaints.size()))) {
      out.write("| " + Texts.markdown(baseline.place(complaint.line(), complaint.column())));
      out.write(" | " + Texts.markdown(complaint.pattern() + ": " + complaint.message()) + " |\n");
    }
    if (complaints.size() > SHOWN) {
      out.write("\n" + Texts.count(complaints.size() - SHOWN, "more line") + " in the report.\n");
    }
  }
}

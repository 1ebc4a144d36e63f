package dev.precept.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.precept.cases.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the report's script draws, as compact JSON: what is told of the runs, the forms and the
 * vendors, and a part for each form.
 *
 * <p>The JSON stands inside the page, where it is inert: see {@link InertInHtml}.
 */
final class ReportData {
  /** Bytes that there is room for at first. */
  private static final int FIRST_ROOM = 1 << 22;

  private final ReportModel model;
  private final Map<String, Integer> causes = new HashMap<>();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(FIRST_ROOM);

  /** Where the parts of forms are of which everything holds. */
  private final Map<String, Span> holding = new HashMap<>();

  private ReportData(ReportModel model) {
    this.model = model;
    for (int i = 0; i < model.causes().size(); i++) {
      Cause cause = model.causes().get(i);
      causes.put(cause.vendor() + " " + cause.sentence(), i);
    }
  }

  /**
   * All of it.
   *
   * @param earlier parts that an earlier page has, by the form's name
   */
  static ReportData of(ReportModel model, EarlierPieces earlier) {
    ReportData data = new ReportData(model);
    try (PieceWriter out = new PieceWriter(data.bytes)) {
      data.writeTo(out, earlier);
    } catch (IOException e) {
      throw new IllegalStateException("memory can be written to", e);
    }
    return data;
  }

  /**
   * Writes it.
   *
   * @return where in {@code out} the parts of forms are of which everything holds, by their names
   */
  Map<String, Span> copyTo(PieceWriter out) throws IOException {
    long start = out.position();
    byte[] all = bytes.toByteArray();
    out.copy(all, 0, all.length);
    Map<String, Span> there = new HashMap<>();
    holding.forEach((form, part) -> there.put(form, new Span(start + part.start(), part.length())));
    return there;
  }

  private void writeTo(PieceWriter out, EarlierPieces earlier) throws IOException {
    JsonFactory factory = new JsonFactory();
    factory.setCharacterEscapes(new InertInHtml());
    factory.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    out.write("{\"head\":");
    try (JsonGenerator json = factory.createGenerator(out)) {
      head(json);
    }
    out.write(",\"parts\":[");
    List<Map<String, Integer>> known = model.runs().stream().map(ReportData::known).toList();
    String separator = "";
    for (FormView form : model.forms()) {
      out.write(separator);
      separator = ",";
      FormResults results = model.part(form);
      boolean holds = results.allHold();
      long start = out.position();
      if (holds && earlier.has(form.key())) {
        earlier.copy(form.key(), out);
      } else {
        try (JsonGenerator json = factory.createGenerator(out)) {
          new FormPart(results, causes, known).write(json);
        }
      }
      if (holds) {
        holding.put(form.key(), new Span(start, (int) (out.position() - start)));
      }
    }
    out.write("]}");
  }

  private void head(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("title", OverviewView.title(model));
    subjects(json);
    words(json);
    FormData.write(json, model);
    causes(json);
    meanings(json);
    json.writeEndObject();
  }

  /** Number of the baseline's line that expects a case, by the case's id. */
  private static Map<String, Integer> known(Run run) {
    Map<String, Integer> known = new HashMap<>();
    for (int i = 0; i < run.baseline().lines().size(); i++) {
      int line = i;
      run.baseline().lines().get(i).cases().forEach(id -> known.put(id, line));
    }
    return known;
  }

  private void subjects(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("subjects");
    for (int i = 0; i < model.runs().size(); i++) {
      Run run = model.runs().get(i);
      json.writeStartObject();
      json.writeStringField("name", model.subjects().get(i));
      json.writeStringField("rerun", Narrative.rerunPrefix(run.summary().info()));
      json.writeStringField("baseline", run.baseline().file());
      json.writeArrayFieldStart("known");
      for (Baseline.Line line : run.baseline().lines()) {
        strings(
            json,
            List.of(
                run.baseline().place(line.line(), 1),
                line.pattern(),
                line.until(),
                line.link(),
                line.reason()));
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void words(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("verdicts");
    for (Verdict verdict : Verdict.values()) {
      strings(
          json, List.of(verdict.word(), verdict.meaning(), verdict.passes() ? "passes" : "fails"));
    }
    json.writeEndArray();
    json.writeArrayFieldStart("statuses");
    for (PairRecord.Status status : PairRecord.Status.values()) {
      strings(json, List.of(status.word(), status.label()));
    }
    json.writeEndArray();
    json.writeFieldName("modes");
    strings(json, model.modes());
    json.writeObjectFieldStart("vendors");
    for (Map.Entry<String, String> vendor : model.vendors().entrySet()) {
      json.writeStringField(vendor.getKey(), vendor.getValue());
    }
    json.writeEndObject();
  }

  private void causes(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("causes");
    for (Cause cause : model.causes()) {
      strings(json, List.of(cause.vendor(), cause.sort().title(), cause.sentence()));
    }
    json.writeEndArray();
  }

  /** What the variables mean that a state of the report mentions. */
  private void meanings(JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("meanings");
    for (Map.Entry<String, Map<String, String>> vendor : model.meanings().entrySet()) {
      json.writeObjectFieldStart(vendor.getKey());
      for (Map.Entry<String, String> one : vendor.getValue().entrySet()) {
        if (!one.getValue().isEmpty()) {
          json.writeStringField(one.getKey(), one.getValue());
        }
      }
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  static void strings(JsonGenerator json, Collection<String> values) throws IOException {
    json.writeStartArray();
    for (String value : values) {
      json.writeString(value);
    }
    json.writeEndArray();
  }
}

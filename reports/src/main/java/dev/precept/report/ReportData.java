package dev.precept.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.precept.cases.Difference;
import dev.precept.cases.Verdict;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * What the report's script draws, as compact JSON: columns of numbers, and every text once.
 *
 * <p>The JSON stands inside the page. So that no text can end its element or start markup, {@code
 * <}, {@code >}, {@code &} and the two line separators that JavaScript minds are written as {@code
 * \}{@code u003c} and so on.
 */
final class ReportData {
  private final ReportModel model;
  private final Map<String, Integer> texts = new LinkedHashMap<>();
  private final Map<String, Integer> forms;

  ReportData(ReportModel model) {
    this.model = model;
    this.forms = model.formIndex();
  }

  void writeTo(Writer out, String title) throws IOException {
    JsonFactory factory = new JsonFactory();
    factory.setCharacterEscapes(new InertInHtml());
    JsonGenerator json = factory.createGenerator(out);
    json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    json.writeStartObject();
    json.writeStringField("title", title);
    subjects(json);
    words(json);
    forms(json);
    cases(json);
    pairs(json);
    json.writeArrayFieldStart("s");
    for (String text : texts.keySet()) {
      json.writeString(text);
    }
    json.writeEndArray();
    json.writeEndObject();
    json.close();
  }

  private int text(String value) {
    Integer known = texts.putIfAbsent(value, texts.size());
    return known == null ? texts.size() - 1 : known;
  }

  private void subjects(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("subjects");
    for (int i = 0; i < model.runs().size(); i++) {
      json.writeStartObject();
      json.writeStringField("name", model.subjects().get(i));
      json.writeStringField("rerun", Narrative.rerunPrefix(model.runs().get(i).summary().info()));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void words(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("verdicts");
    for (Verdict verdict : Verdict.values()) {
      strings(json, List.of(verdict.word(), verdict.meaning()));
    }
    json.writeEndArray();
    json.writeFieldName("statuses");
    strings(json, Arrays.stream(PairRecord.Status.values()).map(PairRecord.Status::word).toList());
    json.writeFieldName("modes");
    strings(json, model.modes());
  }

  private void forms(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("forms");
    for (FormView form : model.forms()) {
      json.writeStartObject();
      json.writeStringField("vendor", form.vendor());
      json.writeStringField("vendorName", form.vendorName());
      json.writeStringField("id", form.id());
      json.writeStringField("instruction", form.instruction());
      json.writeStringField("mnemonic", form.name());
      json.writeStringField("encoding", form.encoding());
      json.writeFieldName("modes");
      strings(json, form.modes());
      json.writeStringField("gate", form.gate());
      source(json, form.source());
      json.writeArrayFieldStart("groups");
      for (List<String> group : form.groups()) {
        strings(json, group);
      }
      json.writeEndArray();
      json.writeObjectFieldStart("checks");
      for (Map.Entry<String, FormView.CheckView> entry : form.checks().entrySet()) {
        FormView.CheckView check = entry.getValue();
        json.writeObjectFieldStart(entry.getKey());
        json.writeStringField("result", check.result());
        json.writeBooleanField("exit", check.exit());
        json.writeStringField("condition", check.condition());
        json.writeStringField("meaning", check.meaning());
        source(json, check.source());
        json.writeEndObject();
      }
      json.writeEndObject();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void source(JsonGenerator json, FormView.SourceView source) throws IOException {
    json.writeStringField("cite", source.citation());
    json.writeStringField("prov", source.provenance());
    json.writeStringField("note", source.note());
    json.writeStringField("row", source.row());
  }

  private record Placed<T>(int subject, T value) {}

  private <T> List<Placed<T>> all(Function<Run, List<T>> of) {
    List<Placed<T>> all = new ArrayList<>();
    for (int i = 0; i < model.runs().size(); i++) {
      for (T value : of.apply(model.runs().get(i))) {
        all.add(new Placed<>(i, value));
      }
    }
    return all;
  }

  private static <T> void column(
      JsonGenerator json, String name, List<Placed<T>> rows, ToIntFunction<Placed<T>> number)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (Placed<T> row : rows) {
      json.writeNumber(number.applyAsInt(row));
    }
    json.writeEndArray();
  }

  private void cases(JsonGenerator json) throws IOException {
    List<Placed<Result>> rows = all(Run::results);
    json.writeObjectFieldStart("c");
    column(json, "subject", rows, Placed::subject);
    column(json, "verdict", rows, r -> r.value().verdict().ordinal());
    column(json, "form", rows, r -> forms.get(r.value().vendor() + "/" + r.value().formId()));
    column(json, "id", rows, r -> text(r.value().id()));
    column(json, "mode", rows, r -> text(r.value().mode()));
    column(json, "kind", rows, r -> text(r.value().kind()));
    column(json, "claim", rows, r -> text(r.value().claim()));
    column(json, "state", rows, r -> text(r.value().assignment()));
    column(json, "expected", rows, r -> text(r.value().expected()));
    column(json, "actual", rows, r -> text(r.value().actual()));
    column(json, "first", rows, r -> text(r.value().firstCheck()));
    column(json, "second", rows, r -> text(r.value().secondCheck()));
    column(json, "cite", rows, r -> text(r.value().citation()));
    column(json, "row", rows, r -> text(r.value().row()));
    json.writeObjectFieldStart("detail");
    for (int i = 0; i < rows.size(); i++) {
      detail(json, i, rows.get(i).value());
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void detail(JsonGenerator json, int index, Result result) throws IOException {
    Reproducer reproducer = result.reproducer();
    boolean plain =
        result.verdict().holds()
            && reproducer.equals(Reproducer.NONE)
            && result.differences().isEmpty();
    if (plain) {
      return;
    }
    json.writeObjectFieldStart(Integer.toString(index));
    if (!result.verdict().holds()) {
      json.writeStringField("headline", Narrative.headline(result));
    }
    field(json, "expectedCheck", result.expectedCheck());
    field(json, "actualCheck", result.actualCheck());
    field(json, "bytes", reproducer.bytes());
    field(json, "assembly", reproducer.assembly());
    field(json, "reveals", result.reveals());
    field(json, "remark", result.remark());
    if (!result.differences().isEmpty()) {
      json.writeArrayFieldStart("differences");
      for (Difference difference : result.differences()) {
        strings(json, List.of(difference.name(), difference.expected(), difference.actual()));
      }
      json.writeEndArray();
    }
    if (!reproducer.registers().isEmpty()) {
      json.writeArrayFieldStart("registers");
      for (Map.Entry<String, String> entry : reproducer.registers().entrySet()) {
        strings(json, List.of(entry.getKey(), entry.getValue()));
      }
      json.writeEndArray();
    }
    if (!reproducer.controlBlockBits().isEmpty()) {
      json.writeFieldName("control");
      strings(json, reproducer.controlBlockBits());
    }
    if (!reproducer.memory().isEmpty()) {
      json.writeFieldName("memory");
      strings(json, reproducer.memory());
    }
    json.writeEndObject();
  }

  private void pairs(JsonGenerator json) throws IOException {
    List<Placed<PairRecord>> rows = all(Run::pairs);
    json.writeObjectFieldStart("p");
    column(json, "subject", rows, Placed::subject);
    column(json, "form", rows, r -> forms.get(r.value().vendor() + "/" + r.value().form()));
    column(json, "mode", rows, r -> text(r.value().mode()));
    column(json, "first", rows, r -> text(r.value().first()));
    column(json, "second", rows, r -> text(r.value().second()));
    column(json, "status", rows, r -> r.value().status().ordinal());
    column(json, "case", rows, r -> r.value().caseId().isEmpty() ? -1 : text(r.value().caseId()));
    column(json, "reason", rows, r -> text(r.value().reason()));
    json.writeEndObject();
  }

  private static void field(JsonGenerator json, String name, String value) throws IOException {
    if (!value.isEmpty()) {
      json.writeStringField(name, value);
    }
  }

  private static void strings(JsonGenerator json, List<String> values) throws IOException {
    json.writeStartArray();
    for (String value : values) {
      json.writeString(value);
    }
    json.writeEndArray();
  }

  private static final class InertInHtml extends CharacterEscapes {
    private static final long serialVersionUID = 1L;
    private final int[] ascii = standardAsciiEscapesForJSON();

    InertInHtml() {
      for (char c : new char[] {'<', '>', '&'}) {
        ascii[c] = ESCAPE_STANDARD;
      }
    }

    @Override
    public int[] getEscapeCodesForAscii() {
      return ascii.clone();
    }

    @Override
    public SerializableString getEscapeSequence(int character) {
      return switch (character) {
        case 0x2028 -> new SerializedString("\\u2028");
        case 0x2029 -> new SerializedString("\\u2029");
        default -> null;
      };
    }
  }
}

package dev.precept.report;

import static dev.precept.report.ReportData.strings;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.precept.tables.compare.OrderComparison;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The part of the page's data that comes from the tables: forms, and vendors next to each other.
 */
final class FormData {
  private FormData() {}

  static void write(JsonGenerator json, ReportModel model) throws IOException {
    forms(json, model.forms());
    comparisons(json, model.comparisons());
  }

  private static void forms(JsonGenerator json, List<FormView> forms) throws IOException {
    json.writeArrayFieldStart("forms");
    for (FormView form : forms) {
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
        json.writeBooleanField("optional", check.optional());
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

  private static void comparisons(JsonGenerator json, List<OrderComparison> comparisons)
      throws IOException {
    json.writeArrayFieldStart("compare");
    for (OrderComparison comparison : comparisons) {
      json.writeStartObject();
      form(json, "left", comparison.left());
      form(json, "right", comparison.right());
      json.writeArrayFieldStart("rows");
      for (OrderComparison.Row row : comparison.rows()) {
        json.writeStartArray();
        step(json, row.left());
        step(json, row.right());
        json.writeString(row.mark().name());
        json.writeEndArray();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("orders");
      for (OrderComparison.Order order : comparison.orders()) {
        strings(
            json, List.of(order.one(), order.other(), order.left().name(), order.right().name()));
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void form(JsonGenerator json, String name, OrderComparison.Form form)
      throws IOException {
    json.writeFieldName(name);
    strings(json, List.of(form.vendor() + "/" + form.form(), form.vendorName()));
  }

  private static void step(JsonGenerator json, Optional<OrderComparison.Step> step)
      throws IOException {
    if (step.isEmpty()) {
      json.writeNull();
      return;
    }
    OrderComparison.Step one = step.get();
    strings(
        json,
        List.of(
            Integer.toString(one.number()),
            one.id(),
            one.result(),
            one.condition(),
            String.join(" ", one.openWith())));
  }
}

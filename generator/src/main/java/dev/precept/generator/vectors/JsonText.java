package dev.precept.generator.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precept.cases.json.Json;

/** Lays an object out as people and diffs like it: a member a line, an element a line. */
final class JsonText {
  private final StringBuilder text = new StringBuilder("{");
  private String separator = "\n";

  private StringBuilder begin(String name) {
    text.append(separator).append(quoted(name)).append(": ");
    separator = ",\n";
    return text;
  }

  private static String quoted(String value) {
    return Json.text(Json.object().textNode(value));
  }

  void member(String name, String value) {
    begin(name).append(quoted(value));
  }

  void member(String name, int value) {
    begin(name).append(value);
  }

  void member(String name, JsonNode value) {
    begin(name).append(Json.text(value));
  }

  void lines(String name, Iterable<? extends JsonNode> elements) {
    begin(name).append('[');
    String between = "\n";
    for (JsonNode element : elements) {
      text.append(between).append(Json.text(element));
      between = ",\n";
    }
    text.append("\n]");
  }

  String end() {
    return text.append("\n}\n").toString();
  }
}

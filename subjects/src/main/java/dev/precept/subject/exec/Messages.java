package dev.precept.subject.exec;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.precept.cases.BaseImage;
import dev.precept.cases.Case;
import dev.precept.cases.json.CaseTemplate;
import dev.precept.cases.json.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The lines to one program: images and templates once, before the first case that needs them. */
final class Messages {
  private final Map<String, CaseTemplate> templates = new HashMap<>();
  private final Map<String, BaseImage> images = new HashMap<>();
  private int number;
  private int batch;

  static String hello(String version) {
    ObjectNode line = Json.object();
    line.putObject("hello").put("protocol", Hello.PROTOCOL).put("precept", version);
    return Json.text(line);
  }

  /**
   * Lines for a batch.
   *
   * @param number of the batch; the program says it again when it has answered all
   * @param cases by the numbers that answers have, which never come again
   */
  record Batch(int number, Map<Integer, Case> cases, List<String> lines) {}

  /** The lines that send {@code cases}, in their order. */
  Batch batch(List<Case> cases) {
    List<String> lines = new ArrayList<>();
    Map<Integer, Case> numbered = new HashMap<>();
    for (Case testCase : cases) {
      CaseTemplate template = template(testCase, lines);
      ObjectNode line = Json.object();
      ObjectNode members = line.putObject("case");
      members.put("number", ++number).put("id", testCase.id());
      members.setAll(template.json(testCase));
      lines.add(Json.text(line));
      numbered.put(number, testCase);
    }
    ObjectNode end = Json.object();
    end.putObject("end").put("batch", ++batch);
    lines.add(Json.text(end));
    return new Batch(batch, numbered, lines);
  }

  private CaseTemplate template(Case testCase, List<String> lines) {
    CaseTemplate known = templates.get(CaseTemplate.nameFor(testCase));
    if (known != null) {
      return known;
    }
    CaseTemplate template = new CaseTemplate(testCase);
    String image = CaseTemplate.imageName(testCase);
    if (images.putIfAbsent(image, testCase.base()) == null) {
      lines.add(Json.text(Json.object().set("image", template.imageJson())));
    }
    lines.add(Json.text(Json.object().set("template", template.json())));
    templates.put(template.name(), template);
    return template;
  }
}

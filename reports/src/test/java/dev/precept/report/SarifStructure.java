package dev.precept.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What SARIF 2.1.0 demands of the objects that Precept writes: which properties there are, which
 * must be there, and what they hold (OASIS standard, section 3, "File format"). Anything else in an
 * object is a mistake, as the standard's schema has it.
 */
final class SarifStructure {
  /** Type of an object, then its properties; {@code !} marks one that must be there. */
  private static final String TYPES =
      """
      log: $schema=uri version!=2.1.0 runs!=run[]
      run: tool!=tool invocations=invocation[] automationDetails=automation columnKind=columnKind \
      results=result[]
      tool: driver!=component
      component: name!=text version=text semanticVersion=semver rules=rule[]
      rule: id!=text shortDescription=multiformat defaultConfiguration=configuration
      multiformat: text!=text
      configuration: level=level
      invocation: executionSuccessful!=boolean commandLine=text
      automation: id=text
      result: ruleId=text ruleIndex=index level=level message!=message locations=location[] \
      partialFingerprints=strings suppressions=suppression[] properties=bag
      message: text=text
      location: physicalLocation=physical
      physical: artifactLocation=artifact region=region
      artifact: uri=uri uriBaseId=text
      region: startLine=one startColumn=one
      suppression: kind!=suppressionKind status=suppressionStatus justification=text \
      location=location
      """;

  private static final Map<String, List<String>> WORDS =
      Map.of(
          "2.1.0", List.of("2.1.0"),
          "columnKind", List.of("utf16CodeUnits", "unicodeCodePoints"),
          "level", List.of("none", "note", "warning", "error"),
          "suppressionKind", List.of("inSource", "external"),
          "suppressionStatus", List.of("accepted", "underReview", "rejected"));

  private static final Pattern SEMVER =
      Pattern.compile("[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?");

  private final Map<String, Map<String, String>> types = new HashMap<>();
  private final List<String> mistakes = new ArrayList<>();

  private SarifStructure() {
    for (String line : TYPES.lines().toList()) {
      Map<String, String> properties = new HashMap<>();
      String[] parts = line.split(": ", 2);
      for (String property : parts[1].split(" ")) {
        String[] one = property.split("=", 2);
        properties.put(one[0], one[1]);
      }
      types.put(parts[0], properties);
    }
  }

  /** Whatever is wrong with {@code log}, each with its place. */
  static List<String> mistakes(JsonNode log) {
    SarifStructure structure = new SarifStructure();
    structure.check("$", log, "log");
    structure.indexes(log);
    return structure.mistakes;
  }

  private void check(String at, JsonNode node, String type) {
    if (type.endsWith("[]")) {
      if (!node.isArray()) {
        mistakes.add(at + " is no array");
      }
      for (int i = 0; i < node.size(); i++) {
        check(at + "[" + i + "]", node.get(i), type.substring(0, type.length() - 2));
      }
    } else if (types.containsKey(type)) {
      object(at, node, types.get(type));
    } else if (!value(node, type)) {
      mistakes.add(at + " is no " + type + ": " + node);
    }
  }

  private void object(String at, JsonNode node, Map<String, String> properties) {
    if (!node.isObject()) {
      mistakes.add(at + " is no object");
      return;
    }
    properties.forEach(
        (name, type) -> {
          String plain = name.replace("!", "");
          if (node.has(plain)) {
            check(at + "." + plain, node.get(plain), type);
          } else if (name.endsWith("!")) {
            mistakes.add(at + " has no " + plain);
          }
        });
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!properties.containsKey(name) && !properties.containsKey(name + "!")) {
        mistakes.add(at + "." + name + " is not a property of it");
      }
    }
  }

  private static boolean value(JsonNode node, String type) {
    if (WORDS.containsKey(type)) {
      return WORDS.get(type).contains(node.asText());
    }
    return switch (type) {
      case "text" -> node.isTextual();
      case "boolean" -> node.isBoolean();
      case "index" -> node.isInt() && node.asInt() >= -1;
      case "one" -> node.isInt() && node.asInt() >= 1;
      case "semver" -> SEMVER.matcher(node.asText()).matches();
      case "uri" -> node.isTextual() && isUri(node.asText());
      case "bag" -> node.isObject();
      case "strings" -> {
        boolean all = node.isObject();
        for (JsonNode one : node) {
          all &= one.isTextual();
        }
        yield all;
      }
      default -> throw new IllegalArgumentException(type);
    };
  }

  private static boolean isUri(String text) {
    try {
      return new URI(text) != null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  /** A result's rule by index is its rule by name (3.27.6). */
  private void indexes(JsonNode log) {
    for (JsonNode run : log.path("runs")) {
      for (JsonNode result : run.path("results")) {
        JsonNode rule = run.at("/tool/driver/rules/" + result.path("ruleIndex").asInt());
        if (!rule.path("id").equals(result.path("ruleId"))) {
          mistakes.add("rule " + result.path("ruleIndex") + " is not " + result.path("ruleId"));
        }
      }
    }
  }
}

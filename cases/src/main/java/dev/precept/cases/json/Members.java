package dev.precept.cases.json;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precept.cases.FeatureBit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The members of a JSON object, taken one by one; {@link #end} complains of those that nobody took.
 */
public final class Members {
  private static final int SHOWN = 40;

  private final String path;
  private final JsonNode object;
  private final Set<String> taken = new HashSet<>();

  /**
   * The members of {@code object}.
   *
   * @param path where the object is, for messages; empty at the top
   * @throws MalformedMessageException if it is no object
   */
  public Members(String path, JsonNode object) throws MalformedMessageException {
    if (!object.isObject()) {
      throw new MalformedMessageException(path, "an object has to be here, not " + kind(object));
    }
    this.path = path;
    this.object = object;
  }

  /** The path of member {@code name}. */
  public String path(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /** Member {@code name}, if it is there; JSON's null counts as there. */
  public Optional<JsonNode> take(String name) {
    taken.add(name);
    return Optional.ofNullable(object.get(name));
  }

  /**
   * Member {@code name}.
   *
   * @throws MalformedMessageException if it is not there
   */
  public JsonNode need(String name) throws MalformedMessageException {
    Optional<JsonNode> node = take(name);
    if (node.isEmpty()) {
      throw new MalformedMessageException(path(name), "is missing");
    }
    return node.get();
  }

  /** The members of member {@code name}. */
  public Members object(String name) throws MalformedMessageException {
    return new Members(path(name), need(name));
  }

  /** The text {@code name}. */
  public String text(String name) throws MalformedMessageException {
    return text(path(name), need(name));
  }

  /** The text {@code name}, or {@code otherwise} if it is not there. */
  public String text(String name, String otherwise) throws MalformedMessageException {
    Optional<JsonNode> node = take(name);
    return node.isEmpty() ? otherwise : text(path(name), node.get());
  }

  /** The boolean {@code name}, or {@code otherwise} if it is not there. */
  public boolean flag(String name, boolean otherwise) throws MalformedMessageException {
    Optional<JsonNode> node = take(name);
    if (node.isEmpty()) {
      return otherwise;
    }
    if (!node.get().isBoolean()) {
      throw new MalformedMessageException(
          path(name), "true or false has to be here, not " + kind(node.get()));
    }
    return node.get().booleanValue();
  }

  /** The count {@code name}, a JSON number from {@code least} to {@code most}. */
  public int count(String name, int least, int most) throws MalformedMessageException {
    JsonNode node = need(name);
    if (!node.isIntegralNumber()
        || !node.canConvertToInt()
        || node.intValue() < least
        || node.intValue() > most) {
      throw new MalformedMessageException(
          path(name), "a whole number from " + least + " to " + most + " has to be here");
    }
    return node.intValue();
  }

  /** The same, or {@code otherwise} if it is not there. */
  public int count(String name, int least, int most, int otherwise)
      throws MalformedMessageException {
    return take(name).isEmpty() ? otherwise : count(name, least, most);
  }

  /** The number {@code name}, a string such as {@code "0x1f"} of at most {@code bits} bits. */
  public long number(String name, int bits) throws MalformedMessageException {
    return Hex.parseNumber(path(name), text(name), bits);
  }

  /** The same, or {@code otherwise} if it is not there. */
  public long number(String name, int bits, long otherwise) throws MalformedMessageException {
    return take(name).isEmpty() ? otherwise : number(name, bits);
  }

  /** The elements of the array {@code name}; none if it is not there. */
  public List<JsonNode> list(String name) throws MalformedMessageException {
    Optional<JsonNode> node = take(name);
    if (node.isEmpty()) {
      return List.of();
    }
    return elements(path(name), node.get());
  }

  /** The strings of the array {@code name}; none if it is not there. */
  public List<String> texts(String name) throws MalformedMessageException {
    List<String> texts = new ArrayList<>();
    for (JsonNode element : list(name)) {
      texts.add(text(path(name) + "[" + texts.size() + "]", element));
    }
    return texts;
  }

  /** The CPUID bits of the array {@code name}; none if it is not there. */
  public List<FeatureBit> features(String name) throws MalformedMessageException {
    return Parts.features(this, name);
  }

  /** Names and values of all members, none of which is complained of any more. */
  public List<Map.Entry<String, JsonNode>> all() {
    List<Map.Entry<String, JsonNode>> entries = new ArrayList<>(object.properties());
    entries.forEach(entry -> taken.add(entry.getKey()));
    return entries;
  }

  /**
   * Says that all members were taken.
   *
   * @throws MalformedMessageException if there are others
   */
  public void end() throws MalformedMessageException {
    for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!taken.contains(name)) {
        throw new MalformedMessageException(
            path.isEmpty() ? "" : path, "there is no member " + shown(name) + " here");
      }
    }
  }

  static List<JsonNode> elements(String path, JsonNode node) throws MalformedMessageException {
    if (!node.isArray()) {
      throw new MalformedMessageException(path, "an array has to be here, not " + kind(node));
    }
    List<JsonNode> elements = new ArrayList<>();
    node.forEach(elements::add);
    return elements;
  }

  static String text(String path, JsonNode node) throws MalformedMessageException {
    if (!node.isTextual()) {
      throw new MalformedMessageException(path, "a string has to be here, not " + kind(node));
    }
    return node.textValue();
  }

  /** {@code text} in quotes for a message, cut and without control characters. */
  public static String shown(String text) {
    String cut = text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
    return "\"" + cut.replaceAll("\\p{Cntrl}", "?") + "\"";
  }

  private static String kind(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "an array";
      case BOOLEAN -> "true or false";
      case NULL -> "null";
      case NUMBER -> "a number";
      case OBJECT -> "an object";
      case STRING -> "a string";
      case BINARY, MISSING, POJO -> "something else";
    };
  }
}

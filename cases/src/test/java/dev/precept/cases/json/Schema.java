package dev.precept.cases.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.util.List;

/** A published schema, or a definition in it, as a test's judge of messages. */
final class Schema {
  private static final String FOLDER = "classpath:/dev/precept/cases/json/schema/";

  private final JsonSchema schema;

  /** The schema {@code name}, such as {@code case.schema.json#/$defs/observation}. */
  Schema(String name) {
    schema =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
            .getSchema(SchemaLocation.of(FOLDER + name));
  }

  /** What is wrong with {@code node}; nothing if it is valid. */
  List<String> complaints(JsonNode node) {
    return schema.validate(node).stream().map(ValidationMessage::toString).toList();
  }
}

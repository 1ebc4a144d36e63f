package dev.precept.cases.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precept.cases.Register;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The published schemas know what the code knows. */
class SchemasTest {
  @ParameterizedTest
  @ValueSource(strings = {Schemas.CASE, Schemas.PROTOCOL, Schemas.VECTORS})
  void aSchemaIsJsonOf202012(String name) throws Exception {
    assertThat(Json.parse(Schemas.text(name)).get("$schema").textValue())
        .isEqualTo("https://json-schema.org/draft/2020-12/schema");
  }

  @Test
  void theSchemaHasEveryRegisterInItsPlaceAndNoOther() throws Exception {
    JsonNode definitions = Json.parse(Schemas.text(Schemas.CASE)).get("$defs");
    List<String> names = new ArrayList<>();
    definitions.at("/registerName/enum").forEach(name -> names.add(name.textValue()));

    assertThat(names).isEqualTo(Stream.of(Register.values()).map(Register::name).toList());
  }

  @ParameterizedTest
  @EnumSource(Register.class)
  void aRegisterTakesItsWidthAndNotABitMore(Register register) throws Exception {
    Schema registers = new Schema("case.schema.json#/$defs/registers");
    long most = register.width() == 64 ? -1L : (1L << register.width()) - 1;

    assertThat(registers.complaints(object(register, Hex.number(most)))).isEmpty();
    String over = register.width() == 64 ? "0x1" + "0".repeat(16) : Hex.number(most + 1);
    assertThat(registers.complaints(object(register, over))).isNotEmpty();
  }

  private static JsonNode object(Register register, String value) {
    return Json.object().put(register.name(), value);
  }
}

package dev.precept.subject.exec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import dev.precept.cases.Context;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.Observation;
import dev.precept.cases.json.Json;
import dev.precept.subject.Subject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What goes over the line is what the published schema says. */
@Timeout(120)
class ExecProtocolTest {
  @TempDir private Path folder;
  private Programs programs;

  @BeforeEach
  void prepare() {
    programs = new Programs(folder);
  }

  private static JsonSchema schema(String definition) {
    return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
        .getSchema(
            SchemaLocation.of(
                "classpath:/dev/precept/cases/json/schema/protocol.schema.json#/$defs/"
                    + definition));
  }

  private List<JsonNode> record(String... modes) throws Exception {
    List<String> all = new ArrayList<>(List.of(modes));
    all.add("record");
    try (Subject subject = programs.subjects(programs.python(all.toArray(String[]::new))).get()) {
      subject.run(
          List.of(
              Programs.testCase("one"),
              Programs.testCase("cannot"),
              Programs.testCase(
                  "two", "svm", Context.GUEST, List.of(new FeatureBit(7, 0, 1, 31, false))),
              Programs.testCase("three", "svm", Context.HOST, List.of())),
          seen -> {});
      subject.run(List.of(Programs.testCase("one")), seen -> {});
    }
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(programs.file("record"))) {
      lines.add(Json.parse(line));
    }
    return lines;
  }

  @Test
  void everyLineInBothDirectionsIsAsTheSchemaSays() throws Exception {
    JsonSchema toProgram = schema("toProgram");
    JsonSchema toPrecept = schema("toPrecept");

    List<JsonNode> lines = record();

    assertThat(lines)
        .hasSizeGreaterThan(15)
        .allSatisfy(
            line ->
                assertThat(toProgram.validate(line).isEmpty() || toPrecept.validate(line).isEmpty())
                    .as(line.toString())
                    .isTrue());
  }

  @Test
  void imagesAndTemplatesAreSentOnce() throws Exception {
    List<JsonNode> lines = record();

    assertThat(lines).filteredOn(line -> line.has("image")).hasSize(1);
    assertThat(lines)
        .filteredOn(line -> line.has("template"))
        .extracting(line -> line.at("/template/name").textValue())
        .containsExactly("svm/empty/guest", "svm/empty/host");
  }

  @Test
  void noNumberIsGivenTwice() throws Exception {
    assertThat(record())
        .filteredOn(line -> line.has("case"))
        .extracting(line -> line.at("/case/number").intValue())
        .containsExactly(1, 2, 3, 4, 5);
  }

  @Test
  void batchesAreNoLargerThanTheProgramWants() throws Exception {
    assertThat(record("{\"batch\":3}"))
        .filteredOn(line -> line.has("end"))
        .extracting(line -> line.at("/end/batch").intValue())
        .containsExactly(1, 1, 2, 2, 3, 3);
  }

  @Test
  void answersMayComeInAnyOrder() throws Exception {
    String[] ids = IntStream.range(0, 50).mapToObj(i -> "case-" + i).toArray(String[]::new);

    List<Observation> seen = programs.run(programs.python("backwards"), ids);

    assertThat(seen).extracting(Observation::caseId).containsExactlyInAnyOrder(ids);
    assertThat(seen.get(0).caseId()).isEqualTo("case-49");
  }
}

package dev.precept.generator.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import dev.precept.cases.Case;
import dev.precept.cases.Expectation;
import dev.precept.cases.Expected;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Register;
import dev.precept.cases.json.CaseReader;
import dev.precept.cases.json.ExpectationJson;
import dev.precept.cases.json.Json;
import dev.precept.cases.json.Members;
import dev.precept.generator.Assignment;
import dev.precept.generator.Generator;
import dev.precept.generator.oracle.Oracle;
import dev.precept.generator.plan.CaseKind;
import dev.precept.generator.plan.PlannedCase;
import dev.precept.generator.state.CaseBuilder;
import dev.precept.generator.state.Setup;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written can be read back, and is what the tables say. */
class VectorWriterTest {
  private static final String HASH = "5".repeat(64);

  /** Register and memory operands, delivery through the IDT, other guests, open orders. */
  private static final Set<String> SOME = Set.of("rdtsc", "lmsw", "into", "vmrun");

  private static final Tables TABLES = TableLoader.load("svm").orThrow();

  @TempDir private static Path out;

  private static VectorWriter.Written written;

  @BeforeAll
  static void write() throws IOException {
    written =
        new VectorWriter(TABLES).write(out, form -> SOME.contains(form.instruction()), HASH, false);
  }

  private static List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(out.resolve("svm"))) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static JsonNode json(Path file) throws Exception {
    return Json.parse(Files.readString(file));
  }

  @Test
  void everyFileIsAsTheSchemaSays() throws Exception {
    JsonSchema schema =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
            .getSchema(
                SchemaLocation.of(out.resolve("schema/vectors.schema.json").toUri().toString()));

    assertThat(files()).hasSizeGreaterThan(5);
    for (Path file : files()) {
      assertThat(schema.validate(json(file))).as(file.toString()).isEmpty();
    }
  }

  @Test
  void everyPlannedCaseHasAVector() throws Exception {
    List<String> ids = new ArrayList<>();
    for (Path file : files()) {
      json(file).path("vectors").forEach(vector -> ids.add(vector.get("id").textValue()));
    }

    assertThat(ids).doesNotHaveDuplicates().hasSize(written.vectors());
    assertThat(ids).containsAll(planned().keySet());
    assertThat(written.unbuildable()).isEmpty();
  }

  private static Map<String, PlannedCase> planned() {
    Map<String, PlannedCase> planned = new LinkedHashMap<>();
    new Generator(TABLES)
        .plan(form -> SOME.contains(form.instruction()))
        .cases()
        .forEach(one -> planned.put(one.id(), one));
    return planned;
  }

  /** A vector's cases, with what is allowed. */
  private record Read(Case testCase, Expectation expectation) {}

  private static Map<String, Read> read() throws Exception {
    CaseReader reader = new CaseReader();
    JsonNode common = json(out.resolve("svm/common.json"));
    for (JsonNode image : common.get("images")) {
      reader.image(image);
    }
    for (JsonNode template : common.get("templates")) {
      reader.template(template);
    }
    Map<String, Read> cases = new LinkedHashMap<>();
    for (Path file : files()) {
      JsonNode json = json(file);
      if (json.has("vectors")) {
        ExpectationJson expectations =
            new ExpectationJson(ExpectationJson.Exit.read(new Members("exit", json.get("exit"))));
        for (JsonNode vector : json.get("vectors")) {
          read(vector, reader, expectations, cases);
        }
      }
    }
    return cases;
  }

  private static void read(
      JsonNode vector, CaseReader reader, ExpectationJson expectations, Map<String, Read> cases)
      throws Exception {
    Members members = new Members("", vector);
    String id = members.text("id");
    Case own = reader.testCase(id, members.object("case"));
    Expectation expectation = expectations.read(members, own);
    if (!vector.has("variants")) {
      cases.put(id, new Read(own, expectation));
    }
    for (JsonNode variant : vector.path("variants")) {
      List<MemoryPatch> memory = new ArrayList<>(own.memory());
      for (JsonNode patch : variant.get("memory")) {
        memory.add(
            new MemoryPatch(
                Long.decode(patch.get(0).textValue()),
                HexFormat.of().parseHex(patch.get(1).textValue())));
      }
      cases.put(variant.get("id").textValue(), new Read(withMemory(own, memory), expectation));
    }
  }

  private static Case withMemory(Case from, List<MemoryPatch> memory) {
    return new Case(
        from.id(),
        from.vendor(),
        from.features(),
        from.context(),
        from.state(),
        from.host(),
        from.base(),
        memory,
        from.controlBlock(),
        from.priorControlBlock(),
        from.steps(),
        from.code());
  }

  /** The states a planned case stands for, by id. */
  private static Map<String, Assignment> states(Generator generator, PlannedCase planned) {
    if (planned.kind() != CaseKind.EXIT_ONE_HOT) {
      return Map.of(planned.id(), planned.assignment());
    }
    Map<String, Assignment> states = new LinkedHashMap<>();
    generator
        .planner()
        .oneHot(planned.form(), planned.mode(), planned.assignment())
        .forEach((bit, state) -> states.put(planned.id() + "@" + bit, state));
    return states;
  }

  @Test
  void aVectorReadBackIsTheCaseAndWhatTheTablesAllow() throws Exception {
    Map<String, Read> read = read();
    CaseBuilder builder = new CaseBuilder(TABLES);
    Oracle oracle = new Oracle(TABLES);
    Generator generator = new Generator(TABLES);
    int compared = 0;
    for (PlannedCase planned : planned().values()) {
      for (Map.Entry<String, Assignment> state : states(generator, planned).entrySet()) {
        Setup setup = builder.setUp(planned.form(), state.getValue(), state.getKey());
        Read one = read.get(state.getKey());

        assertThat(one).as(state.getKey()).isNotNull();
        assertSame(one.testCase(), setup.testCase());
        assertSame(one.expectation(), oracle.expect(setup));
        compared++;
      }
    }
    assertThat(compared).isEqualTo(written.cases()).isGreaterThan(1000);
  }

  private static void assertSame(Case read, Case made) {
    assertThat(scalars(read)).as(made.id()).isEqualTo(scalars(made));
    assertThat(bytes(read)).as(made.id()).isEqualTo(bytes(made));
  }

  /** All of a case but its name and memory. */
  private static List<Object> scalars(Case testCase) {
    return List.of(
        testCase.vendor(),
        testCase.features(),
        testCase.context(),
        testCase.state(),
        testCase.host(),
        testCase.controlBlock(),
        testCase.priorControlBlock(),
        testCase.steps(),
        testCase.code());
  }

  private static byte[] bytes(Case testCase) {
    byte[] bytes = testCase.base().bytes().clone();
    testCase.memory().forEach(patch -> put(bytes, patch));
    return bytes;
  }

  private static void put(byte[] bytes, MemoryPatch patch) {
    System.arraycopy(
        patch.bytes(), 0, bytes, (int) (patch.address() - Layout.START), patch.bytes().length);
  }

  private static void assertSame(Expectation read, Expectation said) {
    assertThat(read.allowed()).hasSameSizeAs(said.allowed());
    for (int i = 0; i < said.allowed().size(); i++) {
      Expected one = read.allowed().get(i);
      Expected other = said.allowed().get(i);
      assertThat(one.check()).isEqualTo(other.check());
      assertThat(one.outcome().kind()).isEqualTo(other.outcome().kind());
      assertThat(one.outcome().code()).isEqualTo(other.outcome().code());
      assertThat(one.outcome().label()).isEqualTo(other.outcome().label());
      assertThat(one.outcome().fields()).isEqualTo(other.outcome().fields());
      assertThat(one.masks()).isEqualTo(other.masks());
      assertThat(one.unspecified()).isEqualTo(other.unspecified());
      assertThat(compared(one)).isEqualTo(compared(other));
      assertThat(one.unspecifiedMemory()).isEqualTo(other.unspecifiedMemory());
      assertThat(changed(one)).isEqualTo(changed(other));
    }
    assertThat(read.outranked()).extracting(Expected::check).isEqualTo(checks(said.outranked()));
  }

  private static List<String> checks(List<Expected> all) {
    return all.stream().map(Expected::check).toList();
  }

  /** The registers that are compared. */
  private static MachineState compared(Expected expected) {
    MachineState state = expected.outcome().state().copy();
    expected.unspecified().forEach(register -> state.set(register, 0));
    return state.set(Register.TSC, 0);
  }

  private static Map<Long, Byte> changed(Expected expected) {
    Map<Long, Byte> changed = new LinkedHashMap<>();
    for (MemoryPatch patch : expected.outcome().changes()) {
      for (int i = 0; i < patch.bytes().length; i++) {
        changed.put(patch.address() + i, patch.bytes()[i]);
      }
    }
    return changed;
  }

  @Test
  void theSameTablesGiveTheSameBytes() throws IOException {
    VectorWriter.Written again =
        new VectorWriter(TABLES).write(out, form -> SOME.contains(form.instruction()), HASH, false);

    assertThat(again.written()).isZero();
    assertThat(again.unchanged()).isEqualTo(written.written());
  }

  @Test
  void whatVectorsShareDoesNotDependOnWhichAreWritten(@TempDir Path other) throws IOException {
    new VectorWriter(TABLES).write(other, form -> form.id().equals("cpuid"), HASH, false);

    assertThat(other.resolve("svm/common.json"))
        .hasSameTextualContentAs(out.resolve("svm/common.json"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void otherFilesAreStaleOnlyIfTheseAreAll(boolean complete, @TempDir Path other)
      throws IOException {
    Path stale = other.resolve("svm/gone/gone.json");
    Files.createDirectories(stale.getParent());
    Files.writeString(stale, "{}");

    new VectorWriter(TABLES).write(other, form -> form.id().equals("cpuid"), HASH, complete);

    assertThat(Files.exists(stale)).isEqualTo(!complete);
    assertThat(other.resolve("svm/cpuid/cpuid.json")).isNotEmptyFile();
  }
}

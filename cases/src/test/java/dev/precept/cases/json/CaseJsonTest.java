package dev.precept.cases.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.precept.cases.BaseImage;
import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.ControlBlock;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Register;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A case is the same on the other side, and its messages are as the schema says. */
class CaseJsonTest {
  private final CaseReader reader = new CaseReader();

  /** {@code testCase} as it arrives when written by its differences from {@code like}. */
  private Case across(Case like, Case testCase) throws MalformedMessageException {
    CaseTemplate template = new CaseTemplate(like);
    reader.image(Json.parse(Json.text(template.imageJson())));
    reader.template(Json.parse(Json.text(template.json())));
    return reader.testCase(testCase.id(), members(template.json(testCase)));
  }

  private static Members members(JsonNode node) throws MalformedMessageException {
    return new Members("", Json.parse(Json.text(node)));
  }

  private static void assertSame(Case actual, Case expected) {
    assertThat(actual)
        .usingRecursiveComparison()
        .ignoringFields("base", "memory")
        .isEqualTo(expected);
    assertThat(bytes(actual)).isEqualTo(bytes(expected));
  }

  private static byte[] bytes(Case testCase) {
    byte[] bytes = testCase.base().bytes().clone();
    for (MemoryPatch patch : testCase.memory()) {
      System.arraycopy(
          patch.bytes(), 0, bytes, (int) (patch.address() - Layout.START), patch.bytes().length);
    }
    return bytes;
  }

  @Test
  void aCaseArrivesAsItWas() throws Exception {
    for (int seed = 0; seed < 200; seed++) {
      Case like = Samples.guest(new Random(seed));
      Case testCase = Samples.guest(new Random(1000 + seed));

      assertSame(across(like, testCase), testCase);
    }
  }

  @Test
  void everyMessageIsAsTheSchemaSays() throws Exception {
    Schema image = new Schema("case.schema.json#/$defs/image");
    Schema template = new Schema("case.schema.json#/$defs/template");
    Schema testCase = new Schema("case.schema.json#/$defs/case");
    for (int seed = 0; seed < 20; seed++) {
      CaseTemplate like = new CaseTemplate(Samples.guest(new Random(seed)));

      assertThat(image.complaints(like.imageJson())).isEmpty();
      assertThat(template.complaints(like.json())).isEmpty();
      assertThat(testCase.complaints(like.json(Samples.guest(new Random(1000 + seed))))).isEmpty();
    }
  }

  @Test
  void whatIsAsInTheTemplateIsNotSaid() {
    Case like = Samples.guest(new Random(1));
    Case testCase = withRax(like, like.state().get(Register.RAX) ^ 1);

    ObjectNode json = new CaseTemplate(like).json(testCase);

    assertThat(json.get("state").size()).isEqualTo(1);
    assertThat(json.has("memory")).isFalse();
    assertThat(json.has("host")).isFalse();
    assertThat(json.has("features")).isFalse();
  }

  @Test
  void aRegisterThatIsZeroAgainIsSaid() throws Exception {
    Case like = withRax(Samples.guest(new Random(1)), 5);
    Case testCase = withRax(like, 0);

    assertThat(across(like, testCase).state().get(Register.RAX)).isZero();
  }

  @Test
  void aByteThatOnlyTheTemplateChangedIsTakenBack() throws Exception {
    Case bare = withMemory(Samples.guest(new Random(1)), List.of());
    Case like = withMemory(bare, List.of(new MemoryPatch(Layout.DATA, new byte[] {1, 2, 3, 4, 5})));

    assertSame(across(like, bare), bare);
  }

  @Test
  void aVmcsFieldThatOnlyTheTemplateHasIsTakenAway() throws Exception {
    Case like = withBlock(new ControlBlock(0x30000, Map.of(0x4000, 1L, 0x4002, 2L)));
    Case testCase = withBlock(new ControlBlock(0x30000, Map.of(0x4000, 1L)));

    assertThat(across(like, testCase).controlBlock()).isEqualTo(testCase.controlBlock());
  }

  @Test
  void aShadowVmcsComesWithItsFields() throws Exception {
    Case like = withBlock(new ControlBlock(0x30000, Map.of(0x4000, 1L)));
    ControlBlock shadow = new ControlBlock(0x54000, Map.of(0x6004, 2L, 0x0800, 8L));
    Case testCase = withBlock(new ControlBlock(0x30000, Map.of(0x4000, 1L), Optional.of(shadow)));

    assertThat(across(like, testCase).controlBlock()).isEqualTo(testCase.controlBlock());
  }

  @Test
  void aCapabilityMsrsBitIsToldFromCpuids() throws Exception {
    FeatureBit high = new FeatureBit(0x48B, 0, FeatureBit.MSR, 33, true);
    Case like = withFeatures(List.of(new FeatureBit(1, 0, 2, 5, true)));

    assertThat(across(like, withFeatures(List.of(high))).features()).containsExactly(high);
  }

  @Test
  void aCaseOfAnotherContextIsNotWrittenByTheTemplate() {
    Case guest = Samples.guest(new Random(1));
    Case host = copy(guest, to -> to.context = Context.HOST);

    assertThatThrownBy(() -> new CaseTemplate(guest).json(host))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("svm/long64/guest");
  }

  @Test
  void aCaseOverOtherMemoryOfTheSameNameIsNotWrittenByTheTemplate() {
    Case one = Samples.guest(new Random(1));
    Case other = copy(one, to -> to.base = Samples.image(one.base().name(), 8));

    assertThatThrownBy(() -> new CaseTemplate(one).json(other))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aRegisterThatDoesNotExistIsNamed() throws Exception {
    assertMalformed("{\"state\":{\"RAXX\":\"0x1\"}}", "state.RAXX: there is no register \"RAXX\"");
  }

  @Test
  void aValueThatIsTooWideIsNamed() throws Exception {
    assertMalformed("{\"state\":{\"CPL\":\"0x4\"}}", "state.CPL: 0x4 does not fit 2 bits");
  }

  @Test
  void aNumberThatIsNoStringIsNamed() throws Exception {
    assertMalformed("{\"state\":{\"RAX\":1}}", "state.RAX: a string has to be here, not a number");
  }

  @Test
  void memoryOutsideTheCaseIsNamed() throws Exception {
    assertMalformed("{\"memory\":[[\"0x7ffff\",\"0102\"]]}", "memory[0]: 2 bytes at 0x7ffff");
    assertMalformed("{\"memory\":[[\"0xffff\",\"01\"]]}", "memory[0]: 1 bytes at 0xffff");
    assertMalformed(
        "{\"memory\":[[\"0xffffffffffffffff\",\"01\"]]}", "memory[0]: 1 bytes at 0xffff");
  }

  @Test
  void overlappingPatchesAreNamed() throws Exception {
    assertMalformed(
        "{\"memory\":[[\"0x12000\",\"0102\"],[\"0x12001\",\"03\"]]}",
        "memory[1]: begins before the end");
  }

  private void assertMalformed(String json, String message) throws Exception {
    Case like = Samples.guest(new Random(1));
    CaseTemplate template = new CaseTemplate(like);
    reader.image(template.imageJson());
    reader.template(template.json());
    ObjectNode node = (ObjectNode) Json.parse(json);
    node.put("template", template.name());
    node.putArray("code").add("0x10000").add("90");

    assertThatThrownBy(() -> reader.testCase("id", new Members("", node)))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageStartingWith(message);
  }

  private static Case withRax(Case from, long value) {
    return copy(from, to -> to.state = from.state().copy().set(Register.RAX, value));
  }

  private static Case withMemory(Case from, List<MemoryPatch> memory) {
    return copy(from, to -> to.memory = memory);
  }

  private static Case withBlock(ControlBlock block) {
    return copy(
        Samples.guest(new Random(1)),
        to -> {
          to.controlBlock = block;
          to.priorControlBlock = ControlBlock.NONE;
        });
  }

  private static Case withFeatures(List<FeatureBit> features) {
    return copy(
        Samples.guest(new Random(1)),
        to -> {
          to.features = features;
          to.priorControlBlock = ControlBlock.NONE;
        });
  }

  private static Case copy(Case from, Consumer<Draft> change) {
    Draft draft = new Draft(from);
    change.accept(draft);
    return draft.testCase();
  }

  /** A case while a part of it is exchanged. */
  private static final class Draft {
    private final Case from;
    private List<FeatureBit> features;
    private Context context;
    private MachineState state;
    private BaseImage base;
    private List<MemoryPatch> memory;
    private ControlBlock controlBlock;
    private ControlBlock priorControlBlock;

    Draft(Case from) {
      this.from = from;
      features = from.features();
      context = from.context();
      state = from.state();
      base = from.base();
      memory = from.memory();
      controlBlock = from.controlBlock();
      priorControlBlock = from.priorControlBlock();
    }

    Case testCase() {
      return new Case(
          from.id(),
          from.vendor(),
          features,
          context,
          state,
          from.host(),
          base,
          memory,
          controlBlock,
          priorControlBlock,
          from.steps(),
          from.code());
    }
  }
}

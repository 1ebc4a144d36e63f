package dev.precept.cases.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.precept.cases.BaseImage;
import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.ControlBlock;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An observation is the same on the other side; nonsense is told by its place. */
class ObservationJsonTest {
  private static final BaseImage EMPTY =
      new BaseImage("empty", new byte[(int) (Layout.END - Layout.START)]);

  private final Schema schema = new Schema("protocol.schema.json#/$defs/observation");
  private final MachineState state =
      new MachineState().set(Register.RAX, 1).set(Register.RCX, 2).set(Register.CR2, -1L);
  private final MachineState host =
      new MachineState().set(Register.RAX, 0x30000).set(Register.CR3, 0x44000);
  private final Case guest = testCase(ControlBlock.at(Layout.CONTROL_BLOCK));

  private Case testCase(ControlBlock block) {
    return new Case(
        "svm/made/up",
        "svm",
        List.of(),
        Context.GUEST,
        state,
        host,
        EMPTY,
        List.of(new MemoryPatch(Layout.CONTROL_BLOCK + 0x70, new byte[] {1, 2, 3, 4})),
        block,
        ControlBlock.NONE,
        1,
        new MemoryPatch(Layout.CODE, new byte[] {0x0F, 0x31}));
  }

  private byte[] controlBlock(int... changes) {
    byte[] page = new byte[0x1000];
    for (int i = 0; i < 4; i++) {
      page[0x70 + i] = (byte) (i + 1);
    }
    for (int offset : changes) {
      page[offset] ^= 0x55;
    }
    return page;
  }

  private Observation seen(OutcomeKind kind, MachineState after, byte[] controlBlock) {
    boolean delivered = kind == OutcomeKind.DELIVERED;
    return new Observation(
        guest.id(),
        kind,
        delivered ? 13 : -1,
        delivered ? 0 : -1,
        after,
        controlBlock,
        Collections.emptySortedMap(),
        Set.of(),
        List.of(new MemoryPatch(Layout.DATA, new byte[] {9, 8})),
        "");
  }

  /** What the schema says of {@code json} as a line of the protocol has it. */
  private List<String> complaints(JsonNode json) {
    ObjectNode observation = json.deepCopy();
    observation.put("number", 1);
    return schema.complaints(Json.object().set("observation", observation));
  }

  private void assertArrives(Observation seen, Case testCase) throws Exception {
    JsonNode json = Json.parse(Json.text(ObservationJson.write(seen, testCase)));

    assertThat(complaints(json)).isEmpty();
    Members members = new Members("", json);
    assertThat(ObservationJson.read(members, testCase)).usingRecursiveComparison().isEqualTo(seen);
    members.end();
  }

  @Test
  void anExitArrivesWithTheHostsRegistersAndTheControlBlock() throws Exception {
    MachineState after = host.copy().set(Register.RIP, 6).set(Register.RCX, 2);

    assertArrives(seen(OutcomeKind.EXIT, after, controlBlock(0x70, 0x78, 0xFFF)), guest);
  }

  @Test
  void aDeliveredExceptionArrivesWithVectorAndErrorCode() throws Exception {
    assertArrives(
        seen(OutcomeKind.DELIVERED, state.copy().set(Register.CR2, 0), controlBlock()), guest);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RETIRED", "HALTED", "SHUTDOWN"})
  void anEndWithoutAnEventArrives(OutcomeKind kind) throws Exception {
    assertArrives(seen(kind, state.copy().set(Register.RIP, 2), controlBlock()), guest);
  }

  @Test
  void aControlBlockThatWasNotSeenArrivesAsSuch() throws Exception {
    assertArrives(seen(OutcomeKind.RETIRED, state, new byte[0]), guest);
  }

  @Test
  void whatCannotBeSeenArrivesAsSuch() throws Exception {
    Observation seen =
        new Observation(
            guest.id(),
            OutcomeKind.RETIRED,
            -1,
            -1,
            state,
            controlBlock(),
            Collections.emptySortedMap(),
            EnumSet.of(Register.GIF, Register.NMI_MASKED),
            List.of(),
            "");

    assertArrives(seen, guest);
  }

  @Test
  void vmcsFieldsArrive() throws Exception {
    Case vmx = testCase(new ControlBlock(Layout.CONTROL_BLOCK, Map.of(0x4402, 0L, 0x681E, 0x10L)));
    SortedMap<Integer, Long> fields = new TreeMap<>(Map.of(0x4402, 16L, 0x681E, 0x10L, 0x440C, 2L));
    Observation seen =
        new Observation(
            vmx.id(),
            OutcomeKind.EXIT,
            -1,
            -1,
            host,
            controlBlock(),
            fields,
            Set.of(),
            List.of(),
            "");

    assertArrives(seen, vmx);
  }

  @ParameterizedTest
  @ValueSource(strings = {"NOT_APPLICABLE", "NO_ANSWER", "CRASH"})
  void noOutcomeArrivesWithItsReason(OutcomeKind kind) throws Exception {
    assertArrives(Observation.unanswered(guest.id(), kind, "no such instruction"), guest);
  }

  @Test
  void whatTheHostSaveAreaHoldsIsNotReported() throws Exception {
    assertThat(read("'others':'state','registers':{},'memory':[['0x31000','01']]").changes())
        .isEmpty();
  }

  @Test
  void aByteThatIsAsItWasIsNotReportedAsChanged() throws Exception {
    assertThat(
            read("'others':'state','registers':{},'memory':[['0x12000','00'],['0x12001','01']]")
                .changes())
        .containsExactly(new MemoryPatch(0x12001, new byte[] {1}));
  }

  @Test
  void aChangeAcrossAPageIsOne() throws Exception {
    assertThat(read("'others':'state','registers':{},'memory':[['0x12fff','0102']]").changes())
        .containsExactly(new MemoryPatch(0x12FFF, new byte[] {1, 2}));
  }

  @Test
  void whereOthersAreUnseenOnlyWhatIsNamedIsSeen() throws Exception {
    Observation seen = read("'others':'unseen','registers':{'RAX':'0x7'}");

    assertThat(seen.state().get(Register.RAX)).isEqualTo(7);
    assertThat(seen.unseen()).hasSize(Register.COUNT - 1).doesNotContain(Register.RAX);
  }

  private Observation read(String members) throws MalformedMessageException {
    return ObservationJson.read(
        new Members("", Json.parse(("{'kind':'retired'," + members + "}").replace('\'', '"'))),
        guest);
  }

  /** What the schema refuses the reader refuses too, with the place. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'kind':'retierd' | kind: \"retierd\" is no way for a case to end",
        "'kind':'retired' | registers: is missing",
        "'kind':'retired','registers':{} | others: is missing",
        "'kind':'retired','registers':{},'others':'mine' | others: state, host or unseen",
        "'kind':'retired','registers':{'RAX':'7'},'others':'state' | registers.RAX: \"7\" is no",
        "'kind':'retired','registers':{'AX':'0x7'},'others':'state' | registers.AX: there is no",
        "'kind':'retired','registers':[],'others':'state' | registers: an object has to be here",
        "'kind':'retired','registers':{},'others':'state','unseen':['A'] | unseen[0]: there is no",
        "'kind':'retired','registers':{},'others':'state','memory':['0x12000'] | memory[0]: an arr",
        "'kind':'delivered','registers':{},'others':'state' | vector: is missing",
        "'kind':'delivered','registers':{},'others':'state','vector':256 | vector: a whole number",
        "'kind':'delivered','registers':{},'others':'state','vector':1.5 | vector: a whole number",
        "'kind':'retired','registers':{},'others':'state','vector':1 | there is no member \"vect",
        "'kind':'retired','registers':{},'others':'state','extra':1 | there is no member \"extr",
        "'kind':'crash' | remark: is missing",
        "'kind':'not-applicable','remark':' ' | remark: is missing",
        "'kind':'crash','remark':'x','registers':{} | there is no member \"registers\"",
      })
  void nonsenseIsToldByItsPlace(String members, String message) throws Exception {
    JsonNode json = Json.parse("{" + members.replace('\'', '"') + "}");

    assertThat(complaints(json)).isNotEmpty();
    assertThatThrownBy(
            () -> {
              Members all = new Members("", json);
              ObservationJson.read(all, guest);
              all.end();
            })
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void anExitNeedsItsControlBlock() throws Exception {
    JsonNode json =
        Json.parse(
            "{'kind':'exit','registers':{},'others':'host','controlBlockSeen':false}"
                .replace('\'', '"'));

    assertThatThrownBy(() -> ObservationJson.read(new Members("", json), guest))
        .hasMessage("kind: an exit needs its control block seen");
  }

  @Test
  void nothingExitsWithoutAControlBlock() throws Exception {
    JsonNode json = Json.parse("{'kind':'exit','registers':{},'others':'host'}".replace('\'', '"'));

    assertThatThrownBy(
            () -> ObservationJson.read(new Members("", json), testCase(ControlBlock.NONE)))
        .hasMessage("kind: there is no control block, so nothing can exit");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{} {}", "{\"a\":1,\"a\":2}", "nul", "[[[[[[[[[[[[[[[[[[[["})
  void whatIsNoJsonIsRefused(String text) {
    assertThatThrownBy(() -> Json.parse(text)).isInstanceOf(MalformedMessageException.class);
  }
}

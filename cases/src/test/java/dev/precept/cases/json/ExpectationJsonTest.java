package dev.precept.cases.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.precept.cases.Case;
import dev.precept.cases.Expectation;
import dev.precept.cases.Expected;
import dev.precept.cases.Layout;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Outcome;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What the tables allow is the same on the other side. */
class ExpectationJsonTest {
  private final Case testCase = Samples.guest(new Random(3));
  private final Schema schema = new Schema("vectors.schema.json#/$defs/outcome");

  private Expected expected(OutcomeKind kind, Map<String, Long> fields, Map<String, Long> masks) {
    Outcome outcome =
        new Outcome(
            kind,
            kind == OutcomeKind.EXIT ? 0x6E : kind == OutcomeKind.DELIVERED ? 13 : 0,
            "label",
            new TreeMap<>(fields),
            testCase.state().copy().set(Register.RIP, 77),
            List.of(
                new MemoryPatch(
                    Layout.DATA, new byte[] {(byte) (testCase.initialByte(Layout.DATA) + 1)})));
    return new Expected(
        "exit.rdtsc",
        outcome,
        new TreeMap<>(masks),
        EnumSet.of(Register.TSC, Register.RAX),
        List.of(new MemoryPatch(0x14000, new byte[8])));
  }

  private void assertArrives(ExpectationJson json, Expected... allowed) throws Exception {
    Expectation expectation = new Expectation(List.of(allowed), List.of());
    ObjectNode node = Json.object();
    node.set("allowed", json.allowed(expectation.allowed(), testCase));
    for (JsonNode one : node.get("allowed")) {
      assertThat(schema.complaints(one)).isEmpty();
    }

    Expectation read = json.read(new Members("", Json.parse(Json.text(node))), testCase);

    assertThat(read).usingRecursiveComparison().isEqualTo(expectation);
  }

  @Test
  void everyWayToEndArrives() throws Exception {
    ExpectationJson json = new ExpectationJson(ExpectationJson.Exit.NONE);
    assertArrives(
        json,
        expected(OutcomeKind.EXIT, Map.of("EXITINFO1", -1L), Map.of("EXITINFO1", 0xFL)),
        expected(OutcomeKind.DELIVERED, Map.of("error code", 0L), Map.of()),
        expected(OutcomeKind.RETIRED, Map.of(), Map.of("RFLAGS", ~0x8D5L)),
        expected(OutcomeKind.HALTED, Map.of(), Map.of()),
        expected(OutcomeKind.SHUTDOWN, Map.of(), Map.of()));
  }

  @Test
  void exitsArriveThatDifferFromWhatMostCarry() throws Exception {
    Expected usual = expected(OutcomeKind.EXIT, Map.of("a", 1L, "b", 2L), Map.of("a", 1L, "b", 2L));
    Expected other = expected(OutcomeKind.EXIT, Map.of("a", 5L), Map.of("a", 6L));
    ExpectationJson.Exit exit = ExpectationJson.Exit.commonIn(List.of(usual, usual, other));

    assertThat(exit.fields()).containsEntry("a", 1L).containsEntry("b", 2L);
    assertArrives(new ExpectationJson(exit), usual, other);
  }

  @Test
  void onlyExitsSayWhatMostExitsCarry() {
    Expected delivered = expected(OutcomeKind.DELIVERED, Map.of("error code", 0L), Map.of());

    assertThat(ExpectationJson.Exit.commonIn(List.of(delivered, delivered)).fields()).isEmpty();
  }

  @Test
  void whatExitsCarryInCommonArrives() throws Exception {
    ExpectationJson.Exit exit =
        new ExpectationJson.Exit(new TreeMap<>(Map.of("a", 1L)), new TreeMap<>(Map.of("a", -1L)));

    assertThat(ExpectationJson.Exit.read(new Members("exit", exit.json()))).isEqualTo(exit);
  }
}

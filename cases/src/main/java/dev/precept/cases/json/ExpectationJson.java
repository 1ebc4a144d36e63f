package dev.precept.cases.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.precept.cases.Case;
import dev.precept.cases.Expectation;
import dev.precept.cases.Expected;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Outcome;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What the tables allow, as objects. Registers are written by what they have differently from the
 * case, and what an exit carries by what it has differently from the {@link Exit} that many share.
 *
 * @param exit what exits carry that do not say otherwise
 */
public record ExpectationJson(Exit exit) {
  private static final int LONGEST_RANGE = 0x70000;

  /**
   * What many exits carry alike.
   *
   * @param fields values by field name
   * @param masks compared bits by field or register name
   */
  public record Exit(SortedMap<String, Long> fields, SortedMap<String, Long> masks) {
    /** Nothing in common. */
    public static final Exit NONE =
        new Exit(Collections.emptySortedMap(), Collections.emptySortedMap());

    /** For each name, the value that most of the exits among {@code outcomes} have. */
    public static Exit commonIn(List<Expected> outcomes) {
      List<Expected> exits =
          outcomes.stream().filter(one -> one.outcome().kind() == OutcomeKind.EXIT).toList();
      return new Exit(common(exits, one -> one.outcome().fields()), common(exits, Expected::masks));
    }

    private static SortedMap<String, Long> common(
        List<Expected> exits, Function<Expected, SortedMap<String, Long>> part) {
      SortedMap<String, SortedMap<Long, Integer>> counts = new TreeMap<>();
      for (Expected exit : exits) {
        part.apply(exit)
            .forEach(
                (name, value) ->
                    counts
                        .computeIfAbsent(name, unused -> new TreeMap<>())
                        .merge(value, 1, Integer::sum));
      }
      SortedMap<String, Long> common = new TreeMap<>();
      counts.forEach(
          (name, values) -> {
            Map.Entry<Long, Integer> most =
                Collections.max(values.entrySet(), Map.Entry.comparingByValue());
            if (2 * most.getValue() > exits.size()) {
              common.put(name, most.getKey());
            }
          });
      return common;
    }

    /** As an object. */
    public ObjectNode json() {
      ObjectNode node = Json.object();
      node.set("fields", numbers(fields, Collections.emptySortedMap()));
      node.set("masks", numbers(masks, Collections.emptySortedMap()));
      return node;
    }

    /** The exit that {@code members} describe. */
    public static Exit read(Members members) throws MalformedMessageException {
      Exit exit =
          new Exit(
              numbers(members.object("fields"), Collections.emptySortedMap()),
              numbers(members.object("masks"), Collections.emptySortedMap()));
      members.end();
      return exit;
    }
  }

  /** {@code all} with everything they carry, as an array. */
  public ArrayNode allowed(List<Expected> all, Case testCase) {
    ArrayNode array = Json.object().arrayNode(all.size());
    for (Expected one : all) {
      array.add(write(one, testCase));
    }
    return array;
  }

  /** {@code all} as an array: what tells them apart from allowed ones, and no more. */
  public ArrayNode outranked(List<Expected> all) {
    ArrayNode array = Json.object().arrayNode(all.size());
    all.forEach(one -> array.add(end(one)));
    return array;
  }

  private static ObjectNode end(Expected one) {
    ObjectNode node = Json.object();
    node.put("check", one.check());
    node.put("kind", ObservationJson.word(one.outcome().kind()));
    if (coded(one.outcome().kind())) {
      node.put("code", Hex.number(one.outcome().code()));
    }
    return node.put("label", one.outcome().label());
  }

  private static boolean coded(OutcomeKind kind) {
    return kind == OutcomeKind.EXIT || kind == OutcomeKind.DELIVERED;
  }

  private ObjectNode write(Expected one, Case testCase) {
    ObjectNode node = end(one);
    Outcome outcome = one.outcome();
    Exit from = base(outcome.kind());
    put(node, "fields", numbers(outcome.fields(), from.fields()));
    put(node, "masks", numbers(one.masks(), from.masks()));
    EnumSet<Register> open = EnumSet.of(Register.TSC);
    open.addAll(one.unspecified());
    put(node, "registers", Parts.registers(outcome.state(), testCase.state(), open));
    open.remove(Register.TSC);
    if (!open.isEmpty()) {
      ArrayNode array = node.putArray("unspecified");
      open.forEach(register -> array.add(register.name()));
    }
    if (!outcome.changes().isEmpty()) {
      Overlay before = new Overlay(testCase.base(), testCase.memory());
      Overlay after = before.copy();
      outcome.changes().forEach(after::write);
      node.set("memory", Parts.memory(after.differences(before, 0)));
    }
    if (!one.unspecifiedMemory().isEmpty()) {
      ArrayNode array = node.putArray("unspecifiedMemory");
      for (MemoryPatch range : one.unspecifiedMemory()) {
        array.addArray().add(Hex.number(range.address())).add(range.bytes().length);
      }
    }
    return node;
  }

  private Exit base(OutcomeKind kind) {
    return kind == OutcomeKind.EXIT ? exit : Exit.NONE;
  }

  private static void put(ObjectNode node, String name, ObjectNode members) {
    if (!members.isEmpty()) {
      node.set(name, members);
    }
  }

  private static ObjectNode numbers(SortedMap<String, Long> numbers, SortedMap<String, Long> from) {
    ObjectNode node = Json.object();
    numbers.forEach(
        (name, value) -> {
          if (!value.equals(from.get(name))) {
            node.put(name, Hex.number(value));
          }
        });
    from.keySet().stream()
        .filter(name -> !numbers.containsKey(name))
        .forEach(name -> node.putNull(name));
    return node;
  }

  private static SortedMap<String, Long> numbers(Members members, SortedMap<String, Long> from)
      throws MalformedMessageException {
    SortedMap<String, Long> numbers = new TreeMap<>(from);
    for (Map.Entry<String, JsonNode> member : members.all()) {
      String path = members.path(member.getKey());
      if (member.getValue().isNull()) {
        numbers.remove(member.getKey());
      } else {
        numbers.put(
            member.getKey(), Hex.parseNumber(path, Members.text(path, member.getValue()), 64));
      }
    }
    return numbers;
  }

  /** The expectation for {@code testCase} in the members {@code allowed} and {@code outranked}. */
  public Expectation read(Members members, Case testCase) throws MalformedMessageException {
    return new Expectation(
        outcomes(members, "allowed", testCase), outcomes(members, "outranked", testCase));
  }

  private List<Expected> outcomes(Members members, String name, Case testCase)
      throws MalformedMessageException {
    List<Expected> all = new ArrayList<>();
    int index = 0;
    for (JsonNode element : members.list(name)) {
      all.add(outcome(new Members(members.path(name) + "[" + index++ + "]", element), testCase));
    }
    return all;
  }

  private Expected outcome(Members members, Case testCase) throws MalformedMessageException {
    OutcomeKind kind = ObservationJson.kind(members);
    Exit from = base(kind);
    MachineState state =
        members.take("registers").isPresent()
            ? Parts.registers(members.object("registers"), testCase.state())
            : testCase.state().copy();
    Set<Register> open = Parts.registers(members, "unspecified");
    open.add(Register.TSC);
    Outcome outcome =
        new Outcome(
            kind,
            coded(kind) ? members.number("code", 64) : 0,
            members.text("label"),
            numbers(members, "fields", from.fields()),
            state,
            Parts.memory(members, "memory"));
    Expected expected =
        new Expected(
            members.text("check"),
            outcome,
            numbers(members, "masks", from.masks()),
            open,
            ranges(members, "unspecifiedMemory"));
    members.end();
    return expected;
  }

  private static SortedMap<String, Long> numbers(
      Members members, String name, SortedMap<String, Long> from) throws MalformedMessageException {
    return members.take(name).isPresent() ? numbers(members.object(name), from) : from;
  }

  private static List<MemoryPatch> ranges(Members members, String name)
      throws MalformedMessageException {
    List<MemoryPatch> ranges = new ArrayList<>();
    for (JsonNode element : members.list(name)) {
      List<JsonNode> pair = Members.elements(members.path(name), element);
      if (pair.size() != 2
          || !pair.get(1).canConvertToInt()
          || pair.get(1).intValue() < 1
          || pair.get(1).intValue() > LONGEST_RANGE) {
        throw new MalformedMessageException(
            members.path(name), "an address and a number of bytes have to be here");
      }
      String path = members.path(name);
      long address = Hex.parseNumber(path, Members.text(path, pair.get(0)), 64);
      ranges.add(new MemoryPatch(address, new byte[pair.get(1).intValue()]));
    }
    return ranges;
  }
}

package dev.precept.cases.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Register;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What several messages have in common: registers, memory, VMCS fields, CPUID bits. */
final class Parts {
  /** Where a feature bit is, by {@link FeatureBit#register}. */
  private static final String[] FEATURE_REGISTERS = {"eax", "ebx", "ecx", "edx", "msr"};

  private static final Map<String, Register> REGISTERS = new HashMap<>();

  static {
    for (Register register : Register.values()) {
      REGISTERS.put(register.name(), register);
    }
  }

  private Parts() {}

  /** Registers of {@code state} that {@code from} has differently and {@code without} has not. */
  static ObjectNode registers(MachineState state, MachineState from, Set<Register> without) {
    ObjectNode node = Json.object();
    for (int i = 0; i < Register.COUNT; i++) {
      Register register = Register.at(i);
      if (state.get(register) != from.get(register) && !without.contains(register)) {
        node.put(register.name(), Hex.number(state.get(register)));
      }
    }
    return node;
  }

  /** {@code from} with the registers that the object {@code members} names. */
  static MachineState registers(Members members, MachineState from)
      throws MalformedMessageException {
    MachineState state = from.copy();
    for (Map.Entry<String, JsonNode> member : members.all()) {
      String path = members.path(member.getKey());
      Register register = register(path, member.getKey());
      String text = Members.text(path, member.getValue());
      state.set(register, Hex.parseNumber(path, text, register.width()));
    }
    return state;
  }

  /** The registers that the array {@code name} names. */
  static Set<Register> registers(Members members, String name) throws MalformedMessageException {
    Set<Register> named = EnumSet.noneOf(Register.class);
    int index = 0;
    for (JsonNode element : members.list(name)) {
      String path = members.path(name) + "[" + index++ + "]";
      named.add(register(path, Members.text(path, element)));
    }
    return named;
  }

  private static Register register(String path, String name) throws MalformedMessageException {
    Register register = REGISTERS.get(name);
    if (register == null) {
      throw new MalformedMessageException(path, "there is no register " + Members.shown(name));
    }
    return register;
  }

  static ArrayNode memory(List<MemoryPatch> patches) {
    ArrayNode array = Json.object().arrayNode(patches.size());
    for (MemoryPatch patch : patches) {
      array.add(patch(patch));
    }
    return array;
  }

  static ArrayNode patch(MemoryPatch patch) {
    return Json.object()
        .arrayNode(2)
        .add(Hex.number(patch.address()))
        .add(Hex.bytes(patch.bytes()));
  }

  static MemoryPatch patch(String path, JsonNode node) throws MalformedMessageException {
    List<JsonNode> pair = Members.elements(path, node);
    if (pair.size() != 2) {
      throw new MalformedMessageException(path, "an address and bytes have to be here");
    }
    long address = Hex.parseNumber(path + "[0]", Members.text(path + "[0]", pair.get(0)), 64);
    byte[] bytes = Hex.parseBytes(path + "[1]", Members.text(path + "[1]", pair.get(1)));
    boolean owned =
        Long.compareUnsigned(address, Layout.START) >= 0
            && Long.compareUnsigned(address, Layout.END) < 0
            && address + bytes.length <= Layout.END;
    if (!owned) {
      throw new MalformedMessageException(
          path,
          bytes.length
              + " bytes at "
              + Hex.number(address)
              + " are outside a case's memory, 0x10000 to 0x7ffff");
    }
    return new MemoryPatch(address, bytes);
  }

  /** The patches of the array {@code name}: ascending, not overlapping. */
  static List<MemoryPatch> memory(Members members, String name) throws MalformedMessageException {
    List<MemoryPatch> patches = new ArrayList<>();
    long free = 0;
    int index = 0;
    for (JsonNode element : members.list(name)) {
      String path = members.path(name) + "[" + index++ + "]";
      MemoryPatch patch = patch(path, element);
      if (patch.address() < free) {
        throw new MalformedMessageException(
            path, "begins before the end of the one in front of it; they have to ascend");
      }
      free = patch.end();
      patches.add(patch);
    }
    return patches;
  }

  /**
   * VMCS fields that {@code from} has differently, and null for those that only {@code from} has.
   */
  static ObjectNode fields(SortedMap<Integer, Long> fields, SortedMap<Integer, Long> from) {
    ObjectNode node = Json.object();
    fields.forEach(
        (encoding, value) -> {
          if (!value.equals(from.get(encoding))) {
            node.put(Hex.number(encoding), Hex.number(value));
          }
        });
    from.keySet().stream()
        .filter(encoding -> !fields.containsKey(encoding))
        .forEach(encoding -> node.putNull(Hex.number(encoding)));
    return node;
  }

  /** {@code from} with the VMCS fields that the object {@code members} names. */
  static SortedMap<Integer, Long> fields(Members members, SortedMap<Integer, Long> from)
      throws MalformedMessageException {
    SortedMap<Integer, Long> fields = new TreeMap<>(from);
    for (Map.Entry<String, JsonNode> member : members.all()) {
      String path = members.path(member.getKey());
      int encoding = (int) Hex.parseNumber(path, member.getKey(), 32);
      if (member.getValue().isNull()) {
        fields.remove(encoding);
      } else {
        fields.put(encoding, Hex.parseNumber(path, Members.text(path, member.getValue()), 64));
      }
    }
    return fields;
  }

  static ArrayNode features(List<FeatureBit> features) {
    ArrayNode array = Json.object().arrayNode(features.size());
    for (FeatureBit feature : features) {
      array
          .addObject()
          .put("leaf", Hex.number(feature.leaf() & 0xFFFF_FFFFL))
          .put("subleaf", Hex.number(feature.subleaf() & 0xFFFF_FFFFL))
          .put("register", FEATURE_REGISTERS[feature.register()])
          .put("bit", feature.bit())
          .put("present", feature.present());
    }
    return array;
  }

  /** The CPUID and capability MSR bits of the array {@code name}. */
  static List<FeatureBit> features(Members members, String name) throws MalformedMessageException {
    List<FeatureBit> features = new ArrayList<>();
    int index = 0;
    for (JsonNode element : members.list(name)) {
      Members feature = new Members(members.path(name) + "[" + index++ + "]", element);
      int leaf = (int) feature.number("leaf", 32);
      int subleaf = (int) feature.number("subleaf", 32);
      int register = List.of(FEATURE_REGISTERS).indexOf(feature.text("register"));
      if (register < 0) {
        throw new MalformedMessageException(
            feature.path("register"), "eax, ebx, ecx, edx or msr has to be here");
      }
      int bit = feature.count("bit", 0, register == FeatureBit.MSR ? 63 : 31);
      feature.need("present");
      boolean present = feature.flag("present", true);
      feature.end();
      features.add(new FeatureBit(leaf, subleaf, register, bit, present));
    }
    return features;
  }
}

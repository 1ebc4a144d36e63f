package dev.precept.cases.json;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.precept.cases.Case;
import dev.precept.cases.ControlBlock;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Stream;

/**
 * Observations as objects. Registers, memory and VMCS fields are written by what they have
 * differently from the case, which both sides know.
 */
public final class ObservationJson {
  private static final int PAGE = 0x1000;
  private static final int LONGEST_REMARK = 1000;

  private static final Map<String, OutcomeKind> KINDS = new HashMap<>();

  static {
    for (OutcomeKind kind : OutcomeKind.values()) {
      KINDS.put(word(kind), kind);
    }
  }

  private ObservationJson() {}

  /** The word for {@code kind}, such as {@code not-applicable}. */
  static String word(OutcomeKind kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static boolean answered(OutcomeKind kind) {
    return switch (kind) {
      case EXIT, DELIVERED, RETIRED, HALTED, SHUTDOWN -> true;
      case NOT_APPLICABLE, NO_ANSWER, CRASH -> false;
    };
  }

  /** {@code seen}, an observation of {@code testCase}, as an object. */
  public static ObjectNode write(Observation seen, Case testCase) {
    ObjectNode node = Json.object().put("kind", word(seen.kind()));
    if (!seen.remark().isEmpty()) {
      node.put("remark", seen.remark());
    }
    if (!answered(seen.kind())) {
      return node;
    }
    if (seen.kind() == OutcomeKind.DELIVERED) {
      node.put("vector", seen.vector());
      if (seen.errorCode() >= 0) {
        node.put("errorCode", Hex.number(seen.errorCode()));
      }
    }
    boolean host = seen.kind() == OutcomeKind.EXIT;
    node.put("others", host ? "host" : "state");
    node.set(
        "registers",
        Parts.registers(seen.state(), host ? testCase.host() : testCase.state(), seen.unseen()));
    if (!seen.unseen().isEmpty()) {
      ArrayNode unseen = node.putArray("unseen");
      EnumSet.copyOf(seen.unseen()).forEach(register -> unseen.add(register.name()));
    }
    Overlay before = new Overlay(testCase.base(), testCase.memory());
    Overlay after = before.copy();
    seen.changes().forEach(after::write);
    if (seen.controlBlock().length > 0) {
      after.write(new MemoryPatch(testCase.controlBlock().address(), seen.controlBlock()));
    } else if (testCase.controlBlock().present()) {
      node.put("controlBlockSeen", false);
    }
    node.set("memory", Parts.memory(after.differences(before, 0)));
    if (!seen.fields().isEmpty()) {
      node.set("fields", Parts.fields(seen.fields(), testCase.controlBlock().fields()));
    }
    return node;
  }

  /**
   * The observation of {@code testCase} that {@code members} describe. Leaves members that are no
   * part of it untaken.
   */
  public static Observation read(Members members, Case testCase) throws MalformedMessageException {
    OutcomeKind kind = kind(members);
    String remark = members.text("remark", "");
    String cut =
        remark.length() > LONGEST_REMARK ? remark.substring(0, LONGEST_REMARK) + "..." : remark;
    if (!answered(kind)) {
      if (remark.isBlank()) {
        throw new MalformedMessageException(
            members.path("remark"), "is missing; a case that is " + word(kind) + " needs a reason");
      }
      return Observation.unanswered(testCase.id(), kind, cut);
    }
    boolean delivered = kind == OutcomeKind.DELIVERED;
    Set<Register> unseen = Parts.registers(members, "unseen");
    MachineState state = state(members, testCase, unseen);
    Memory memory = memory(members, testCase, kind);
    return new Observation(
        testCase.id(),
        kind,
        delivered ? members.count("vector", 0, 255) : -1,
        delivered ? members.number("errorCode", 32, -1) : -1,
        state,
        memory.controlBlock(),
        fields(members, testCase.controlBlock()),
        unseen,
        memory.changes(),
        cut);
  }

  /** The way to end that the member {@code kind} says. */
  static OutcomeKind kind(Members members) throws MalformedMessageException {
    String word = members.text("kind");
    OutcomeKind kind = KINDS.get(word);
    if (kind == null) {
      throw new MalformedMessageException(
          members.path("kind"),
          Members.shown(word)
              + " is no way for a case to end; there are "
              + String.join(
                  ", ", Stream.of(OutcomeKind.values()).map(ObservationJson::word).toList()));
    }
    return kind;
  }

  private static SortedMap<Integer, Long> fields(Members members, ControlBlock block)
      throws MalformedMessageException {
    return members.take("fields").isPresent()
        ? Parts.fields(members.object("fields"), block.fields())
        : Collections.emptySortedMap();
  }

  /** Registers as they were named; those that were not are what {@code others} says. */
  private static MachineState state(Members members, Case testCase, Set<Register> unseen)
      throws MalformedMessageException {
    Members registers = members.object("registers");
    String others = members.text("others");
    return switch (others) {
      case "state" -> Parts.registers(registers, testCase.state());
      case "host" -> Parts.registers(registers, testCase.host());
      case "unseen" -> {
        Set<String> named = new HashSet<>();
        registers.all().forEach(member -> named.add(member.getKey()));
        for (Register register : Register.values()) {
          if (!named.contains(register.name())) {
            unseen.add(register);
          }
        }
        yield Parts.registers(registers, new MachineState());
      }
      default ->
          throw new MalformedMessageException(
              members.path("others"),
              "state, host or unseen has to be here: what registers are that are not named");
    };
  }

  /** Changed memory: the control block's page by itself, the host save area's left out. */
  private record Memory(byte[] controlBlock, List<MemoryPatch> changes) {}

  private static Memory memory(Members members, Case testCase, OutcomeKind kind)
      throws MalformedMessageException {
    Overlay before = new Overlay(testCase.base(), testCase.memory());
    Overlay after = before.copy();
    Parts.memory(members, "memory").forEach(after::write);
    ControlBlock block = testCase.controlBlock();
    boolean seen = members.flag("controlBlockSeen", true) && block.present();
    if (kind == OutcomeKind.EXIT && !seen) {
      throw new MalformedMessageException(
          members.path("kind"),
          block.present()
              ? "an exit needs its control block seen"
              : "there is no control block, so nothing can exit");
    }
    List<MemoryPatch> changes = new ArrayList<>();
    for (MemoryPatch patch : after.differences(before, 0)) {
      long page = patch.address() & -PAGE;
      if (page != Layout.HOST_SAVE && !(block.present() && page == block.address())) {
        append(changes, patch);
      }
    }
    return new Memory(seen ? after.read(block.address(), PAGE) : new byte[0], changes);
  }

  /** Adds {@code patch}, joined to the last one if it is adjacent. */
  private static void append(List<MemoryPatch> changes, MemoryPatch patch) {
    MemoryPatch last = changes.isEmpty() ? patch : changes.get(changes.size() - 1);
    if (last.end() != patch.address()) {
      changes.add(patch);
      return;
    }
    byte[] joined = Arrays.copyOf(last.bytes(), last.bytes().length + patch.bytes().length);
    System.arraycopy(patch.bytes(), 0, joined, last.bytes().length, patch.bytes().length);
    changes.set(changes.size() - 1, new MemoryPatch(last.address(), joined));
  }
}

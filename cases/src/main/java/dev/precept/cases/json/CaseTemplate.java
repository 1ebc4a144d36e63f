package dev.precept.cases.json;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.precept.cases.BaseImage;
import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.ControlBlock;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/**
 * A case that others are written by their differences from. Only cases of its vendor, image and
 * context can be.
 */
public final class CaseTemplate {
  /** Two runs of bytes no farther apart are one patch: another patch would be longer. */
  static final int GAP = 7;

  private static final MachineState ZERO = new MachineState();
  private static final SortedMap<Integer, Long> NO_FIELDS = Collections.emptySortedMap();

  private final Case like;
  private final Overlay memory;

  /** The template that {@code like} is. */
  public CaseTemplate(Case like) {
    this.like = like;
    this.memory = new Overlay(like.base(), like.memory());
  }

  /** The name of the template for cases like {@code testCase}: {@code svm/long64/guest}. */
  public static String nameFor(Case testCase) {
    return imageName(testCase) + "/" + word(testCase.context());
  }

  /** The name of the image of {@code testCase}: {@code svm/long64}. */
  public static String imageName(Case testCase) {
    return testCase.vendor() + "/" + testCase.base().name();
  }

  static String word(Context context) {
    return context.name().toLowerCase(Locale.ROOT);
  }

  /** The template's name. */
  public String name() {
    return nameFor(like);
  }

  /** The image as an object: its name and what is not zero in it. */
  public ObjectNode imageJson() {
    BaseImage zero = new BaseImage("zero", new byte[(int) (Layout.END - Layout.START)]);
    Overlay image = new Overlay(zero, List.of(new MemoryPatch(Layout.START, like.base().bytes())));
    ObjectNode node = Json.object().put("name", imageName(like));
    node.set("memory", Parts.memory(image.differences(new Overlay(zero, List.of()), GAP)));
    return node;
  }

  /** The template as an object, without its image. */
  public ObjectNode json() {
    ObjectNode node = Json.object();
    node.put("name", name());
    node.put("vendor", like.vendor());
    node.put("image", imageName(like));
    node.put("context", word(like.context()));
    node.set("features", Parts.features(like.features()));
    node.set("state", Parts.registers(like.state(), ZERO, Set.of()));
    node.set("host", Parts.registers(like.host(), ZERO, Set.of()));
    node.set("memory", Parts.memory(memory.differences(new Overlay(like.base(), List.of()), GAP)));
    if (like.controlBlock().present()) {
      node.set("controlBlock", controlBlock(like.controlBlock(), NO_FIELDS));
    }
    return node;
  }

  /**
   * {@code testCase} by its differences, without its id.
   *
   * @throws IllegalArgumentException if it is of another vendor, image or context
   */
  public ObjectNode json(Case testCase) {
    boolean sameImage = Arrays.equals(testCase.base().bytes(), like.base().bytes());
    if (!nameFor(testCase).equals(name()) || !sameImage) {
      throw new IllegalArgumentException(testCase.id() + " is not like " + name());
    }
    ObjectNode node = Json.object().put("template", name());
    if (!testCase.features().equals(like.features())) {
      node.set("features", Parts.features(testCase.features()));
    }
    put(node, "state", Parts.registers(testCase.state(), like.state(), Set.of()));
    put(node, "host", Parts.registers(testCase.host(), like.host(), Set.of()));
    ArrayNode patches = memory(testCase);
    if (!patches.isEmpty()) {
      node.set("memory", patches);
    }
    ControlBlock own = testCase.controlBlock();
    if (!own.equals(like.controlBlock())) {
      if (own.present()) {
        node.set("controlBlock", controlBlock(own, like.controlBlock().fields()));
      } else {
        node.putNull("controlBlock");
      }
    }
    if (testCase.priorControlBlock().present()) {
      node.set("priorControlBlock", controlBlock(testCase.priorControlBlock(), own.fields()));
    }
    if (testCase.steps() != 1) {
      node.put("steps", testCase.steps());
    }
    node.set("code", Parts.patch(testCase.code()));
    return node;
  }

  /** What {@code testCase}, over the same image, has differently in memory, as an array. */
  public ArrayNode memory(Case testCase) {
    return Parts.memory(new Overlay(testCase.base(), testCase.memory()).differences(memory, GAP));
  }

  private static ObjectNode controlBlock(ControlBlock block, SortedMap<Integer, Long> from) {
    ObjectNode node = Json.object().put("address", Hex.number(block.address()));
    put(node, "fields", Parts.fields(block.fields(), from));
    block.shadow().ifPresent(shadow -> node.set("shadow", controlBlock(shadow, NO_FIELDS)));
    return node;
  }

  private static void put(ObjectNode node, String name, ObjectNode members) {
    if (!members.isEmpty()) {
      node.set(name, members);
    }
  }

  /** The template that {@code members} describe, over {@code image}. */
  static CaseTemplate read(Members members, BaseImage image) throws MalformedMessageException {
    String name = members.text("name");
    String vendor = members.text("vendor");
    String contextWord = members.text("context");
    Context context =
        switch (contextWord) {
          case "guest" -> Context.GUEST;
          case "host" -> Context.HOST;
          default ->
              throw new MalformedMessageException(
                  members.path("context"), "guest or host has to be here");
        };
    MachineState state = Parts.registers(members.object("state"), ZERO);
    MachineState host = Parts.registers(members.object("host"), ZERO);
    List<MemoryPatch> memory = Parts.memory(members, "memory");
    ControlBlock block =
        members.take("controlBlock").isPresent()
            ? controlBlock(members.object("controlBlock"), NO_FIELDS)
            : ControlBlock.NONE;
    Case like =
        new Case(
            name,
            vendor,
            Parts.features(members, "features"),
            context,
            state,
            host,
            image,
            memory,
            block,
            ControlBlock.NONE,
            1,
            new MemoryPatch(Layout.CODE, new byte[] {0}));
    members.end();
    return new CaseTemplate(like);
  }

  /** The case that {@code members} describe by its differences. */
  Case readCase(String id, Members members) throws MalformedMessageException {
    Overlay own = memory.copy();
    Parts.memory(members, "memory").forEach(own::write);
    ControlBlock block = like.controlBlock();
    if (members.take("controlBlock").isPresent()) {
      block =
          members.need("controlBlock").isNull()
              ? ControlBlock.NONE
              : controlBlock(members.object("controlBlock"), block.fields());
    }
    ControlBlock prior =
        members.take("priorControlBlock").isPresent()
            ? controlBlock(members.object("priorControlBlock"), block.fields())
            : ControlBlock.NONE;
    Case read =
        new Case(
            id,
            like.vendor(),
            members.take("features").isPresent()
                ? Parts.features(members, "features")
                : like.features(),
            like.context(),
            registers(members, "state", like.state()),
            registers(members, "host", like.host()),
            like.base(),
            own.differences(new Overlay(like.base(), List.of()), GAP),
            block,
            prior,
            members.count("steps", 1, 1000, 1),
            Parts.patch(members.path("code"), members.need("code")));
    members.take("template");
    return read;
  }

  private static MachineState registers(Members members, String name, MachineState from)
      throws MalformedMessageException {
    return members.take(name).isPresent()
        ? Parts.registers(members.object(name), from)
        : from.copy();
  }

  private static ControlBlock controlBlock(Members members, SortedMap<Integer, Long> from)
      throws MalformedMessageException {
    long address = members.number("address", 64);
    SortedMap<Integer, Long> fields =
        members.take("fields").isPresent() ? Parts.fields(members.object("fields"), from) : from;
    Optional<ControlBlock> shadow =
        members.take("shadow").isPresent()
            ? Optional.of(controlBlock(members.object("shadow"), NO_FIELDS))
            : Optional.empty();
    members.end();
    return new ControlBlock(address, fields, shadow);
  }
}

package dev.precept.cases.json;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precept.cases.BaseImage;
import dev.precept.cases.Case;
import dev.precept.cases.Layout;
import dev.precept.cases.MemoryPatch;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Makes cases of images, templates and differences, as the other side of a message does. */
public final class CaseReader {
  private final Map<String, BaseImage> images = new HashMap<>();
  private final Map<String, CaseTemplate> templates = new HashMap<>();

  /** Takes an image. */
  public void image(JsonNode json) throws MalformedMessageException {
    Members members = new Members("image", json);
    String name = members.text("name");
    byte[] bytes = new byte[(int) (Layout.END - Layout.START)];
    for (MemoryPatch patch : Parts.memory(members, "memory")) {
      System.arraycopy(
          patch.bytes(), 0, bytes, (int) (patch.address() - Layout.START), patch.bytes().length);
    }
    members.end();
    images.put(name, new BaseImage(name, bytes));
  }

  /** Takes a template, over an image it has. */
  public void template(JsonNode json) throws MalformedMessageException {
    Members members = new Members("template", json);
    BaseImage image = find(images, members, "image");
    templates.put(members.text("name"), CaseTemplate.read(members, image));
  }

  /**
   * The case {@code id} that {@code members} describe, over a template it has. Leaves members that
   * are no part of the case untaken.
   */
  public Case testCase(String id, Members members) throws MalformedMessageException {
    return find(templates, members, "template").readCase(id, members);
  }

  private static <T> T find(Map<String, T> all, Members members, String name)
      throws MalformedMessageException {
    String wanted = members.text(name);
    return Optional.ofNullable(all.get(wanted))
        .orElseThrow(
            () ->
                new MalformedMessageException(
                    members.path(name), "there is no " + name + " " + Members.shown(wanted)));
  }
}

package dev.precept.report.browser;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A page of the browser, as a person uses it: looks at it, clicks, types. */
final class Page implements AutoCloseable {
  private final Browser browser;
  private final String target;
  private final String session;

  Page(Browser browser, String target, String session, int width, int height) {
    this.browser = browser;
    this.target = target;
    this.session = session;
    for (String domain : List.of("Page", "Runtime", "Log", "Network", "Accessibility")) {
      call(domain + ".enable", Map.of());
    }
    call("Performance.enable", Map.of("timeDomain", "threadTicks"));
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
  }

  private JsonNode call(String method, Map<String, ?> parameters) {
    return browser.call(session, method, parameters);
  }

  /** Opens {@code file}, at {@code fragment} ({@code #case=...}, or nothing). */
  Page open(Path file, String fragment) {
    CompletableFuture<JsonNode> loaded = browser.next(session, "Page.loadEventFired");
    // A page that differs in its fragment only would not be loaded again.
    call("Page.navigate", Map.of("url", file.toUri() + fragment));
    Browser.get(loaded);
    return this;
  }

  /** The value of {@code expression} in the page. */
  JsonNode eval(String expression) {
    JsonNode answer =
        call(
            "Runtime.evaluate",
            Map.of("expression", expression, "awaitPromise", true, "returnByValue", true));
    if (answer.has("exceptionDetails")) {
      throw new AssertionError(expression + ": " + answer.get("exceptionDetails"));
    }
    return answer.get("result").path("value");
  }

  String text(String selector) {
    return eval("document.querySelector(" + quoted(selector) + ").innerText").asText();
  }

  List<String> texts(String selector) {
    List<String> texts = new ArrayList<>();
    eval("[...document.querySelectorAll(" + quoted(selector) + ")].map((e) => e.innerText)")
        .forEach(text -> texts.add(text.asText()));
    return texts;
  }

  int count(String selector) {
    return eval("document.querySelectorAll(" + quoted(selector) + ").length").asInt();
  }

  boolean visible(String selector) {
    return eval("(() => { const e = document.querySelector("
            + quoted(selector)
            + "); return !!e && e.checkVisibility(); })()")
        .asBoolean();
  }

  /** Waits until {@code condition} holds in the page. */
  Page until(String condition) {
    boolean held =
        eval("new Promise((done) => { const end = performance.now() + 20000; const look = () =>"
                + " { let holds = false; try { holds = !!("
                + condition
                + "); } catch (e) { holds = false; } if (holds || performance.now() > end)"
                + " done(holds); else setTimeout(look, 20); }; look(); })")
            .asBoolean();
    if (!held) {
      throw new AssertionError("never true in the page: " + condition);
    }
    return this;
  }

  /** Clicks into the middle of the first element that matches. */
  Page click(String selector) {
    JsonNode at =
        eval(
            "(() => { const e = document.querySelector("
                + quoted(selector)
                + "); e.scrollIntoView({ block: 'center', behavior: 'instant' }); const b ="
                + " e.getClientRects()[0]; return [b.left + b.width / 2, b.top + b.height / 2];"
                + " })()");
    for (String type : List.of("mousePressed", "mouseReleased")) {
      call(
          "Input.dispatchMouseEvent",
          Map.of(
              "type",
              type,
              "x",
              at.get(0).asDouble(),
              "y",
              at.get(1).asDouble(),
              "button",
              "left",
              "clickCount",
              1));
    }
    return this;
  }

  /** Types into the first element that matches. */
  Page type(String selector, String text) {
    click(selector);
    call("Input.insertText", Map.of("text", text));
    return this;
  }

  /** Chooses {@code value} in a drop-down list, as a person's choice is reported to the page. */
  Page choose(String selector, String value) {
    eval(
        "(() => { const e = document.querySelector("
            + quoted(selector)
            + "); e.value = "
            + quoted(value)
            + "; e.dispatchEvent(new Event('input', { bubbles: true })); e.dispatchEvent(new"
            + " Event('change', { bubbles: true })); return e.value; })()");
    return this;
  }

  Page press(String key) {
    Map<String, Integer> codes = Map.of("Tab", 9, "Enter", 13);
    Map<String, String> typed = Map.of("Enter", "\r");
    for (String type : List.of("keyDown", "keyUp")) {
      call(
          "Input.dispatchKeyEvent",
          Map.of(
              "type", type,
              "key", key,
              "code", key,
              "windowsVirtualKeyCode", codes.get(key),
              "text", type.equals("keyDown") ? typed.getOrDefault(key, "") : ""));
    }
    return this;
  }

  /** Looks at the page as print, or as one that wants it dark. */
  Page media(String media, String colours) {
    call(
        "Emulation.setEmulatedMedia",
        Map.of(
            "media",
            media,
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", colours))));
    return this;
  }

  /** Size of the page printed to PDF, in bytes. */
  int printed() {
    return Base64.getDecoder()
        .decode(call("Page.printToPDF", Map.of("printBackground", true)).get("data").asText())
        .length;
  }

  /** Processor time that the page's thread has taken, in seconds: other programs do not count. */
  double cpuSeconds() {
    for (JsonNode metric : call("Performance.getMetrics", Map.of()).get("metrics")) {
      if (metric.path("name").asText().equals("TaskDuration")) {
        return metric.get("value").asDouble();
      }
    }
    throw new IllegalStateException("the browser tells no TaskDuration");
  }

  /** Whatever the page complained about: exceptions, errors, refused or failed requests. */
  List<String> complaints() {
    List<String> complaints = new ArrayList<>();
    browser
        .events(session, "Runtime.exceptionThrown")
        .forEach(event -> complaints.add(event.toString()));
    for (JsonNode event : browser.events(session, "Runtime.consoleAPICalled")) {
      if (List.of("error", "warning", "assert").contains(event.path("type").asText())) {
        complaints.add(event.toString());
      }
    }
    for (JsonNode event : browser.events(session, "Log.entryAdded")) {
      complaints.add(event.toString());
    }
    return complaints;
  }

  /** Addresses that the page asked for, beside itself and what stands inside it. */
  List<String> requests() {
    return browser.events(session, "Network.requestWillBeSent").stream()
        .map(event -> event.at("/request/url").asText())
        .filter(url -> !url.startsWith("data:") && !url.startsWith("file:"))
        .toList();
  }

  /** Roles of things that can be used and that a screen reader could not name. */
  List<String> nameless() {
    List<String> nameless = new ArrayList<>();
    for (JsonNode node : call("Accessibility.getFullAXTree", Map.of()).get("nodes")) {
      String role = node.at("/role/value").asText();
      boolean used =
          List.of("button", "link", "textbox", "searchbox", "combobox", "checkbox", "table")
              .contains(role);
      if (used && !node.path("ignored").asBoolean() && node.at("/name/value").asText().isBlank()) {
        nameless.add(node.toString());
      }
    }
    return nameless;
  }

  /** Keeps what the page looks like, for people. */
  Page picture(Path file) throws IOException {
    JsonNode picture = call("Page.captureScreenshot", Map.of("format", "png"));
    Files.createDirectories(file.getParent());
    Files.write(file, Base64.getDecoder().decode(picture.get("data").asText()));
    return this;
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  @Override
  public void close() {
    browser.call("", "Target.closeTarget", Map.of("targetId", target));
  }
}

package dev.precept.report.browser;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Chromium without a window, spoken to over its DevTools protocol. */
final class Browser implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long PATIENCE_SECONDS = 60;
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

  private final Process process;
  private final Path profile;
  private final WebSocket socket;
  private final AtomicInteger ids = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final List<JsonNode> events = new CopyOnWriteArrayList<>();
  private final Map<String, CompletableFuture<JsonNode>> awaited = new ConcurrentHashMap<>();

  private Browser(Process process, Path profile, WebSocket.Builder builder, String address) {
    this.process = process;
    this.profile = profile;
    this.socket = get(builder.buildAsync(URI.create(address), new Listener()));
  }

  /** The browser on this machine, by {@code PRECEPT_CHROMIUM} or the path. */
  static Optional<Path> find() {
    String named = System.getenv("PRECEPT_CHROMIUM");
    if (named != null && !named.isEmpty()) {
      return Optional.of(Path.of(named));
    }
    return Stream.of(System.getenv("PATH").split(":"))
        .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Starts {@code executable} with a profile of its own. */
  static Browser start(Path executable) throws IOException {
    Path profile = Files.createTempDirectory("precept-browser");
    Process process =
        new ProcessBuilder(
                executable.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    String address = "";
    BufferedReader errors =
        new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
    for (String line = errors.readLine(); line != null; line = errors.readLine()) {
      if (line.startsWith("DevTools listening on ")) {
        address = line.substring("DevTools listening on ".length()).strip();
        break;
      }
    }
    if (address.isEmpty()) {
      process.destroyForcibly();
      throw new IOException(executable + " did not start");
    }
    Thread drain =
        new Thread(
            () -> {
              try {
                while (errors.readLine() != null) {
                  // What it says is not wanted, only that it can go on saying it.
                }
              } catch (IOException e) {
                // The browser has ended.
              }
            });
    drain.setDaemon(true);
    drain.start();
    return new Browser(process, profile, HttpClient.newHttpClient().newWebSocketBuilder(), address);
  }

  /** A new page that shows nothing yet. */
  Page page(int width, int height) {
    String target =
        call("", "Target.createTarget", Map.of("url", "about:blank")).get("targetId").asText();
    String session =
        call("", "Target.attachToTarget", Map.of("targetId", target, "flatten", true))
            .get("sessionId")
            .asText();
    return new Page(this, target, session, width, height);
  }

  JsonNode call(String session, String method, Map<String, ?> parameters) {
    int id = ids.incrementAndGet();
    ObjectNode message = JSON.createObjectNode();
    message.put("id", id).put("method", method);
    message.set("params", JSON.valueToTree(parameters));
    if (!session.isEmpty()) {
      message.put("sessionId", session);
    }
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    synchronized (socket) {
      get(socket.sendText(message.toString(), true));
    }
    JsonNode result = get(answer);
    if (result.has("error")) {
      throw new IllegalStateException(method + ": " + result.get("error"));
    }
    return result.get("result");
  }

  /** What the next event {@code method} of {@code session} says; ask before causing it. */
  CompletableFuture<JsonNode> next(String session, String method) {
    return awaited.computeIfAbsent(session + " " + method, unused -> new CompletableFuture<>());
  }

  /** The events of {@code session} so far. */
  List<JsonNode> events(String session, String method) {
    return events.stream()
        .filter(event -> event.path("sessionId").asText().equals(session))
        .filter(event -> event.path("method").asText().equals(method))
        .map(event -> event.get("params"))
        .toList();
  }

  static <T> T get(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the browser does not answer: " + e, e);
    }
  }

  @Override
  public void close() {
    socket.abort();
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      List<Path> left = new ArrayList<>();
      try (Stream<Path> files = Files.walk(profile)) {
        files.sorted(Comparator.reverseOrder()).forEach(left::add);
      }
      for (Path file : left) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      // A helper process may still be writing there; the folder is temporary anyway.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        try {
          take(JSON.readTree(text.toString()));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        text.setLength(0);
      }
      from.request(1);
      return CompletableFuture.completedStage(null);
    }

    private void take(JsonNode message) {
      if (message.has("id")) {
        waiting.remove(message.get("id").asInt()).complete(message);
        return;
      }
      events.add(message);
      String key = message.path("sessionId").asText() + " " + message.path("method").asText();
      CompletableFuture<JsonNode> wanted = awaited.remove(key);
      if (wanted != null) {
        wanted.complete(message.get("params"));
      }
    }
  }
}

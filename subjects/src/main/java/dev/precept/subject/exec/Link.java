package dev.precept.subject.exec;

import dev.precept.cases.json.Json;
import dev.precept.cases.json.MalformedMessageException;
import dev.precept.cases.json.Members;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A running program and the lines to and from it. What it says is bounded: a line by the limits,
 * what waits to be heard by a few lines, behind which the program has to wait.
 */
final class Link {
  /** Something the program did. */
  sealed interface Event {
    /** It said a line. */
    record Line(String text) implements Event {}

    /** It did what ends the conversation. */
    record Broken(Failure failure) implements Event {}
  }

  private static final int HEARD = 16;
  private static final byte[] QUIT = new byte[0];

  /** How long a program may take to end once its input has. */
  private static final Duration LEAVE = Duration.ofSeconds(2);

  /** How long the exit status may take to come once the output has ended. */
  private static final Duration STATUS = Duration.ofSeconds(1);

  /** Exit statuses from here on are, by custom, 128 and the number of a signal. */
  private static final int SIGNALS = 128, MOST_SIGNALS = 64;

  /** Programs to be ended if this process is. */
  private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> RUNNING.forEach(Link::kill), "end programs under test"));
  }

  private final Process process;
  private final int longest;
  private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(HEARD);
  private final BlockingQueue<byte[]> toSend = new LinkedBlockingQueue<>();
  private final Thread logging;
  private volatile boolean over;

  private Link(Process process, ExecLimits limits, ProgramLog log) {
    this.process = process;
    this.longest = limits.line();
    RUNNING.add(process);
    log.restart();
    daemon("read", this::read);
    daemon("write", this::write);
    logging = daemon("log", () -> log.drain(process.getErrorStream()));
  }

  private Thread daemon(String what, Runnable task) {
    Thread thread = new Thread(task, what + " program " + process.pid());
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /**
   * Starts a program.
   *
   * @throws IOException if it cannot be started
   */
  static Link start(List<String> words, ExecLimits limits, ProgramLog log) throws IOException {
    return new Link(new ProcessBuilder(words).start(), limits, log);
  }

  /** Sends lines, in the background: a program that does not read keeps nobody waiting. */
  void send(List<String> lines) {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line).append('\n'));
    toSend.add(text.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** What the program does next, unless that takes longer than {@code nanos}. */
  Optional<Event> next(long nanos) {
    try {
      return Optional.ofNullable(events.poll(Math.max(0, nanos), TimeUnit.NANOSECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of(new Event.Broken(Failure.misbehaved("the run was interrupted")));
    }
  }

  /** How the program died, if it has. */
  Optional<Failure> death() {
    return process.isAlive() ? Optional.empty() : Optional.of(died());
  }

  /** Exchanges hellos. */
  Hello hello(ExecLimits limits, String version) throws BrokenException {
    send(List.of(Messages.hello(version)));
    Optional<Event> event = next(limits.start().toNanos());
    if (event.isEmpty()) {
      throw new BrokenException(
          death()
              .orElseGet(
                  () ->
                      Failure.misbehaved(
                          "the program said no hello within " + seconds(limits.start()))));
    }
    if (event.get() instanceof Event.Broken broken) {
      throw new BrokenException(broken.failure());
    }
    String line = ((Event.Line) event.get()).text();
    try {
      Members members = new Members("", Json.parse(line));
      if (members.take("refuse").isPresent()) {
        String reason = members.object("refuse").text("reason", "");
        throw new BrokenException(
            Failure.hopeless("the program refuses: " + Members.shown(reason)));
      }
      Hello hello = Hello.read(members.object("hello"));
      members.end();
      return hello;
    } catch (MalformedMessageException e) {
      throw new BrokenException(
          Failure.hopeless(
              "the program's hello is none: " + e.getMessage() + ", in " + Members.shown(line)));
    }
  }

  static String seconds(Duration time) {
    return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }

  /** Lets the program end by itself, and ends it if it does not. */
  void close() {
    over = true;
    toSend.add(QUIT);
    try {
      if (!process.waitFor(LEAVE.toMillis(), TimeUnit.MILLISECONDS)) {
        abort();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      abort();
    }
    RUNNING.remove(process);
  }

  /** Ends the program and what it started. */
  void abort() {
    over = true;
    kill(process);
    toSend.add(QUIT);
    events.clear();
    RUNNING.remove(process);
  }

  private static void kill(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private void write() {
    try (OutputStream out = process.getOutputStream()) {
      for (byte[] bytes = toSend.take(); bytes != QUIT; bytes = toSend.take()) {
        out.write(bytes);
        out.flush();
      }
    } catch (IOException e) {
      // The program reads no more. If that matters, it is seen by what it does not answer.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read() {
    byte[] line = new byte[4096];
    byte[] buffer = new byte[1 << 16];
    int length = 0;
    try (InputStream in = process.getInputStream()) {
      for (int n = in.read(buffer); n >= 0 && !over; n = in.read(buffer)) {
        int from = 0;
        for (int i = 0; i < n; i++) {
          if (buffer[i] == '\n') {
            line = append(line, length, buffer, from, i);
            hear(line, length + i - from);
            length = 0;
            from = i + 1;
          }
        }
        line = append(line, length, buffer, from, n);
        length += n - from;
        if (length > longest) {
          tooLong();
          return;
        }
      }
      tell(gone());
    } catch (CharacterCodingException e) {
      tell(Failure.misbehaved("the program said a line that is no UTF-8"));
    } catch (IOException e) {
      tell(gone());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static byte[] append(byte[] line, int length, byte[] buffer, int from, int to) {
    int needed = length + to - from;
    byte[] longer =
        needed > line.length ? Arrays.copyOf(line, Math.max(needed, 2 * line.length)) : line;
    System.arraycopy(buffer, from, longer, length, to - from);
    return longer;
  }

  private void tooLong() {
    tell(Failure.misbehaved("the program said a line of more than " + longest + " bytes"));
  }

  private void hear(byte[] line, int length) throws CharacterCodingException, InterruptedException {
    if (length > longest) {
      tooLong();
      return;
    }
    String text =
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line, 0, length)).toString();
    say(new Event.Line(text));
  }

  private void tell(Failure failure) {
    try {
      say(new Event.Broken(failure));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Puts an event where it is heard, unless nobody listens any more. */
  private void say(Event event) throws InterruptedException {
    while (!over && !events.offer(event, 100, TimeUnit.MILLISECONDS)) {
      // Nobody has come for the others yet: the program has to wait.
    }
  }

  /** What the end of the program's output means. */
  private Failure gone() {
    try {
      if (process.waitFor(STATUS.toMillis(), TimeUnit.MILLISECONDS)) {
        return died();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Failure.misbehaved("the program closed its standard output and runs on");
  }

  private Failure died() {
    try {
      // Its last words are on their way.
      logging.join(STATUS.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    int status = process.exitValue();
    boolean signal = status > SIGNALS && status <= SIGNALS + MOST_SIGNALS;
    return Failure.died(
        status == 0
            ? "the program ended by itself (exit status 0)"
            : "the program died (exit status "
                + status
                + (signal ? ", as of signal " + (status - SIGNALS) : "")
                + ")");
  }

  /** The program is of no use any more. */
  static final class BrokenException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Failure failure;

    BrokenException(Failure failure) {
      super(failure.reason());
      this.failure = failure;
    }

    Failure failure() {
      return failure;
    }
  }
}

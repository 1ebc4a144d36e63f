package dev.precept.subject.metal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A machine that is a process of this computer, with its output in a file. */
final class EmulatorProcess implements Machine {
  private static final int TAIL = 300;

  /**
   * A processor that has not gone on by then stays shut down. One whose hypervisor intercepts
   * shutdowns goes on at once, after the same words in the log.
   */
  private static final Duration EXITS_AFTER = Duration.ofMillis(500);

  /** Lines of a register dump. */
  private static final Pattern REGISTERS = Pattern.compile("^[A-Z0-9]{2,6} ?=");

  /** What still runs when Java ends is ended with it. */
  private static final Set<Process> RUNNING = new HashSet<>();

  /** Whether Java ends: another thread may be about to start one machine more. */
  private static boolean ending;

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(EmulatorProcess::endAll));
  }

  private final Process process;
  private final Path output;
  private final Path log;
  private final Predicate<String> tripleFault;

  /** How much of the log is about shutdowns that the machine survived. */
  private int settled;

  /** When the log first spoke of a shutdown that the machine has not shown to survive; 0: not. */
  private long shutDownSince;

  private EmulatorProcess(Process process, Path output, Path log, Predicate<String> tripleFault) {
    this.process = process;
    this.output = output;
    this.log = log;
    this.tripleFault = tripleFault;
  }

  /**
   * Starts a command.
   *
   * @param log file in which it says what happened to its processor
   * @param tripleFault tells from that file's text whether the processor shut down
   * @throws SubjectUnavailableException if there is no such program
   */
  static EmulatorProcess start(
      List<String> command, Path folder, Path log, Predicate<String> tripleFault)
      throws IOException {
    Path output = folder.resolve("output.txt");
    Files.deleteIfExists(log);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(folder.toFile());
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    builder.redirectInput(ProcessBuilder.Redirect.from(nullDevice()));
    builder.environment().put("TERM", "vt100");
    try {
      return new EmulatorProcess(launch(builder), output, log, tripleFault);
    } catch (IOException e) {
      throw new SubjectUnavailableException(
          command.get(0) + " cannot be run: " + e.getMessage(), e);
    }
  }

  private static Process launch(ProcessBuilder builder) throws IOException {
    synchronized (RUNNING) {
      if (ending) {
        throw new SubjectUnavailableException("no machine is started any more: Precept ends");
      }
      Process process = builder.start();
      RUNNING.add(process);
      return process;
    }
  }

  private static void endAll() {
    synchronized (RUNNING) {
      ending = true;
      RUNNING.forEach(EmulatorProcess::destroy);
    }
  }

  private static java.io.File nullDevice() {
    return new java.io.File("/dev/null");
  }

  @Override
  public boolean goesOn() {
    String said = text(log);
    boolean shutDown = tripleFault.test(said.substring(Math.min(settled, said.length())));
    settled = said.length();
    shutDownSince = 0;
    return shutDown;
  }

  @Override
  public Optional<Ending> ending() {
    // In this order: what it says last must not be missed because it ends right behind.
    boolean alive = process.isAlive();
    String said = text(log);
    boolean shutDown = tripleFault.test(said.substring(Math.min(settled, said.length())));
    if (alive) {
      if (!shutDown) {
        return Optional.empty();
      }
      long now = System.nanoTime();
      shutDownSince = shutDownSince == 0 ? now : shutDownSince;
      return now - shutDownSince > EXITS_AFTER.toNanos()
          ? Optional.of(new Ending(true, "the processor shut down"))
          : Optional.empty();
    }
    return Optional.of(
        new Ending(
            shutDown,
            "the process ended with status " + process.exitValue() + lastWords(text(output))));
  }

  /** What the program said last of its own; registers and the like are for its log. */
  private static String lastWords(String text) {
    String words =
        text.lines()
            .map(line -> line.replaceAll("[^\\x20-\\x7E]", "").strip())
            .filter(line -> !line.isEmpty() && !line.startsWith("precept: "))
            .filter(line -> !REGISTERS.matcher(line).find())
            .collect(Collectors.joining("; "));
    String end = words.substring(Math.max(0, words.length() - TAIL));
    return end.isEmpty() ? "" : ": " + end;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Override
  public Duration processorTime() {
    return Stream.concat(Stream.of(process.toHandle()), process.descendants())
        .map(one -> one.info().totalCpuDuration().orElse(Duration.ZERO))
        .reduce(Duration.ZERO, Duration::plus);
  }

  @Override
  public void close() {
    synchronized (RUNNING) {
      RUNNING.remove(process);
    }
    destroy(process);
    try {
      process.waitFor(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void destroy(Process process) {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    all.forEach(ProcessHandle::destroyForcibly);
  }

  /** The first line that {@code command} prints; nothing if it cannot be run. */
  static Optional<String> firstLine(String... command) {
    return output(command)
        .flatMap(text -> text.lines().filter(line -> !line.isBlank()).findFirst())
        .map(String::strip);
  }

  /** What {@code command} prints; nothing if it cannot be run. */
  static Optional<String> output(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(nullDevice()))
              .start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      return Optional.of(text);
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}

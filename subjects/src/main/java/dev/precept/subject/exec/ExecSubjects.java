package dev.precept.subject.exec;

import dev.precept.subject.Subject;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Subjects that run one command: a program for each worker. Thread-safe.
 *
 * <pre>{@code
 * ExecSubjects subjects = ExecSubjects.of("./my-emulator --precept", ExecLimits.USUAL, out, "1.0");
 * try (Subject one = subjects.get()) { ... }
 * }</pre>
 */
public final class ExecSubjects implements Supplier<Subject> {
  /** What {@code --subject} has in front of the command. */
  public static final String PREFIX = "exec:";

  private final String command;
  private final List<String> words;
  private final ExecLimits limits;
  private final Path logs;
  private final String precept;
  private final Hello hello;
  private final Patience patience = new Patience();
  private final AtomicInteger programs = new AtomicInteger();

  private ExecSubjects(String command, ExecLimits limits, Path logs, String precept)
      throws ExecException {
    this.command = command;
    this.limits = limits;
    this.logs = logs;
    this.precept = precept;
    try {
      words = CommandWords.of(command);
    } catch (IllegalArgumentException e) {
      throw new ExecException("the command '" + command + "' is none: " + e.getMessage());
    }
    removeOldLogs();
    hello = ask();
  }

  /**
   * Subjects that run {@code command}, which is started once to hear who it is.
   *
   * @param command the command, as docs/subjects.md says
   * @param logs folder for what the programs say on standard error
   * @param precept Precept's version
   * @throws ExecException if the program does not start, or says no usable hello
   */
  public static ExecSubjects of(String command, ExecLimits limits, Path logs, String precept)
      throws ExecException {
    return new ExecSubjects(command, limits, logs, precept);
  }

  private void removeOldLogs() {
    if (Files.isDirectory(logs)) {
      try (DirectoryStream<Path> old = Files.newDirectoryStream(logs, "subject-*.log")) {
        for (Path file : old) {
          Files.delete(file);
        }
      } catch (IOException e) {
        // Then they are written over.
      }
    }
  }

  private Hello ask() throws ExecException {
    ProgramLog log = newLog();
    Link link;
    try {
      link = Link.start(words, limits, log);
    } catch (IOException e) {
      throw new ExecException("the program cannot be started: " + e.getMessage());
    }
    try {
      Hello said = link.hello(limits, precept);
      link.close();
      return said;
    } catch (Link.BrokenException e) {
      link.abort();
      String end = log.lastWords();
      throw new ExecException(
          e.failure().reason() + (end.isEmpty() ? "" : "; its last words: " + end));
    }
  }

  private ProgramLog newLog() {
    return new ProgramLog(
        logs.resolve("subject-" + programs.incrementAndGet() + ".log"), limits.log());
  }

  /** The name that the program gives itself. */
  public String programName() {
    return hello.name();
  }

  /** The version that the program gives itself. */
  public String programVersion() {
    return hello.version();
  }

  /** The word that selects it: {@code exec:} and the command. */
  public String name() {
    return PREFIX + command;
  }

  /** A subject with a program of its own, which starts with the first case. */
  @Override
  public Subject get() {
    return new ExecSubject(this, newLog());
  }

  Hello hello() {
    return hello;
  }

  List<String> words() {
    return words;
  }

  ExecLimits limits() {
    return limits;
  }

  String precept() {
    return precept;
  }

  Patience patience() {
    return patience;
  }
}

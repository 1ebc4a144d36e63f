package dev.precept.cli;

import dev.precept.tables.load.TableLoader;
import dev.precept.tables.load.TableSource;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Entry point of {@code precept}. */
public final class Main {
  private Main() {}

  /** Runs the command line and ends the process with its exit status. */
  public static void main(String[] arguments) {
    // The platform's: this is text for a terminal or a log, not for a file of ours.
    Charset platform = Charset.defaultCharset();
    StandardOutput standard = new StandardOutput(new FileOutputStream(FileDescriptor.out));
    PrintWriter out = new PrintWriter(standard, true, platform);
    PrintWriter err = new PrintWriter(System.err, true, platform);
    int status = run(arguments, out, err);
    out.flush();
    if (standard.failure().isPresent()) {
      err.println("precept: standard output cannot be written: " + standard.failure().get());
      status = status == ExitStatus.HOLDS ? ExitStatus.SUBJECT : status;
    }
    System.exit(status);
  }

  /** Runs the command line; returns the exit status of docs/commands.md. */
  static int run(String[] arguments, PrintWriter out, PrintWriter err) {
    // Before anything else is loaded, which takes longer than the answer.
    Optional<String> written = written(arguments);
    if (written.isPresent()) {
      out.print(written.get());
      out.flush();
      return ExitStatus.HOLDS;
    }
    return Commands.run(arguments, out, err);
  }

  /** What the build has written down of the answer, if that is all of it. */
  private static Optional<String> written(String[] arguments) {
    try {
      Optional<String> command = HelpTexts.asked(arguments);
      if (command.isPresent()) {
        return HelpTexts.of(command.get(), Terminal.helpWidth(), Terminal.colours());
      }
      if (arguments.length == 3
          && arguments[0].equals("tables")
          && arguments[1].equals("explain")) {
        TableSource tables = TableOptions.builtIn();
        return Explanations.of(
            tables,
            TableLoader.vendors(List.of(tables)),
            arguments[2].toLowerCase(Locale.ROOT),
            Terminal.style(),
            Terminal.width());
      }
      return Optional.empty();
    } catch (IOException e) {
      // Whoever works it out comes to it again, and says so.
      return Optional.empty();
    }
  }
}

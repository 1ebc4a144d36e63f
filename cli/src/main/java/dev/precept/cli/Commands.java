package dev.precept.cli;

import dev.precept.report.MalformedResultsException;
import dev.precept.report.baseline.BaselineException;
import dev.precept.tables.load.TablesException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line, and what is said where a command fails. */
final class Commands {
  private Commands() {}

  /** All commands, ready to be asked for their help. */
  static CommandLine all() {
    CommandLine command = new CommandLine(new PreceptCommand());
    command.setUsageHelpLongOptionsMaxWidth(28);
    return command;
  }

  /** Runs the command line; returns the exit status of docs/commands.md. */
  static int run(String[] arguments, PrintWriter out, PrintWriter err) {
    CommandLine command = all();
    command.setUsageHelpWidth(Terminal.helpWidth());
    command.setOut(out);
    command.setErr(err);
    command.setParameterExceptionHandler(Commands::wrongUsage);
    command.setExecutionExceptionHandler(
        (exception, where, parsed) ->
            failed(exception, where, Arrays.asList(arguments).contains("--stacktrace")));
    return command.execute(arguments);
  }

  private static int wrongUsage(ParameterException exception, String[] arguments) {
    CommandLine where = exception.getCommandLine();
    where.getErr().println("precept: " + exception.getMessage());
    UnmatchedArgumentException.printSuggestions(exception, where.getErr());
    where
        .getErr()
        .println("Try '" + where.getCommandSpec().qualifiedName() + " --help' for what there is.");
    return ExitStatus.USAGE;
  }

  private static int failed(Exception exception, CommandLine where, boolean stackTrace) {
    PrintWriter err = where.getErr();
    int status;
    if (exception instanceof UserException user) {
      err.println("precept: " + user.getMessage());
      status = user.exitStatus();
    } else if (exception instanceof TablesException tables) {
      tables.problems().forEach(err::println);
      err.println("precept: the tables have " + tables.problems().size() + " error(s)");
      status = ExitStatus.USAGE;
    } else if (exception instanceof BaselineException baseline) {
      baseline.problems().forEach(err::println);
      err.println("precept: the baseline has " + baseline.problems().size() + " error(s)");
      status = ExitStatus.USAGE;
    } else if (exception instanceof MalformedResultsException results) {
      err.println("precept: " + results.getMessage());
      status = ExitStatus.USAGE;
    } else if (exception instanceof NoSuchFileException file) {
      err.println("precept: there is no file " + file.getFile());
      status = ExitStatus.USAGE;
    } else if (exception instanceof AccessDeniedException file) {
      err.println("precept: not allowed to use " + file.getFile());
      status = ExitStatus.USAGE;
    } else if (exception instanceof FileAlreadyExistsException file) {
      err.println("precept: " + file.getFile() + " is in the way: a folder has to go there");
      status = ExitStatus.USAGE;
    } else if (exception instanceof FileSystemException file && file.getReason() != null) {
      err.println("precept: " + file.getFile() + " cannot be written: " + file.getReason());
      status = ExitStatus.SUBJECT;
    } else {
      String message = exception.getMessage() == null ? "" : ": " + exception.getMessage();
      err.println("precept: " + exception.getClass().getSimpleName() + message);
      if (!stackTrace) {
        err.println("Run again with --stacktrace to see where; nothing was decided.");
      }
      status = ExitStatus.SUBJECT;
    }
    if (stackTrace) {
      exception.printStackTrace(err);
    }
    return status;
  }
}

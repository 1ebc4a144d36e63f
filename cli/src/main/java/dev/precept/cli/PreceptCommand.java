package dev.precept.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

@Command(
    name = "precept",
    mixinStandardHelpOptions = true,
    versionProvider = PreceptCommand.Version.class,
    scope = ScopeType.INHERIT,
    description = {
      "Tests which check wins when an intercepted instruction meets several at once: the exception or "
          + "the intercept.",
      "",
      "The documented order of every instruction's checks stands in tables taken from the manuals of "
          + "AMD SVM and Intel VMX. Precept makes tests of them, runs them against an emulator and "
          + "shows where it breaks the order, by which line of the manual.",
      "",
      "Start with 'precept gate'.",
      ""
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:the documented order holds",
      "1:violations, or an expected one that no longer happens",
      "2:wrong usage or wrong tables",
      "3:the subject could not be run to the end"
    },
    subcommands = {
      GateCommand.class,
      TablesCommand.class,
      GenerateCommand.class,
      NewCommand.class,
      ReportCommand.class,
      DiffCommand.class,
      PowerCommand.class,
      SweepCommand.class,
    })
final class PreceptCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT,
      description = "On an unexpected failure, show where in the program it happened.")
  @SuppressWarnings("UnusedVariable") // Main finds it in the arguments.
  private boolean stackTrace;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** Precept's version, from the jar's manifest. */
  static final class Version implements IVersionProvider {
    static String text() {
      String version = PreceptCommand.class.getPackage().getImplementationVersion();
      return version == null ? "0.1.0-SNAPSHOT" : version;
    }

    @Override
    public String[] getVersion() {
      return new String[] {"precept " + text()};
    }
  }
}

package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** What the build writes down of commands' help, against what the commands say. */
class HelpTextsTest {
  @Test
  void everyCommandSaysWhatWasWrittenWithColoursAndWithout() throws IOException {
    List<String> names = new ArrayList<>();
    for (int width : HelpTexts.WIDTHS) {
      for (CommandLine command : HelpTexts.commands(Commands.all())) {
        command.setUsageHelpWidth(width);
        String name = HelpTexts.name(command);
        names.add(name);
        assertThat(HelpTexts.of(name, width, true)).contains(command.getUsageMessage(Ansi.ON));
        assertThat(HelpTexts.of(name, width, false)).contains(command.getUsageMessage(Ansi.OFF));
      }
    }
    assertThat(names).contains("precept", "gate", "tables", "tables.explain");
  }

  @ParameterizedTest
  @CsvSource({"--help", "gate --help", "gate -h", "tables --help", "tables explain --help"})
  void itIsWhatTheCommandLineAnswers(String line) {
    String[] arguments = line.split(" ", -1);
    StringWriter worked = new StringWriter();
    StringWriter written = new StringWriter();

    int status = Commands.run(arguments, new PrintWriter(worked), nowhere());

    assertThat(status).isZero();
    assertThat(HelpTexts.asked(arguments)).isPresent();
    assertThat(Main.run(arguments, new PrintWriter(written), nowhere())).isZero();
    assertThat(written.toString()).isEqualTo(worked.toString());
  }

  @Test
  void withoutArgumentsItIsTheProgramsOwn() {
    StringWriter worked = new StringWriter();
    Commands.run(new String[0], new PrintWriter(worked), nowhere());

    StringWriter written = new StringWriter();
    Main.run(new String[0], new PrintWriter(written), nowhere());

    assertThat(written.toString()).isEqualTo(worked.toString()).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "gate",
    "--version",
    "gate --only x --help",
    "--stacktrace --help",
    "../gate --help",
    "gate --help --json",
    "tables.explain --help"
  })
  void anythingMoreIsTheCommandLinesToAnswer(String line) {
    assertThat(HelpTexts.asked(line.split(" ", -1))).isEmpty();
  }

  @Test
  void whatThereIsNoTextForIsTheCommandLinesToAnswer() throws IOException {
    int width = HelpTexts.WIDTHS.get(0);
    assertThat(HelpTexts.of("gate", width, false)).isPresent();
    assertThat(HelpTexts.of("gate", width - 1, false)).isEmpty();
    assertThat(HelpTexts.of("tables.explain.rdtsc", width, false)).isEmpty();
    assertThat(HelpTexts.of("unknown", width, false)).isEmpty();
  }

  private static PrintWriter nowhere() {
    return new PrintWriter(Writer.nullWriter());
  }
}

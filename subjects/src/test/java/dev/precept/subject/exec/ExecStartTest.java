package dev.precept.subject.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import dev.precept.subject.Subject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A program that cannot take part is told of before any case is planned. */
@Timeout(120)
class ExecStartTest {
  @TempDir private Path folder;
  private Programs programs;

  @BeforeEach
  void prepare() {
    programs = new Programs(folder);
  }

  private void assertRefused(String command, String message) {
    assertThatThrownBy(() -> programs.subjects(command))
        .isInstanceOf(ExecException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void aProgramSaysWhoItIs() throws Exception {
    ExecSubjects subjects = programs.subjects(programs.python());

    assertThat(subjects.programName()).isEqualTo("made up");
    assertThat(subjects.programVersion()).isEqualTo("1.2");
    assertThat(subjects.name()).startsWith("exec:env 'MEMORY=");
  }

  @Test
  void aProgramThatIsNotThereIsNamed() {
    assertRefused("./no-such-program -x", "the program cannot be started: Cannot run program");
  }

  @Test
  void aCommandThatIsNoneSaysWhy() {
    assertRefused("python3 'x", "the command 'python3 'x' is none: nothing ends the '");
  }

  @Test
  void anotherVersionOfTheProtocolIsNamed() throws Exception {
    assertRefused(
        programs.python("{\"protocol\":2}"),
        "the program's hello is none: speaks version 2 of the protocol; this Precept speaks 1");
  }

  @Test
  void aProgramThatRefusesIsQuoted() throws Exception {
    assertRefused(programs.python("refuse"), "the program refuses: \"too old\"");
  }

  @Test
  void aBannerInFrontOfTheHelloIsShown() throws Exception {
    assertThatThrownBy(() -> programs.subjects(programs.python("banner")))
        .hasMessageStartingWith("the program's hello is none: is not JSON")
        .hasMessageEndingWith("in \"Welcome\"");
  }

  @Test
  void aMisspeltMemberOfTheHelloIsNamed() throws Exception {
    assertRefused(
        programs.python("{\"vendor\":\"svm\"}"),
        "the program's hello is none: hello: there is no member \"vendor\" here");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"vendors\":[5]} | hello.vendors[0]: a string has to be here, not a number",
        "{\"vendors\":[]} | hello.vendors: are none",
        "{\"contexts\":[\"ring0\"]} | hello.contexts: guest and host may be here",
        "{\"batch\":0} | hello.batch: a whole number from 1 to 4096 has to be here",
        "{\"name\":\"a\\nb\"} | hello.name: 1 to 100 characters of one line have to be here",
        "{\"cannot\":[{\"leaf\":\"0x1\"}]} | hello.cannot[0].subleaf: is missing",
      })
  void aHelloThatMeansNothingIsToldByItsPlace(String members, String message) throws Exception {
    assertRefused(programs.python(members), "the program's hello is none: " + message);
  }

  @Test
  void aProgramThatDiesAtOnceIsToldWithItsLastWords() throws Exception {
    assertRefused(
        programs.python("dies-at-once"),
        "the program died (exit status 5); its last words: no licence");
  }

  @Test
  void aProgramThatSaysNothingIsNotWaitedForForever() throws Exception {
    ExecLimits limits =
        new ExecLimits(
            Duration.ofMillis(500), Duration.ofSeconds(9), Duration.ofSeconds(9), 1, 1, 1);
    String mute = programs.python("mute");

    assertThatThrownBy(() -> ExecSubjects.of(mute, limits, folder, "1.0"))
        .hasMessage("the program said no hello within 500 ms");
  }

  @Test
  void aProgramThatIsGoneLaterCostsItsCasesAndNotTheRun() throws Exception {
    Path script = Files.copy(script(), folder.resolve("gone.py"));
    ExecSubjects subjects = programs.subjects(programs.python().replace("subject.py", "gone.py"));
    Files.delete(script);
    List<Observation> seen = new ArrayList<>();

    try (Subject subject = subjects.get()) {
      subject.run(List.of(Programs.testCase("one"), Programs.testCase("two")), seen::add);
    }

    assertThat(seen).hasSize(2);
    assertThat(seen).extracting(Observation::kind).containsOnly(OutcomeKind.CRASH);
    assertThat(seen.get(0).remark()).contains("the program died (exit status 2)");
  }

  private Path script() throws Exception {
    programs.python();
    return folder.resolve("subject.py");
  }
}

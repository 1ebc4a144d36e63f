package dev.precept.subject.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Words are split as docs/subjects.md says. */
class CommandWordsTest {
  @Test
  void whiteSpaceSeparates() {
    assertThat(CommandWords.of("  python3\tx.py   -v ")).containsExactly("python3", "x.py", "-v");
  }

  @Test
  void singleQuotesKeepEverything() {
    assertThat(CommandWords.of("a 'b \\ \" $HOME' c")).containsExactly("a", "b \\ \" $HOME", "c");
  }

  @Test
  void doubleQuotesKeepAllButQuoteAndBackslash() {
    assertThat(CommandWords.of("\"a \\\"b\\\" \\\\ \\n 'c'\""))
        .containsExactly("a \"b\" \\ \\n 'c'");
  }

  @Test
  void aBackslashKeepsWhatIsBehindIt() {
    assertThat(CommandWords.of("a\\ b \\'c \\\\")).containsExactly("a b", "'c", "\\");
  }

  @Test
  void quotesMayStandInsideAWord() {
    assertThat(CommandWords.of("--name='my emulator'v\"2\""))
        .containsExactly("--name=my emulatorv2");
  }

  @Test
  void anEmptyWordIsAWord() {
    assertThat(CommandWords.of("a '' \"\"")).containsExactly("a", "", "");
  }

  @Test
  void whatHasNoEndIsRefused() {
    assertThatThrownBy(() -> CommandWords.of("a 'b")).hasMessage("nothing ends the '");
    assertThatThrownBy(() -> CommandWords.of("a \"b\\\"")).hasMessage("nothing ends the \"");
    assertThatThrownBy(() -> CommandWords.of("a\\"))
        .hasMessage("there is nothing behind the \\ at the end");
    assertThatThrownBy(() -> CommandWords.of(" ")).hasMessage("there is no command");
  }
}

package dev.precept.generator.render;

import static org.assertj.core.api.Assertions.assertThat;

import javax.lang.model.SourceVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JavaTextTest {
  @Test
  void quotesAndBackslashesAreEscaped() {
    assertThat(JavaText.literal("a\"b\\c")).isEqualTo("\"a\\\"b\\\\c\"");
  }

  @Test
  void controlCharactersAndOtherScriptsBecomeEscapes() {
    assertThat(JavaText.literal("\u0000\n\u202E\u00E9")).isEqualTo("\"\\u0000\\n\\u202e\\u00e9\"");
  }

  @Test
  void aUnicodeEscapeInATableStaysText() {
    assertThat(JavaText.literal("\\u0022")).isEqualTo("\"\\\\u0022\"");
  }

  @Test
  void aCommentCannotBeEnded() {
    assertThat(JavaText.javadoc("a */ b")).doesNotContain("*/");
  }

  @Test
  void aUnicodeEscapeCannotEndACommentEither() {
    assertThat(JavaText.javadoc("\\u002a\\u002f")).doesNotContain("\\");
  }

  @Test
  void aCommentStaysOnOneLineAndWithoutTags() {
    assertThat(JavaText.javadoc("a\n@see <b> {@code x}"))
        .isEqualTo("a &#64;see &lt;b> &#123;&#64;code x&#125;");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"gp.tsd", "", "1", "class", "a b; } static { x", "\u202E", "*/", "_", "int"})
  void anythingBecomesAnIdentifier(String text) {
    assertThat(SourceVersion.isName(JavaText.lowerCamel(text)))
        .as(JavaText.lowerCamel(text))
        .isTrue();
    assertThat(SourceVersion.isName(JavaText.upperCamel(text)))
        .as(JavaText.upperCamel(text))
        .isTrue();
  }
}

package dev.precept.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.generator.Generator;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SourceCompilerTest {
  private static final Pattern IMPORT = Pattern.compile("import dev\\.precept\\.junit\\.(\\w+);");

  /** Else a change of one of them would leave classes that no longer fit. */
  @Test
  void whatGeneratedSourcesNameIsPartOfWhatTheirClassesDependOn() throws IOException {
    Set<String> named = new TreeSet<>();
    for (String template : new String[] {"Test", "Properties"}) {
      Matcher imports = IMPORT.matcher(template(template));
      while (imports.find()) {
        named.add(imports.group(1));
      }
    }

    assertThat(named)
        .isNotEmpty()
        .isEqualTo(
            SourceCompiler.API.stream()
                .map(Class::getSimpleName)
                .collect(Collectors.toCollection(TreeSet::new)));
  }

  private static String template(String name) throws IOException {
    try (InputStream in = Generator.class.getResourceAsStream("render/" + name + ".java.ftl")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}

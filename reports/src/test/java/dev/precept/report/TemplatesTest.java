package dev.precept.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import freemarker.template.Template;
import freemarker.template.TemplateException;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Templates lay out what they are given, and can do nothing else. */
class TemplatesTest {
  private static String fill(String template, Object value) throws IOException, TemplateException {
    StringWriter out = new StringWriter();
    new Template("made-up", template, HtmlReport.configuration())
        .process(Map.of("value", value), out);
    return out.toString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "${'freemarker.template.utility.Execute'?new()('id')}",
        "${'freemarker.template.utility.ObjectConstructor'?new()('java.io.File', '/')}",
        "<#assign x = 'freemarker.template.utility.JythonRuntime'?new()>",
        "${value?api.getClass()}",
        "${value.getClass().forName('java.lang.Runtime')}",
        "${value.class.protectionDomain}"
      })
  void noTemplateReachesAClass(String template) {
    assertThatThrownBy(() -> fill(template, List.of("cell")))
        .isInstanceOfAny(TemplateException.class, freemarker.core.ParseException.class);
  }

  @Test
  void aCellThatIsATemplateIsText() throws Exception {
    String cell = "$" + "{7 * 7}[#assign x=1]#" + "{1 + 1}";

    assertThat(fill("${value}", cell)).isEqualTo(cell);
  }
}

package dev.precept.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.precept.cases.Verdict;
import java.io.ByteArrayInputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** Cells and a subject's words are data: they never become markup, in any of the files. */
class HostileTextTest {
  private static final String HOSTILE = Hostile.TEXT;

  @Test
  void nothingInThePageStartsMarkup() throws Exception {
    String page = page();

    assertThat(page).doesNotContain("<script>alert").doesNotContain("<img src=x");
  }

  @Test
  void onlyThePagesOwnScriptsAreInIt() throws Exception {
    assertThat(page().split("</script", -1)).hasSize(3);
  }

  @Test
  void theDataGivesTheTextBackAsItWas() throws Exception {
    JsonNode parts = data(page()).get("parts");

    assertThat(parts).hasSize(1);
    assertThat(parts.get(0).get("s"))
        .anySatisfy(text -> assertThat(text.asText()).isEqualTo(HOSTILE));
  }

  @Test
  void halfACharacterIsAQuestionMark() throws Exception {
    Result half = Samples.result("svm/rdtsc/long64/\ud83d", Verdict.VIOLATION);
    RunSummary summary = RunSummary.of(Samples.info(), List.of(half), List.of(), 1, false);

    String page =
        Samples.page(List.of(new Run(summary, List.of(half), List.of(), List.of())), List.of());

    assertThat(data(page).toString()).contains("\"?\"").doesNotContain("\ud83d");
  }

  @Test
  void theDataHasNoCharacterThatHtmlMinds() throws Exception {
    assertThat(dataText(page())).doesNotContain("<", ">", "&", "\u2028", "\u0000");
  }

  @Test
  void theJUnitXmlCanBeReadAndNamesTheCase() throws Exception {
    String out = Samples.junit(Hostile.run());

    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(out.toString().getBytes(StandardCharsets.UTF_8)));

    Element test = (Element) document.getElementsByTagName("testcase").item(0);
    assertThat(test.getAttribute("name"))
        .isEqualTo(HOSTILE.replace("\u0000", "\\u0000").replace("\u001b", "\\u001b"));
  }

  @Test
  void theSummaryShowsMarkupAsText() throws Exception {
    StringWriter out = new StringWriter();
    SummaryMarkdown.writeTo(out, Hostile.run());

    assertThat(out.toString().lines().filter(line -> line.startsWith("| ")))
        .noneMatch(line -> line.contains("<script>") || line.contains("<img"));
  }

  @Test
  void aCommandToPasteKeepsItsCaseInOneWord() {
    Result result = Hostile.result();

    assertThat(Narrative.rerun(Samples.info(), result))
        .endsWith("--only '" + HOSTILE.replace("'single'", "'\\''single'\\''") + "'");
  }

  private static String page() throws Exception {
    return Samples.page(List.of(Hostile.run()), List.of());
  }

  private static String dataText(String page) {
    String start = "<script type=\"application/json\" id=\"data\">";
    int from = page.indexOf(start) + start.length();
    return page.substring(from, page.indexOf("</script>", from));
  }

  private static JsonNode data(String page) throws Exception {
    return new ObjectMapper().readTree(dataText(page));
  }
}

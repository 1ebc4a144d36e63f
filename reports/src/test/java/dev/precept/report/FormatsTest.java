package dev.precept.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.precept.cases.Verdict;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.SchemaFactory;
import javax.xml.validation.Validator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class FormatsTest {
  @Test
  void sarifPointsAViolationAtItsTableRow() throws Exception {
    JsonNode place =
        sarif(Samples.violation()).at("/runs/0/results/0/locations/0/physicalLocation");

    assertThat(place.at("/artifactLocation/uri").asText())
        .isEqualTo("tables/svm/instructions/timestamp.csv");
    assertThat(place.at("/region/startLine").asInt()).isEqualTo(2);
  }

  @Test
  void sarifNamesTheRuleOfEachResult() throws Exception {
    JsonNode log = sarif(Samples.violation());

    JsonNode result = log.at("/runs/0/results/0");
    JsonNode rule = log.at("/runs/0/tool/driver/rules/" + result.get("ruleIndex").asInt());
    assertThat(result.get("ruleId").asText()).isEqualTo("precedence-violation");
    assertThat(rule.get("id")).isEqualTo(result.get("ruleId"));
  }

  @Test
  void sarifSaysItsVersion() throws Exception {
    assertThat(sarif().get("version").asText()).isEqualTo("2.1.0");
  }

  @Test
  void sarifHasNoResultForACaseThatHolds() throws Exception {
    assertThat(sarif(Samples.holding()).at("/runs/0/results")).isEmpty();
  }

  @Test
  void sarifIsAsItsStandardDemands() throws Exception {
    for (Run run : everySortOfRun()) {
      assertThat(SarifStructure.mistakes(sarif(run))).isEmpty();
    }
  }

  @Test
  void aMistakeInSarifWouldBeSeen() throws Exception {
    ObjectNode log = (ObjectNode) sarif(Samples.violation());
    ObjectNode result = (ObjectNode) log.at("/runs/0/results/0");
    result.put("ruelId", "violation");
    result.remove("message");
    ((ObjectNode) result.at("/locations/0/physicalLocation/artifactLocation")).put("uri", "a b");

    assertThat(SarifStructure.mistakes(log)).hasSize(3);
  }

  @Test
  void sarifSuppressesWhatTheBaselineExpectsWithItsReason() throws Exception {
    JsonNode result = sarif(known()).at("/runs/0/results/0");

    assertThat(result.at("/level").asText()).isEqualTo("note");
    assertThat(result.at("/suppressions/0/justification").asText()).isEqualTo("tried on purpose");
    assertThat(result.at("/suppressions/0/location/physicalLocation/region/startLine").asInt())
        .isEqualTo(7);
  }

  @Test
  void sarifPointsAtABaselineLineThatNoLongerFits() throws Exception {
    JsonNode result = sarif(outdated()).at("/runs/0/results/0");

    assertThat(result.get("ruleId").asText()).isEqualTo("baseline");
    assertThat(result.at("/locations/0/physicalLocation/artifactLocation/uri").asText())
        .isEqualTo("ci/known.txt");
    assertThat(result.at("/locations/0/physicalLocation/region/startLine").asInt()).isEqualTo(9);
  }

  @Test
  void junitIsAsCiSystemsReadIt() throws Exception {
    Validator validator =
        SchemaFactory.newDefaultInstance()
            .newSchema(FormatsTest.class.getResource("junit.xsd"))
            .newValidator();
    for (Run run : everySortOfRun()) {
      String out = Samples.junit(run);
      validator.validate(new StreamSource(new StringReader(out.toString())));
    }
  }

  @Test
  void junitSkipsWhatTheBaselineExpectsWithItsReason() throws Exception {
    Element suites = junit(known());

    assertThat(suites.getAttribute("failures")).isEqualTo("0");
    assertThat(
            suites.getElementsByTagName("skipped").item(0).getAttributes().item(0).getNodeValue())
        .startsWith("known: tried on purpose (expected #GP(0)");
  }

  @Test
  void junitMakesABaselineLineThatNoLongerFitsAFailure() throws Exception {
    Element suites = junit(outdated());

    assertThat(suites.getAttribute("failures")).isEqualTo("1");
    Element failure = (Element) suites.getElementsByTagName("failure").item(0);
    assertThat(failure.getAttribute("message"))
        .isEqualTo("./ci/known.txt:9:1: holds now: remove the line");
  }

  @Test
  void theSummaryTellsCausesWithOneCaseEach() throws Exception {
    StringWriter out = new StringWriter();
    SummaryMarkdown.writeTo(
        out,
        run(
            false,
            Samples.result("svm/rdtsc/real/a", Verdict.PRECEDENCE_VIOLATION),
            Samples.result("svm/rdtsc/v86/a", Verdict.PRECEDENCE_VIOLATION)));

    assertThat(out.toString().lines().filter(line -> line.startsWith("| takes")))
        .singleElement()
        .asString()
        .contains("| takes the exit before gp.tsd | 2 | rdtsc | svm/rdtsc/real/a: expected");
  }

  @ParameterizedTest
  @CsvSource({
    "precedence-violation,failure",
    "violation,failure",
    "no-answer,error",
    "crash,error",
    "not-applicable,skipped"
  })
  void junitHasItsOwnElementForEachSortOfVerdict(String word, String element) throws Exception {
    Element suites = junit(run(false, Samples.with(Verdict.of(word))));

    assertThat(suites.getElementsByTagName(element).getLength()).isEqualTo(1);
    assertThat(suites.getAttribute(element.equals("skipped") ? element : element + "s"))
        .isEqualTo("1");
  }

  @Test
  void junitGivesACaseThatHoldsNoElement() throws Exception {
    Element suites = junit(run(false, Samples.holding()));

    assertThat(suites.getElementsByTagName("testcase").item(0).getChildNodes().getLength())
        .isZero();
  }

  @Test
  void junitMakesAnUnfinishedRunAnError() throws Exception {
    Element suites = junit(run(true, Samples.holding()));

    assertThat(suites.getAttribute("errors")).isEqualTo("1");
  }

  @Test
  void junitTellsAViolationWithItsReproducer() throws Exception {
    Element suites = junit(run(false, Samples.violation()));

    assertThat(suites.getElementsByTagName("failure").item(0).getTextContent())
        .contains("RIP: expected 1100Dh, got 10000h")
        .contains("bytes: 0F 31")
        .contains("./precept gate --only 'svm/rdtsc/long64/gp.tsd>exit'");
  }

  @Test
  void jsonOfAnUnfinishedRunDoesNotPass() throws Exception {
    StringWriter out = new StringWriter();
    RunJson.writeTo(out, run(true, Samples.holding()));

    assertThat(new ObjectMapper().readTree(out.toString()).get("passes").asBoolean()).isFalse();
  }

  @Test
  void theSummaryCountsEveryVerdict() throws Exception {
    StringWriter out = new StringWriter();
    SummaryMarkdown.writeTo(out, run(false, Samples.holding(), Samples.violation()));

    assertThat(out.toString())
        .contains("| holds | 1 |", "| precedence-violation | 1 |", "| crash | 0 |");
  }

  @Test
  void aRunWithoutAJudgedCaseDoesNotPass() {
    assertThat(Narrative.passes(run(false, Samples.with(Verdict.NOT_APPLICABLE)).summary()))
        .isFalse();
  }

  @Test
  void aRunWithALostCaseDoesNotPass() {
    Run run = run(false, Samples.holding(), Samples.with(Verdict.CRASH));

    assertThat(Narrative.passes(run.summary())).isFalse();
  }

  @Test
  void thePairsAddUp() {
    List<PairRecord> pairs =
        Arrays.stream(PairRecord.Status.values())
            .map(s -> new PairRecord("svm", "rdtsc", "real", "a", "b", s, "", ""))
            .toList();

    RunSummary summary = RunSummary.of(Samples.info(), List.of(), pairs, 0, false);

    assertThat(Narrative.pairSum(summary))
        .isEqualTo(
            "4 tested (1 in order, 1 violated, 1 indistinguishable, 1 open)"
                + " + 2 proven never to meet (1 impossible, 1 masked) + 1 not run = 7");
  }

  private static List<Run> everySortOfRun() {
    Result[] all =
        Arrays.stream(Verdict.values())
            .map(verdict -> Samples.result("svm/rdtsc/real/" + verdict.word(), verdict))
            .toArray(Result[]::new);
    return List.of(run(false, all), run(true, all), run(true), known(), outdated(), Hostile.run());
  }

  private static Run known() {
    Result violation = Samples.violation();
    Baseline.Line line =
        new Baseline.Line(
            7, violation.id(), "", "", "", "tried on purpose", List.of(violation.id()));
    return run(false, violation).with(new Baseline("ci/known.txt", List.of(line), List.of()));
  }

  private static Run outdated() {
    Baseline.Complaint complaint =
        new Baseline.Complaint(9, 1, Samples.holding().id(), "holds now: remove the line");
    return run(false, Samples.holding())
        .with(new Baseline("./ci/known.txt", List.of(), List.of(complaint)));
  }

  private static JsonNode sarif(Result... results) throws Exception {
    return sarif(run(false, results));
  }

  private static JsonNode sarif(Run run) throws Exception {
    StringWriter out = new StringWriter();
    Sarif.writeTo(out, run, file -> "tables/" + file);
    return new ObjectMapper().readTree(out.toString());
  }

  private static Element junit(Run run) throws Exception {
    String out = Samples.junit(run);
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(out.toString())))
        .getDocumentElement();
  }

  private static Run run(boolean partial, Result... results) {
    return new Run(
        RunSummary.of(Samples.info(), List.of(results), List.of(), 1, partial),
        List.of(results),
        List.of(),
        List.of());
  }
}

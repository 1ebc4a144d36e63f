package dev.precept.report.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.precept.cases.Verdict;
import dev.precept.report.Baseline;
import dev.precept.report.Hostile;
import dev.precept.report.HtmlReport;
import dev.precept.report.Result;
import dev.precept.report.Run;
import dev.precept.report.Synthetic;
import dev.precept.tables.Tables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The report in a real browser, as its readers use it. */
class ReportInBrowserTest {
  private static final int WIDE = 1280;
  private static final int HIGH = 900;
  private static final int PHONE = 390;
  private static final Tables AMD = Synthetic.tables("svm", "AMD SVM", 12);
  private static final Tables INTEL = Synthetic.tables("vmx", "Intel VMX", 12);
  private static final Run BAD = Synthetic.run("bochs", AMD, 2500, 60);
  private static final List<Run> SEVERAL =
      List.of(
          Synthetic.run("core", List.of(AMD, INTEL), 1500, 0),
          Synthetic.run("qemu", List.of(AMD, INTEL), 1500, 40),
          Synthetic.run("exec:./ours", List.of(AMD, INTEL), 1500, 10));

  @TempDir static Path folder;
  private static Optional<Browser> browser = Optional.empty();

  @BeforeAll
  static void start() throws IOException {
    Optional<Path> executable = Browser.find();
    assumeTrue(
        executable.isPresent(),
        "SKIPPED: the report was not looked at in a browser, because there is none. Install"
            + " Chromium (Debian: apt-get install chromium) or name one in PRECEPT_CHROMIUM");
    HtmlReport.write(file("bad"), List.of(BAD), List.of(AMD));
    HtmlReport.write(file("several"), SEVERAL, List.of(AMD, INTEL));
    HtmlReport.write(file("hostile"), List.of(Hostile.run()), List.of());
    HtmlReport.write(file("known"), List.of(BAD.with(everythingKnown())), List.of(AMD));
    browser = Optional.of(Browser.start(executable.get()));
  }

  @AfterAll
  static void stop() {
    browser.ifPresent(Browser::close);
  }

  private static Path file(String name) {
    return folder.resolve(name + ".html");
  }

  private static Page open(String name, String fragment) {
    return browser.orElseThrow().page(WIDE, HIGH).open(file(name), fragment);
  }

  @Test
  void theTabIsCalledWhatThePageSays() {
    try (Page page = open("bad", "")) {
      assertThat(page.eval("document.title").asText())
          .startsWith("Precept: bochs: ")
          .endsWith(page.text("#conclusion").strip());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bad", "several", "hostile", "known"})
  void thePageLoadsWithoutComplaintsAndAsksForNothing(String name) {
    try (Page page = open(name, "")) {
      assertThat(page.complaints()).isEmpty();
      assertThat(page.requests()).isEmpty();
    }
  }

  @Test
  void theFirstScreenShowsTheVerdictTheMatrixAndWhatGoesWrong() throws IOException {
    try (Page page = open("bad", "")) {
      assertThat(page.text("#conclusion")).contains("violations");
      for (String part : List.of("#conclusion", ".matrix tbody tr", "#broken")) {
        assertThat(top(page, part)).isBetween(0.0, (double) HIGH);
      }
      page.picture(Path.of("target/browser/first-screen.png"));
    }
  }

  @Test
  void theFiltersNarrowTheListOfCases() {
    long inReal = BAD.results().stream().filter(r -> r.mode().equals("real")).count();
    long violating =
        BAD.results().stream()
            .filter(r -> r.mode().equals("real") && r.verdict() == Verdict.VIOLATION)
            .count();
    assertThat(violating).isPositive().isLessThan(inReal);
    try (Page page = open("bad", "")) {
      page.choose(select("mode"), "real").until(shows(inReal));
      page.choose(select("verdict"), "violation").until(shows(violating));

      assertThat(page.eval("location.hash").asText()).contains("mode=real", "verdict=violation");
      assertThat(page.texts(".list tbody .verd > span")).isNotEmpty().allMatch("violation"::equals);
    }
  }

  @Test
  void theSearchFindsAStateAndAnId() {
    Result wanted = BAD.results().get(BAD.results().size() - 1);
    try (Page page = open("bad", "")) {
      page.type(".filters input[type=search]", wanted.id()).until(shows(1));

      assertThat(page.texts(".list .id")).containsExactly(wanted.id());
    }
  }

  @Test
  void anAddressWithFiltersOpensTheFilteredList() {
    long crashes = BAD.results().stream().filter(r -> r.verdict() == Verdict.CRASH).count();
    try (Page page = open("bad", "#verdict=crash")) {
      page.until(shows(crashes));
      assertThat(top(page, "#cases")).isLessThan(200);
    }
  }

  @Test
  void theMatrixCanBeSearchedAndNarrowedToWhatDoesNotHold() {
    try (Page page = open("bad", "")) {
      page.type("#find", "insn11");
      page.until("document.querySelectorAll('.matrix tr[data-find]:not([hidden])').length === 1");
      assertThat(page.text(".matrix tr[data-find]:not([hidden]) th")).contains("INSN11");
    }
  }

  @Test
  void aLinkToACaseShowsWhatHappenedAndHowToRepeatIt() throws IOException {
    Result bad = first(Verdict.PRECEDENCE_VIOLATION);
    try (Page page = open("bad", "#case=" + bad.id().replace(">", "%3E"))) {
      assertThat(page.text("#view h1")).isEqualTo(bad.id());
      assertThat(page.text(".vs .exp")).contains(bad.expected(), bad.expectedCheck());
      assertThat(page.text(".vs .got")).contains(bad.actual(), bad.actualCheck());
      assertThat(page.texts(".diff td")).contains("RIP", "0000000000011000h");
      assertThat(page.text(".run code"))
          .isEqualTo("./precept gate --subject bochs --only '" + bad.id() + "'");
      assertThat(page.visible("#overview")).isFalse();
      page.picture(Path.of("target/browser/case.png"));
    }
  }

  @Test
  void anAddressOfNothingSaysSo() {
    try (Page page = open("bad", "#case=svm/nothing/real/x")) {
      assertThat(page.text("#view")).contains("No such case", "svm/nothing/real/x");
      assertThat(page.complaints()).isEmpty();
    }
  }

  @Test
  void aCellOfTheMatrixLeadsToItsInstructionAndItsOrder() throws IOException {
    try (Page page = open("bad", "")) {
      page.click(".matrix tbody td a").until("!document.querySelector('#view').hidden");

      assertThat(page.text("#view h1")).isEqualTo("INSN0");
      assertThat(page.texts(".order li b"))
          .containsExactlyElementsOf(AMD.forms().get(0).order().checks());
      assertThat(page.count(".order .rail circle, .order .rail path.x")).isGreaterThan(5);
      page.picture(Path.of("target/browser/instruction.png"));
    }
  }

  @Test
  void aCellOfThePairsTellsItsModesAndReasons() {
    try (Page page = open("bad", "#insn=svm/insn0")) {
      page.click(".beats td.p-impossible button").until("document.querySelector('.note li')");

      assertThat(page.text(".note")).contains("proven impossible: mode ==");
    }
  }

  @Test
  void aCauseLeadsToItsInstructionsAndModes() throws IOException {
    try (Page page = open("bad", "")) {
      String sentence = page.text(".broken li b");
      page.click(".broken li a").until("!document.querySelector('#view').hidden");

      assertThat(page.text("#view h1")).isEqualTo("The subject " + sentence);
      assertThat(page.count("#view .matrix tbody tr")).isPositive();
      assertThat(page.count("#view .list tbody tr")).isPositive();
      page.picture(Path.of("target/browser/cause.png"));
    }
  }

  @Test
  void goingBackComesBackToTheOverview() {
    try (Page page = open("bad", "")) {
      page.click(".broken li a").until("!document.querySelector('#view').hidden");
      page.eval("history.back()");
      page.until("!document.querySelector('#overview').hidden");

      assertThat(page.visible("#conclusion")).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "#insn=", "#case=", "#cause="})
  void textThatWouldBeMarkupShowsAsText(String where) {
    String value =
        where.equals("#insn=") ? "svm/" + Hostile.TEXT + "." : where.isEmpty() ? "" : Hostile.TEXT;
    try (Page page = open("hostile", "")) {
      if (where.equals("#cause=")) {
        page.click(".broken li a").until("!document.querySelector('#view').hidden");
      } else if (where.equals("#insn=")) {
        page.click(".matrix tbody th a").until("!document.querySelector('#view').hidden");
      } else if (!where.isEmpty()) {
        page.eval("location.hash = '#case=' + encodeURIComponent(" + json(value) + ")");
        page.until("!document.querySelector('#view').hidden");
      }
      assertThat(page.eval("document.body.innerText").asText())
          .contains("<script>window.hacked = 1</script><img src=x onerror=window.hacked=2>");
      assertThat(page.eval("String(window.hacked)").asText()).isEqualTo("undefined");
      assertThat(page.count("img, main script, b > i")).isZero();
      assertThat(page.complaints()).isEmpty();
    }
  }

  @Test
  void severalSubjectsStandSideBySideInTheMatrixAndInACase() throws IOException {
    String id = SEVERAL.get(1).unexpected().get(0).id();
    try (Page page = open("several", "")) {
      assertThat(page.texts(".matrix thead th")).contains("core", "qemu", "exec:./ours");
      page.picture(Path.of("target/browser/several.png"));
    }
    try (Page page = open("several", "#case=" + id.replace(">", "%3E"))) {
      assertThat(page.count("#view article.card")).isEqualTo(3);
      assertThat(page.texts("#view .run code")).anyMatch(c -> c.contains("--subject qemu"));
    }
  }

  @Test
  void casesInWhichSubjectsDifferCanBeListed() {
    try (Page page = open("several", "#differ=yes")) {
      assertThat(page.text("[role=status]")).matches("[0-9,]+ cases of [0-9,]+");
      assertThat(page.count(".list tbody tr")).isPositive();
      assertThat(
              page.eval(
                      "[...document.querySelectorAll('.list tbody tr')].every((row) => new"
                          + " Set([...row.querySelectorAll('td .plainly')].map((cell) =>"
                          + " cell.innerText + cell.parentNode.className)).size > 1)")
                  .asBoolean())
          .isTrue();
    }
  }

  @Test
  void twoVendorsOrdersStandNextToEachOther() throws IOException {
    try (Page page = open("several", "#insn=svm/insn2&part=vendors")) {
      assertThat(page.texts(".compare thead th"))
          .containsExactly("AMD SVM", "Intel VMX", "differs");
      assertThat(page.texts(".compare tr.marked")).hasSize(2).allMatch(row -> row.contains("exit"));
      assertThat(page.text("#view")).contains("exit.rdtsc and gp.tsd: AMD SVM exit.rdtsc first");
      page.picture(Path.of("target/browser/vendors.png"));
    }
  }

  @Test
  void aKnownViolationShowsItsReason() {
    String id =
        BAD.unexpected().stream().filter(r -> r.verdict().violates()).findFirst().get().id();
    try (Page page = open("known", "#case=" + id.replace(">", "%3E"))) {
      assertThat(page.text(".knownline")).contains("tried on purpose", "known.txt:7");
    }
  }

  @Test
  void theBaselinesLinesAreListedWithWhatTheyCover() {
    try (Page page = open("known", "#known=7")) {
      page.until(shows(BAD.summary().violations()));
      assertThat(page.texts(".v-known .count"))
          .containsExactly(String.format(Locale.ENGLISH, "%,d", BAD.summary().violations()));
    }
  }

  @Test
  void theKeyboardReachesTheContentAndFocusFollows() {
    try (Page page = open("bad", "")) {
      page.press("Tab");
      assertThat(page.eval("document.activeElement.className").asText()).isEqualTo("skip");
      page.eval("document.querySelector('.matrix tbody th a').focus()");
      page.press("Enter").until("!document.querySelector('#view').hidden");
      page.until("document.activeElement === document.querySelector('#view h1')");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bad", "several", "known"})
  void aScreenReaderCanNameWhateverCanBeUsed(String name) {
    String bad = BAD.unexpected().get(0).id().replace(">", "%3E");
    for (String where : List.of("", "#insn=svm/insn2", "#case=" + bad)) {
      try (Page page = open(name, where)) {
        assertThat(page.nameless()).as(where).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "#insn=svm/insn2", "#verdict=violation"})
  void aPhoneNeverScrollsThePageSideways(String where) throws IOException {
    for (String name : List.of("bad", "several")) {
      try (Page page = browser.orElseThrow().page(PHONE, 800).open(file(name), where)) {
        assertThat(page.eval("document.documentElement.scrollWidth").asInt())
            .as(name + where)
            .isLessThanOrEqualTo(PHONE);
        page.picture(Path.of("target/browser/phone-" + name + where.length() + ".png"));
      }
    }
  }

  @Test
  void thePageIsDarkWhereTheReaderWantsIt() throws IOException {
    try (Page page = open("bad", "")) {
      String light = page.eval("getComputedStyle(document.body).backgroundColor").asText();
      page.media("screen", "dark");
      String dark = page.eval("getComputedStyle(document.body).backgroundColor").asText();

      assertThat(light).isEqualTo("rgb(255, 255, 255)");
      assertThat(dark).isNotEqualTo(light);
      page.picture(Path.of("target/browser/dark.png"));
      page.click("#theme");
      assertThat(page.eval("getComputedStyle(document.body).backgroundColor").asText())
          .isEqualTo(light);
    }
  }

  @Test
  void printLeavesOutWhatCannotBeUsedOnPaper() throws IOException {
    try (Page page = open("bad", "")) {
      page.media("print", "light");
      assertThat(page.visible(".filters")).isFalse();
      assertThat(page.visible("#conclusion")).isTrue();
      assertThat(page.printed()).isGreaterThan(10_000);
      page.picture(Path.of("target/browser/print.png"));
    }
  }

  @Test
  void aHundredThousandResultsAreThereInNoTime() throws IOException {
    Tables tables = Synthetic.tables(200);
    HtmlReport.write(
        file("large"), List.of(Synthetic.run("core", tables, 100_000, 10)), List.of(tables));
    try (Page page = open("large", "")) {
      page.until("document.querySelector('[role=status]')");
      double seconds = page.cpuSeconds();
      System.out.printf("100,000 results were loaded in %.2f s of processor time%n", seconds);
      assertThat(seconds).isBetween(0.01, 2.0);
      assertThat(page.text("[role=status]")).isEqualTo("100,000 cases");
    }
  }

  /** Where an element begins on the screen, in pixels from its upper edge. */
  private static double top(Page page, String selector) {
    return page.eval("document.querySelector('" + selector + "').getBoundingClientRect().top")
        .asDouble();
  }

  private static String shows(long cases) {
    String number = String.format(Locale.ENGLISH, "%,d case", cases);
    return "document.querySelector('[role=status]').innerText.startsWith('" + number + "')";
  }

  private static String select(String value) {
    String option = value.equals("mode") ? "real" : "violation";
    return ".filters select:has(option[value='" + option + "'])";
  }

  private static Result first(Verdict verdict) {
    return BAD.results().stream().filter(r -> r.verdict() == verdict).findFirst().orElseThrow();
  }

  private static Baseline everythingKnown() {
    List<String> ids =
        BAD.unexpected().stream().filter(r -> r.verdict().violates()).map(Result::id).toList();
    return new Baseline(
        "known.txt",
        List.of(
            new Baseline.Line(
                7, "svm/*", "", "2099-01-01", "https://x.org/1", "tried on purpose", ids)),
        List.of());
  }

  private static String json(String text) {
    return TextNode.valueOf(text).toString();
  }
}

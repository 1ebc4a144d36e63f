package dev.precept.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.precept.cases.Verdict;
import dev.precept.tables.Tables;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run copies of the files of another is what it would say itself. */
class EarlierPiecesTest {
  private static final Tables TABLES = Synthetic.tables(6);

  /** A run in which everything holds. */
  private static final Run GOOD = good(Synthetic.run("core", TABLES, 600, 0));

  /** A form that does not hold in {@link #BAD}. */
  private static final String BROKEN = "svm/insn2";

  private static final Run BAD = with(BROKEN, Verdict.PRECEDENCE_VIOLATION);

  @TempDir private Path folder;
  private Path page;
  private Path junit;

  @BeforeEach
  void name() {
    page = folder.resolve("index.html");
    junit = folder.resolve("junit.xml");
  }

  private static Run good(Run run) {
    return of(run, run.results().stream().filter(result -> result.verdict().holds()).toList());
  }

  private static Run of(Run run, List<Result> results) {
    RunSummary summary =
        RunSummary.of(run.summary().info(), results, run.pairs(), run.summary().millis(), false);
    return new Run(summary, results, run.pairs(), run.gaps(), run.clauses());
  }

  /** {@link #GOOD}, of which one case of {@code form} has {@code verdict}. */
  private static Run with(String form, Verdict verdict) {
    List<Result> results = new ArrayList<>(GOOD.results());
    int at = 0;
    while (!(results.get(at).vendor() + "/" + results.get(at).formId()).equals(form)) {
      at++;
    }
    results.set(at, Samples.result(results.get(at).id(), verdict));
    return of(GOOD, results);
  }

  private static Set<String> forms() {
    Set<String> forms = new HashSet<>();
    GOOD.results().forEach(result -> forms.add(result.vendor() + "/" + result.formId()));
    return forms;
  }

  private static Set<String> without(String form) {
    Set<String> forms = forms();
    forms.remove(form);
    return forms;
  }

  private KeptPieces write(Run run, EarlierPieces pages, EarlierPieces suites) throws IOException {
    return new KeptPieces(
        HtmlReport.write(page, List.of(run), List.of(TABLES), pages),
        JUnitXml.write(junit, run, suites));
  }

  /** Writes {@code run}, with what the files have of {@code forms}. */
  private KeptPieces write(Run run, KeptPieces kept, Set<String> forms) throws IOException {
    return write(
        run,
        EarlierPieces.of(page, kept.report(), forms),
        EarlierPieces.of(junit, kept.junit(), forms));
  }

  private void isAsNew(Run run, KeptPieces pieces) throws IOException {
    String pageThen = Files.readString(page);
    String junitThen = Files.readString(junit);
    KeptPieces fresh = write(run, EarlierPieces.NONE, EarlierPieces.NONE);
    assertThat(pageThen).isEqualTo(Files.readString(page));
    assertThat(junitThen).isEqualTo(Files.readString(junit));
    assertThat(pieces).isEqualTo(fresh);
  }

  @Test
  void ofTheSameRunAllIsCopied() throws IOException {
    KeptPieces kept = write(GOOD, EarlierPieces.NONE, EarlierPieces.NONE);
    assertThat(kept.report().byForm().keySet()).isEqualTo(forms());
    assertThat(kept.junit().byForm().keySet()).isEqualTo(forms());

    KeptPieces again = write(GOOD, kept, forms());

    isAsNew(GOOD, again);
  }

  @Test
  void aFormThatIsOtherwiseNowIsSaidAnew() throws IOException {
    KeptPieces kept = write(GOOD, EarlierPieces.NONE, EarlierPieces.NONE);

    KeptPieces again = write(BAD, kept, without(BROKEN));

    isAsNew(BAD, again);
  }

  @Test
  void aFormThatDidNotHoldIsNotThereToBeCopied() throws IOException {
    KeptPieces kept = write(BAD, EarlierPieces.NONE, EarlierPieces.NONE);
    assertThat(kept.report().byForm().keySet()).isEqualTo(without(BROKEN));
    assertThat(kept.junit().byForm().keySet()).isEqualTo(without(BROKEN));

    KeptPieces again = write(GOOD, kept, forms());

    isAsNew(GOOD, again);
  }

  @Test
  void piecesAreCopiedAndNotSaidAgain() throws IOException {
    KeptPieces kept = write(GOOD, EarlierPieces.NONE, EarlierPieces.NONE);
    for (Path file : List.of(page, junit)) {
      boolean isPage = file.equals(page);
      Span span = (isPage ? kept.report() : kept.junit()).byForm().get(BROKEN);
      byte[] bytes = Files.readAllBytes(file);
      String mark = "<!--" + "x".repeat(span.length() - 7) + "-->";
      System.arraycopy(
          mark.getBytes(StandardCharsets.UTF_8), 0, bytes, (int) span.start(), span.length());
      Files.write(file, bytes);
    }
    Set<String> all = forms();

    write(GOOD, marked(page, kept.report(), all), marked(junit, kept.junit(), all));

    assertThat(Files.readString(page)).contains("<!--xxx");
    assertThat(Files.readString(junit)).contains("<!--xxx");
  }

  /** Pieces of a file that was changed behind the back of whoever wrote it. */
  private static EarlierPieces marked(Path file, FilePieces pieces, Set<String> forms)
      throws IOException {
    CRC32 crc = new CRC32();
    crc.update(Files.readAllBytes(file));
    return EarlierPieces.of(file, new FilePieces(crc.getValue(), pieces.byForm()), forms);
  }

  @Test
  void ofAnotherFileNothingIsCopied() throws IOException {
    KeptPieces kept = write(GOOD, EarlierPieces.NONE, EarlierPieces.NONE);
    Files.writeString(page, Files.readString(page).replace("core", "Core"));

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> EarlierPieces.of(page, kept.report(), forms()));
  }

  @Test
  void whatDoesNotHoldNowIsSaidWhateverThereWas() throws IOException {
    KeptPieces kept = write(GOOD, EarlierPieces.NONE, EarlierPieces.NONE);

    KeptPieces again = write(BAD, kept, forms());

    isAsNew(BAD, again);
  }

  @Test
  void wherePiecesAreComesBackOrNotAtAll() throws IOException {
    Path file = folder.resolve("pieces.kept");
    KeptPieces kept =
        new KeptPieces(
            new FilePieces(
                0xFFFF_FFFFL,
                Map.of("svm/a", new Span(0, 1), "svm/b.mem", new Span(5_000_000_000L, 300))),
            new FilePieces(1, Map.of("svm/a", new Span(7, 70_000))));

    kept.write(file);

    assertThat(KeptPieces.read(file)).isEqualTo(kept);
    byte[] bytes = Files.readAllBytes(file);
    bytes[3] ^= 1;
    Files.write(file, bytes);
    assertThatExceptionOfType(IOException.class).isThrownBy(() -> KeptPieces.read(file));
  }
}

package dev.precept.report;

import dev.precept.cases.Difference;
import dev.precept.cases.Verdict;
import dev.precept.tables.Tables;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Results that tests take as they are. */
public final class Samples {
  private Samples() {}

  public static RunInfo info() {
    return new RunInfo(
        "core",
        "0.1.0",
        "precept gate",
        List.of("svm"),
        "ab12",
        "2026-01-01T00:00:00Z",
        2,
        "./precept gate",
        "");
  }

  public static Result holding() {
    return with(Verdict.HOLDS);
  }

  public static Result with(Verdict verdict) {
    return new Result(
        "svm/rdtsc/long64/gp.tsd>exit",
        "core",
        "svm",
        "rdtsc",
        "",
        "long64",
        "pair",
        "a privilege fault comes before the RDTSC intercept",
        verdict,
        "#GP(0)",
        "#GP(0)",
        "gp.tsd",
        "",
        "gp.tsd",
        "exit.rdtsc",
        List.of(),
        "cpl=3 cr4.tsd=1 icpt.rdtsc=1",
        Reproducer.NONE,
        "APM2 15.9 table 15-7",
        "svm/instructions/timestamp.csv:2",
        "",
        "",
        3);
  }

  /** A case called {@code id} of {@code svm/FORM/MODE/...}, with {@code verdict}. */
  public static Result result(String id, Verdict verdict) {
    return result(id, verdict, "gp.tsd", verdict.violates() ? "exit.rdtsc" : "", List.of());
  }

  /** The same, with the check that had to win, the one that did, and what differs. */
  public static Result result(
      String id,
      Verdict verdict,
      String expectedCheck,
      String actualCheck,
      List<Difference> differences) {
    Result base = with(verdict);
    String[] parts = id.split("/", 4);
    int dot = parts[1].indexOf('.');
    return new Result(
        id,
        base.subject(),
        parts[0],
        dot < 0 ? parts[1] : parts[1].substring(0, dot),
        dot < 0 ? "" : parts[1].substring(dot + 1),
        parts[2],
        base.kind(),
        base.claim(),
        verdict,
        base.expected(),
        verdict.holds() ? base.actual() : "VMEXIT_RDTSC",
        expectedCheck,
        actualCheck,
        "",
        "",
        differences,
        base.assignment(),
        base.reproducer(),
        base.citation(),
        base.row(),
        base.reveals(),
        base.remark(),
        base.micros());
  }

  public static Result violation() {
    Result base = with(Verdict.PRECEDENCE_VIOLATION);
    return new Result(
        base.id(),
        base.subject(),
        base.vendor(),
        base.instruction(),
        base.form(),
        base.mode(),
        base.kind(),
        base.claim(),
        base.verdict(),
        base.expected(),
        "VMEXIT_RDTSC",
        base.expectedCheck(),
        "exit.rdtsc",
        base.firstCheck(),
        base.secondCheck(),
        List.of(new Difference("vector", "13", "none"), new Difference("RIP", "1100Dh", "10000h")),
        base.assignment(),
        new Reproducer(
            "0F 31", "RDTSC", Map.of("CR4", "34h"), List.of("VMCB 00Ch bit 14 (RDTSC)"), List.of()),
        base.citation(),
        base.row(),
        "the intercept is checked before the privilege check",
        "",
        base.micros());
  }

  public static PairRecord violatedPair() {
    return new PairRecord(
        "svm",
        "rdtsc",
        "long64",
        "gp.tsd",
        "exit.rdtsc",
        PairRecord.Status.VIOLATED,
        violation().id(),
        "");
  }

  public static CoverageGap gap() {
    return new CoverageGap(
        "svm",
        "svm/intercepts.csv:9",
        "exit.smi",
        "APM2 15.13.3",
        "no instruction brings it about");
  }

  /** The JUnit XML of {@code run}. */
  static String junit(Run run) throws IOException {
    return written(out -> JUnitXml.writeTo(out, run, EarlierPieces.NONE));
  }

  /** The page on {@code runs}. */
  static String page(List<Run> runs, List<Tables> tables) throws IOException {
    return written(out -> HtmlReport.writeTo(out, runs, tables, EarlierPieces.NONE));
  }

  private static String written(OutputFile.Body body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PieceWriter out = new PieceWriter(bytes)) {
      body.writeTo(out);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
